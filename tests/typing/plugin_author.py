"""
What a type checker tells the author of a plugin; checked by mypy, never run.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, assert_type

from archive_core import (
    CAPTURED,
    After,
    Archive,
    Attachment,
    Finding,
    Founder,
    Json,
    Kept,
    Month,
    Option,
    Proposed,
    Reader,
    Ref,
    Severity,
    Step,
    attachment,
    choice,
    day,
    decimal,
    hookimpl,
    integer,
    line_item,
    lines,
    record_type,
    ref,
    text,
    yes_no,
)


@line_item
class Line:
    """
    A line item has typed attributes.
    """

    quantity: Decimal = decimal(zh="数量", en="Quantity")
    pieces: int | None = integer(zh="件数", en="Pieces", required=False)


@record_type(
    "typed_note",
    version=1,
    zh="说明",
    en="Note",
    key="note_no",
    sign_off=[Step("record", role="handler", zh="经办", en="Recorded")],
    retention=After(CAPTURED, years=5),
    source="tests",
)
class Note:
    """
    The decorator keeps the class, so its attributes keep their types.
    """

    note_no: str = text(zh="编号", en="No.")
    made_on: date = day(zh="日期", en="Day")
    expiry: date | Month | None = day(zh="有效期", en="Expiry", month=True, required=False)
    kind: str = choice(Option("a", "甲", "A"), zh="种类", en="Kind")
    done: bool | None = yes_no(zh="完成", en="Done", required=False)
    about: Ref | None = ref("purchaser_file", zh="关于", en="About", required=False)
    scan: Attachment | None = attachment(zh="扫描", en="Scan", required=False)
    rows: tuple[Line, ...] | None = lines(Line, zh="行", en="Rows", required=False)

    def check(self) -> Iterator[Finding]:
        assert_type(self.made_on, date)
        assert_type(self.expiry, date | Month | None)
        for row in self.rows or ():
            assert_type(row.quantity, Decimal)
        yield Finding(rule="note.example", path="$", zh="例", en="example", severity=Severity.INFO)


@hookimpl
def archive_record_types() -> list[type]:
    return [Note]


@hookimpl
def archive_check(proposed: Proposed, reader: Reader) -> Iterable[Finding]:
    assert_type(proposed.day, date)
    assert_type(proposed.fields, dict[str, Json])
    assert_type(proposed.value, Any)
    assert_type(reader.in_force("typed_note", "N-1"), Kept | None)
    return []


def a_script(archive: Archive) -> None:
    """
    What scripts get back from the archive is typed too.
    """
    assert_type(archive.capture("typed_note", {"note_no": "N-1"}).record, int)
    assert_type(archive.find("typed_note", "N-1"), int)
    assert_type(archive.checkpoint(), str)
    assert_type(archive.verify().good, bool)
    assert_type(Founder(username="li.hua", name_zh="李华", name_en="Li Hua").username, str)
    with Archive.open(".") as opened:
        assert_type(opened, Archive)
