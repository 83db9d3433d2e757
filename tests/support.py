"""
What tests import: the people of the test archive, its record type, a clock that the test moves.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive_core import Cost

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(__file__).resolve().parents[2] / "shared"

Golden = Callable[[str, str], None]  # the fixture `golden`: path from ROOT, text

CHEAP = Cost(memory_kib=19456, passes=2, lanes=1)
PASSWORD = "correct horse battery"
QA1, QA2, STAFF, BOSS = "li.hua", "wang.wei", "zhang.san", "zhao.min"
STAFF_ROLES = (
    "salesperson", "invoice_clerk", "handler", "warehouse_keeper", "service_engineer", "representative", "recorder",
)  # fmt: skip
BOSS_ROLES = ("responsible_person", "sales_head", "qa_head", "general_manager", "outbound_checker", "management")

# A record type of the archive's own, so that tests of the core do not lean on the packs.
LOCAL_PLUGIN = '''
"""A visit note: the record type of the tests."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from archive_core import (
    CAPTURED, After, Attachment, Finding, Option, Ref, Step, attachment, choice, day, decimal, hookimpl, integer,
    line_item, lines, record_type, ref, text, yes_no,
)


@line_item
class Point:
    topic: str = text(zh="主题", en="Topic", search=True)
    minutes: int | None = integer(zh="分钟", en="Minutes", required=False, minimum=0, maximum=600)


@record_type(
    "visit_note",
    version=1,
    zh="拜访记录",
    en="Visit note",
    key="visit_no",
    sign_off=[
        Step("record", role="handler", zh="经办", en="Recorded"),
        Step("approve", role="responsible_person", zh="负责人审核", en="Approved", not_by=("record",)),
    ],
    retention=After(CAPTURED, years=5),
    source="tests",
)
class VisitNote:
    visit_no: str = text(zh="编号", en="Visit no.", search="id", max_length=40)
    visited_on: date = day(zh="日期", en="Visited on")
    kind: str = choice(Option("site", "现场", "On site"), Option("call", "电话", "Call"), zh="方式", en="Kind")
    note: str | None = text(zh="内容", en="Note", required=False, multiline=True, max_length=2000, search=True)
    cost: Decimal | None = decimal(zh="费用", en="Cost", required=False, minimum=0, scale=2)
    paid: bool | None = yes_no(zh="已付", en="Paid", required=False)
    points: tuple[Point, ...] | None = lines(Point, zh="要点", en="Points", required=False)
    follows: Ref | None = ref("visit_note", zh="前次", en="Follows", required=False)
    scan: Attachment | None = attachment(zh="扫描件", en="Scan", required=False)

    def check(self) -> Iterator[Finding]:
        if self.paid and self.cost is None:
            yield Finding(rule="visit.paid", path="$.paid", zh="已付须有费用", en="what was paid needs a cost")


@hookimpl
def archive_record_types() -> list[type]:
    return [VisitNote]
'''


class TestClock:
    """
    Ticks a second with every question, and goes where it is told.
    """

    __test__ = False

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def visit(number: str = "V-1", **changes: object) -> dict[str, object]:
    """
    Return the fields of a good visit note.
    """
    return {"visit_no": number, "visited_on": "2026-11-20", "kind": "site", "note": "讨论手套供应", **changes}
