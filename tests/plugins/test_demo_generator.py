"""The generated trade is lawful on its day, the same for the same seed, and large enough to look at."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from archive_demo.generator import generate, sterile_sales, write_csv

from archive_core import Finding, Proposed
from archive_core.canonical import encode

if TYPE_CHECKING:
    from pathlib import Path

    from plugins.conftest import Shelf

    from archive_core.hooks.registry import Registry

Rows = list[tuple[str, dict[str, Any]]]
SALES = ("sterile_device_sales_record", "device_sales_record", "drug_sales_record")


@pytest.fixture(scope="module")
def rows() -> Rows:
    return list(generate())


def test_the_same_seed_gives_the_same_bytes(rows: Rows) -> None:
    """Two runs with one seed are equal, another seed gives other records."""
    again = [(name, encode(fields)) for name, fields in generate()]
    assert [(name, encode(fields)) for name, fields in rows] == again
    assert list(generate(7, sterile_count=3)) != list(generate(8, sterile_count=3))


def test_there_is_enough_to_look_at(rows: Rows) -> None:
    """At least 300 purchasers, 2,000 sales, 150 forms and 40 logs."""
    counts = Counter(name for name, _ in rows)
    sales = sum(counts[name] for name in SALES)
    least = (counts["purchaser_file"] >= 300, sales >= 2000, counts["quality_feedback"] >= 150)
    assert (*least, counts["sterile_batch_log"] >= 40) == (True, True, True, True)


@pytest.mark.parametrize("until", [date(2026, 11, 20), date(2028, 2, 29)])
def test_every_record_is_lawful(registry: Registry, shelf: Shelf, until: date) -> None:
    """No field, no rule of a type and no rule between records finds anything to say, not even a warning."""
    found: list[Finding] = []
    for name, fields in generate(until=until):
        usable = registry.usable(name)
        checked, value = usable.check(fields)
        key = usable.key_text(checked.fields)
        found += checked.findings
        found += registry.check(_proposed(registry, name, key, value, checked.fields), shelf)
        shelf.put(name, key, checked.fields)
    assert found == []


def test_keys_are_unique(rows: Rows, registry: Registry) -> None:
    """No two records of a type have one key."""
    keys = Counter((name, registry.usable(name).key_text(fields)) for name, fields in rows)
    assert [key for key, count in keys.items() if count > 1] == []


def test_sales_span_three_years_up_to_the_day(rows: Rows) -> None:
    """The first sale is three years old, the last is of the last day."""
    days = [date.fromisoformat(fields["sale_date"]) for name, fields in rows if name in SALES]
    assert (min(days), max(days)) == (date(2023, 11, 21), date(2026, 11, 20))


def test_the_lines_of_one_sale_have_one_buyer(rows: Rows) -> None:
    """All lines of a sale number go to one buyer on one day."""
    sales = {(fields["sale_no"], fields["buyer"]["key"], fields["sale_date"]) for name, fields in rows if name in SALES}
    assert len(sales) == len({sale_no for sale_no, _, _ in sales})


def test_some_licences_have_ended(rows: Rows) -> None:
    """Some purchasers' documents ended before the last day, so that the gate has something to refuse."""
    ends = [fields["documents"][-1]["valid_to"] for name, fields in rows if name == "purchaser_file"]
    assert 0 < sum(end < "2026-11-20" for end in ends) < len(ends) // 5


def test_a_benchmark_record_is_about_700_bytes() -> None:
    """The mean canonical size of a sterile sale lies near 700 bytes."""
    sizes = [len(encode(fields)) for fields in sterile_sales(500)]
    assert 600 <= sum(sizes) / len(sizes) <= 800


def test_a_csv_holds_every_row(tmp_path: Path) -> None:
    """The file has Chinese titles, one row per record, and the buyer's key in its cell."""
    sales = list(sterile_sales(50))
    written = write_csv(tmp_path / "sales.csv", sales)
    with (tmp_path / "sales.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert (50, [sale["buyer"]["key"] for sale in sales]) == (written, [row["销售对象"] for row in read])
    assert [sale["amount"] for sale in sales] == [row["金额"] for row in read]


def test_a_csv_of_nothing_is_empty(tmp_path: Path) -> None:
    """Without records there are no titles either."""
    assert (write_csv(tmp_path / "none.csv", []), "") == (0, (tmp_path / "none.csv").read_text(encoding="utf-8"))


def test_a_csv_can_be_written_as_old_systems_did(tmp_path: Path) -> None:
    """GB 18030 holds every character of the generated trade."""
    write_csv(tmp_path / "old.csv", sterile_sales(3), encoding="gb18030")
    assert "销售单号" in (tmp_path / "old.csv").read_text(encoding="gb18030")


def _proposed(registry: Registry, name: str, key: str, value: object, fields: dict[str, Any]) -> Proposed:
    record_type = registry.installed(name).record_type
    return Proposed(record_type=record_type, value=value, fields=fields, key=key, day=date(2026, 11, 21))
