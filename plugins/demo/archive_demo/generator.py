"""
The generated trade of one distributor: same seed, same records, to the byte.

Every record is lawful on its day, so that a refusal in the demo archive is one that the story put there.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from archive_device_trade import SterileDeviceSalesRecord

from archive_core import type_of
from archive_demo.purchasers import Purchaser, purchasers
from archive_demo.sales import Market
from archive_demo.service import batch_logs, feedbacks

SEED = 20261121
UNTIL = date(2026, 11, 20)
YEARS = timedelta(days=3 * 365)
PURCHASERS = 320

Fields = dict[str, Any]


def generate(
    seed: int = SEED,
    *,
    until: date = UNTIL,
    purchaser_count: int = PURCHASERS,
    sterile_count: int = 900,
    device_count: int = 700,
    drug_count: int = 700,
    feedback_count: int = 150,
    log_count: int = 48,
) -> Iterator[tuple[str, Fields]]:
    """
    Yield (type name, fields in wire form) of three years of trade that end on a day; purchasers first, feedback last.
    """
    chance = Random(seed)
    buyers = list(purchasers(chance, purchaser_count, until - YEARS, until))
    market = Market(chance, buyers, until - YEARS, until)
    sterile = list(market.sterile(sterile_count))
    yield from (("purchaser_file", buyer.fields) for buyer in buyers)
    yield from (("sterile_batch_log", log) for log in batch_logs(market, sterile, log_count))
    yield from (("sterile_device_sales_record", sale) for sale in sterile)
    yield from (("device_sales_record", sale) for sale in market.devices(device_count))
    yield from (("drug_sales_record", sale) for sale in market.drugs(drug_count))
    for form in feedbacks(chance, buyers, sterile, feedback_count, until):
        yield "quality_feedback", form


def sterile_sales(count: int, seed: int = SEED, *, until: date = UNTIL, prefix: str = "WJ") -> Iterator[Fields]:
    """
    Yield any number of sterile sales of the same purchasers as `generate`, about 700 bytes of canonical JSON each.
    """
    chance = Random(seed)
    buyers: list[Purchaser] = list(purchasers(chance, PURCHASERS, until - YEARS, until))
    yield from Market(chance, buyers, until - YEARS, until).sterile(count, prefix)


def columns(rows: Iterable[Fields], cls: type = SterileDeviceSalesRecord) -> tuple[str, ...]:
    """
    Return the names of the flat fields that occur in any of the records, in their declared order.
    """
    stated = {name for fields in rows for name in fields}
    return tuple(spec.name for spec in _flat(cls) if spec.name in stated)


def write_csv(
    path: Path,
    rows: Iterable[Fields],
    cls: type = SterileDeviceSalesRecord,
    *,
    names: Sequence[str] = (),
    encoding: str = "utf-8",
) -> int:
    """
    Write records of one type as a spreadsheet program would, with Chinese column titles; return the number of rows.

    Args:
        names: the fields to write; by default the flat fields of the first record, which is enough for sterile sales.
    """
    written, specs = 0, [spec for spec in _flat(cls) if spec.name in names]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        for fields in rows:
            if not written:
                specs = specs or [spec for spec in _flat(cls) if spec.name in fields]
                writer.writerow([spec.zh for spec in specs])
            writer.writerow([_cell(spec, fields.get(spec.name)) for spec in specs])
            written += 1
    return written


def write_mapping(path: Path, names: Sequence[str], cls: type = SterileDeviceSalesRecord) -> Path:
    """
    Write the import mapping for a file of `write_csv` with these fields; return the path.
    """
    lines = ["mapping = 1", f'record_type = "{type_of(cls).name}"']
    for spec in _flat(cls):
        if spec.name in names:
            lines += ["", f"[fields.{spec.name}]", f'column = "{spec.zh}"']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _flat(cls: type) -> list[Any]:
    return [spec for spec in type_of(cls).fields if spec.kind not in ("lines", "attachment")]


def _cell(spec: Any, value: Any) -> str:
    if value is None:
        return ""
    if spec.kind == "ref":
        return str(value["key"])
    if spec.kind == "yes_no":
        return "是" if value else "否"
    if spec.kind == "choice":
        return next(str(option.zh) for option in spec.options if option.value == value)
    return str(value)
