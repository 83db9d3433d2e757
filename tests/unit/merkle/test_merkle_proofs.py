import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archive_core.errors import LeafOutOfRange, ProofRefused
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import EMPTY_ROOT, leaf_hash, leaf_hashes, node_hash
from archive_core.merkle.proofs import (
    Node,
    prove_consistency,
    prove_inclusion,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/merkle/rfc6962.json").read_text(encoding="utf-8")
)
KNOWN_LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
KNOWN_ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
LIMIT = 70
LEAVES = [b"leaf %d" % number for number in range(LIMIT)]


class PerfectSubtrees:
    """Answers from plain leaves and remembers how often it was asked."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.hashes = leaf_hashes(leaves)
        self.requests: list[Sequence[Node]] = []

    def read_hashes(self, nodes: Sequence[Node]) -> list[bytes]:
        self.requests.append(nodes)
        return [self.subtree(node) for node in nodes]

    def subtree(self, node: Node) -> bytes:
        if node.level == 0:
            return self.hashes[node.index]
        left = Node(node.level - 1, 2 * node.index)
        return node_hash(self.subtree(left), self.subtree(Node(left.level, left.index + 1)))


def split(count: int) -> int:
    k = 1
    while 2 * k < count:
        k *= 2
    return k


@cache
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end]) as RFC 6962 section 2.1 writes it."""
    if end - start == 0:
        return EMPTY_ROOT
    if end - start == 1:
        return leaf_hash(LEAVES[start])
    k = split(end - start)
    return node_hash(mth(start, start + k), mth(start + k, end))


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]) as RFC 6962 section 2.1.1 writes it."""
    if end - start == 1:
        return []
    k = split(end - start)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, *, complete: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b) as RFC 6962 section 2.1.2 writes it."""
    if m == end - start:
        return [] if complete else [mth(start, end)]
    k = split(end - start)
    if m <= k:
        return [*subproof(m, start, start + k, complete=complete), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, complete=False), mth(start, start + k)]


def spoilt(proof: Sequence[bytes]) -> Iterator[tuple[bytes, ...]]:
    """Every proof that differs in one hash: flipped, left out, cut, put in front or behind, doubled."""
    yield (*proof, bytes(32))
    yield (bytes(32), *proof)
    for place, right in enumerate(proof):
        flipped = bytes([right[0], right[1] ^ 16, *right[2:]])
        yield (*proof[:place], flipped, *proof[place + 1 :])
        yield (*proof[:place], *proof[place + 1 :])
        yield (*proof[:place], right[:31], *proof[place + 1 :])
        yield (*proof[:place], right, *proof[place:])


@pytest.fixture(scope="module")
def tree() -> PerfectSubtrees:
    return PerfectSubtrees(LEAVES)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    """The tree of the published leaves has the published root, by tiles and by edge."""
    edge = Edge.empty()
    edge.append(leaf_hashes(KNOWN_LEAVES[:size]))
    assert KNOWN_ROOTS[size] == tree_root(size, PerfectSubtrees(KNOWN_LEAVES))
    assert KNOWN_ROOTS[size] == edge.root()


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_inclusion_proofs_are_the_published_ones(case: dict[str, Any]) -> None:
    """Published inclusion proofs are what we prove, and verify."""
    proof = tuple(bytes.fromhex(node) for node in case["proof"])
    assert proof == prove_inclusion(case["leaf"], case["size"], PerfectSubtrees(KNOWN_LEAVES))
    verify_inclusion(case["leaf"], case["size"], KNOWN_LEAVES[case["leaf"]], KNOWN_ROOTS[case["size"]], proof)


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_consistency_proofs_are_the_published_ones(case: dict[str, Any]) -> None:
    """Published consistency proofs are what we prove, and verify."""
    proof = tuple(bytes.fromhex(node) for node in case["proof"])
    assert proof == prove_consistency(case["old"], case["new"], PerfectSubtrees(KNOWN_LEAVES))
    verify_consistency(case["old"], case["new"], KNOWN_ROOTS[case["old"]], KNOWN_ROOTS[case["new"]], proof)


def test_every_root_is_that_of_the_recursion(tree: PerfectSubtrees) -> None:
    """All sizes below 70 have the root of RFC 6962's definition, by tiles and by edge."""
    edge = Edge.empty()
    for size in range(LIMIT):
        assert mth(0, size) == tree_root(size, tree) == edge.root()
        edge.append(tree.hashes[size : size + 1])


def test_every_inclusion_proof_is_that_of_the_recursion(tree: PerfectSubtrees) -> None:
    """All leaves of all trees below 70 get the path of RFC 6962's definition, and it verifies."""
    for size in range(1, LIMIT):
        for leaf_index in range(size):
            proof = prove_inclusion(leaf_index, size, tree)
            assert tuple(path(leaf_index, 0, size)) == proof
            verify_inclusion(leaf_index, size, LEAVES[leaf_index], mth(0, size), proof)


def test_every_consistency_proof_is_that_of_the_recursion(tree: PerfectSubtrees) -> None:
    """All pairs of trees below 70 get the proof of RFC 6962's definition, and it verifies."""
    for new_size in range(1, LIMIT):
        for old_size in range(1, new_size + 1):
            proof = prove_consistency(old_size, new_size, tree)
            assert tuple(subproof(old_size, 0, new_size, complete=True)) == proof
            verify_consistency(old_size, new_size, mth(0, old_size), mth(0, new_size), proof)


def test_every_spoilt_inclusion_proof_is_refused() -> None:
    """No inclusion proof below 70 survives a change to any one of its hashes."""
    for size in range(1, LIMIT):
        for leaf_index in range(size):
            for proof in spoilt(path(leaf_index, 0, size)):
                with pytest.raises(ProofRefused):
                    verify_inclusion(leaf_index, size, LEAVES[leaf_index], mth(0, size), proof)


def test_every_spoilt_consistency_proof_is_refused() -> None:
    """No consistency proof below 70 survives a change to any one of its hashes."""
    for new_size in range(1, LIMIT):
        for old_size in range(1, new_size + 1):
            for proof in spoilt(subproof(old_size, 0, new_size, complete=True)):
                with pytest.raises(ProofRefused):
                    verify_consistency(old_size, new_size, mth(0, old_size), mth(0, new_size), proof)


def test_the_length_of_a_proof_is_judged_by_the_sizes() -> None:
    """A proof with one hash more is too long and with one less too short, before any root is compared."""
    for new_size in range(2, LIMIT):
        for old_size in range(1, new_size):
            inclusion = path(old_size, 0, new_size)
            consistency = subproof(old_size, 0, new_size, complete=True)
            for extra, problem in ((1, "too long"), (-1, "too short")):
                wrong = [*inclusion, bytes(32)][: len(inclusion) + extra]
                with pytest.raises(ProofRefused, match=problem):
                    verify_inclusion(old_size, new_size, LEAVES[old_size], mth(0, new_size), wrong)
                wrong = [*consistency, bytes(32)][: len(consistency) + extra]
                with pytest.raises(ProofRefused, match=problem):
                    verify_consistency(old_size, new_size, mth(0, old_size), mth(0, new_size), wrong)


def test_an_empty_proof_shows_no_growth() -> None:
    """Two different sizes are never consistent without a single hash."""
    for old_size in range(1, LIMIT - 1):
        with pytest.raises(ProofRefused, match="too short"):
            verify_consistency(old_size, LIMIT - 1, mth(0, old_size), mth(0, LIMIT - 1), ())


def test_a_root_is_refused_under_a_size_of_another_height() -> None:
    """A proof that leads to the right root is refused when the claimed size has more or fewer levels."""
    with pytest.raises(ProofRefused, match="too short"):
        verify_inclusion(0, 4, LEAVES[0], mth(0, 2), path(0, 0, 2))
    with pytest.raises(ProofRefused, match="too long"):
        verify_inclusion(1, 2, LEAVES[3], mth(0, 4), path(3, 0, 4))
    with pytest.raises(ProofRefused, match="too short"):
        verify_consistency(1, 4, mth(0, 1), mth(0, 2), subproof(1, 0, 2, complete=True))


def test_another_leaf_place_or_root_is_refused() -> None:
    """An inclusion proof holds for its leaf, at its place, under its root only."""
    for size in range(2, LIMIT):
        proof = path(1, 0, size)
        with pytest.raises(ProofRefused):
            verify_inclusion(1, size, LEAVES[0], mth(0, size), proof)
        with pytest.raises(ProofRefused):
            verify_inclusion(1, size, LEAVES[1], mth(0, size - 1), proof)
        for other in set(range(size)) - {1}:
            with pytest.raises(ProofRefused):
                verify_inclusion(other, size, LEAVES[1], mth(0, size), proof)


def test_other_roots_are_refused() -> None:
    """A consistency proof holds for its two roots only, and not for them exchanged."""
    for old_size in range(1, LIMIT - 1):
        old, new, other = mth(0, old_size), mth(0, LIMIT - 1), leaf_hash(b"other")
        proof = subproof(old_size, 0, LIMIT - 1, complete=True)
        for wrong in ((other, new), (old, other), (new, old)):
            with pytest.raises(ProofRefused):
                verify_consistency(old_size, LIMIT - 1, *wrong, proof)


def test_a_leaf_is_not_its_hash() -> None:
    """Whoever offers the hash of a leaf in place of its bytes is refused."""
    with pytest.raises(ProofRefused):
        verify_inclusion(0, 1, leaf_hash(LEAVES[0]), mth(0, 1), ())


@pytest.mark.parametrize(("leaf_index", "tree_size"), [(-1, 3), (3, 3), (4, 3), (0, 0)])
def test_a_leaf_outside_the_tree_is_refused(tree: PerfectSubtrees, leaf_index: int, tree_size: int) -> None:
    """Neither proving nor verifying goes on with an index that the tree does not have."""
    with pytest.raises(LeafOutOfRange, match=f"no leaf {leaf_index} in a tree of {tree_size} leaves"):
        prove_inclusion(leaf_index, tree_size, tree)
    with pytest.raises(LeafOutOfRange):
        verify_inclusion(leaf_index, tree_size, LEAVES[0], mth(0, tree_size), ())


@pytest.mark.parametrize(
    ("old_size", "new_size", "problem"),
    [(0, 3, "without leaves is in every tree"), (0, 0, "without leaves"), (-1, 3, "without"), (4, 3, "fewer leaves")],
)
def test_sizes_that_prove_nothing_are_refused(
    tree: PerfectSubtrees, old_size: int, new_size: int, problem: str
) -> None:
    """Consistency with the empty tree would be vacuous, and a shrunken tree cannot continue a larger one."""
    with pytest.raises(ProofRefused, match=problem):
        prove_consistency(old_size, new_size, tree)
    with pytest.raises(ProofRefused, match=problem):
        verify_consistency(old_size, new_size, EMPTY_ROOT, mth(0, new_size), ())


@pytest.mark.parametrize("length", [0, 31, 33])
def test_roots_of_another_length_are_refused(length: int) -> None:
    """A root has 32 bytes, in every place where one is given."""
    with pytest.raises(ProofRefused, match=f"not {length}"):
        verify_inclusion(0, 1, LEAVES[0], bytes(length), ())
    with pytest.raises(ProofRefused, match=f"not {length}"):
        verify_consistency(1, 2, bytes(length), mth(0, 2), (leaf_hash(LEAVES[1]),))
    with pytest.raises(ProofRefused, match=f"not {length}"):
        verify_consistency(1, 2, mth(0, 1), bytes(length), (leaf_hash(LEAVES[1]),))


def test_a_refusal_carries_both_roots() -> None:
    """The error says what was claimed and holds the expected and the computed root."""
    with pytest.raises(ProofRefused) as refused:
        verify_inclusion(0, 1, b"forged", mth(0, 1), ())
    expected, computed = mth(0, 1).hex(), leaf_hash(b"forged").hex()
    assert (expected, computed) == (refused.value.expected, refused.value.computed)
    assert (
        "it is not proven that leaf 0 is in the tree of 1 leaves: "
        f"it leads to another root (expected {expected}, computed {computed})"
    ) == str(refused.value)


def test_a_proof_asks_once() -> None:
    """Each proof and each root costs one request, of no more nodes than the two sides of a path."""
    tree = PerfectSubtrees(LEAVES)
    prove_inclusion(35, 69, tree)
    prove_consistency(35, 69, tree)
    tree_root(69, tree)
    assert len(tree.requests) == 3
    assert all(len(nodes) <= 14 for nodes in tree.requests)


def test_a_reader_that_answers_too_little_is_a_fault() -> None:
    """A reader that drops hashes is a programming fault, not a proof."""

    class Deaf:
        def read_hashes(self, nodes: Sequence[Node]) -> list[bytes]:
            return [bytes(32) for _ in nodes[1:]]

    with pytest.raises(ValueError, match="asked for 2 hashes, got 1"):
        tree_root(3, Deaf())
