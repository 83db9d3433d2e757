"""
The sale gate (rule X1): no sale unless the purchaser file is in force and its documents cover the day of sale.

In an import the sale has happened already, so a closed gate is a warning there; where the source does not name the
buyer, there is nothing to judge and the finding says so.

Source: S3 part 2 §3.4-3.5, part 4 §1.3, part 5 §2.1; GSP art. 89.
"""

from collections.abc import Iterator
from datetime import date
from typing import cast

import attrs

from archive_core import Finding, Json, Kept, Month, Proposed, Reader, Ref, Severity, last_day
from archive_parties.documents import Held, Need, names, unmet
from archive_parties.purchaser import ACTIVE

PURCHASERS = "purchaser_file"
SALE_DATE = "sale_date"
RETURN_OF = "return_of"
Fields = dict[str, Json]


def check_sale(proposed: Proposed, reader: Reader) -> Iterator[Finding]:
    """
    Yield what keeps a proposed sale from its buyer; nothing for a record that is no sale, or for goods that come back.
    """
    buyer = _buyer_field(proposed)
    if buyer is None or RETURN_OF in proposed.fields:
        return
    reference, stated = proposed.fields.get(buyer), proposed.fields.get(SALE_DATE)
    if not isinstance(reference, dict) or not isinstance(stated, str):
        yield from _nothing_to_judge(proposed, buyer)
    elif not _judged_before(proposed, buyer, reader):
        wanted = Ref(cast(str, reference["key"]), cast("int | None", reference.get("record")))
        severity = Severity.ERROR if proposed.batch is None else Severity.WARNING
        for finding in _closed(wanted, _stated_day(stated), goods_of(proposed), reader):
            yield attrs.evolve(finding, path=f"$.{buyer}", severity=severity)


def goods_of(proposed: Proposed) -> str:
    """
    Return what is sold, one of `documents.GOODS`, judged by the fields its type has.
    """
    stated = proposed.fields.get("device_class")
    if stated in ("1", "2", "3"):
        return f"device_{stated}"
    if proposed.record_type.field("device_class") is not None:
        return "device_2"
    return "drug" if proposed.record_type.field("approval_no") is not None else "other"


def _stated_day(stated: str) -> date:
    return last_day(Month.parse(stated)) if len(stated) == 7 else date.fromisoformat(stated)


def _buyer_field(proposed: Proposed) -> str | None:
    if SALE_DATE not in proposed.fields and SALE_DATE not in proposed.gaps:
        return None
    return next((spec.name for spec in proposed.record_type.fields if spec.target == PURCHASERS), None)


def _nothing_to_judge(proposed: Proposed, buyer: str) -> Iterator[Finding]:
    missing = sorted({buyer, SALE_DATE} & proposed.gaps)
    if missing:
        yield Finding(
            rule="X1.not_judged",
            path=f"$.{missing[0]}",
            zh="来源缺少该项，无法核对购货者资质",
            en="missing at source, so the purchaser's documents could not be judged",
            severity=Severity.INFO,
        )


def _judged_before(proposed: Proposed, buyer: str, reader: Reader) -> bool:
    if proposed.record is None:
        return False
    earlier = reader.in_force(proposed.record_type.name, proposed.key)
    if earlier is None or earlier.record != proposed.record:
        return False
    return _facts(earlier.fields, buyer) == _facts(proposed.fields, buyer)


def _facts(fields: Fields, buyer: str) -> tuple[Json, ...]:
    reference = fields.get(buyer)
    key = reference.get("key") if isinstance(reference, dict) else None
    return key, fields.get(SALE_DATE), fields.get("device_class")


def _closed(wanted: Ref, day: date, goods: str, reader: Reader) -> Iterator[Finding]:
    kept = reader.resolve(wanted) or reader.in_force(PURCHASERS, wanted.key)
    if kept is None:
        yield _no_file(wanted)
        return
    if kept.fields.get("status", ACTIVE) != ACTIVE:
        yield _suspended(kept)
    for need, right in unmet(str(kept.fields.get("kind", "")), goods, _held(kept), day):
        yield _not_covered(kept, need, right, day)


def _held(kept: Kept) -> list[Held]:
    lines = cast(list[dict[str, str | bool]], kept.fields.get("documents") or [])
    return [
        Held(
            str(line["doc_type"]),
            str(line["doc_no"]),
            _day(line.get("valid_from")),
            _day(line.get("valid_to")),
            line.get("long_term") is True,
        )
        for line in lines
    ]


def _day(stated: object) -> date | None:
    return date.fromisoformat(stated) if isinstance(stated, str) else None


def _no_file(wanted: Ref) -> Finding:
    return Finding(
        rule="X1.no_file",
        path="",
        zh="没有现行的购货者档案，不得供货",
        en="there is no purchaser file in force; nothing may be sold to it",
        hint_zh="先登记购货者档案并由质管部审核",
        hint_en="capture the purchaser file and have quality management sign it",
        value=wanted.key,
    )


def _suspended(kept: Kept) -> Finding:
    return Finding(
        rule="X1.suspended",
        path="",
        zh=f"购货者档案（记录 {kept.record}）已暂停或终止供货",
        en=f"supply is suspended or ended in its purchaser file (record {kept.record})",
        value=kept.key,
    )


def _not_covered(kept: Kept, need: Need, right: tuple[Held, ...], day: date) -> Finding:
    zh, en = names(need)
    if right:
        zh_facts = "；".join(_period(document, "zh") for document in right)
        en_facts = "; ".join(_period(document, "en") for document in right)
        zh, en = f"{zh}在销售日 {day} 无效：{zh_facts}", f"{en} not valid on the sale date {day}: {en_facts}"
    else:
        zh, en = f"购货者档案中没有{zh}", f"the purchaser file holds no {en}"
    return Finding(
        rule="X1.not_valid" if right else "X1.missing",
        path="",
        zh=zh,
        en=en,
        value=kept.key,
        hint_zh=f"换证后更正记录 {kept.record} 并由质管部审核",
        hint_en=f"add the valid document to record {kept.record} and have quality management sign it",
    )


def _period(document: Held, language: str) -> str:
    if document.valid_from is None:
        start = ""
    else:
        start = f"自 {document.valid_from} " if language == "zh" else f"from {document.valid_from} "
    end = document.valid_to or ("未载明" if language == "zh" else "not stated")
    return f"{document.number} {start}至 {end}" if language == "zh" else f"{document.number} {start}to {end}"
