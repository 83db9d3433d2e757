"""
The two hash functions of RFC 6962 section 2.1, kept apart by their first byte.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

__all__ = ["EMPTY_ROOT", "HASH_SIZE", "leaf_hash", "leaf_hashes", "node_hash", "parent_hashes"]

HASH_SIZE: Final = 32
EMPTY_ROOT: Final[bytes] = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    return [sha256(b"\x00" + data).digest() for data in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def parent_hashes(children: Sequence[bytes]) -> list[bytes]:
    """
    Return one node hash per pair of neighbours, left to right; an odd last child has no parent yet.
    """
    # Spelt out rather than calling node_hash: the call would add a fifth to the cost of every append and verify.
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(children[::2], children[1::2], strict=False)]
