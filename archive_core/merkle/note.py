r"""
Signed notes: a text, and under it one line per signature (C2SP signed-note, Ed25519 only).

Format. A note is the text, an empty line, and the signature lines:

    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

- The text ends with a newline, which is signed; the empty line is not part of it. The text may contain empty lines: the
  last empty line of the note is the one that separates.
- A signature line is an em dash (U+2014), a space, the name of the key, a space, base64, a newline. The base64 decodes
  to 4 bytes of key id and the signature; for Ed25519 64 bytes over the text in UTF-8 (RFC 8032).
- A key name is not empty and has neither white space nor a plus sign. We use the origin of the archive.
- key id = SHA-256(name || 0x0A || 0x01 || 32-byte public key), first 4 bytes; 0x01 says Ed25519.
- A verifier key, to be handed out on another way than the notes, is ``name+hex(key id)+base64(0x01 || public key)``.
- No control characters below U+0020 other than newline, no lone surrogates, base64 in its one canonical spelling, at
  most 16 signatures.

A reader who knows some keys believes a note if at least one of these keys signed it, and none of them signed it falsely
or twice. Lines of keys he does not know (witnesses, a key's successor) are passed over. The 4-byte id only finds the
key; an attacker who makes a colliding key gains a failed verification.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> private = Ed25519PrivateKey.from_private_bytes(bytes(32))
>>> public = private.public_key().public_bytes_raw()
>>> note = sign_note("Tea is at four.\n", "example.com/archive", public, private.sign)
>>> print(note, end="")
Tea is at four.
<BLANKLINE>
— example.com/archive 9q/ub9E8dTM2EtP0Uijh8g/g3RDpIBdjMwGXEj+f++JO63u9ZSzD0Ijci+URz50lCMcmIjgSLJCOEt6ND+lk3BxgKAo=
>>> key = parse_vkey("example.com/archive+f6afee6f+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
>>> open_note(note, [key]).text
'Tea is at four.\n'
>>> open_note(note.replace("four", "five"), [key])
Traceback (most recent call last):
archive_core.errors.NoteUnverified: the note is not to be believed: the signature of example.com/archive is false
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final, NamedTuple

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive_core.errors import NoteKeyMalformed, NoteMalformed, NoteUnverified
from archive_core.merkle.base64text import decode_base64, encode_base64

__all__ = ["MAX_SIGNATURES", "NoteKey", "OpenedNote", "open_note", "parse_vkey", "sign_note"]

MAX_SIGNATURES: Final = 16
_ED25519: Final = b"\x01"
_PUBLIC_SIZE: Final = 32
_ID_SIZE: Final = 4
_NOT_IN_NOTE = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


@attrs.frozen
class NoteKey:
    """
    The public half of a signing key, under the name it signs with.

    Raises:
        NoteKeyMalformed: the name is empty or has white space, a plus sign or control characters; the key has not 32
            bytes.
    """

    name: str
    public: bytes

    def __attrs_post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or _NOT_IN_NOTE.search(self.name):
            raise NoteKeyMalformed(f"the name {self.name!r} is empty or has spaces, a plus sign or control characters")
        if len(self.public) != _PUBLIC_SIZE:
            raise NoteKeyMalformed(f"an Ed25519 key is {_PUBLIC_SIZE} bytes long, not {len(self.public)}")

    @property
    def key_id(self) -> bytes:
        """
        Four bytes that, with the name, tell which key made a signature.
        """
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_ID_SIZE]

    def vkey(self) -> str:
        """
        Return the verifier key on one line, without a newline: what `parse_vkey` reads.
        """
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_ED25519 + self.public)}"

    def has_signed(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class OpenedNote(NamedTuple):
    """
    A believed note: its text, the known keys that signed it, and how many lines came from keys that are not known.
    """

    text: str
    verified: tuple[NoteKey, ...]
    unknown: int


class _Signature(NamedTuple):
    name: str
    key_id: bytes
    signature: bytes


def parse_vkey(text: str) -> NoteKey:
    """
    Return the key whose `NoteKey.vkey` is exactly this text.

    Raises:
        NoteKeyMalformed: not ``name+hex+base64``, another algorithm than Ed25519, or an id that is not this key's.
    """
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    try:
        key_bytes = decode_base64(encoded)
    except ValueError as error:
        raise NoteKeyMalformed(f"it has no key in base64: {error}") from None
    if key_bytes[:1] != _ED25519:
        raise NoteKeyMalformed("its algorithm is not Ed25519")
    key = NoteKey(name, key_bytes[1:])
    if key.vkey() != text:
        raise NoteKeyMalformed(f"its id is not {key.key_id.hex()}, which name and key have")
    return key


def sign_note(text: str, name: str, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    """
    Return the note with one signature line.

    Args:
        text: ends with a newline.
        name: of the key; for a checkpoint its origin.
        public: 32 bytes, the public half of what ``sign`` signs with.
        sign: makes an Ed25519 signature; may be a device. Its answer is verified before anyone sees it.

    Raises:
        NoteMalformed: the text is empty, lacks the final newline or has control characters.
        NoteKeyMalformed: see `NoteKey`.
        NoteUnverified: ``sign`` did not sign with this key.
    """
    _check_text(text)
    key = NoteKey(name, public)
    signature = sign(text.encode())
    if not key.has_signed(text, signature):
        raise NoteUnverified(f"the new signature was not made by {key.vkey()}", text)
    return f"{text}\n— {name} {encode_base64(key.key_id + signature)}\n"


def open_note(note: str, keys: Iterable[NoteKey]) -> OpenedNote:
    """
    Return what the note says, if a known key vouches for it.

    Args:
        note: the whole note; nothing is stripped or repaired.
        keys: the known keys, received on another way than the note.

    Raises:
        NoteMalformed: the note has not the form above, or a known key signed twice.
        NoteUnverified: a known key's signature is false, or no known key signed.
    """
    text, signatures = _split_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    verified: list[NoteKey] = []
    for name, key_id, signature in signatures:
        key = known.get((name, key_id))
        if key is not None:
            _check_signature(key, signature, text, verified)
            verified.append(key)
    if not verified:
        raise NoteUnverified("no known key signed it", text)
    return OpenedNote(text, tuple(verified), len(signatures) - len(verified))


def _check_signature(key: NoteKey, signature: bytes, text: str, verified: list[NoteKey]) -> None:
    if key in verified:
        raise NoteMalformed(f"{key.name} signed twice")
    if not key.has_signed(text, signature):
        raise NoteUnverified(f"the signature of {key.name} is false", text)


def _split_note(note: str) -> tuple[str, list[_Signature]]:
    text, separator, tail = note.rpartition("\n\n")
    if not separator:
        raise NoteMalformed("no empty line separates the text from the signatures")
    _check_text(text + "\n")
    if not tail.endswith("\n"):
        raise NoteMalformed("the last signature line has no newline")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteMalformed(f"it has {len(lines)} signature lines, more than {MAX_SIGNATURES}")
    return text + "\n", [_parse_signature(line) for line in lines]


def _parse_signature(line: str) -> _Signature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None or _NOT_IN_NOTE.search(line):
        raise NoteMalformed(f"this is no signature line: {line!r}")
    try:
        data = decode_base64(match[2])
    except ValueError as error:
        raise NoteMalformed(f"the signature of {match[1]} is not standard base64: {error}") from None
    if len(data) <= _ID_SIZE:
        raise NoteMalformed(f"the signature of {match[1]} is only {len(data)} bytes long")
    return _Signature(match[1], data[:_ID_SIZE], data[_ID_SIZE:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteMalformed("the text does not end with a newline")
    if found := _NOT_IN_NOTE.search(text):
        raise NoteMalformed(f"the text has the forbidden character U+{ord(found[0]):04X}")
