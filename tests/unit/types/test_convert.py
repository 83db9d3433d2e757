from datetime import date
from decimal import Decimal
from typing import Any, cast

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_core import (
    Attachment,
    Finding,
    Month,
    Option,
    Permanent,
    Ref,
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
from archive_core.errors import RuleFailed
from archive_core.model.record_type import RecordType
from archive_core.types.check import FieldChecker
from archive_core.types.convert import structure, to_wire, unstructure
from archive_core.types.usable import UsableType

FILE: dict[str, Any] = {"name": "a.pdf", "sha256": "ab" * 32, "size": 3, "media_type": "application/pdf"}


@line_item
class Line:
    batch_no: str = text(zh="批号", en="Batch no.")
    quantity: Decimal = decimal(zh="数量", en="Quantity")


@record_type("sample", version=1, zh="样品", en="Sample", key="number", sign_off=[], retention=Permanent())
class Sample:
    number: str = text(zh="编号", en="Number")
    count: int | None = integer(zh="数", en="Count", required=False)
    price: Decimal | None = decimal(zh="价", en="Price", required=False)
    on: date | None = day(zh="日", en="On", required=False)
    expires: date | Month | None = day(zh="有效期", en="Expires", required=False, month=True)
    paid: bool | None = yes_no(zh="付", en="Paid", required=False)
    kind: str | None = choice(Option("a", "甲", "A"), zh="类", en="Kind", required=False)
    buyer: Ref | None = ref("purchaser", zh="购方", en="Buyer", required=False)
    scan: Attachment | None = attachment(zh="扫描", en="Scan")
    items: tuple[Line, ...] | None = lines(Line, zh="明细", en="Lines", required=False)

    def check(self) -> Any:
        if self.kind == "a" and self.count is None:
            yield Finding(rule="sample.count", path="$.count", zh="须有数", en="needs a count")


FULL: dict[str, Any] = {
    "number": "N-1", "count": 5, "price": "12.50", "on": "2026-11-21", "expires": "2027-05", "paid": False,
    "kind": "a", "buyer": {"key": "B", "record": 7}, "scan": FILE, "items": [{"batch_no": "L", "quantity": "1.0"}],
}  # fmt: skip


def made(**changes: Any) -> Any:
    return cast(Any, Sample)(**{"number": "N-1", **changes})


def test_wire_form_becomes_python_values() -> None:
    """Every kind of field arrives as its Python type."""
    value = structure(Sample, FULL)
    assert value == made(
        count=5, price=Decimal("12.50"), on=date(2026, 11, 21), expires=Month(2027, 5), paid=False, kind="a",
        buyer=Ref("B", 7), scan=Attachment(**FILE), items=(cast(Any, Line)(batch_no="L", quantity=Decimal("1.0")),),
    )  # fmt: skip


def test_python_values_become_wire_form() -> None:
    """unstructure is the inverse of structure, exact to the written digits; what is None is left out."""
    assert FULL == unstructure(structure(Sample, FULL))
    assert {"number": "N-1"} == unstructure(structure(Sample, {"number": "N-1"}))


def test_a_day_in_a_month_field_stays_a_day() -> None:
    """Where a month is admitted, a day is not shortened."""
    value = structure(Sample, {"number": "N", "expires": "2027-05-31"})
    assert (date(2027, 5, 31), "2027-05-31") == (cast(Any, value).expires, unstructure(value)["expires"])


WRONG: list[tuple[str, Any]] = [
    ("number", 5), ("number", True), ("number", b"N"),
    ("count", "5"), ("count", True), ("count", 5.0), ("count", "five"),
    ("price", 5), ("price", 1.5), ("price", "NaN"), ("price", "1e5"), ("price", " 1"), ("price", "1_0"), ("price", "x"),
    ("on", "20261121"), ("on", "2026-W47-6"), ("on", 20261121), ("on", "2026-11-21T00:00:00"), ("on", "2026-11"),
    ("expires", "2027-5"), ("expires", 202705), ("expires", "20270531"), ("expires", "2027-13"),
    ("paid", "true"), ("paid", "no"), ("paid", 1), ("paid", 0), ("paid", ""),
    ("kind", 1), ("buyer", "B"), ("buyer", {"key": 5}), ("buyer", {"key": "B", "record": "7"}),
    ("buyer", {"key": "B", "name": "x"}), ("buyer", {}), ("scan", {**FILE, "size": "3"}), ("scan", {**FILE, "x": 1}),
    ("items", [{"batch_no": "L"}, 5]), ("items", [{"batch_no": 5, "quantity": "1"}]), ("items", "L"),
    ("items", [{"batch_no": "L", "quantity": 1}]), ("items", [{"batch_no": "L", "quantity": "1", "x": 1}]),
    ("unknown", 1),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_nothing_is_coerced(field: str, value: Any) -> None:
    """What is not exactly in wire form is a fault, never a guess: cattrs' own conversions do not reach us."""
    with pytest.raises(Exception, match=r".+"):
        structure(Sample, {"number": "N-1", field: value})


decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)
records = st.builds(
    made,
    number=st.text(min_size=1),
    count=st.none() | st.integers(),
    price=st.none() | decimals,
    on=st.none() | st.dates(),
    expires=st.none() | st.dates() | st.builds(Month, st.integers(1, 9999), st.integers(1, 12)),
    paid=st.none() | st.booleans(),
    buyer=st.none() | st.builds(Ref, st.text(), st.none() | st.integers(0)),
    scan=st.none() | st.builds(Attachment, st.text(), st.text(), st.integers(0), st.text()),
    items=st.none() | st.lists(st.builds(cast(Any, Line), batch_no=st.text(), quantity=decimals)).map(tuple),
)


@given(records)
@settings(deadline=None)
def test_objects_round_trip(value: Any) -> None:
    """Whatever object there is, its wire form gives it back."""
    assert value == structure(Sample, unstructure(value))
    assert unstructure(value) == unstructure(structure(Sample, unstructure(value)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (date(2026, 1, 2), "2026-01-02"),
        (Month(2026, 1), "2026-01"),
        (Ref("B"), {"key": "B"}),
        (Ref("B", 0), {"key": "B", "record": 0}),
        (Attachment("a", "b", 1), {"name": "a", "sha256": "b", "size": 1, "media_type": "application/octet-stream"}),
        ((Decimal(1), [date(2026, 1, 2)]), ["1", ["2026-01-02"]]),
        ({"a": (Month(2026, 1),)}, {"a": ["2026-01"]}),
        ("x", "x"),
        (True, True),
        (5, 5),
        (None, None),
    ],
)
def test_python_values_in_a_dict_have_a_wire_form(value: object, expected: object) -> None:
    """Callers may hand in Decimal, date, Month, Ref, Attachment and tuples."""
    assert expected == to_wire(value)


@pytest.mark.parametrize("value", [1.5, b"x", {1, 2}, 1 + 2j])
def test_what_has_no_wire_form_is_refused_by_the_check(value: Any) -> None:
    """Other Python values are not turned into something near: the field check refuses them on every field."""
    checker = FieldChecker(type_of(Sample))
    for spec in type_of(Sample).fields:
        wire = cast(Any, to_wire({"number": "N", spec.name: value}))
        assert [f"$.{spec.name}"] == [finding.path for finding in checker.check(wire).findings]


# -- the usable type --------------------------------------------------------------------------------------------------


def test_the_types_own_rules_come_after_its_fields() -> None:
    """Own rules judge only what is well-formed; their findings stand with the others."""
    usable = UsableType(type_of(Sample))
    checked, value = usable.check({"number": "N", "kind": "a"})
    assert (["sample.count"], False) == ([finding.rule for finding in checked.findings], checked.good)
    assert value == made(number="N", kind="a")
    checked, value = usable.check({"number": 5, "kind": "a"})
    assert (["field.type"], None) == ([finding.rule for finding in checked.findings], value)


def test_without_its_class_a_type_still_checks_fields() -> None:
    """A definition alone judges forms; there is no object and no own rule."""
    usable = UsableType(RecordType.from_json(type_of(Sample).to_json()))
    assert (True, None) == (usable.check({"number": "N", "kind": "a"})[0].good, usable.load({"number": "N"}))
    assert not usable.check({"number": 5})[0].good


@pytest.mark.parametrize("outcome", [ZeroDivisionError("broken"), ["not a finding"], [None], 5])
def test_an_own_rule_that_fails_refuses(outcome: Any) -> None:
    """A type whose rule raises, or returns what is no finding, refuses the record in its plugin's name."""

    def check(self: object) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    body = {"number": text(zh="编号", en="Number"), "check": check, "__annotations__": {"number": str}}
    decorate = record_type("broken", version=1, zh="坏", en="Broken", key="number", sign_off=[], retention=Permanent())
    usable = UsableType(type_of(decorate(type("Broken", (), body))), "the_plugin")
    with pytest.raises(RuleFailed) as refused:
        usable.check({"number": "N"})
    assert refused.value.plugin == "the_plugin"


def test_objects_know_only_their_fields() -> None:
    """A class made for a record type has exactly the declared fields."""
    assert list(FULL) == [attribute.name for attribute in attrs.fields(cast(Any, Sample))]
