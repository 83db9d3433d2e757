"""
Any node of a stored tree, out of its full tiles and its right edge.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from archive_core.errors import LeafOutOfRange, TileDamaged
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import HASH_SIZE, parent_hashes
from archive_core.merkle.proofs import Node
from archive_core.merkle.tiles import TILE_HEIGHT, TILE_SIZE

__all__ = ["TileHashReader", "TileKey"]

TileKey: TypeAlias = tuple[int, int]
_KEPT_TILES: Final = 64


class TileHashReader:
    """
    A `HashReader` over full tiles and the edge of the current tree.

    Asks for all missing tiles of a request at once, computes the nodes inside them (at most 255 hashes per tile, some
    0.1 ms) and keeps the 64 tiles used last, some 40 KiB each. Proofs in the order of their leaves therefore cost one
    tile per 256. The edge is not copied: a reader follows the appends of the edge it was given. One thread at a time.
    """

    def __init__(self, read_tiles: Callable[[Sequence[TileKey]], dict[TileKey, bytes]], edge: Edge) -> None:
        self._read_tiles = read_tiles
        self._edge = edge
        self._kept: OrderedDict[TileKey, _OpenTile] = OrderedDict()

    def read_hashes(self, nodes: Sequence[Node]) -> list[bytes]:
        """
        Return one 32-byte hash per node, in the order asked.

        Raises:
            LeafOutOfRange: a node reaches beyond the current tree.
            TileDamaged: a full tile is missing or has another length than 8192 bytes.
        """
        keys = [self._full_tile(node) for node in nodes]
        tiles = self._open_tiles({key for key in keys if key is not None})
        return [
            self._edge.node(*node) if key is None else tiles[key].node(node)
            for node, key in zip(nodes, keys, strict=True)
        ]

    def _full_tile(self, node: Node) -> TileKey | None:
        end = node.index + 1 << node.level
        if end > self._edge.size:
            raise LeafOutOfRange(end - 1, self._edge.size)
        level, height = divmod(node.level, TILE_HEIGHT)
        index = node.index >> TILE_HEIGHT - height
        is_full = index + 1 << TILE_HEIGHT * (level + 1) <= self._edge.size
        return (level, index) if is_full else None

    def _open_tiles(self, keys: set[TileKey]) -> "dict[TileKey, _OpenTile]":
        missing = sorted(keys - self._kept.keys())
        read = self._read_tiles(missing) if missing else {}
        # Held here until answered: one request may touch more tiles than are kept.
        tiles = {
            key: self._kept.pop(key) if key in self._kept else _OpenTile(key, read.get(key)) for key in sorted(keys)
        }
        self._kept.update(tiles)
        while len(self._kept) > _KEPT_TILES:
            self._kept.popitem(last=False)
        return tiles


class _OpenTile:
    """
    A full tile cut into hashes, and its inner nodes as far as anyone asked for them.
    """

    __slots__ = ("_heights",)

    def __init__(self, key: TileKey, hashes: bytes | None) -> None:
        if hashes is None or len(hashes) != TILE_SIZE:
            raise TileDamaged(*key, "missing" if hashes is None else f"{len(hashes)} bytes long")
        self._heights = [[hashes[place : place + HASH_SIZE] for place in range(0, TILE_SIZE, HASH_SIZE)]]

    def node(self, node: Node) -> bytes:
        height = node.level % TILE_HEIGHT
        while len(self._heights) <= height:
            self._heights.append(parent_hashes(self._heights[-1]))
        return self._heights[height][node.index % (1 << TILE_HEIGHT - height)]
