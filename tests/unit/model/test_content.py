import json
from typing import Any, cast

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_core.canonical import Json, decode
from archive_core.errors import NotCanonical
from archive_core.model.content import Manifestation, VersionContent

texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
objects: st.SearchStrategy[dict[str, Json]] = st.dictionaries(keys, texts | st.integers(-99, 99) | st.booleans())
contents = st.builds(
    VersionContent, fields=objects, reason=texts, gaps=st.dictionaries(keys, texts), provenance=objects, raw=objects,
    warnings=st.lists(texts).map(tuple),
)  # fmt: skip
manifestations = st.builds(
    Manifestation, username=texts, name_zh=texts, name_en=texts, role=texts, meaning_zh=texts, meaning_en=texts,
    reason=texts,
)  # fmt: skip
SHOWN = Manifestation(
    username="zhao.min", name_zh="赵敏", name_en="Zhao Min", role="qa", meaning_zh="审核", meaning_en="Approved"
)


def back(data: bytes) -> dict[str, Json]:
    return cast(dict[str, Json], decode(data))


@given(contents)
@settings(deadline=None)
def test_contents_round_trip(content: VersionContent) -> None:
    """A content reads back as itself."""
    assert content == VersionContent.from_json(back(content.to_bytes()))


@given(manifestations)
def test_manifestations_round_trip(shown: Manifestation) -> None:
    """What a signature shows reads back as itself."""
    assert shown == Manifestation.from_json(back(shown.to_bytes()))


def test_what_does_not_apply_is_absent() -> None:
    """A first version's content holds its format and its fields, nothing else."""
    expected = b'{"fields":{"a":"1"},"v":"archive-core/content/1"}'
    assert expected == VersionContent(fields={"a": "1"}).to_bytes()


def test_every_part_stands_under_its_name() -> None:
    """Reason, gaps, provenance, raw values and warnings are kept as the format says."""
    content = VersionContent(
        fields={}, reason="数量有误", gaps={"uscc": ""}, provenance={"row": 2}, raw={"q": "1,0"}, warnings=("a.b",)
    )
    assert {
        "v": "archive-core/content/1", "fields": {}, "reason": "数量有误", "gaps": {"uscc": ""},
        "provenance": {"row": 2}, "raw": {"q": "1,0"}, "warnings": ["a.b"],
    } == json.loads(content.to_bytes())  # fmt: skip


def test_a_manifestation_shows_name_role_and_meaning() -> None:
    """The printed name, the role and the meaning stand there in both languages; a reason only when there is one."""
    expected: dict[str, Any] = {
        "v": "archive-core/content/1", "username": "zhao.min", "name": {"zh": "赵敏", "en": "Zhao Min"}, "role": "qa",
        "meaning": {"zh": "审核", "en": "Approved"},
    }  # fmt: skip
    assert expected == json.loads(SHOWN.to_bytes())
    assert {**expected, "reason": "不符"} == json.loads(attrs.evolve(SHOWN, reason="不符").to_bytes())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("fields", {"a": "\ud800"}),
        ("reason", "\ud800"),
        ("gaps", {"A": "x"}),
        ("provenance", {"row": 1.5}),
        ("provenance", {"Row": 1}),
        ("raw", {"a": (1,)}),
        ("raw", {"a": {"B": 1}}),
        ("warnings", (5.0,)),
    ],
)
def test_a_part_without_canonical_form_is_refused(part: str, value: Any) -> None:
    """A content is canonical, or it is not made; fields come checked, what stands beside them may not."""
    with pytest.raises(NotCanonical):
        attrs.evolve(VersionContent(fields={}), **{part: value}).to_bytes()
