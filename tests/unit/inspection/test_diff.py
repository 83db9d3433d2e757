"""What changed, by field and by character."""

from hypothesis import given
from hypothesis import strategies as st

from archive_core.canonical import Json
from archive_core.inspection.diff import LONGEST_COMPARED, Stretch, compare_fields, compare_text
from archive_core.model.fields import FieldSpec, Kind

NAME = FieldSpec(name="name", kind=Kind.TEXT, zh="名称", en="Name")
BOXES = FieldSpec(name="boxes", kind=Kind.INTEGER, zh="件数", en="Boxes")
ITEMS = FieldSpec(name="items", kind=Kind.LINES, zh="明细", en="Items", lines=(NAME, BOXES))
FIELDS = (NAME, BOXES, ITEMS)


def test_one_han_character_is_one_step() -> None:
    """Only the characters that differ are marked."""
    expected = (Stretch("same", "外包装"), Stretch("gone", "完好"), Stretch("new", "破损"), Stretch("same", "。"))
    assert expected == compare_text("外包装完好。", "外包装破损。")


def test_a_word_of_letters_is_one_step() -> None:
    """LOT2023 does not turn into LOT2024 digit by digit."""
    expected = (Stretch("same", "批号"), Stretch("gone", "LOT2023"), Stretch("new", "LOT2024"))
    assert expected == compare_text("批号LOT2023", "批号LOT2024")


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_out_of_the_comparison(old: str, new: str) -> None:
    """Without the new stretches it is the old text, without the gone ones the new text."""
    found = compare_text(old, new)
    assert old == "".join(part.text for part in found if part.kind != "new")
    assert new == "".join(part.text for part in found if part.kind != "gone")


def test_very_long_texts_are_compared_as_a_whole() -> None:
    """No page hangs on a text of a million characters."""
    long = "字" * LONGEST_COMPARED
    assert (Stretch("gone", long), Stretch("new", "x")) == compare_text(long, "x")


def test_every_stated_field_has_its_kind_of_change() -> None:
    """Same, changed, added and removed are told apart; a field in neither version is left out."""
    found = compare_fields(FIELDS, {"name": "a", "boxes": 1}, {"name": "b", "boxes": 1})
    assert [("name", "changed"), ("boxes", "same")] == [(change.spec.name, change.kind) for change in found]
    found = compare_fields(FIELDS, {"boxes": 0}, {"name": "b"})
    assert [("name", "added"), ("boxes", "removed")] == [(change.spec.name, change.kind) for change in found]


def test_line_items_are_compared_line_by_line() -> None:
    """Each change names its line, counted from one; a new line is added field by field."""
    old: dict[str, Json] = {"items": [{"name": "a", "boxes": 1}]}
    new: dict[str, Json] = {"items": [{"name": "a", "boxes": 2}, {"name": "c", "boxes": 3}]}
    found = [(c.line, c.spec.name, c.kind) for c in compare_fields(FIELDS, old, new) if c.kind != "same"]
    assert [(1, "boxes", "changed"), (2, "name", "added"), (2, "boxes", "added")] == found
