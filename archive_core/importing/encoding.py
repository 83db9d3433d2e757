"""
The encoding of a text file: decided over the whole file, shown with its evidence, never guessed in silence.

Order of decision: byte order mark; strict UTF-8; then, among the legacy encodings that decode every byte of the
file, the one in which the largest share of the foreign characters is everyday writing of its language. chardet
gives a second opinion. That decoding succeeds proves nothing by itself: GB18030 decodes nearly any bytes.
"""

import codecs
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import attrs

from archive_core.errors import BadByteInSource, EncodingUnclear, SourceUnusable

LEGACY = ("gb18030", "cp950", "cp932", "cp949", "cp1252")
SAMPLE_BYTES = 4_000_000
SAMPLE_LINES = 5
_BLOCK = 1 << 20
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_NAMES_OF_CHARDET = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "cp950",
    "big5hkscs": "cp950",
    "cp950": "cp950",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "windows_1252": "cp1252",
    "cp1252": "cp1252",
    "iso_8859_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_15": "cp1252",
}
_ALIASES = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "euc-kr": "cp949",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
    "utf8": "utf-8",
    "ascii": "utf-8",
}
_ENOUGH = 850
_CLEAR = 100


@attrs.frozen
class Candidate:
    """
    An encoding that decodes every byte; `share` is the permille of foreign characters that are everyday writing in
    it.
    """

    codec: str
    share: int
    sample: tuple[str, ...]


@attrs.frozen
class EncodingChoice:
    """
    The best candidate first; `confident` is False where a person must look at the samples and decide.
    """

    codec: str
    confident: bool
    why: str
    candidates: tuple[Candidate, ...] = ()


@attrs.frozen
class BadByte:
    """
    The first byte a codec refuses: zero-based offset in the file, one-based line and column (in characters).
    """

    offset: int
    line: int
    column: int
    byte: int


def choose_encoding(path: Path, declared: str | None = None) -> EncodingChoice:
    """
    Return the encoding in which every byte of the file is legal: the declared one, or the detected one.

    Raises:
        BadByteInSource: the declared encoding refuses a byte, or no known encoding fits.
        EncodingUnclear: several fit and none is clearly right; the error shows sample lines under each.
    """
    if declared is None:
        return _clear(path, detect_encoding(path))
    codec = _known(path, declared)
    bad = first_bad_byte(path, codec)
    if bad is not None:
        raise BadByteInSource(str(path), codec, bad.offset, bad.line, bad.column, bad.byte)
    return EncodingChoice(codec, confident=True, why="declared")


def _known(path: Path, declared: str) -> str:
    codec = normal_name(declared)
    try:
        codecs.lookup(codec)
    except LookupError:
        advice = "name one of utf-8, gb18030, cp950, cp932, cp949, cp1252, utf-16"
        raise SourceUnusable(str(path), f"unknown encoding {declared!r}", advice) from None
    return codec


def normal_name(name: str) -> str:
    """
    Return the codec we decode a declared name with: the superset that real files need (gbk is read as gb18030).
    """
    folded = name.strip().lower().replace("_", "-")
    return _ALIASES.get(folded, _ALIASES.get(folded.replace("-", "_"), folded))


def detect_encoding(path: Path) -> EncodingChoice:
    """
    Return the most plausible encoding of the whole file, with the others that also decode it.

    Raises:
        BadByteInSource: no known encoding decodes the file.
    """
    with path.open("rb") as file:
        head = file.read(4)
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return _marked(path, codec)
    bad = first_bad_byte(path, "utf-8")
    if bad is None:
        return EncodingChoice("utf-8", confident=True, why="every byte is legal UTF-8")
    return _among_legacy(path, bad)


def first_bad_byte(path: Path, codec: str) -> BadByte | None:
    """
    Return the first byte the codec refuses, reading the whole file in blocks; None when every byte is legal.
    """
    offset, line = 0, 1
    for block in _blocks(path, whole=codec.startswith(("utf-16", "utf-32"))):
        try:
            block.decode(codec)
        except UnicodeDecodeError as error:
            return _place(block, codec, offset, line, error.start)
        offset += len(block)
        line += block.count(b"\n")
    return None


def sample_lines(path: Path, codec: str) -> tuple[str, ...]:
    """
    Return the first lines as the codec reads them, preferring lines that hold foreign characters; each at most 120
    long.
    """
    text = _sample(path).decode(codec, errors="strict").replace("\r", "")
    lines = [line[:120] for line in text.split("\n") if line.strip()]
    telling = [line for line in lines if not line.isascii()]
    return tuple((telling or lines)[:SAMPLE_LINES])


def _clear(path: Path, choice: EncodingChoice) -> EncodingChoice:
    if choice.confident:
        return choice
    shown = tuple((each.codec, each.sample) for each in choice.candidates)
    raise EncodingUnclear(str(path), shown)


def _marked(path: Path, codec: str) -> EncodingChoice:
    bad = first_bad_byte(path, codec)
    if bad is not None:
        raise BadByteInSource(str(path), codec, bad.offset, bad.line, bad.column, bad.byte)
    return EncodingChoice(codec, confident=True, why="byte order mark")


def _blocks(path: Path, *, whole: bool) -> Iterator[bytes]:
    # 0x0A is never the second byte of a character in UTF-8 or any of the legacy encodings: blocks cut at it stand
    # alone.
    if whole:
        yield path.read_bytes()
        return
    with path.open("rb") as file:
        while lines := file.readlines(_BLOCK):
            yield b"".join(lines)


def _place(block: bytes, codec: str, offset: int, line: int, start: int) -> BadByte:
    before = block[:start]
    last = before.rfind(b"\n") + 1
    column = len(before[last:].decode(codec, errors="ignore")) + 1
    return BadByte(offset + start, line + before.count(b"\n"), column, block[start])


def _sample(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(SAMPLE_BYTES)
        return data + file.readline() if len(data) == SAMPLE_BYTES else data


def _among_legacy(path: Path, bad: BadByte) -> EncodingChoice:
    data = _sample(path)
    fitting = [codec for codec in LEGACY if first_bad_byte(path, codec) is None]
    if not fitting:
        raise BadByteInSource(str(path), "utf-8", bad.offset, bad.line, bad.column, bad.byte)
    ranked = sorted(((_share(data, codec), codec) for codec in fitting), key=lambda pair: -pair[0])
    second = _second_opinion(data)
    best, confident, why = _decide(data, ranked, second)
    order = [best, *(codec for _, codec in ranked if codec != best)]
    shares = {codec: share for share, codec in ranked}
    candidates = tuple(Candidate(codec, shares[codec], sample_lines(path, codec)) for codec in order)
    return EncodingChoice(best, confident, why, candidates)


def _decide(data: bytes, ranked: list[tuple[int, str]], second: str | None) -> tuple[str, bool, str]:
    codecs = [codec for _, codec in ranked]
    if "cp1252" in codecs and _sparse(data):
        return "cp1252", True, "few foreign bytes, each alone between ASCII"
    best_share, best = ranked[0]
    if second == "cp949" and "cp949" in codecs and {codec: share for share, codec in ranked}["cp949"] >= best_share - 5:
        return "cp949", True, "Korean syllables, by second opinion"
    next_share = ranked[1][0] if len(ranked) > 1 else 0
    why = f"{best_share} of 1000 foreign characters are everyday writing"
    clear = best_share >= _ENOUGH and (best_share - next_share >= _CLEAR or second == best)
    return best, clear, why


def _sparse(data: bytes) -> bool:
    high = [index for index, byte in enumerate(data) if byte >= 0x80]
    alone = all(after - before > 1 for before, after in pairwise(high))
    return bool(high) and alone and len(high) * 200 < len(data)


def _second_opinion(data: bytes) -> str | None:
    import chardet

    answer = chardet.detect(data, max_bytes=SAMPLE_BYTES, compat_names=False)["encoding"]
    return _NAMES_OF_CHARDET.get((answer or "").lower().replace("-", "_"))


def _share(data: bytes, codec: str) -> int:
    text = data.decode(codec)
    if codec == "cp1252":
        return _latin_share(text)
    foreign = Counter(char for char in text if char >= "\x80")
    total = sum(foreign.values())
    usual = sum(count for char, count in foreign.items() if _is_usual(char, codec))
    return usual * 1000 // total if total else 0


def _latin_share(text: str) -> int:
    padded = f" {text} "
    foreign = [index for index, char in enumerate(padded) if char >= "\x80"]
    alone = sum(
        padded[index - 1] < "\x80" and padded[index + 1] < "\x80" and _is_latin(padded[index]) for index in foreign
    )
    return alone * 1000 // len(foreign) if foreign else 0


def _is_latin(char: str) -> bool:
    return char.isalpha() or char in "‘’“”–—€£°·…®™«»§±²³½¼"


def _is_usual(char: str, codec: str) -> bool:
    data = char.encode(codec)
    if len(data) != 2:
        return False
    lead, both = data[0], int.from_bytes(data, "big")
    if codec == "gb18030":
        return data[1] >= 0xA1 and (lead in (0xA1, 0xA3) or 0xB0 <= lead <= 0xD7)
    if codec == "cp950":
        return 0xA140 <= both <= 0xA3BF or 0xA440 <= both <= 0xC67E
    if codec == "cp932":
        return 0x8140 <= both <= 0x8396 or 0x889F <= both <= 0x9872
    return data[1] >= 0xA1 and (lead in (0xA1, 0xA3) or 0xB0 <= lead <= 0xC8)
