"""
Tiles: the full, immutable 256-wide strips in which the hashes of a tree are stored (C2SP tlog-tiles).
"""

from typing import Final, NamedTuple

from archive_core.merkle.hashing import HASH_SIZE

__all__ = ["TILE_HEIGHT", "TILE_SIZE", "TILE_WIDTH", "Tile"]

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
TILE_SIZE: Final = TILE_WIDTH * HASH_SIZE


class Tile(NamedTuple):
    """
    A full tile: 256 hashes of height ``8 * level``, and the node of height ``8 * (level + 1)`` above them.

    ``hashes`` is their concatenation, 8192 bytes. ``root`` can be derived from it; it is kept because it is also the
    hash at place ``index`` of the level above, which a restarting archive needs before that level's tile is full.
    """

    level: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a tile
    root: bytes
    hashes: bytes
