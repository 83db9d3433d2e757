"""
Import of a CSV of generated sterile sales, validated, committed and ledgered, beside `executemany` of the very same
final rows into the very same tables.

Both sides are durable (WAL, FULL). The purchasers are in force before, so every rule has something to judge.
"""

import argparse
import sqlite3
import tempfile
from itertools import islice
from pathlib import Path
from time import perf_counter

from archive_demo.generator import generate, sterile_sales, write_csv, write_mapping
from archive_demo.inside import bring_in
from archive_device_trade import SterileDeviceSalesRecord
from interactive import founded, purchasers_in_force

from archive_core.store import schema

TABLES = {
    "entry": "(?, ?)",
    "content": "(?, ?, ?, ?)",
    "record": "(?, ?, ?, ?, ?, ?, ?)",
    "version_at": "(?, ?, ?, ?, ?, ?, ?, ?, ?)",
}
BATCH = 10_000


def our_import(folder: Path, rows: int) -> tuple[float, Path, int]:
    """
    Return the seconds one import took, the ledger, and its size before.
    """
    one, two = founded(folder / "archive")
    purchasers_in_force(
        one, two, list(generate(sterile_count=0, device_count=0, drug_count=0, feedback_count=0, log_count=0))
    )
    write_csv(folder / "sales.csv", sterile_sales(rows), SterileDeviceSalesRecord)
    names = list(next(sterile_sales(1)))
    mapping = write_mapping(folder / "sales.toml", names, SterileDeviceSalesRecord)
    before = one.ledger.reader.head().size
    start = perf_counter()
    report = bring_in(one, folder / "sales.csv", mapping)
    taken = perf_counter() - start
    if report.outcomes["created"] != rows:
        raise SystemExit(f"the benchmark's file did not come in whole: {report}")
    one.close()
    two.close()
    return taken, folder / "archive" / "ledger.db", before


def floor(ledger: Path, before: int, folder: Path) -> float:
    """
    Return the seconds it takes to insert the import's final rows into empty tables of the same form.
    """
    source = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    kept = {
        table: source.execute(f"SELECT * FROM {table} WHERE {_first_column(table)} >= ?", (before,)).fetchall()
        for table in TABLES
    }
    target = sqlite3.connect(folder / "floor.db", isolation_level=None)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")
    for statement in (*schema.EVIDENCE, *schema.DERIVED):
        target.execute(statement)
    start = perf_counter()
    cursors = {table: iter(rows) for table, rows in kept.items()}
    while True:
        target.execute("BEGIN IMMEDIATE")
        done = [_insert(target, table, list(islice(cursors[table], BATCH))) for table in TABLES]
        target.execute("COMMIT")
        if not any(done):
            return perf_counter() - start


def _insert(target: sqlite3.Connection, table: str, rows: list[tuple[object, ...]]) -> int:
    target.executemany(f"INSERT INTO {table} VALUES {TABLES[table]}", rows)
    return len(rows)


def _first_column(table: str) -> str:
    return "seq" if table in ("entry", "content", "version_at") else "record"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as name:
            ours, ledger, before = our_import(Path(name), options.rows)
            plain = floor(ledger, before, Path(name))
        each, bare = ours / options.rows * 1e6, plain / options.rows * 1e6
        speed = f"import {each:.0f} us a row ({options.rows / ours:,.0f}/s), floor {bare:.1f} us"
        print(f"round {number + 1}: {speed}; {plain / ours:.3f} of the floor")


if __name__ == "__main__":
    main()
