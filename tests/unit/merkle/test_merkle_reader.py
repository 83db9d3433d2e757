from collections.abc import Sequence

import pytest

from archive_core.errors import LeafOutOfRange, TileDamaged
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import leaf_hashes
from archive_core.merkle.proofs import (
    Node,
    prove_consistency,
    prove_inclusion,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from archive_core.merkle.reader import TileHashReader, TileKey

SIZE = 66_100
LEAVES = [b"%d" % number for number in range(SIZE)]
HASHES = leaf_hashes(LEAVES)


class Shelf:
    """Full tiles in memory; remembers every request."""

    def __init__(self) -> None:
        self.edge = Edge.empty()
        self.tiles = {(tile.level, tile.index): tile.hashes for tile in self.edge.append(HASHES)}
        self.requests: list[list[TileKey]] = []

    def read_tiles(self, keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
        self.requests.append(list(keys))
        return {key: self.tiles[key] for key in keys if key in self.tiles}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def reader(shelf: Shelf) -> TileHashReader:
    return TileHashReader(shelf.read_tiles, shelf.edge)


def test_historic_roots_are_those_of_the_time(reader: TileHashReader) -> None:
    """From today's tiles, the tree has at each earlier size the root it had then, across two levels of tiles."""
    sizes = [*range(600), *range(600, 65_200, 127), *range(65_200, SIZE + 1)]
    edge = Edge.empty()
    for size in sizes:
        edge.append(HASHES[edge.size : size])
        assert edge.root() == tree_root(size, reader)


@pytest.mark.parametrize("size", [1, 256, 257, 40_000, 65_536, 65_537, SIZE])
def test_proofs_from_tiles_verify(reader: TileHashReader, size: int) -> None:
    """Inclusion and consistency proofs of historic trees come out of tiles and edge, and hold."""
    root = tree_root(size, reader)
    for leaf_index in {0, size // 3, size - 1}:
        proof = prove_inclusion(leaf_index, size, reader)
        verify_inclusion(leaf_index, size, LEAVES[leaf_index], root, proof)
        proof = prove_consistency(leaf_index + 1, size, reader)
        verify_consistency(leaf_index + 1, size, tree_root(leaf_index + 1, reader), root, proof)


def test_a_proof_reads_its_tiles_in_one_request(shelf: Shelf, reader: TileHashReader) -> None:
    """One proof in a tree of two tile levels asks once, for one tile of each level."""
    prove_inclusion(1_000, SIZE, reader)
    assert shelf.requests == [[(0, 3), (1, 0)]]


def test_neighbours_share_their_tile(shelf: Shelf, reader: TileHashReader) -> None:
    """Proofs of leaves of one tile read it once."""
    for leaf_index in range(768, 1_024):
        prove_inclusion(leaf_index, SIZE, reader)
    assert len(shelf.requests) == 1


def test_the_edge_needs_no_tile(shelf: Shelf, reader: TileHashReader) -> None:
    """The newest hashes come from the edge without any request."""
    assert HASHES[66_048:] == reader.read_hashes([Node(0, index) for index in range(66_048, SIZE)])
    assert shelf.requests == []


@pytest.mark.parametrize("size", [256, 512, 65_536])
def test_a_tree_that_just_filled_its_tiles_needs_no_edge(size: int) -> None:
    """Right after a tile filled up, its hashes come from the tile and its root from the edge above."""
    edge = Edge.empty()
    shelf = {(tile.level, tile.index): tile.hashes for tile in edge.append(HASHES[:size])}
    reader = TileHashReader(lambda keys: {key: shelf[key] for key in keys}, edge)
    assert edge.root() == tree_root(size, reader)
    assert [HASHES[size - 1]] == reader.read_hashes([Node(0, size - 1)])


def test_few_tiles_are_kept(shelf: Shelf, reader: TileHashReader) -> None:
    """A request of more tiles than are kept is answered whole; of them, the 64 last are kept."""
    every_tile = [Node(0, 256 * tile) for tile in range(100)]
    assert HASHES[: 100 * 256 : 256] == reader.read_hashes(every_tile)
    reader.read_hashes(every_tile[36:])
    assert len(shelf.requests) == 1
    reader.read_hashes(every_tile[35:36])
    assert shelf.requests[-1] == [(0, 35)]
    reader.read_hashes(every_tile[37:])
    assert len(shelf.requests) == 2
    reader.read_hashes(every_tile[36:37])
    assert shelf.requests[-1] == [(0, 36)]


def test_the_reader_follows_the_edge(shelf: Shelf, reader: TileHashReader) -> None:
    """After an append, new nodes come from the grown edge and old ones from tiles that became full."""
    shelf.tiles |= {(tile.level, tile.index): tile.hashes for tile in shelf.edge.append(HASHES[:400])}
    assert [HASHES[SIZE - 1], HASHES[399]] == reader.read_hashes([Node(0, SIZE - 1), Node(0, SIZE + 399)])
    assert shelf.edge.root() == tree_root(SIZE + 400, reader)


@pytest.mark.parametrize("node", [Node(0, SIZE), Node(8, 258), Node(17, 0), Node(40, 0)])
def test_nodes_beyond_the_tree_are_refused(reader: TileHashReader, node: Node) -> None:
    """A subtree that is not complete yet has no hash."""
    with pytest.raises(LeafOutOfRange):
        reader.read_hashes([node])


def test_a_missing_tile_is_named(shelf: Shelf, reader: TileHashReader) -> None:
    """A tile that the size demands and the shelf lacks is damage, named by level and index."""
    del shelf.tiles[0, 3]
    with pytest.raises(TileDamaged, match=r"tile 0/3 .* is missing"):
        prove_inclusion(1_000, SIZE, reader)


@pytest.mark.parametrize("length", [0, 8_191, 8_193])
def test_a_tile_of_another_length_is_named(shelf: Shelf, reader: TileHashReader, length: int) -> None:
    """A tile with other than 256 hashes is damage, not a shorter list."""
    shelf.tiles[0, 3] = bytes(length)
    with pytest.raises(TileDamaged, match=rf"tile 0/3 .* {length} bytes long"):
        prove_inclusion(1_000, SIZE, reader)
