"""Search finds what stands in the text, in Chinese, in lot numbers and against hostile input."""

import random
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.inspection.search import (
    NOTHING,
    Piece,
    highlight,
    match_query,
    normalise,
    query_terms,
    segment,
    snippet,
    suffixes,
)

WORDS = [
    "一次性使用无菌注射器",
    "灭菌批号",
    "合格",
    "冷链运输",
    "温度记录",
    "胰岛素",
    "偏差",
    "销售",
    "验收员",
    "营业执照",
    "阿莫西林",
    "氯化钠注射液",
    "医院",
    "经销商",
    "退货",
    "召回",
    "有效期",
    "采购",
    "质量负责人",
    "审核",
    "不良事件",
    "苏州",
    "贵阳",
    "海王医药",
]
LOTS = ("LOT2023A{:02d}", "2023-{:04d}-B", "ＬＯＴ２０２４{:02d}", "SZ/{:05d}")


class Index:
    """A real contentless index beside the texts that were put into it."""

    def __init__(self, texts: list[tuple[str, str]]) -> None:
        self.texts = texts
        self.plain = [normalise(f"{lot}\n{body}") for lot, body in texts]
        self.db = sqlite3.connect(":memory:")
        self.db.execute(
            "create virtual table f using fts5(ids, names, body, content='', tokenize='unicode61 remove_diacritics 2')"
        )
        rows = [(n, f"{segment(lot)} {suffixes(lot)}", segment(body)) for n, (lot, body) in enumerate(texts)]
        self.db.executemany("insert into f(rowid, ids, body) values (?, ?, ?)", rows)

    def find(self, words: str) -> set[int]:
        return {row[0] for row in self.db.execute("select rowid from f where f match ?", (match_query(words),))}

    def truth(self, words: str) -> set[int]:
        parts = [normalise(word) for word in words.split()]
        return {n for n, plain in enumerate(self.plain) if all(part in plain for part in parts)}


@pytest.fixture(scope="module")
def corpus() -> Iterator[Index]:
    """Six hundred short records of a medical trade."""
    chance = random.Random(20261121)  # noqa: S311 - a repeatable corpus, not a secret
    texts = [
        (chance.choice(LOTS).format(chance.randrange(100)), "".join(chance.choices(WORDS, k=12)) + " ok 2℃～8℃")
        for _ in range(600)
    ]
    index = Index(texts)
    yield index
    index.db.close()


@pytest.mark.parametrize("length", [1, 2, 3, 4, 6])
def test_chinese_fragments_of_any_length_are_all_found(corpus: Index, length: int) -> None:
    """Recall against a plain substring search is complete for fragments of one to six characters."""
    chance = random.Random(length)  # noqa: S311
    for _ in range(40):
        body = chance.choice(corpus.texts)[1].split(" ")[0]
        start = chance.randrange(len(body) - length)
        fragment = body[start : start + length]
        assert corpus.truth(fragment) == corpus.find(fragment)


def test_every_inner_part_of_a_lot_number_is_found(corpus: Index) -> None:
    """A lot is found by any part of three characters or more that holds a digit, separators or not."""
    chance = random.Random(7)  # noqa: S311
    for _ in range(60):
        lot = normalise(chance.choice(corpus.texts)[0])
        start = chance.randrange(len(lot) - 3)
        part = lot[start : start + chance.randrange(3, 7)].strip("-/ ")
        if sum(map(str.isalnum, part)) >= 3 and any(map(str.isdigit, part)):
            missing = corpus.truth(part) - corpus.find(part)
            assert set() == missing, part


def test_several_terms_must_all_be_found(corpus: Index) -> None:
    """Two terms narrow each other."""
    assert corpus.truth("冷链 召回") == corpus.find("冷链 召回")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("lot202401", "ＬＯＴ２０２４０１"),
        ("ＬＯＴ２０２４０１", "lot202401"),
        ("8°C", "2℃～8℃"),
        ("A01", "LOT-2023-A01"),
        ("2023a01", "LOT-2023-A01"),
        ("LOT-2023", "LOT2023A01"),
        ("准字H2005", "国药准字H20054175"),
        ("5417", "国药准字H20054175"),
        ("𠮷", "𠮷野家"),
        ("𫠠", "𫠠"),
        ("\U0002b820", "\U0002b820市"),
        ("\u9fef", "某\u9fef某"),
        ("ｶﾞｰｾﾞ", "ガーゼ"),
        ("café", "CAFE\u0301 au lait"),
        ("insu", "Insulin glargine"),
        ("“胰岛素”", "甘精胰岛素注射液"),
    ],
)
def test_forms_of_the_same_text_find_each_other(typed: str, stored: str) -> None:
    """Full-width, units, rare Han characters, kana and accents do not hide a record."""
    index = Index([(stored, stored)])
    assert {0} == index.find(typed)
    index.db.close()


HOSTILE = [
    "",
    "   ",
    '"',
    '"""',
    "*",
    "OR",
    "a OR b",
    "NOT x",
    "NEAR(a b)",
    "ids : 2023",
    "body:a",
    "^a",
    "a*b",
    "(",
    "(((",
    "a) OR (b",
    "'; drop table f; --",
    "\x00",
    "🙂",
    "\u0301",
    "+-&|",
    "“”",
    "胰" * 10_000,
    "a1" * 10_000,
    '" ' * 10_000,
]


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_input_never_breaks_the_query(typed: str) -> None:
    """Quotes, operators, column names and long input are only ever words."""
    index = Index([("1", "胰岛素 or not near")])
    assert index.find(typed) <= {0}
    index.db.close()


@given(st.text(max_size=60))
def test_any_text_is_a_valid_query(typed: str) -> None:
    """No text at all can be a syntax error."""
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table f using fts5(ids, names, body, content='')")
    found = db.execute("select count(*) from f where f match ?", (match_query(typed),)).fetchone()
    db.close()
    assert found == (0,)


def test_text_without_letters_finds_nothing() -> None:
    """Punctuation alone is the query that matches nothing."""
    assert match_query(" -- ， 。") == NOTHING


def test_operators_are_ordinary_words() -> None:
    """OR between two words asks for all three words."""
    assert match_query("a OR b") == '"a" AND "or" * AND "b"'


def test_quoted_words_are_looked_for_as_they_stand() -> None:
    """A quoted term is not the beginning of a longer one."""
    index = Index([("x", "insulin"), ("x", "insu")])
    assert ({1}, {0, 1}) == (index.find('"insu"'), index.find("insu"))
    index.db.close()


def test_long_queries_are_cut() -> None:
    """Only the first hundred characters are looked at."""
    assert sum(len(term.joined) for term in query_terms("胰" * 10_000)) == 100


def test_suffixes_leave_out_separators_and_single_characters() -> None:
    """The suffixes of a lot are those of its letters and digits."""
    assert suffixes("A1-B2") == "a1b2 1b2 b2"


@given(st.text(max_size=80), st.text(max_size=20))
def test_highlighting_never_changes_the_text(text: str, query: str) -> None:
    """The pieces joined are the text."""
    assert text == "".join(piece.text for piece in highlight(text, query))


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("甘精胰岛素注射液", "胰岛素", ["胰岛素"]),
        ("储存于2℃以下", "°c", ["℃"]),
        ("批号ＬＯＴ２０２３Ａ", "lot2023", ["ＬＯＴ２０２３"]),
        ("LOT-2023-A01", "2023a01", ["2023-A01"]),
        ("Insulin, insu", '"insu"', ["insu"]),
        ("胰岛素与胰岛素泵", "胰岛 岛素", ["胰岛素", "胰岛素"]),
        ("nothing here", "胰", []),
    ],
)
def test_hits_are_marked_in_the_original_text(text: str, query: str, hits: list[str]) -> None:
    """Positions survive normalisation, even where one character becomes two."""
    assert hits == [piece.text for piece in highlight(text, query) if piece.hit]


def test_a_snippet_shows_the_neighbourhood_of_the_first_hit() -> None:
    """Long text is cut on both sides, with dots."""
    text = "前" * 100 + "胰岛素" + "后" * 300
    pieces = snippet(text, "胰岛素", window=10)
    assert (Piece("…" + "前" * 10, hit=False), Piece("胰岛素", hit=True), Piece("后" * 17 + "…", hit=False)) == pieces


def test_no_hit_gives_no_snippet() -> None:
    """Text without the words has no snippet."""
    assert snippet("text", "胰岛素") == ()
