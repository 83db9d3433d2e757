"""
One interactive capture of a sterile sale with its two sign-offs, passwords already given, beside three one-row commits.

The budget is 10 ms at the median; what depends on the disk shows in the ratio to the three commits.
"""

import argparse
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from archive_demo.generator import generate
from measure import in_turns

from archive_core import Archive, Cost, Founder

PASSWORD = "benchmark password"


def founded(folder: Path) -> tuple[Archive, Archive]:
    """
    Return the archive opened for two people, who hold every role between them.
    """
    founder = Founder(username="one.qa", name_zh="甲", name_en="One")
    cost = Cost(memory_kib=19456, passes=2, lanes=1)
    archive = Archive.init(
        folder, name="benchmark", origin="benchmark.example", founder=founder, password=PASSWORD, cost=cost
    )
    roles = {step.role for one in archive.registry.types.values() for step in one.record_type.sign_off}
    for name in ("two.qa", "three.qa"):
        archive.add_person(name, name_zh="乙", name_en="Two", roles=sorted(roles), password=PASSWORD)
    archive.close()
    first, second = (Archive.open(folder, user=name, password=PASSWORD) for name in ("two.qa", "three.qa"))
    return first, second


def our_ceremony(one: Archive, two: Archive, sales: Iterator[dict[str, Any]]) -> Callable[[], None]:
    def step() -> None:
        record = one.capture("sterile_device_sales_record", next(sales)).record
        one.sign(record)
        two.sign(record)

    return step


def purchasers_in_force(one: Archive, two: Archive, trade: list[tuple[str, dict[str, Any]]]) -> None:
    for type_name, fields in trade:
        if type_name == "purchaser_file":
            record = one.capture(type_name, fields).record
            for person in (one, two, one, two):
                if any(waiting.record == record for waiting in person.queue()):
                    person.sign(record)


def three_commits(folder: Path) -> Callable[[], None]:
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entry(seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")

    def step() -> None:
        for _ in range(3):
            connection.execute("INSERT INTO entry(leaf) VALUES (?)", (b"x" * 1000,))

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    trade = list(generate(purchaser_count=20, sterile_count=rounds + 1, device_count=0, drug_count=0, feedback_count=0))
    with tempfile.TemporaryDirectory() as name:
        one, two = founded(Path(name) / "archive")
        purchasers_in_force(one, two, trade)
        sales = (fields for type_name, fields in trade if type_name == "sterile_device_sales_record")
        ours, floor = in_turns(our_ceremony(one, two, sales), three_commits(Path(name)), rounds)
        one.close()
        two.close()
    p50, p95 = statistics.median(ours) * 1e3, statistics.quantiles(ours, n=20)[18] * 1e3
    base = statistics.median(floor) * 1e3
    print("one capture with two sign-offs and their checkpoints")
    print(f"  ours   p50 {p50:.2f} ms   p95 {p95:.2f} ms   (budget: p50 under 10 ms)")
    print(f"  floor  p50 {base:.2f} ms   three one-row commits")
    print(f"  time relative to the floor: {p50 / base:.1f}")


if __name__ == "__main__":
    main()
