"""
Inclusion and consistency proofs of RFC 6962 / RFC 9162: prove from stored hashes, verify from nothing.

Proving has two passes: first the arithmetic says which spans of leaves the proof is made of, then all hashes of their
perfect subtrees are asked for at once and folded. Verifying never builds a tree; it climbs one path.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import islice
from typing import NamedTuple, Protocol

from archive_core.errors import LeafOutOfRange, ProofRefused
from archive_core.merkle.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, node_hash

__all__ = [
    "HashReader",
    "Node",
    "prove_consistency",
    "prove_inclusion",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]


class Node(NamedTuple):
    """
    The perfect subtree over the leaves ``index * 2**level`` up to, not including, ``(index + 1) * 2**level``.
    """

    level: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a node


class HashReader(Protocol):
    """
    Where stored hashes come from: the tiles of an archive, or a list in a test.
    """

    def read_hashes(self, nodes: Sequence[Node]) -> list[bytes]:
        """
        Return one 32-byte hash per node, in the order asked.
        """
        ...


class _Span(NamedTuple):
    start: int
    end: int


def prove_inclusion(leaf_index: int, tree_size: int, hashes: HashReader) -> tuple[bytes, ...]:
    """
    Return the sibling hashes from leaf to root, nearest first.

    Args:
        leaf_index: zero-based, 0 <= leaf_index < tree_size.
        tree_size: number of leaves in the tree proven against; any size up to the stored one.
        hashes: asked once, for at most 2 * ceil(log2(tree_size)) stored hashes.

    Returns:
        32-byte SHA-256 digests, at most ceil(log2(tree_size)); empty when tree_size is 1.

    Raises:
        LeafOutOfRange: leaf_index is not in the tree.

    Source: RFC 6962 section 2.1.1.
    """
    if not 0 <= leaf_index < tree_size:
        raise LeafOutOfRange(leaf_index, tree_size)
    return _span_hashes(_inclusion_spans(leaf_index, tree_size), hashes)


def prove_consistency(old_size: int, new_size: int, hashes: HashReader) -> tuple[bytes, ...]:
    """
    Return the hashes that show the first ``old_size`` leaves unchanged in the tree of ``new_size``.

    Args:
        old_size: 1 <= old_size <= new_size; the empty tree is a part of every tree, so nothing could be shown.
        new_size: any size up to the stored one.
        hashes: asked once.

    Returns:
        At most ceil(log2(new_size)) + 1 digests; empty when both sizes are the same.

    Raises:
        ProofRefused: the sizes do not allow a proof.

    Source: RFC 6962 section 2.1.2.
    """
    _check_sizes(old_size, new_size)
    return _span_hashes(_consistency_spans(old_size, new_size), hashes)


def tree_root(tree_size: int, hashes: HashReader) -> bytes:
    """
    Return the root as it was when the tree had ``tree_size`` leaves, from at most log2(tree_size) + 1 hashes.
    """
    return _span_hashes([_Span(0, tree_size)], hashes)[0] if tree_size else EMPTY_ROOT


def verify_inclusion(leaf_index: int, tree_size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """
    Pass only if ``leaf`` is the leaf at ``leaf_index`` of the tree with this size and root.

    Args:
        leaf_index: zero-based.
        tree_size: number of leaves under ``root``.
        leaf: the exact bytes of the leaf, not their hash.
        root: 32 bytes.
        proof: sibling hashes, nearest first.

    Raises:
        LeafOutOfRange: leaf_index is not in the tree.
        ProofRefused: the proof is too short, too long, misshapen, or leads to another root.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= leaf_index < tree_size:
        raise LeafOutOfRange(leaf_index, tree_size)
    claim = f"leaf {leaf_index} is in the tree of {tree_size} leaves"
    _check_lengths(claim, (root, *proof))
    _check_root(claim, "it leads to another root", root, _climb(claim, leaf_index, tree_size, leaf_hash(leaf), proof))


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """
    Pass only if the tree with the new root begins with all the leaves of the tree with the old root, in order.

    Raises:
        ProofRefused: old_size is 0 (which would prove nothing) or exceeds new_size, or the proof is too short, too
            long, misshapen, or leads to another root.

    Source: RFC 9162 section 2.1.4.2.
    """
    _check_sizes(old_size, new_size)
    claim = _consistency_claim(old_size, new_size)
    _check_lengths(claim, (old_root, new_root, *proof))
    if old_size == new_size:
        _check_same(claim, old_root, new_root, proof)
        return
    old, new = _climb_twice(claim, old_size, new_size, old_root, proof)
    _check_root(claim, "it leads to another old root", old_root, old)
    _check_root(claim, "it leads to another new root", new_root, new)


def _inclusion_spans(leaf_index: int, tree_size: int) -> list[_Span]:
    span, path = _Span(0, tree_size), list[_Span]()
    while span.end - span.start > 1:
        middle = _split(span)
        if leaf_index < middle:
            path.append(_Span(middle, span.end))
            span = _Span(span.start, middle)
        else:
            path.append(_Span(span.start, middle))
            span = _Span(middle, span.end)
    return path[::-1]


def _consistency_spans(old_size: int, new_size: int) -> list[_Span]:
    span, path = _Span(0, new_size), list[_Span]()
    while span.end != old_size:
        middle = _split(span)
        if old_size <= middle:
            path.append(_Span(middle, span.end))
            span = _Span(span.start, middle)
        else:
            path.append(_Span(span.start, middle))
            span = _Span(middle, span.end)
    # Where the old tree is itself a subtree of the new one, the verifier starts from the old root he holds.
    return [span, *path[::-1]] if span.start else path[::-1]


def _split(span: _Span) -> int:
    return span.start + (1 << (span.end - span.start - 1).bit_length() - 1)


def _perfect_nodes(span: _Span) -> list[Node]:
    nodes, start = list[Node](), span.start
    while start < span.end:
        level = (span.end - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def _span_hashes(spans: Sequence[_Span], hashes: HashReader) -> tuple[bytes, ...]:
    plan = [_perfect_nodes(span) for span in spans]
    wanted = [node for nodes in plan for node in nodes]
    read = hashes.read_hashes(wanted)
    if len(read) != len(wanted):
        raise ValueError(f"asked for {len(wanted)} hashes, got {len(read)}")
    rest = iter(read)
    return tuple(_fold(list(islice(rest, len(nodes)))) for nodes in plan)


def _fold(left_to_right: list[bytes]) -> bytes:
    return reduce(lambda right, left: node_hash(left, right), reversed(left_to_right))


def _climb(claim: str, leaf_index: int, tree_size: int, start: bytes, proof: Sequence[bytes]) -> bytes:
    place, last, root = leaf_index, tree_size - 1, start
    for sibling in proof:
        _check_not_above(claim, last)
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            place, last = _skip_lone(place, last)
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    _check_at_top(claim, last)
    return root


def _climb_twice(
    claim: str, old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old, siblings = _start(claim, place, old_root, proof)
    new = old
    for sibling in siblings:
        _check_not_above(claim, last)
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            place, last = _skip_lone(place, last)
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    _check_at_top(claim, last)
    return old, new


def _start(claim: str, place: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, Sequence[bytes]]:
    # An old tree of 2**k leaves is a subtree of the new one: its root is known and not repeated in the proof.
    if place == 0:
        return old_root, proof
    if not proof:
        raise ProofRefused(claim, "the proof is too short")
    return proof[0], proof[1:]


def _skip_lone(place: int, last: int) -> tuple[int, int]:
    # On the right edge a subtree without a right neighbour rises unhashed until it is somebody's right child.
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _consistency_claim(old_size: int, new_size: int) -> str:
    return f"the tree of {new_size} leaves continues the tree of {old_size}"


def _check_sizes(old_size: int, new_size: int) -> None:
    if old_size < 1:
        raise ProofRefused(_consistency_claim(old_size, new_size), "a tree without leaves is in every tree")
    if old_size > new_size:
        raise ProofRefused(_consistency_claim(old_size, new_size), "the later tree has fewer leaves")


def _check_same(claim: str, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofRefused(claim, "the proof is too long")
    _check_root(claim, "two trees of one size have different roots", old_root, new_root)


def _check_lengths(claim: str, hashes: Sequence[bytes]) -> None:
    for given in hashes:
        if len(given) != HASH_SIZE:
            raise ProofRefused(claim, f"a hash is {HASH_SIZE} bytes long, not {len(given)}")


def _check_not_above(claim: str, last: int) -> None:
    if last == 0:
        raise ProofRefused(claim, "the proof is too long")


def _check_at_top(claim: str, last: int) -> None:
    if last:
        raise ProofRefused(claim, "the proof is too short")


def _check_root(claim: str, problem: str, expected: bytes, computed: bytes) -> None:
    if expected != computed:
        raise ProofRefused(claim, problem, expected.hex(), computed.hex())
