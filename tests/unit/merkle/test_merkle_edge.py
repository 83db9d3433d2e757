import re
from functools import reduce
from itertools import pairwise

import pytest

from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import EMPTY_ROOT, leaf_hash, leaf_hashes, node_hash, parent_hashes
from archive_core.merkle.tiles import TILE_SIZE, Tile

HASHES = leaf_hashes(b"%d" % number for number in range(66_100))
BOUNDARIES = [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 66_100]


def edge_of(size: int) -> Edge:
    edge = Edge.empty()
    edge.append(HASHES[:size])
    return edge


def levels_of(hashes: list[bytes]) -> list[list[bytes]]:
    levels = [hashes]
    while len(levels[-1]) > 1:
        levels.append(parent_hashes(levels[-1]))
    return levels


def test_an_empty_edge_has_the_empty_root() -> None:
    """Without leaves there is the published empty root and nothing partial."""
    assert (Edge.empty().size, Edge.empty().root(), Edge.empty().partial()) == (0, EMPTY_ROOT, [])


def test_appending_nothing_changes_nothing() -> None:
    """An empty batch makes no tile and leaves size and root."""
    edge = edge_of(300)
    root = edge.root()
    assert edge.append([]) == []
    assert (300, root) == (edge.size, edge.root())


def test_a_tile_appears_with_its_last_hash() -> None:
    """The 256th hash, not the 255th, completes the first tile, with all hashes and their root."""
    edge = edge_of(255)
    root = reduce(lambda level, _: parent_hashes(level), range(8), HASHES[:256])[0]
    assert [Tile(0, 0, root, b"".join(HASHES[:256]))] == edge.append(HASHES[255:256])
    assert root == edge.root()


def test_tiles_of_the_second_level_hold_the_roots_of_the_first() -> None:
    """65,536 leaves fill 256 tiles and one above them whose hashes are their roots."""
    tiles = Edge.empty().append(HASHES)
    low, high = tiles[:258], tiles[258:]
    assert [(0, index) for index in range(258)] == [(tile.level, tile.index) for tile in low]
    assert [(tile.level, tile.index) for tile in high] == [(1, 0)]
    assert b"".join(tile.root for tile in low[:256]) == high[0].hashes
    assert {TILE_SIZE} == {len(tile.hashes) for tile in tiles}
    assert b"".join(HASHES[:66_048]) == b"".join(tile.hashes for tile in low)


def test_one_by_one_equals_all_at_once() -> None:
    """Batches of one give the tiles, the root and the edge of a single batch."""
    slow, quick = Edge.empty(), Edge.empty()
    one_by_one = [tile for place in range(1_300) for tile in slow.append(HASHES[place : place + 1])]
    assert quick.append(HASHES[:1_300]) == one_by_one
    assert (quick.root(), quick.partial()) == (slow.root(), slow.partial())


def test_edge_is_the_same_at_every_boundary() -> None:
    """An edge that stopped at each boundary of a tile ends as one that never stopped."""
    edge = Edge.empty()
    for before, after in pairwise(BOUNDARIES):
        edge.append(HASHES[before:after])
    assert edge_of(66_100).root() == edge.root()


@pytest.mark.parametrize("size", BOUNDARIES)
def test_load_undoes_partial(size: int) -> None:
    """An edge rebuilt from its partial hashes has the same root and continues alike."""
    edge = edge_of(size)
    loaded = Edge.load(size, edge.partial())
    assert (edge.size, edge.root(), edge.partial()) == (loaded.size, loaded.root(), loaded.partial())
    assert edge.append(HASHES[:400]) == loaded.append(HASHES[:400])
    assert edge.root() == loaded.root()


def test_partial_is_what_follows_the_last_full_tile() -> None:
    """Level 0 is partial in leaf hashes, level 1 in tile roots."""
    edge = Edge.empty()
    roots = [tile.root for tile in edge.append(HASHES[:600])]
    assert [HASHES[512:600], roots] == edge.partial()


@pytest.mark.parametrize(
    ("size", "partial", "problem"),
    [
        (1, [], "level 0 of 1 leaves ends in 1 hashes, not 0"),
        (0, [[HASHES[0]]], "level 0 of 0 leaves ends in 0 hashes, not 1"),
        (2, [[HASHES[0]]], "level 0 of 2 leaves ends in 2 hashes, not 1"),
        (256, [[]], "level 1 of 256 leaves ends in 1 hashes, not 0"),
        (256, [HASHES[:256]], "level 0 of 256 leaves ends in 0 hashes, not 256"),
        (1, [[HASHES[0]], [HASHES[1]]], "level 1 of 1 leaves ends in 0 hashes, not 1"),
        (1, [[b"short"]], "a hash is 32 bytes long, not 5"),
        (-1, [], "a tree cannot have -1 leaves"),
    ],
)
def test_load_refuses_what_does_not_fit(size: int, partial: list[list[bytes]], problem: str) -> None:
    """Hashes that cannot be the edge of this size are refused with the place and both counts."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        Edge.load(size, partial)


def test_append_refuses_what_is_no_hash() -> None:
    """A batch with a hash of another length is refused whole."""
    edge = edge_of(3)
    root = edge.root()
    with pytest.raises(ValueError, match="a hash is 32 bytes long, not 31"):
        edge.append([HASHES[3], HASHES[4][:31]])
    assert (3, root) == (edge.size, edge.root())


def test_a_copy_goes_its_own_way() -> None:
    """What is appended to a copy does not reach the original, nor the other way."""
    edge = edge_of(300)
    root, copy = edge.root(), edge.copy()
    copy.append(HASHES[300:700])
    assert (300, root) == (edge.size, edge.root())
    edge.append([leaf_hash(b"other")])
    assert edge_of(700).root() == copy.root()


def test_partial_hands_out_lists_of_its_own() -> None:
    """Emptying what partial returned does not empty the edge."""
    edge = edge_of(5)
    edge.partial()[0].clear()
    assert HASHES[:5] == edge.partial()[0]


def test_nodes_of_the_edge_are_those_of_the_tree() -> None:
    """Each complete subtree outside the full tiles can be had, and equals the plain pairing of all hashes."""
    levels = levels_of(HASHES[:700])
    edge = edge_of(700)
    outside = [(level, index) for level in range(10) for index in range(512 >> level if level < 8 else 0, 700 >> level)]
    assert [levels[level][index] for level, index in outside] == [edge.node(*node) for node in outside]
    assert node_hash(edge.node(8, 0), edge.node(8, 1)) == edge.node(9, 0)


@pytest.mark.parametrize(("level", "index"), [(0, 700), (0, 511), (7, 3), (9, 1), (10, 0), (16, 0), (99, 0)])
def test_nodes_elsewhere_are_not_in_the_edge(level: int, index: int) -> None:
    """A subtree that is incomplete or in a full tile is not answered with another one."""
    with pytest.raises(IndexError):
        edge_of(700).node(level, index)
