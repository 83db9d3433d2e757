"""
Re-reading the leaves and tiles of a ledger, beside a loop that fetches and hashes the same rows.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from append import leaves
from measure import in_turns, report

from archive_core.ledger.appender import append_leaves
from archive_core.ledger.verify import check_tree, silent
from archive_core.merkle.edge import Edge
from archive_core.store.connection import WriterLock
from archive_core.store.ledger_store import SqliteLedgerStore


def build(folder: Path, count: int) -> SqliteLedgerStore:
    store = SqliteLedgerStore.create(folder / "ledger.db", WriterLock(folder / "lock"))
    edge = Edge.empty()
    batch = leaves(10_000)
    for start in range(0, count, len(batch)):
        with store.writing() as writer:
            append_leaves(writer, edge, writer.head(), batch[: count - start])
    return store


def our_check(store: SqliteLedgerStore) -> Callable[[], None]:
    def step() -> None:
        found = check_tree(store.reader, [], silent)
        if found.flaws:
            raise SystemExit(f"the benchmark's ledger does not verify: {found.flaws[0]}")

    return step


def fetch_and_hash(path: Path) -> Callable[[], None]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def step() -> None:
        for _, leaf in connection.execute("SELECT seq, leaf FROM entry ORDER BY seq"):
            sha256(b"\x00" + leaf).digest()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        store = build(Path(name), options.entries)
        ours, floor = in_turns(our_check(store), fetch_and_hash(store.path), options.rounds)
    report(
        f"verify leaves and tiles of {options.entries:,} entries", ours, floor,
        unit=options.entries, budget="budget: time at most 2.50",
    )  # fmt: skip


if __name__ == "__main__":
    main()
