from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from archive_core import (
    Month,
    Option,
    Permanent,
    Ref,
    Step,
    attachment,
    choice,
    day,
    decimal,
    integer,
    line_item,
    lines,
    record_type,
    ref,
    text,
    type_of,
    yes_no,
)
from archive_core.errors import UnknownValidator
from archive_core.model.finding import Finding
from archive_core.model.record_type import RESERVED, RecordType
from archive_core.types.check import FieldChecker, key_text

DIGEST = "ab" * 32
FILE = {"name": "a.pdf", "sha256": DIGEST, "size": 3, "media_type": "application/pdf"}


@line_item
class Line:
    batch_no: str = text(zh="批号", en="Batch no.")
    quantity: Decimal = decimal(zh="数量", en="Quantity", above=0)
    remark: str | None = text(zh="备注", en="Remark", required=False)


@record_type(
    "sample",
    version=1,
    zh="样品",
    en="Sample",
    key=("number", "buyer"),
    sign_off=[Step("approve", role="qa", zh="审核", en="Approved")],
    retention=Permanent(),
)
class Sample:
    number: str = text(zh="编号", en="Number", max_length=10)
    note: str | None = text(zh="备注", en="Note", required=False, multiline=True)
    code: str | None = text(zh="代码", en="Code", required=False, pattern="[A-Z]{2}[0-9]+")
    count: int | None = integer(zh="数", en="Count", required=False, minimum=1, maximum=9)
    price: Decimal | None = decimal(zh="价", en="Price", required=False, above=0, maximum="9.99", scale=2)
    level: Decimal | None = decimal(zh="级", en="Level", required=False, minimum="-1.5")
    whole: Decimal | None = decimal(zh="整", en="Whole", required=False, scale=0)
    on: date | None = day(zh="日", en="On", required=False)
    expires: date | Month | None = day(zh="有效期", en="Expires", required=False, month=True)
    paid: bool | None = yes_no(zh="付", en="Paid", required=False)
    kind: str | None = choice(Option("a", "甲", "A"), Option("b", "乙", "B"), zh="类", en="Kind", required=False)
    buyer: Ref = ref("purchaser", zh="购方", en="Buyer")
    scan: Any = attachment(zh="扫描", en="Scan")
    items: tuple[Line, ...] | None = lines(Line, zh="明细", en="Lines", required=False)


SAMPLE: RecordType = type_of(Sample)
CHECKER = FieldChecker(SAMPLE)


def sample(**changes: Any) -> dict[str, Any]:
    return {"number": "N-1", "buyer": {"key": "B-1"}, **changes}


def rules(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.path) for finding in found]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "N"),
        ("number", "0012345678"),
        ("number", "中文 编号"),
        ("note", "a\nb\tc"),
        ("note", "x" * 400),
        ("code", "AB12"),
        ("count", 1),
        ("count", 9),
        ("price", "0.01"),
        ("price", "9.99"),
        ("price", "9.9"),
        ("price", "9"),
        ("level", "-1.5"),
        ("level", "-1.500000000000"),
        ("level", "999999999999999999.999999999999"),
        ("level", "0"),
        ("whole", "12"),
        ("on", "2028-02-29"),
        ("on", "0001-01-01"),
        ("expires", "2027-05"),
        ("expires", "2027-05-31"),
        ("paid", True),
        ("paid", False),
        ("kind", "a"),
        ("buyer", {"key": "B", "record": 0}),
        ("scan", FILE),
        ("scan", {**FILE, "size": 0, "name": "扫描 (1).pdf"}),
        ("items", [{"batch_no": "L1", "quantity": "1"}]),
    ],
)
def test_a_good_value_stays_as_it_is(field: str, value: Any) -> None:
    """A value of the right form, up to its very bounds, is kept without a word."""
    checked = CHECKER.check(sample(**{field: value}))
    assert ([], value, True) == (rules(checked.findings), checked.fields[field], checked.good)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [("price", 5, "5"), ("level", -1, "-1"), ("whole", 0, "0"), ("buyer", "B-1", {"key": "B-1"})],
)
def test_the_two_conveniences(field: str, value: Any, expected: Any) -> None:
    """An integer for a decimal and the bare key for a reference are admitted, because nothing is lost."""
    checked = CHECKER.check(sample(**{field: value}))
    assert ([], expected) == (rules(checked.findings), checked.fields[field])


TYPES: dict[str, list[Any]] = {
    "number": [5, True, 1.5, ["N"], {"key": "N"}],
    "count": ["5", True, False, 5.0, "", [5]],
    "price": [True, 1.5, ["1"], {"a": 1}],
    "on": [20261121, True, ["2026-11-21"], {"day": "2026-11-21"}],
    "expires": [202705, True],
    "paid": ["true", "yes", "是", 1, 0, "", [True]],
    "buyer": [
        5, True, "", "  ", {}, {"key": ""}, {"key": " "}, {"key": 5}, {"record": 5}, {"key": "B", "record": -1},
        {"key": "B", "record": True}, {"key": "B", "record": "5"}, {"key": "B", "record": None},
        {"key": "B", "name": "x"}, ["B"],
    ],
    "scan": [
        "a.pdf", {}, {**FILE, "size": True}, {**FILE, "size": -1}, {**FILE, "size": "3"}, {**FILE, "size": 3.0},
        {**FILE, "sha256": DIGEST.upper()}, {**FILE, "sha256": DIGEST[:-1]}, {**FILE, "sha256": DIGEST + "\n"},
        {**FILE, "sha256": "../" + DIGEST[3:]}, {**FILE, "name": ""}, {**FILE, "name": "a\x00b"},
        {**FILE, "name": "a\udcff.pdf"}, {**FILE, "name": None}, {**FILE, "more": 1}, {"name": "a", "sha256": DIGEST},
    ],
    "items": ["L1", {"batch_no": "L1"}, 5, True],
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in TYPES.items() for value in values])
def test_a_value_of_another_type_is_refused(field: str, value: Any) -> None:
    """`'5'` is not 5, true is not 1, 1 is not yes: each is one finding at its place, and the value is shown."""
    checked = CHECKER.check(sample(**{field: value}))
    assert ([("field.type", f"$.{field}")], False) == (rules(checked.findings), checked.good)


FORMS: list[tuple[str, Any, str]] = [
    ("number", "", "text.edges"),
    ("number", " N", "text.edges"),
    ("number", "N ", "text.edges"),
    ("number", "\u3000N", "text.edges"),
    ("number", "N-123456789", "text.long"),
    ("number", "N\n1", "text.control"),
    ("number", "N\x00", "text.control"),
    ("number", "N\x85x", "text.control"),
    ("number", "N\ud800", "text.control"),
    ("note", "a\rb", "text.control"),
    ("note", "a\x0bb", "text.control"),
    ("note", "x" * 401, "text.long"),
    ("code", "ab12", "text.pattern"),
    ("code", "AB12x", "text.pattern"),
    ("count", 0, "number.low"),
    ("count", 10, "number.high"),
    ("count", 2**53, "integer.large"),
    ("count", -(2**53), "integer.large"),
    ("price", "0", "number.low"),
    ("price", "0.00", "number.low"),
    ("price", "-1", "number.low"),
    ("price", "10", "number.high"),
    ("price", "0.001", "decimal.scale"),
    ("whole", "1.0", "decimal.scale"),
    ("level", "-1.51", "number.low"),
    *[("level", value, "decimal.form") for value in (
        "", " 1", "1 ", "1,5", "1.", ".5", "+1", "01", "1e5", "1E5", "NaN", "Infinity", "-", "1_0", "１", "0x1", "--1",
        "1.0000000000001", "1000000000000000000",
    )],
    *[("on", value, "day.form") for value in (
        "", "2026-02-29", "2026-13-01", "2026-1-1", "20261121", "2026-W47-6", "2026-11", "21.11.2026", "2026/11/21",
        "2026-11-21T00:00", "0000-01-01", "２０２６-11-21", "2026-11-21\n",
    )],
    *[("expires", value, "day.form") for value in ("2027-13", "2027-00", "2027", "２０２７-05", "2027-05-32")],
    ("kind", "c", "choice.unknown"),
    ("kind", "A", "choice.unknown"),
    ("kind", "", "choice.unknown"),
    ("kind", 1, "field.type"),
    ("kind", ["a"], "field.type"),
    ("items", [], "lines.empty"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "rule"), FORMS)
def test_a_value_of_another_form_is_refused(field: str, value: Any, rule: str) -> None:
    """Bounds are what they say, digits are ASCII, days exist, text is clean: each fault is one finding by its name."""
    checked = CHECKER.check(sample(**{field: value}))
    assert ([(rule, f"$.{field}")], False) == (rules(checked.findings), checked.good)


@pytest.mark.parametrize("field", [spec.name for spec in SAMPLE.fields])
def test_null_is_not_absence(field: str) -> None:
    """An empty field is left out; null is refused, once, on required and other fields alike."""
    assert [("field.null", f"$.{field}")] == rules(CHECKER.check(sample(**{field: None})).findings)


def test_required_fields_are_told_unless_they_are_declared_gaps() -> None:
    """Each missing required field is one finding; a declared gap is none."""
    assert [("field.required", "$.number"), ("field.required", "$.buyer")] == rules(CHECKER.check({}).findings)
    assert [("field.required", "$.buyer")] == rules(CHECKER.check({}, frozenset({"number"})).findings)


def test_a_gap_does_not_excuse_a_wrong_value() -> None:
    """What is stated is judged, gap or not."""
    checked = CHECKER.check(sample(number=5), frozenset({"number"}))
    assert [("field.type", "$.number")] == rules(checked.findings)


def test_gaps_do_not_reach_into_lines() -> None:
    """A declared gap is of the record's own fields."""
    checked = CHECKER.check(sample(items=[{"quantity": "1"}]), frozenset({"batch_no"}))
    assert [("field.required", "$.items[0].batch_no")] == rules(checked.findings)


@pytest.mark.parametrize(
    ("name", "hint"), [("nmuber", "did you mean number?"), ("expire", "did you mean expires?"), ("zzz", "")]
)
def test_an_unknown_field_is_told_with_the_nearest_name(name: str, hint: str) -> None:
    """A misspelt field is refused, with the field that was probably meant."""
    (finding,) = CHECKER.check(sample(**{name: "x"})).findings
    assert ("field.unknown", f"$.{name}", hint) == (finding.rule, finding.path, finding.hint_en)


def test_an_unknown_field_is_told_even_when_it_is_null() -> None:
    """Nothing unknown slips through as null."""
    assert [("field.unknown", "$.zzz")] == rules(CHECKER.check(sample(zzz=None)).findings)


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_system_facts_cannot_be_supplied(name: str) -> None:
    """Time, operator and state come from the system; stating them is refused by its own rule."""
    assert [("field.system", f"$.{name}")] == rules(CHECKER.check(sample(**{name: "x"})).findings)


def test_every_problem_is_told_at_once_in_a_stable_order() -> None:
    """Findings come in the order of the declaration, unknown fields after them by name."""
    wrong: dict[str, Any] = {"zz": 1, "aa": 1, "record": 1, "paid": "no", "count": "5", "buyer": 1}
    assert [
        ("field.required", "$.number"), ("field.type", "$.count"), ("field.type", "$.paid"), ("field.type", "$.buyer"),
        ("field.unknown", "$.aa"), ("field.system", "$.record"), ("field.unknown", "$.zz"),
    ] == rules(CHECKER.check(wrong).findings)  # fmt: skip


def test_lines_are_checked_one_by_one() -> None:
    """Each line has its own place; what is no object is told and left out of what was made."""
    items = [{"batch_no": "L1", "quantity": 0}, "x", {"batch_no": "L3", "quantity": "1", "remrk": "y"}]
    checked = CHECKER.check(sample(items=items))
    assert [
        ("number.low", "$.items[0].quantity"), ("field.type", "$.items[1]"), ("field.unknown", "$.items[2].remrk"),
    ] == rules(checked.findings)  # fmt: skip
    assert "did you mean remark?" == checked.findings[-1].hint_en


def test_conveniences_reach_into_lines() -> None:
    """A line's integer becomes the decimal it stands for."""
    checked = CHECKER.check(sample(items=[{"batch_no": "L1", "quantity": 5}]))
    assert [{"batch_no": "L1", "quantity": "5"}] == checked.fields["items"]


def test_what_was_given_is_not_changed() -> None:
    """Checking makes new fields; the caller's stay as they were."""
    given = sample(price=5, buyer="B", items=[{"batch_no": "L1", "quantity": 5}])
    CHECKER.check(given)
    assert sample(price=5, buyer="B", items=[{"batch_no": "L1", "quantity": 5}]) == given


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, value, _ in FORMS[:30]])
def test_findings_speak_both_languages(field: str, value: Any) -> None:
    """Each finding says what is wrong in Chinese and in English, and fits on one line."""
    for finding in CHECKER.check(sample(**{field: value})).findings:
        assert finding.zh
        assert finding.en
        assert "\n" not in finding.line("zh") + finding.line("en")


def test_a_misspelt_validator_is_named() -> None:
    """A field that asks for a validator that does not exist cannot be checked; the nearest name is told."""

    @record_type("other", version=1, zh="他", en="Other", key="number", sign_off=[], retention=Permanent())
    class Other:
        number: str = text(zh="编号", en="Number", check="usccc")

    with pytest.raises(UnknownValidator) as refused:
        FieldChecker(type_of(Other))
    assert ("usccc", "uscc") == (refused.value.name, refused.value.nearest)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (sample(), "N-1/B-1"),
        ({"number": "N-1", "buyer": "B-1"}, "N-1/B-1"),
        ({"number": "N-1"}, "N-1/"),
        ({"number": 5, "buyer": {}}, "5/"),
        ({"number": "LEGACY-39-2"}, "LEGACY-39-2"),
        ({"buyer": "LEGACY-39-2"}, "LEGACY-39-2"),
    ],
)
def test_a_composite_key_is_one_text(fields: dict[str, Any], expected: str) -> None:
    """The parts of a business key are joined; a reference counts by its key."""
    assert expected == key_text(SAMPLE, fields)
