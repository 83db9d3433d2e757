"""Values are shown exactly, in the reader's language, and never as something they are not."""

from zoneinfo import ZoneInfo

import attrs
import pytest

from archive_core.inspection.present import Fact, Presenter, group_digits
from archive_core.inspection.words import Words, choose_language, load_words
from archive_core.model.fields import FieldSpec, Kind, Option

ZH = Presenter(language="zh", masks=False, zone=ZoneInfo("Asia/Shanghai"))
EN = attrs.evolve(ZH, language="en")
TEXT = FieldSpec(name="a", kind=Kind.TEXT, zh="甲", en="A")
CHOICE = FieldSpec(name="c", kind=Kind.CHOICE, zh="丙", en="C", options=(Option("x", "直销", "Direct"),))
YES = FieldSpec(name="y", kind=Kind.YES_NO, zh="是否", en="Yes or no")
MONEY = FieldSpec(name="m", kind=Kind.DECIMAL, zh="金额", en="Amount")
REF = FieldSpec(name="r", kind=Kind.REF, zh="对象", en="Buyer", target="buyer")
FILE = FieldSpec(name="f", kind=Kind.ATTACHMENT, zh="附件", en="File")


@pytest.mark.parametrize(
    ("spec", "value", "zh", "en"),
    [
        (TEXT, "007", "007", "007"),
        (CHOICE, "x", "直销", "Direct"),
        (CHOICE, "gone", "gone", "gone"),
        (YES, True, "是", "Yes"),
        (YES, False, "否", "No"),
        (MONEY, "-1234567.50", "-1\u202f234\u202f567.50", "-1\u202f234\u202f567.50"),
        (REF, {"key": "K-1", "record": 7}, "K-1", "K-1"),
        (FILE, {"name": "a.pdf", "sha256": "00", "size": 3}, "a.pdf", "a.pdf"),
        (TEXT, None, "", ""),
    ],
)
def test_values_read_as_people_write_them(spec: FieldSpec, value: object, zh: str, en: str) -> None:
    """Choices and yes/no are words, numbers keep every digit, references show their key."""
    assert (zh, en) == (ZH.text(spec, value), EN.text(spec, value))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "shown"),
    [("0", "0"), ("1234", "1234"), ("12345", "12\u202f345"), ("123456.789", "123\u202f456.789"), ("1E+9", "1E+9")],
)
def test_thousands_are_grouped_without_changing_digits(number: str, shown: str) -> None:
    """Taking the spaces out gives the number back."""
    assert shown == group_digits(number)
    assert number == group_digits(number).replace("\u202f", "")


def test_missing_empty_and_masked_are_three_things() -> None:
    """A gap of the source, a field nobody filled, and a field that may not be seen look different."""
    masking = attrs.evolve(ZH, masks=True)
    hidden = attrs.evolve(TEXT, masked=True)
    states = [ZH.fact(TEXT, None).state, ZH.fact(TEXT, None, is_gap=True).state, masking.fact(hidden, "secret").state]
    assert ["empty", "gap", "masked"] == states
    assert "secret" not in repr(masking.fact(hidden, "secret"))


def test_a_reference_knows_where_it_leads() -> None:
    """With a record number it is a link, without one it is only a key."""
    assert 7 == ZH.fact(REF, {"key": "K-1", "record": 7}).target
    assert None is ZH.fact(REF, {"key": "K-1"}).target


def test_times_are_shown_in_the_archives_zone() -> None:
    """Midnight in China is the afternoon before in UTC."""
    assert "2026-11-22 00:30:00" == ZH.moment("2026-11-21T16:30:00.000000Z")
    assert "2026-11-22" == ZH.day("2026-11-21T16:30:00.000000Z")
    assert "" == ZH.moment(None)


def test_columns_that_no_line_states_are_left_out() -> None:
    """A table shows what there is to see; a masked column stays, because hiding that it exists would lie."""
    spec = FieldSpec(name="l", kind=Kind.LINES, zh="明细", en="L", lines=(TEXT, MONEY, attrs.evolve(YES, masked=True)))
    (table,) = ZH.line_items((spec,), {"l": [{"a": "x"}]})
    assert ["a"] == [head.name for head in table.heads]
    (table,) = attrs.evolve(ZH, masks=True).line_items((spec,), {"l": [{"a": "x"}]})
    assert ["a", "y"] == [head.name for head in table.heads]


def test_texts_for_programs_are_folded() -> None:
    """JSON and very long texts are shown only when asked for."""
    folded = [Fact(name="t", label="", other_label="", text=text).is_folded for text in ('{"a": 1}', "字" * 2000, "短")]
    assert [True, True, False] == folded


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "language"),
    [
        ("en", "zh", "zh", "en"),
        (None, "en", "zh", "en"),
        (None, None, "en-US,en;q=0.9,zh;q=0.8", "en"),
        (None, None, "de, zh-TW;q=0.5, en;q=0.4", "zh"),
        ("klingon", "klingon", "klingon", "zh"),
        (None, None, ";;,q=", "zh"),
    ],
)
def test_the_language_of_a_request(asked: str | None, kept: str | None, accepted: str, language: str) -> None:
    """Asked for, kept, preferred by the browser, Chinese: in this order."""
    assert language == choose_language(asked, kept, accepted)


def test_a_word_is_said_with_its_values(tmp_path: object) -> None:
    """The gaps of a text are filled; a text without gaps stays as it is, braces and all."""
    words = Words({"n": ("共 {n} 条", "{n} records"), "plain": ("{甲}", "{a}")})
    assert ("共 3 条", "3 records") == (words.say("n", "zh", n=3), words.say("n", "en", n=3))
    assert "{a}" == words.say("plain", "en")


def test_an_unknown_word_is_a_programming_fault() -> None:
    """It fails loudly instead of showing its key to a reader."""
    with pytest.raises(KeyError):
        Words({}).say("nope", "zh")


def test_the_catalogue_is_read_from_toml(tmp_path: object) -> None:
    """A key has exactly two texts."""
    from pathlib import Path

    path = Path(str(tmp_path)) / "words.toml"
    path.write_text('a = ["甲", "A"]', encoding="utf-8")
    assert ("甲", "A") == load_words(path).texts["a"]
