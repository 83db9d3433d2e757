import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, cast

import attrs
import pytest

from archive_core import (
    CAPTURED,
    After,
    Attachment,
    EachLine,
    Longest,
    Month,
    Option,
    Permanent,
    Ref,
    Step,
    When,
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
from archive_core.canonical import decode, encode
from archive_core.errors import TypeMalformed
from archive_core.model.record_type import RESERVED, RecordType

APPROVE = Step("approve", role="qa", zh="审核", en="Approved")
GOOD: dict[str, Any] = {
    "version": 1, "zh": "样品", "en": "Sample", "key": "number", "sign_off": [APPROVE], "retention": Permanent(),
}  # fmt: skip


def name_field(**changes: Any) -> Any:
    return text(**{"zh": "名称", "en": "Name", **changes})


def declare(name: str = "sample", fields: dict[str, Any] | None = None, **changes: Any) -> RecordType:
    body = {"number": text(zh="编号", en="Number"), **(fields or {})}
    made = type("Sample", (), {**body, "__annotations__": dict.fromkeys(body, object)})
    decorate = record_type(name, **{**GOOD, **changes})
    return type_of(decorate(made))


def problem_of(name: str = "sample", fields: dict[str, Any] | None = None, **changes: Any) -> str:
    with pytest.raises(TypeMalformed) as refused:
        declare(name, fields, **changes)
    return refused.value.problem


def step(name: str = "approve", **changes: Any) -> Step:
    return Step(name, **{"role": "qa", "zh": "审核", "en": "Approved", **changes})


@line_item
class Line:
    batch_no: str = text(zh="批号", en="Batch no.")
    expires: date | Month = day(zh="有效期", en="Expires", month=True)


def rich() -> RecordType:
    fields = {
        "title": text(zh="题名", en="Title", search=True, facet=True, masked=True, check=("uscc",), pattern="[A-Z]+",
                      max_length=9, multiline=True, required=False, source="S"),
        "count": integer(zh="数", en="Count", minimum=-1, maximum=9),
        "price": decimal(zh="价", en="Price", above=0, minimum="0.01", maximum=Decimal("9.90"), scale=2),
        "on": day(zh="日", en="On", month=True, facet=True),
        "paid": yes_no(zh="付", en="Paid", required=False, facet=True),
        "kind": choice(Option("a", "甲", "A"), Option("b", "乙", "B"), zh="类", en="Kind", facet=False),
        "buyer": ref("purchaser", zh="购方", en="Buyer", facet=True),
        "scan": attachment(zh="扫描", en="Scan", masked=True),
        "items": lines(Line, zh="明细", en="Lines"),
    }  # fmt: skip
    return declare(
        "rich", fields, version=3, key=("number", "on"), source="law", basis="art. 1",
        sign_off=[step("record", role="handler", count=2), step(not_by=("author", "record"))],
        retention=Longest(
            After(CAPTURED, years=5), When("paid", After("on", months=1), Permanent()),
            EachLine("items", After("expires", days=3)),
        ),
    )  # fmt: skip


def test_a_declaration_collects_all_it_was_told() -> None:
    """Fields come in order with their names; a single key becomes a tuple of one."""
    declared = declare()
    assert ("sample", 1, ("number",), ["number"]) == (
        declared.name, declared.version, declared.key, [spec.name for spec in declared.fields],
    )  # fmt: skip
    assert [True, None] == [declared.field("number") is declared.fields[0], declared.field("other")]


def test_a_definition_reads_back_as_the_type() -> None:
    """Everything a type declares survives canonical JSON, without its class."""
    declared = rich()
    again = RecordType.from_json(cast(dict[str, Any], decode(encode(declared.to_json()))))
    assert (declared, None) == (again, again.cls)
    assert declared.to_json() == again.to_json()


def test_a_definition_leaves_defaults_out() -> None:
    """A plain field is its name, kind and labels; whoever reads it in thirty years is not told what was not said."""
    definition = json.loads(encode(declare().to_json()))
    assert [{"name": "number", "kind": "text", "zh": "编号", "en": "Number"}] == definition["fields"]
    assert definition["format"] == "archive-core/definition/1"


def test_any_change_of_a_declaration_changes_the_definition() -> None:
    """No fact of a field is lost on the way into the definition."""
    declared = rich()
    for spec in declared.fields:
        for attribute in attrs.fields(type(spec)):
            if attribute.name not in {"kind", "lines", "options"}:
                change: dict[str, Any] = {attribute.name: "changed"}
                assert spec.to_json() != attrs.evolve(spec, **change).to_json()


@pytest.mark.parametrize("name", ["", "Sample", "1a", "a-b", "a b", "_a", "样品", "a" * 61, "a\n"])
def test_a_name_is_a_name(name: str) -> None:
    """Names of types are lower-case identifiers of at most 60 characters."""
    assert f"{name!r} is not a name" == problem_of(name)


@pytest.mark.parametrize("name", ["Title", "_x", "a" * 61, "题名"])
def test_field_names_are_names(name: str) -> None:
    """Names of fields are, too, at the top as in lines: they become keys of canonical JSON."""
    inner = type("Inner", (), {name: name_field(), "__annotations__": {name: str}})
    assert f"{name!r} is not a name" == problem_of(fields={name: name_field()})
    assert f"{name!r} is not a name" == problem_of(fields={"items": lines(line_item(inner), zh="明细", en="Lines")})


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_system_facts_cannot_be_fields(name: str) -> None:
    """What comes from the system and the login cannot be declared as a field."""
    assert f"the field name {name} is reserved" == problem_of(fields={name: name_field()})


@pytest.mark.parametrize(
    ("key", "fields", "problem"),
    [
        ("missing", {}, "the key names missing, which is no field"),
        (("number", "missing"), {}, "the key names missing, which is no field"),
        ((), {}, "a key is needed"),
        ("note", {"note": name_field(required=False)}, "the key field note must be required"),
        ("price", {"price": decimal(zh="价", en="Price")}, "a decimal cannot be part of the key"),
        ("paid", {"paid": yes_no(zh="付", en="Paid")}, "a yes_no cannot be part of the key"),
        ("items", {"items": lines(Line, zh="明细", en="Lines")}, "a lines cannot be part of the key"),
        ("kind", {"kind": choice(Option("a", "甲", "A"), zh="类", en="Kind")}, "a choice cannot be part of the key"),
    ],
)
def test_a_key_is_made_of_required_plain_fields(key: Any, fields: dict[str, Any], problem: str) -> None:
    """The business key names fields that every record has and that read the same everywhere."""
    assert problem == problem_of(fields=fields, key=key)


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ([step("Approve")], "the step name 'Approve' is not a name or stands twice"),
        ([step("author")], "the step name 'author' is not a name or stands twice"),
        ([step(), step()], "the step name 'approve' is not a name or stands twice"),
        ([step(count=0)], "step approve needs at least one signature"),
        ([step(count=-1)], "step approve needs at least one signature"),
        ([step(role="Quality head")], "the role 'Quality head' of step approve is not a name"),
        ([step(role="")], "the role '' of step approve is not a name"),
        ([step(not_by=("record",))], "step approve excludes record, which is no earlier step"),
        ([step(not_by=("approve",))], "step approve excludes approve, which is no earlier step"),
        ([step(not_by=("later",)), step("later")], "step approve excludes later, which is no earlier step"),
    ],
)
def test_contradicting_steps_are_refused(steps: list[Step], problem: str) -> None:
    """Step names are unique, roles can be held, counts positive, and exclusions point to earlier steps."""
    assert problem == problem_of(sign_off=steps)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (After("expires", years=1), "the retention rule asks for expires, which is no field"),
        (Longest(After(CAPTURED, years=1), After("gone", years=1)), "the retention rule asks for gone, which is no field"),
        (When("paid", Permanent(), Permanent()), "the retention rule asks for paid, which is no field"),
        (EachLine("items", After("expires", years=1)), "the retention rule asks for items, which is no field"),
        (Longest(), "the retention rule has a longest of nothing"),
        (Longest(Permanent(), Longest()), "the retention rule has a longest of nothing"),
        (EachLine("number", After("expires", years=1)), "the retention rule goes over number, which has no lines"),
    ],
)  # fmt: skip
def test_a_retention_rule_asks_for_what_is_there(rule: Any, problem: str) -> None:
    """A rule cannot count from a field the type does not have."""
    assert problem == problem_of(retention=rule)


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (name_field(pattern="["), "the pattern of extra is no regular expression: unterminated character set"),
        (choice(zh="类", en="Kind"), "the choice extra needs options, each once"),
        (choice(Option("a", "甲", "A"), Option("a", "乙", "B"), zh="类", en="Kind"), "the choice extra needs options"),
    ],
)
def test_a_field_that_could_never_be_filled_is_refused(field: Any, problem: str) -> None:
    """A broken pattern or a choice without options is told when the plugin loads, not when somebody types."""
    assert problem_of(fields={"extra": field}).startswith(problem)


@pytest.mark.parametrize("version", [0, -1])
def test_versions_start_at_one(version: int) -> None:
    """A type has no version 0."""
    assert problem_of(version=version) == "versions start at 1"


@pytest.mark.parametrize("cls", [int, Line, Ref, Attachment])
def test_an_undeclared_class_is_no_record_type(cls: type) -> None:
    """Only what was made with record_type is one; the refusal names the class."""
    with pytest.raises(TypeMalformed, match=cls.__name__):
        type_of(cls)


def test_records_are_frozen_and_known_by_keyword() -> None:
    """An instance of a type's class cannot be changed behind the back of its rules."""
    cls = cast(Callable[..., Any], declare().cls)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        cls(number="1").number = "2"
