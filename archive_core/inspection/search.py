"""
Chinese and identifier search on stock FTS5: how text becomes tokens and how a person's words become a query.

One token per Han character, one per whole run of letters and digits; identifiers also bring every suffix of
theirs, so that any inner part of a lot number is the beginning of some token. The index needs no SQLite
extension. `SEGMENTATION` names the rules: a room built under another value is rebuilt.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import attrs

SEGMENTATION = 1
LONGEST_QUERY = 100
LONGEST_TOKEN = 32
SHORTEST_SUFFIX = 2
SHORTEST_INNER_PART = 3
SNIPPET_WINDOW = 60
REMEMBERED = 1 << 16
NOTHING = '""'

# Han characters that unicode61 of SQLite 3.40 knows as letters (Unicode 6.1), those it does not, and syllables that
# are searched one by one as well: kana and Hangul.
_OLD = "\\u3400-\\u4db5\\u4e00-\\u9fcc"
_NEW = "\\u3007\\u4db6-\\u4dbf\\u9fcd-\\u9fff\\uf900-\\ufaff\\U00020000-\\U0003ffff"
_SYLLABLES = "\\u3041-\\u30ff\\u31f0-\\u31ff\\uac00-\\ud7a3"
_ALONE = re.compile(f"[{_OLD}{_NEW}{_SYLLABLES}]")
_NEW_HAN = re.compile(f"[{_NEW}]")
_TOKEN = re.compile(rf"(?:(?=\w)[{_OLD}{_NEW}{_SYLLABLES}])|[^\W_{_OLD}{_NEW}{_SYLLABLES}]+")
_QUOTES = '"“”„«»「」『』'
_TERM = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|([^\s{_QUOTES}]+)")


@attrs.frozen
class Piece:
    """A stretch of original text, and whether the words searched for are in it."""

    text: str
    hit: bool


@attrs.frozen
class Term:
    """One thing looked for: its tokens in order, and whether it stood in quotation marks."""

    tokens: tuple[str, ...]
    exact: bool

    @property
    def joined(self) -> str:
        return "".join(self.tokens)

    @property
    def is_identifier(self) -> bool:
        """True for a term that may be an inner part of a lot or document number."""
        has_digit = any(char.isdigit() for char in self.joined)
        return has_digit and len(self.joined) >= SHORTEST_INNER_PART and not any(map(_stands_alone, self.joined))

    @property
    def may_continue(self) -> bool:
        return not self.exact and len(self.tokens[-1]) >= 2


@lru_cache(maxsize=REMEMBERED)
def segment(text: str) -> str:
    """
    Return the tokens of a text, one space between them.

    Full-width forms become plain ones and capitals small; punctuation is dropped. A Han character that old
    releases of SQLite take for punctuation is written as its code point.
    """
    return " ".join(map(_index_token, _tokens(normalise(text))))


@lru_cache(maxsize=REMEMBERED)
def suffixes(identifier: str) -> str:
    """
    Return every suffix, of at least two characters, of an identifier's runs with the separators taken out.

    A suffix is cut to 32 characters: a longer inner part is found by its first 32.
    """
    found: dict[str, None] = {}
    for run in _joined_runs(normalise(identifier)):
        for start in range(max(len(run) - SHORTEST_SUFFIX + 1, 0)):
            found[run[start : start + LONGEST_TOKEN]] = None
    return " ".join(found)


def match_query(user_text: str) -> str:
    """
    Return an FTS5 query for what a person typed: all terms must be found.

    Every token is quoted, so that nothing typed can act as FTS5 syntax; only the first 100 characters count.
    A text in quotation marks is looked for as it stands, any other term also as the beginning of a longer
    one. Text without a letter or digit gives a query that finds nothing.
    """
    parts = [_match_term(term) for term in query_terms(user_text)]
    return " AND ".join(parts) or NOTHING


def query_terms(user_text: str) -> tuple[Term, ...]:
    return tuple(_read_terms(normalise(user_text[:LONGEST_QUERY])))


def highlight(text: str, query: str) -> tuple[Piece, ...]:
    """Return the text cut into pieces whose join is the text again, hits marked."""
    normal, places = _normal_and_places(text)
    spans = _merge(sorted(_found_spans(normal, query_terms(query))))
    return tuple(_cut(text, [(places[start][0], places[end - 1][1]) for start, end in spans]))


def snippet(text: str, query: str, window: int = SNIPPET_WINDOW) -> tuple[Piece, ...]:
    """Return the neighbourhood of the first hit, about `window` characters each side; empty without a hit."""
    pieces = highlight(text, query)
    first = next((number for number, piece in enumerate(pieces) if piece.hit), None)
    if first is None:
        return ()
    before = "".join(piece.text for piece in pieces[:first])
    lead = Piece(("…" if len(before) > window else "") + before[-window:], hit=False)
    return (lead, *_up_to(pieces[first:], window * 2)) if lead.text else tuple(_up_to(pieces[first:], window * 2))


def normalise(text: str) -> str:
    """Return the form in which text is compared: NFKC, small letters."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def _normal_and_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the normal form, and for each of its characters where in the text it comes from."""
    normal: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        form = normalise(text[start:end])
        normal.append(form)
        places.extend([(start, end)] * len(form))
    return "".join(normal), places


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches that NFKC may join: a character and the marks that follow it."""
    starts = [number for number, char in enumerate(text) if number == 0 or not _joins_previous(char)]
    yield from pairwise([*starts, len(text)])


def _joins_previous(char: str) -> bool:
    if char.isascii():
        return False
    first = unicodedata.normalize("NFKC", char)[0]
    return unicodedata.category(first).startswith("M") or "\u1160" <= first <= "\u11ff"


def _tokens(normal: str) -> list[str]:
    return _TOKEN.findall(normal)


def _stands_alone(char: str) -> bool:
    return _ALONE.match(char) is not None


def _index_token(token: str) -> str:
    return f"u{ord(token):x}" if _NEW_HAN.match(token) else token


def _joined_runs(normal: str) -> Iterator[str]:
    """Yield the runs of letters and digits between characters that stand alone, separators taken out."""
    for part in _ALONE.split(normal):
        run = "".join(_tokens(part))
        if run:
            yield run


def _read_terms(normal: str) -> Iterator[Term]:
    for found in _TERM.finditer(normal):
        quoted, plain = found.groups()
        tokens = tuple(_tokens(plain if quoted is None else quoted))
        if tokens:
            yield Term(tokens, exact=quoted is not None)


def _match_term(term: Term) -> str:
    phrase = '"' + " ".join(map(_index_token, term.tokens)) + '"' + (" *" if term.may_continue else "")
    if term.exact or not term.is_identifier:
        return phrase
    return f'({phrase} OR ids : "{term.joined[:LONGEST_TOKEN]}" *)'


def _found_spans(normal: str, terms: tuple[Term, ...]) -> Iterator[tuple[int, int]]:
    for term in terms:
        for found in _pattern(term).finditer(normal):
            yield found.span()


def _pattern(term: Term) -> re.Pattern[str]:
    letters = r"[\W_]{0,3}".join(re.escape(char) for char in term.joined)
    opens = "" if term.is_identifier or _stands_alone(term.joined[0]) else r"(?<![a-z0-9])"
    closes = "" if term.may_continue or _stands_alone(term.joined[-1]) else r"(?![a-z0-9])"
    return re.compile(opens + letters + closes)


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, spans: list[tuple[int, int]]) -> Iterator[Piece]:
    done = 0
    for start, end in _merge(spans):
        if start > done:
            yield Piece(text[done:start], hit=False)
        yield Piece(text[start:end], hit=True)
        done = end
    if done < len(text):
        yield Piece(text[done:], hit=False)


def _up_to(pieces: tuple[Piece, ...], length: int) -> Iterator[Piece]:
    for piece in pieces:
        if len(piece.text) > length:
            yield Piece(piece.text[:length] + "…", piece.hit)
            return
        yield piece
        length -= len(piece.text)
