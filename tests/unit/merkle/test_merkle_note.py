import doctest
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive_core.errors import NoteKeyMalformed, NoteMalformed, NoteUnverified
from archive_core.merkle import note
from archive_core.merkle.note import NoteKey, OpenedNote, open_note, parse_vkey, sign_note

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/merkle/notes.json").read_text(encoding="utf-8")
)
TEXT: str = VECTORS["text"]
PETER_VKEY: str = VECTORS["peter"]["vkey"]
PETER_LINE: str = VECTORS["peter"]["line"]
ENOCH_LINE: str = VECTORS["enoch"]["line"]
PETER, ENOCH = parse_vkey(PETER_VKEY), parse_vkey(VECTORS["enoch"]["vkey"])
PETER_PRIVATE = Ed25519PrivateKey.from_private_bytes(b64decode(VECTORS["peter"]["private"])[1:])
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


def stranger_line(name: str, text: str = TEXT) -> str:
    public = STRANGER.public_key().public_bytes_raw()
    return sign_note(text, name, public, STRANGER.sign).removeprefix(text + "\n")


def test_the_specification_runs() -> None:
    """The example in the module's docstring, which specifies the format, does what it says."""
    failed, tried = doctest.testmod(note)
    assert (failed, tried >= 6) == (0, True)


def test_a_published_key_is_read_and_written() -> None:
    """The published verifier key has its published name and id, and is written as it was."""
    assert (PETER.name, PETER.key_id.hex()) == ("PeterNeumann", "c74f20a3")
    assert PETER.vkey() == PETER_VKEY


def test_a_published_note_is_signed_alike() -> None:
    """Signing the published text with the published key gives the published note."""
    assert f"{TEXT}\n{PETER_LINE}" == sign_note(TEXT, "PeterNeumann", PETER.public, PETER_PRIVATE.sign)


def test_known_keys_are_verified_and_others_counted() -> None:
    """Each known key that signed is named in the order of the lines; the rest is a number."""
    both = f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}"
    assert OpenedNote(TEXT, (PETER,), 1) == open_note(both, [PETER])
    assert OpenedNote(TEXT, (ENOCH,), 1) == open_note(both, iter([ENOCH]))
    assert OpenedNote(TEXT, (PETER, ENOCH), 0) == open_note(both, [ENOCH, PETER, PETER])


def test_an_empty_line_in_the_text_does_not_separate() -> None:
    """The published note with an empty line in its text splits at the last one."""
    salvatore: str = VECTORS["salvatore"]
    with pytest.raises(NoteUnverified, match="no known key signed it") as refused:
        open_note(salvatore, [PETER])
    assert salvatore[: salvatore.index("\n— ")] == refused.value.text


def test_a_text_may_end_in_empty_lines() -> None:
    """Empty lines at the end of a text are signed with it."""
    text = "a\n\n\n"
    signed = sign_note(text, PETER.name, PETER.public, PETER_PRIVATE.sign)
    assert text == open_note(signed, [PETER]).text


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        TEXT,
        TEXT + "\n",
        TEXT + PETER_LINE,
        "\n" + PETER_LINE,
        f"{TEXT}\n{PETER_LINE}"[:-1],
        f"{TEXT}\n{PETER_LINE}\n",
        f"{TEXT}\n{PETER_LINE[:-1]}x",
        f"{TEXT}\n{PETER_LINE}Another line.\n",
        f"{TEXT}\n{PETER_LINE[:-1]} \n",
        f"{TEXT}\n {PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}".replace("\n", "\r\n"),
        f"{TEXT}\n{PETER_LINE[:-1]}\r\n",
        f"\x01{TEXT}\n{PETER_LINE}",
        f"\x00{TEXT}\n{PETER_LINE}",
        f"a\tb\n\n{PETER_LINE}",
        f"\ud800{TEXT}\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}{ENOCH_LINE * 16}",
        f"{TEXT}\n{PETER_LINE.replace('— ', '- ')}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Peter Neumann')}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Peter+Neumann')}",
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Peter\u3000Neumann"),
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Peter\x01Neumann"),
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann ', '')}",
        f"{TEXT}\n{PETER_LINE.replace('JnAM=', 'JnAN=')}",
        f"{TEXT}\n{PETER_LINE.replace('JnAM=', 'JnAM')}",
        f"{TEXT}\n{PETER_LINE.replace('JnAM=', 'JnAM==')}",
        f"{TEXT}\n{PETER_LINE.replace('/', '_')}",
        f"{TEXT}\n{PETER_LINE}— EnochRoot rwz+eA==\n",
        f"{TEXT}\n{PETER_LINE}— EnochRoot =\n",
    ],
)
def test_a_malformed_note_is_refused(hostile: str) -> None:
    """Whatever is not exactly a note is refused before any signature counts."""
    with pytest.raises(NoteMalformed):
        open_note(hostile, [PETER])


@pytest.mark.parametrize(
    "hostile",
    [
        f"{TEXT}\n\n{PETER_LINE}",
        f"{TEXT}\n{stranger_line('stranger')}\n{PETER_LINE}",
        f"{TEXT.replace('your', 'my')}\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE[:60]}ABCD{PETER_LINE[60:]}",
        f"{TEXT}\n{PETER_LINE.replace('ZJku', 'ZJkv')}",
        f"{TEXT}\n— PeterNeumann x08goww=\n",
        f"{TEXT}\n{PETER_LINE.replace('ZJku', 'ZJkv')}{ENOCH_LINE}",
        f"{TEXT}\n{ENOCH_LINE}{PETER_LINE.replace('ZJku', 'ZJkv')}",
    ],
)
def test_a_false_signature_of_a_known_key_rejects_the_note(hostile: str) -> None:
    """One false line of a known key outweighs every true one."""
    with pytest.raises(NoteUnverified, match="the signature of PeterNeumann is false"):
        open_note(hostile, [PETER, ENOCH])


@pytest.mark.parametrize(
    "line",
    [
        ENOCH_LINE,
        stranger_line("PeterNeumann"),
        PETER_LINE.replace("PeterNeumann", "CarmenSandiego"),
        PETER_LINE.replace("x08g", "xxxx"),
    ],
)
def test_unknown_keys_alone_prove_nothing(line: str) -> None:
    """A note is not believed when only unknown keys signed, though they share a name or an id with a known one."""
    with pytest.raises(NoteUnverified, match="no known key signed it"):
        open_note(f"{TEXT}\n{line}", [PETER])


def test_unknown_keys_do_no_harm() -> None:
    """Lines of unknown keys, even twice, of other lengths or under a known name, do not spoil a good signature."""
    unknown = f"{ENOCH_LINE * 2}{stranger_line('PeterNeumann')}— witness.example AAAAAAAAAAA=\n"
    assert OpenedNote(TEXT, (PETER,), 4) == open_note(f"{TEXT}\n{unknown}{PETER_LINE}", [PETER])


def test_sixteen_signatures_are_accepted() -> None:
    """As many lines as every reader must accept are accepted."""
    assert open_note(f"{TEXT}\n{ENOCH_LINE * 15}{PETER_LINE}", [PETER]).unknown == 15


@pytest.mark.parametrize("text", ["", "no newline", "a\r\n", "a\tb\n", "\x00\n", "\ud800\n"])
def test_what_could_not_be_opened_is_not_signed(text: str) -> None:
    """A text without its final newline or with control characters is refused at signing."""
    with pytest.raises(NoteMalformed):
        sign_note(text, PETER.name, PETER.public, PETER_PRIVATE.sign)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb", "a\u3000b", "\x01", "\ud800"])
def test_names_that_no_line_can_carry_are_refused(name: str) -> None:
    """A key cannot have a name that its signature line could not spell."""
    with pytest.raises(NoteKeyMalformed):
        NoteKey(name, PETER.public)
    with pytest.raises(NoteKeyMalformed):
        sign_note(TEXT, name, PETER.public, PETER_PRIVATE.sign)


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), STRANGER.sign(TEXT.encode())])
def test_a_signature_of_another_key_is_not_let_out(signature: bytes) -> None:
    """A signing device that answers with anything but this key's signature is found out at once."""
    with pytest.raises(NoteUnverified, match="was not made by PeterNeumann"):
        sign_note(TEXT, PETER.name, PETER.public, lambda _: signature)


def test_every_part_of_a_key_is_no_key() -> None:
    """No shorter stretch of a verifier key is a verifier key."""
    length = len(PETER_VKEY)
    parts = {PETER_VKEY[i:j] for i in range(length) for j in range(i, length + 1)} - {PETER_VKEY}
    for part in parts:
        with pytest.raises(NoteKeyMalformed):
            parse_vkey(part)


def test_every_altered_key_is_no_key() -> None:
    """No verifier key survives the change of any one character, as its id covers name and key."""
    for place, character in enumerate(PETER_VKEY):
        for other in (chr(ord(character) + 1), character.swapcase()):
            if other != character:
                with pytest.raises(NoteKeyMalformed):
                    parse_vkey(PETER_VKEY[:place] + other + PETER_VKEY[place + 1 :])


def test_another_algorithm_is_named_as_the_fault() -> None:
    """A key of another algorithm is told from a mistyped one."""
    with pytest.raises(NoteKeyMalformed, match="its algorithm is not Ed25519"):
        parse_vkey(VECTORS["bad_keys"][1])


@pytest.mark.parametrize("vkey", [*VECTORS["bad_keys"], f"{PETER_VKEY}\n", f" {PETER_VKEY}", PETER_VKEY.upper()])
def test_keys_of_another_kind_are_refused(vkey: str) -> None:
    """A key of another length or algorithm is refused although its id fits, and so is white space around one."""
    with pytest.raises(NoteKeyMalformed):
        parse_vkey(vkey)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_public_keys_of_another_length_are_refused(length: int) -> None:
    """An Ed25519 key has 32 bytes."""
    with pytest.raises(NoteKeyMalformed, match=f"not {length}"):
        NoteKey("name", bytes(length))


@pytest.mark.parametrize("public", [b"\xff" * 32, b"\x02" + bytes(31)])
def test_a_key_that_is_no_point_verifies_nothing(public: bytes) -> None:
    """32 bytes that are not a point of the curve make a key that has signed nothing."""
    assert not NoteKey("name", public).has_signed(TEXT, bytes(64))
