import pytest

from archive_core.canonical import Json
from archive_core.importing.folding import fold_width, trim
from archive_core.importing.mapping import FieldRule
from archive_core.importing.rows import Cell
from archive_core.importing.values import converter
from archive_core.model.fields import FieldSpec, Kind, Option


def spec(kind: Kind, **more: object) -> FieldSpec:
    return FieldSpec(name="x", kind=kind, zh="某", en="some", **more)  # type: ignore[arg-type]


GRADES = (Option("grade_3", "三级", "Grade 3"), Option("grade_2", "二级", "Grade 2"))


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.TEXT, " 感康 \u3000", "感康"),
        (Kind.TEXT, "规格10²Ⅱ类", "规格10²Ⅱ类"),
        (Kind.TEXT, "a\r\nb", "a\nb"),
        (Kind.TEXT, 236701.0, "236701"),
        (Kind.INTEGER, "12", 12),
        (Kind.INTEGER, 12.0, 12),
        (Kind.DECIMAL, 82.8, "82.8"),
        (Kind.DAY, "2018年1月2日", "2018-01-02"),
        (Kind.YES_NO, "是", True),
        (Kind.YES_NO, "Ｎ", False),
        (Kind.REF, "ＣＵ－１", "CU-1"),
        (Kind.DECIMAL, "", None),
        (Kind.TEXT, "  ", None),
    ],
)
def test_cells_become_wire_values_by_the_kind_of_field(kind: Kind, cell: Cell, value: Json) -> None:
    """
    Conversion is on purpose, and free text keeps its characters.
    """
    assert converter(FieldRule(target="x"), spec(kind), key=False, order=None)(cell).value == value


@pytest.mark.parametrize(("cell", "value"), [("三级", "grade_3"), ("grade 2", "grade_2"), ("GRADE_3", "grade_3")])
def test_a_choice_is_known_by_value_or_label(cell: str, value: str) -> None:
    """
    Old tables write the label, in either language.
    """
    assert (
        converter(FieldRule(target="x"), spec(Kind.CHOICE, options=GRADES), key=False, order=None)(cell).value == value
    )


@pytest.mark.parametrize(
    ("kind", "cell", "rule"),
    [
        (Kind.CHOICE, "四级", "import.choice_unknown"),
        (Kind.YES_NO, "2", "import.yes_no_unreadable"),
        (Kind.DECIMAL, "#DIV/0!", "import.error_cell"),
        (Kind.DAY, "2018-02-29", "import.date_impossible"),
        (Kind.DAY, "2018-02", "import.date_month_only"),
    ],
)
def test_unreadable_cells_give_no_value_but_a_finding(kind: Kind, cell: Cell, rule: str) -> None:
    """
    There is never a value that nobody wrote.
    """
    converted = converter(FieldRule(target="x"), spec(kind, options=GRADES), key=False, order=None)(cell)
    assert (converted.value, [found.rule for found in converted.findings]) == (None, [rule])


def test_a_month_is_kept_where_the_field_admits_it() -> None:
    """
    An expiry of a month stays a month.
    """
    assert (
        converter(FieldRule(target="x"), spec(Kind.DAY, month=True), key=False, order=None)("2018年5月").value
        == "2018-05"
    )


def test_the_mapping_says_what_words_mean() -> None:
    """
    Null words are empty, mapped words become their value, and an empty cell takes the default.
    """
    rule = FieldRule(target="x", null=("NA", "-"), values={"1": True, "2": False}, default=False)
    convert = converter(rule, spec(Kind.YES_NO), key=False, order=None)
    assert [convert(cell).value for cell in ("NA", "-", "", "1", "2")] == [False, False, False, True, False]


def test_damaged_text_is_taken_with_a_warning() -> None:
    """
    A replacement character of an earlier wrong conversion does not pass unnoticed.
    """
    converted = converter(FieldRule(target="x"), spec(Kind.TEXT), key=False, order=None)("37\ufffd36")
    assert [found.rule for found in converted.findings] == ["import.damaged_text"]


def test_width_is_folded_in_codes_only() -> None:
    """
    Full-width ASCII folds; superscripts, Roman numerals and circled digits stay.
    """
    assert fold_width("ＡＢ１２（Ⅱ）²①") == "AB12(Ⅱ)²①"
    assert trim("\u3000ＡＢ ") == "ＡＢ"
