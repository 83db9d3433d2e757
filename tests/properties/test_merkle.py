from collections.abc import Sequence
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_core.errors import CheckpointMalformed, NoteMalformed, NoteUnverified, ProofRefused
from archive_core.merkle.base64text import decode_base64, encode_base64
from archive_core.merkle.checkpoint import MAX_SIZE, Checkpoint, parse_checkpoint
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import leaf_hashes
from archive_core.merkle.note import NoteKey, open_note, parse_vkey, sign_note
from archive_core.merkle.proofs import (
    prove_consistency,
    prove_inclusion,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from archive_core.merkle.reader import TileHashReader, TileKey
from archive_core.merkle.tiles import Tile

SIZE = 2_000
LEAVES = [b"%d" % number for number in range(SIZE)]
HASHES = leaf_hashes(LEAVES)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = NoteKey("example.com/archive", PRIVATE.public_key().public_bytes_raw())
UNHURRIED = settings(deadline=None)

sizes = st.integers(1, SIZE)
line_text = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1)
note_text = st.lists(line_text | st.just("")).map(lambda lines: "".join(f"{line}\n" for line in lines) or "\n")
key_names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="+"), min_size=1)
checkpoints = st.builds(Checkpoint, line_text, st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32))


def in_batches(hashes: list[bytes], cuts: set[int]) -> tuple[Edge, list[Tile]]:
    edge, tiles = Edge.empty(), list[Tile]()
    for start, end in pairwise(sorted({0, len(hashes)} | {cut for cut in cuts if cut < len(hashes)})):
        tiles += edge.append(hashes[start:end])
    return edge, tiles


def whole_tree() -> TileHashReader:
    edge, tiles = in_batches(HASHES, set())
    shelf = {(tile.level, tile.index): tile.hashes for tile in tiles}

    def read_tiles(keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
        return {key: shelf[key] for key in keys}

    return TileHashReader(read_tiles, edge)


TREE = whole_tree()


@UNHURRIED
@given(st.integers(0, SIZE), st.sets(st.integers(1, SIZE)))
def test_batches_do_not_show(size: int, cuts: set[int]) -> None:
    """However leaves are cut into batches, the tiles, the root and the edge are the same."""
    cut, cut_tiles = in_batches(HASHES[:size], cuts)
    whole, whole_tiles = in_batches(HASHES[:size], set())
    assert whole_tiles == sorted(cut_tiles)
    assert (whole.size, whole.root(), whole.partial()) == (cut.size, cut.root(), cut.partial())


@UNHURRIED
@given(st.integers(0, SIZE), st.integers(0, 600))
def test_a_loaded_edge_goes_on_as_before(size: int, more: int) -> None:
    """Loading what partial gave makes an edge that behaves as the first one from then on."""
    edge, _ = in_batches(HASHES[:size], set())
    loaded = Edge.load(size, edge.partial())
    assert edge.append(HASHES[:more]) == loaded.append(HASHES[:more])
    assert (edge.root(), edge.partial()) == (loaded.root(), loaded.partial())


@UNHURRIED
@given(st.data())
def test_what_is_proven_verifies(data: st.DataObject) -> None:
    """Every inclusion proof holds for its leaf, and with a bit of any hash flipped it does not."""
    size = data.draw(sizes)
    leaf_index = data.draw(st.integers(0, size - 1))
    root, proof = tree_root(size, TREE), prove_inclusion(leaf_index, size, TREE)
    verify_inclusion(leaf_index, size, LEAVES[leaf_index], root, proof)
    for place, right in enumerate(proof):
        bit = data.draw(st.integers(0, 255))
        wrong = (int.from_bytes(right) ^ 1 << bit).to_bytes(32)
        with pytest.raises(ProofRefused):
            verify_inclusion(leaf_index, size, LEAVES[leaf_index], root, (*proof[:place], wrong, *proof[place + 1 :]))


@UNHURRIED
@given(sizes, sizes)
def test_growth_is_proven(one: int, other: int) -> None:
    """Every consistency proof holds for its two roots, and not for the old root of one leaf less."""
    old, new = sorted((one, other))
    proof = prove_consistency(old, new, TREE)
    old_root, new_root = tree_root(old, TREE), tree_root(new, TREE)
    verify_consistency(old, new, old_root, new_root, proof)
    with pytest.raises(ProofRefused):
        verify_consistency(old, new, tree_root(old - 1, TREE), new_root, proof)


@given(checkpoints)
def test_a_checkpoint_comes_back(checkpoint: Checkpoint) -> None:
    """Parsing undoes formatting."""
    assert checkpoint == parse_checkpoint(checkpoint.format())


@given(st.data())
def test_a_checkpoint_has_one_text(data: st.DataObject) -> None:
    """A text with one character changed is refused, or is the text of another checkpoint."""
    checkpoint = data.draw(checkpoints)
    text = checkpoint.format()
    place = data.draw(st.integers(0, len(text) - 1))
    altered = text[:place] + data.draw(st.characters() | st.just("")) + text[place + 1 :]
    try:
        parsed = parse_checkpoint(altered)
    except CheckpointMalformed:
        return
    assert altered == parsed.format()
    assert (altered == text) == (parsed == checkpoint)


@given(note_text, key_names)
def test_a_note_comes_back(text: str, name: str) -> None:
    """Opening undoes signing, whatever the text and the name."""
    key = NoteKey(name, KEY.public)
    assert (text, (key,), 0) == open_note(sign_note(text, name, KEY.public, PRIVATE.sign), [key])


@given(st.data(), note_text)
def test_no_note_survives_a_change(data: st.DataObject, text: str) -> None:
    """With any one character of a note replaced or removed, nobody believes it."""
    note = sign_note(text, KEY.name, KEY.public, PRIVATE.sign)
    place = data.draw(st.integers(0, len(note) - 1))
    other = data.draw((st.characters() | st.just("")).filter(lambda character: character != note[place]))
    with pytest.raises((NoteMalformed, NoteUnverified)):
        open_note(note[:place] + other + note[place + 1 :], [KEY])


@given(key_names, st.binary(min_size=32, max_size=32))
def test_a_verifier_key_comes_back(name: str, public: bytes) -> None:
    """Parsing a verifier key undoes writing it."""
    key = NoteKey(name, public)
    assert key == parse_vkey(key.vkey())


@given(st.binary())
def test_base64_comes_back(data: bytes) -> None:
    """Decoding undoes encoding."""
    assert data == decode_base64(encode_base64(data))


@given(st.text("AQgw+/=_- \n", max_size=12))
def test_base64_has_one_spelling(text: str) -> None:
    """Whatever decodes is exactly what encoding writes."""
    try:
        data = decode_base64(text)
    except ValueError:
        return
    assert text == encode_base64(data)
