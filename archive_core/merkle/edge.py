"""
The right edge of a tree: everything that still changes when leaves are appended, and nothing else.

Per tile level it keeps nine lists: list k holds the complete subtrees of 2**k hashes after the last full tile. When a
batch arrives, each list is paired up into the next from where the previous batch stopped, so every node is hashed
exactly once; entry 8 then holds the roots of the tiles that became full, which are the batch of the level above.
"""

from collections.abc import Iterator, Sequence

from archive_core.merkle.hashing import EMPTY_ROOT, HASH_SIZE, node_hash, parent_hashes
from archive_core.merkle.tiles import TILE_HEIGHT, TILE_WIDTH, Tile

__all__ = ["Edge"]


class Edge:
    """
    The growing side of a tree: appends leaf hashes, hands out tiles as they fill, knows the root.

    Memory is at most 511 hashes per tile level, whatever the size of the tree.
    """

    __slots__ = ("_levels", "_size")

    def __init__(self, size: int, levels: list[list[list[bytes]]]) -> None:
        self._size = size
        self._levels = levels

    @classmethod
    def empty(cls) -> "Edge":
        return cls(0, [])

    @classmethod
    def load(cls, size: int, partial: Sequence[Sequence[bytes]]) -> "Edge":
        """
        Rebuild the edge of a tree of ``size`` leaves.

        Args:
            size: number of leaves.
            partial: at place L, the hashes of height 8 * L after the last full tile of level L, of which there are
                ``(size >> 8 * L) % 256``.

        Raises:
            ValueError: the lengths do not fit ``size``, or a hash is not 32 bytes long.
        """
        _check_partial(size, partial)
        levels = [_grown([list(hashes)]) for hashes in partial[: _level_count(size)]]
        return cls(size, levels)

    @property
    def size(self) -> int:
        return self._size

    def append(self, hashes: Sequence[bytes]) -> list[Tile]:
        """
        Add leaf hashes at the right; return the tiles that became full, lower levels first, each by index.

        Raises:
            ValueError: a hash is not 32 bytes long; the edge is unchanged.
        """
        _check_hashes(hashes)
        before, tiles = self._size, list[Tile]()
        self._size += len(hashes)
        level, pending = 0, list(hashes)
        while pending:
            full = self._grow(level, pending, before >> TILE_HEIGHT * (level + 1))
            pending = [tile.root for tile in full]
            tiles += full
            level += 1
        return tiles

    def root(self) -> bytes:
        """
        Return the tree's root: the empty tree's for size 0, else the fold of at most log2(size) + 1 peaks.
        """
        peaks = self._peaks()
        root = next(peaks, EMPTY_ROOT)
        for peak in peaks:
            root = node_hash(peak, root)
        return root

    def node(self, level: int, index: int) -> bytes:
        """
        Return the hash of the perfect subtree (level, index), for subtrees that are in no full tile.

        Raises:
            IndexError: the subtree is not complete yet, or lies in a full tile.
        """
        tile_level, height = divmod(level, TILE_HEIGHT)
        before = self._size >> TILE_HEIGHT * (tile_level + 1) << TILE_HEIGHT - height
        if index < before or tile_level >= len(self._levels):
            raise IndexError(f"node {level}/{index} is not in the edge of a tree of {self._size} leaves")
        return self._levels[tile_level][height][index - before]

    def copy(self) -> "Edge":
        return Edge(self._size, [[list(hashes) for hashes in heights] for heights in self._levels])

    def partial(self) -> list[list[bytes]]:
        """
        Return what ``load`` takes: per level the hashes after its last full tile.
        """
        return [list(heights[0]) for heights in self._levels]

    def _grow(self, level: int, pending: list[bytes], first_index: int) -> list[Tile]:
        if level == len(self._levels):
            self._levels.append([[] for _ in range(TILE_HEIGHT + 1)])
        heights = self._levels[level]
        heights[0] += pending
        _grown(heights)
        return _take_tiles(level, first_index, heights)

    def _peaks(self) -> Iterator[bytes]:
        # A level of odd length ends in a subtree without a right neighbour: one peak per set bit of the size.
        for heights in self._levels:
            for hashes in heights[:TILE_HEIGHT]:
                if len(hashes) % 2:
                    yield hashes[-1]


def _grown(heights: list[list[bytes]]) -> list[list[bytes]]:
    while len(heights) <= TILE_HEIGHT:
        heights.append([])
    for height in range(TILE_HEIGHT):
        new = parent_hashes(heights[height][2 * len(heights[height + 1]) :])
        if not new:
            break
        heights[height + 1] += new
    return heights


def _take_tiles(level: int, first_index: int, heights: list[list[bytes]]) -> list[Tile]:
    hashes, roots = heights[0], heights[TILE_HEIGHT]
    tiles = [
        Tile(level, first_index + place, root, b"".join(hashes[place * TILE_WIDTH : (place + 1) * TILE_WIDTH]))
        for place, root in enumerate(roots)
    ]
    for height, nodes in enumerate(heights):
        del nodes[: len(tiles) << TILE_HEIGHT - height]
    return tiles


def _level_count(size: int) -> int:
    return -(-size.bit_length() // TILE_HEIGHT)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    wrong = set(map(len, hashes)) - {HASH_SIZE}
    if wrong:
        raise ValueError(f"a hash is {HASH_SIZE} bytes long, not {min(wrong)}")


def _check_partial(size: int, partial: Sequence[Sequence[bytes]]) -> None:
    if size < 0:
        raise ValueError(f"a tree cannot have {size} leaves")
    for level in range(max(_level_count(size), len(partial))):
        given = partial[level] if level < len(partial) else ()
        expected = (size >> TILE_HEIGHT * level) % TILE_WIDTH
        if len(given) != expected:
            raise ValueError(f"level {level} of {size} leaves ends in {expected} hashes, not {len(given)}")
        _check_hashes(given)
