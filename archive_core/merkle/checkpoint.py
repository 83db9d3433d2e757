"""
Checkpoints as text: the body of a C2SP tlog-checkpoint, without extension lines.

    example.com/archive
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

Three lines, each ended by a newline: the origin, the number of leaves in ASCII digits without leading zeros, the root
in standard base64. A value has exactly one text and a text at most one value, so that a card typed in by hand, a QR
code and the signed bytes cannot drift apart. Signing is done by ``note``, with the origin as the name of the key.

Source: C2SP tlog-checkpoint, section "Note text".
"""

import re

import attrs

from archive_core.errors import CheckpointMalformed
from archive_core.merkle.base64text import decode_base64, encode_base64
from archive_core.merkle.hashing import HASH_SIZE

__all__ = ["MAX_SIZE", "Checkpoint", "parse_checkpoint"]

MAX_SIZE = 2**63 - 1
_SIZE = re.compile("0|[1-9][0-9]{0,18}")
_NOT_IN_ORIGIN = re.compile("[\x00-\x1f\ud800-\udfff]")


@attrs.frozen
class Checkpoint:
    """
    What a signed tree head says: this origin, at this many leaves, had this root.

    Raises:
        CheckpointMalformed: the origin is empty, has control characters or lone surrogates; the size is below 0 or
            above 2**63 - 1; the root has not 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def __attrs_post_init__(self) -> None:
        if not self.origin or _NOT_IN_ORIGIN.search(self.origin):
            raise CheckpointMalformed("the origin is empty or has control characters")
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointMalformed(f"the size {self.size} is not between 0 and {MAX_SIZE}")
        if len(self.root) != HASH_SIZE:
            raise CheckpointMalformed(f"the root is {HASH_SIZE} bytes long, not {len(self.root)}")

    def format(self) -> str:
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """
    Return the checkpoint whose `Checkpoint.format` is exactly this text.

    Args:
        text: the text of an opened note; from an unopened one it is worth nothing.

    Raises:
        CheckpointMalformed: anything else, extension lines included.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise CheckpointMalformed("it has not exactly three lines, each ended by a newline")
    return Checkpoint(lines[0], _parse_size(lines[1]), _parse_root(lines[2]))


def _parse_size(text: str) -> int:
    if not _SIZE.fullmatch(text):
        raise CheckpointMalformed(f"the size {text!r} is not a decimal number in its shortest form")
    return int(text)


def _parse_root(text: str) -> bytes:
    try:
        return decode_base64(text)
    except ValueError as error:
        raise CheckpointMalformed(f"the root is not standard base64: {error}") from None
