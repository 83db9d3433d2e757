"""
Appended leaves per second in batches of 10,000, beside plain sqlite3 `executemany` of the same bytes, both durable
(WAL, FULL).
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import in_turns, report

from archive_core.ledger.appender import append_leaves
from archive_core.merkle.edge import Edge
from archive_core.model.entry import VersionEntry, format_entry
from archive_core.store.connection import WriterLock
from archive_core.store.ledger_store import SqliteLedgerStore


def leaves(count: int) -> list[bytes]:
    """
    Return real leaves of format 1, about 250 bytes each.
    """
    return [
        format_entry(
            VersionEntry(
                at="2026-11-21T19:39:00.123456Z",
                by=3,
                version=1,
                type="sterile_device_sales_record",
                type_version=1,
                commit=number.to_bytes(32, "big"),
                batch=17,
            )
        )
        for number in range(count)
    ]


def our_appends(folder: Path, batch: list[bytes]) -> Callable[[], None]:
    store = SqliteLedgerStore.create(folder / "ledger.db", WriterLock(folder / "lock"))
    edge = Edge.empty()

    def step() -> None:
        with store.writing() as writer:
            append_leaves(writer, edge, writer.head(), batch)

    return step


def plain_inserts(folder: Path, batch: list[bytes]) -> Callable[[], None]:
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entry(seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")
    at = [0]

    def step() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO entry VALUES (?, ?)", enumerate(batch, at[0]))
        connection.execute("COMMIT")
        at[0] += len(batch)

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    batch = leaves(options.batch)
    with tempfile.TemporaryDirectory() as name:
        ours, floor = in_turns(our_appends(Path(name), batch), plain_inserts(Path(name), batch), options.rounds)
    report(
        f"append, batches of {options.batch:,} leaves of {len(batch[0])} bytes", ours, floor,
        unit=options.batch, budget="budget: speed at least 0.50",
    )  # fmt: skip


if __name__ == "__main__":
    main()
