from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from archive_core.canonical import MAX_INTEGER, decode, encode
from archive_core.model.fields import FieldSpec, Kind, Option
from archive_core.model.record_type import RecordType
from archive_core.model.retention import After, EachLine, Longest, Permanent, Rule, When, rule_from_json
from archive_core.model.step import Step

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
counts = st.integers(-MAX_INTEGER, MAX_INTEGER)
tuples = st.lists(texts, max_size=3).map(tuple)
options = st.lists(st.builds(Option, texts, texts, texts), max_size=3).map(tuple)
steps = st.lists(st.builds(Step, texts, role=texts, zh=texts, en=texts, count=counts, not_by=tuples), max_size=3)


def specs_with(inner: st.SearchStrategy[tuple[FieldSpec, ...]]) -> st.SearchStrategy[FieldSpec]:
    return st.builds(
        FieldSpec, name=texts, kind=st.sampled_from(Kind), zh=texts, en=texts, required=st.booleans(),
        search=st.sampled_from(["", "text", "name", "id"]), facet=st.booleans(), masked=st.booleans(), check=tuples,
        pattern=texts, max_length=counts, multiline=st.booleans(), minimum=texts, above=texts, maximum=texts,
        scale=st.none() | counts, month=st.booleans(), options=options, target=texts, lines=inner, source=texts,
    )  # fmt: skip


specs = specs_with(st.lists(specs_with(st.just(())), max_size=2).map(tuple))
rules: st.SearchStrategy[Rule] = st.recursive(
    st.builds(After, texts, years=counts, months=counts, days=counts) | st.builds(Permanent),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda found: Longest(*found))
        | st.builds(When, texts, inner, inner)
        | st.builds(EachLine, texts, inner)
    ),
    max_leaves=6,
)
types = st.builds(
    RecordType, name=texts, version=counts, zh=texts, en=texts, key=tuples,
    fields=st.lists(specs, max_size=3).map(tuple), sign_off=steps.map(tuple), retention=rules, source=texts,
    basis=texts, cls=st.none(),
)  # fmt: skip


def through_bytes(value: Any) -> Any:
    return decode(encode(value))


@given(specs)
@settings(deadline=None)
def test_fields_round_trip_through_bytes(spec: FieldSpec) -> None:
    """Whatever a field says of itself reads back the same from canonical JSON."""
    assert spec == FieldSpec.from_json(through_bytes(spec.to_json()))


@given(rules)
def test_retention_rules_round_trip_through_bytes(rule: Rule) -> None:
    """A retention rule reads back as the same tree."""
    assert rule == rule_from_json(through_bytes(rule.to_json()))


@given(types)
@settings(deadline=None, max_examples=50)
def test_definitions_round_trip_through_bytes(declared: RecordType) -> None:
    """A definition reads back as the same type and is written as the same bytes."""
    data = encode(declared.to_json())
    again = RecordType.from_json(cast(dict[str, Any], decode(data)))
    assert (declared, data) == (again, encode(again.to_json()))
