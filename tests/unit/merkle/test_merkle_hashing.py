import json
from pathlib import Path
from typing import Any

import pytest

from archive_core.merkle.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, leaf_hashes, node_hash, parent_hashes

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/merkle/rfc6962.json").read_text(encoding="utf-8")
)
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
NODES = [[bytes.fromhex(node) for node in level] for level in VECTORS["nodes"]]


def test_the_empty_tree_has_the_published_root() -> None:
    """The root of no leaves is the hash of no bytes."""
    assert VECTORS["roots"][0] == EMPTY_ROOT.hex()
    assert len(EMPTY_ROOT) == HASH_SIZE


def test_leaf_hashes_are_the_published_ones() -> None:
    """Hashing one by one and in bulk both give the published leaf hashes."""
    assert NODES[0] == [leaf_hash(leaf) for leaf in LEAVES]
    assert NODES[0] == leaf_hashes(iter(LEAVES))


@pytest.mark.parametrize("level", [0, 1, 2])
def test_parents_are_the_published_ones(level: int) -> None:
    """Each level of the published tree is the pairing of the one below."""
    assert NODES[level + 1] == parent_hashes(NODES[level])
    assert NODES[level + 1][0] == node_hash(NODES[level][0], NODES[level][1])


def test_an_odd_child_waits_for_its_neighbour() -> None:
    """A last child without a right neighbour gets no parent."""
    assert NODES[1][:2] == parent_hashes(NODES[0][:5])


def test_a_node_is_not_a_leaf() -> None:
    """The prefix keeps a leaf that spells two hashes apart from their parent."""
    left, right = NODES[0][:2]
    assert leaf_hash(left + right) != node_hash(left, right)
