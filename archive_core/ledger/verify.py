"""
Verification of the evidence: every leaf, tile, root, checkpoint, journal line and content commitment.

Nothing is taken from the derived index. Findings are collected, not raised, so that one damaged entry does not hide
another.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import attrs

from archive_core.errors import ContentMismatch, EntryMalformed, VerificationError
from archive_core.ledger.contents import check_content
from archive_core.ledger.contract import Journal, Reader
from archive_core.merkle.checkpoint import parse_checkpoint
from archive_core.merkle.edge import Edge
from archive_core.merkle.hashing import leaf_hashes
from archive_core.merkle.note import NoteKey, open_note
from archive_core.merkle.tiles import TILE_WIDTH, Tile
from archive_core.model.entry import Entry, ErasureEntry, SignOffEntry, VersionEntry, parse_entry
from archive_core.model.rows import StoredContent
from archive_core.model.verification import Flaw

CHUNK = 32 * TILE_WIDTH
Progress = Callable[[str, int, int], None]


def silent(_phase: str, _done: int, _total: int) -> None:
    """
    Take no notice of progress: nobody watches.
    """


@attrs.define
class TreeCheck:
    """
    What re-reading the leaves found: the recomputed root, roots at the asked sizes, flaws.
    """

    size: int
    root: bytes
    roots: dict[int, bytes]
    flaws: list[Flaw]


def check_tree(reader: Reader, wanted: Sequence[int], progress: Progress) -> TreeCheck:
    """
    Rehash every leaf, compare every tile, and compute the roots at the wanted sizes on the way.

    Args:
        wanted: tree sizes whose roots are asked for.
    """
    head = reader.head()
    edge, flaws, roots, tiles = Edge.empty(), list[Flaw](), dict[int, bytes](), 0
    if 0 in wanted:
        roots[0] = edge.root()
    for stop in _stops(head.size, wanted):
        start = edge.size
        leaves = [leaf for _, leaf in reader.leaves(start, stop)]
        if len(leaves) != stop - start:
            flaws.append(_missing_entries(reader, start, stop))
            return TreeCheck(head.size, b"", roots, flaws)
        full = edge.append(leaf_hashes(leaves))
        tiles += len(full)
        flaws += _compare_tiles(reader, full)
        if stop in wanted:
            roots[stop] = edge.root()
        progress("tree", stop, head.size)
    flaws += _beyond(reader, head.size, tiles)
    if edge.root() != head.root:
        flaws.append(
            Flaw(
                code="tree.root",
                en=f"the entries give root {edge.root().hex()}, the head says {head.root.hex()}",
                zh=f"账本条目的根为 {edge.root().hex()}，与记录的根 {head.root.hex()} 不符",
            )
        )
    return TreeCheck(head.size, edge.root(), roots, flaws)


def _stops(size: int, wanted: Sequence[int]) -> Iterator[int]:
    marks = {mark for mark in wanted if 0 < mark <= size} | set(range(CHUNK, size, CHUNK)) | ({size} if size else set())
    yield from sorted(marks)


def _missing_entries(reader: Reader, start: int, stop: int) -> Flaw:
    present = {seq for seq, _ in reader.leaves(start, stop)}
    first = next(seq for seq in range(start, stop) if seq not in present)
    return Flaw(code="tree.missing", entry=first, en="the entry is missing from the ledger", zh="账本缺少该条目")


def _compare_tiles(reader: Reader, tiles: list[Tile]) -> list[Flaw]:
    flaws = []
    for tile in tiles:
        stored = reader.tiles([(tile.level, tile.index)]).get((tile.level, tile.index))
        roots = reader.tile_roots(tile.level, tile.index, tile.index + 1)
        if stored != tile.hashes:
            flaws.append(_tile_flaw(tile, stored))
        elif roots != [tile.root]:
            flaws.append(
                Flaw(
                    code="tree.tile_root",
                    en=f"the root of tile {tile.level}/{tile.index} was changed",
                    zh=f"哈希块 {tile.level}/{tile.index} 的根被改动",
                )
            )
    return flaws


def _tile_flaw(tile: Tile, stored: bytes | None) -> Flaw:
    """
    Name the first leaf whose hash is not the one in its tile.
    """
    if stored is None:
        what = f"tile {tile.level}/{tile.index} is missing"
        return Flaw(code="tree.tile_missing", en=what, zh=f"缺少哈希块 {tile.level}/{tile.index}")
    pairs = range(0, len(tile.hashes), 32)
    place = next((at for at in pairs if tile.hashes[at : at + 32] != stored[at : at + 32]), 0) // 32
    if tile.level == 0:
        return Flaw(
            code="tree.leaf",
            entry=tile.index * TILE_WIDTH + place,
            en="the entry, or its hash in the tree, was changed",
            zh="条目或其在树中的哈希被改动",
        )
    return Flaw(
        code="tree.tile",
        en=f"tile {tile.level}/{tile.index} was changed at hash {place}",
        zh=f"哈希块 {tile.level}/{tile.index} 的第 {place} 个哈希被改动",
    )


def _beyond(reader: Reader, size: int, tiles: int) -> list[Flaw]:
    flaws = []
    stray = next(iter(reader.leaves(-(2**62), 0)), None) or next(iter(reader.leaves(size, 2**62)), None)
    if stray is not None:
        flaws.append(
            Flaw(code="tree.beyond", entry=stray[0], en="the entry lies beyond the head", zh="条目超出账本范围")
        )
    if reader.tile_count() > tiles:
        flaws.append(Flaw(code="tree.tile_stray", en="there are tiles that no entries fill", zh="存在多余的哈希块"))
    if reader.token_sizes():
        # Nothing writes tokens yet, so one that is there was put there by somebody else.
        flaws.append(Flaw(code="token", en="a timestamp token that this release did not write", zh="来历不明的时间戳"))
    return flaws


def check_checkpoints(
    notes: Sequence[tuple[str, int, str]], roots: dict[int, bytes], key: NoteKey, origin: str
) -> list[Flaw]:
    """
    Check checkpoints: signature, origin, and the root at their size.

    Args:
        notes: (where it was found, size, signed note).
        roots: recomputed roots by size.
    """
    flaws = []
    for place, size, note in notes:
        problem = _checkpoint_problem(size, note, roots, key, origin)
        if problem:
            flaws.append(
                Flaw(
                    code="checkpoint",
                    en=f"checkpoint at {size} entries in {place}: {problem}",
                    zh=f"{place} 中 {size} 条目处的检查点不符：{problem}",
                )
            )
    return flaws


def _checkpoint_problem(size: int, note: str, roots: dict[int, bytes], key: NoteKey, origin: str) -> str:
    try:
        shown = parse_checkpoint(open_note(note, [key]).text)
    except VerificationError as error:
        return str(error)
    if shown.origin != origin:
        return f"its origin is {shown.origin}, expected {origin}"
    if shown.size != size:
        return f"it says {shown.size} entries"
    if size not in roots:
        return "the ledger is shorter"
    if roots[size] != shown.root:
        return f"it says root {shown.root.hex()}, the entries give {roots[size].hex()}"
    return ""


def journal_notes(journals: Sequence[Journal]) -> list[tuple[str, int, str]]:
    return [("the journal", line.size, line.note) for journal in journals for line in journal.lines()]


def check_entries(
    reader: Reader, size: int, progress: Progress, visit: Callable[[int, Entry, bytes, StoredContent | None], None]
) -> list[Flaw]:
    """
    Parse every entry, check the order of times, and open every commitment; call `visit` for each well-formed entry.
    """
    erased = _erased(reader, size)
    flaws: list[Flaw] = []
    newest = ""
    contents = reader.contents(-(2**62), 2**62)
    pending = next(contents, None)
    for seq, leaf in reader.leaves(0, size):
        try:
            entry = parse_entry(leaf)
        except EntryMalformed as error:
            flaws.append(Flaw(code="entry.malformed", entry=seq, en=str(error), zh="条目格式不符"))
            continue
        if entry.at < newest:
            flaws.append(
                Flaw(code="entry.time", entry=seq, en="it is earlier than the entry before", zh="时间早于前一条目")
            )
        newest = entry.at
        while pending is not None and pending[0] < seq:
            flaws.append(Flaw(code="content.stray", entry=pending[0], en="a content without entry", zh="多余的内容"))
            pending = next(contents, None)
        stored = pending[1] if pending is not None and pending[0] == seq else None
        if stored is not None:
            pending = next(contents, None)
        flaws += _content_flaws(seq, entry, stored, erased)
        visit(seq, entry, leaf, stored)
        if seq % CHUNK == 0:
            progress("contents", seq, size)
    if pending is not None:
        flaws.append(Flaw(code="content.stray", entry=pending[0], en="a content without entry", zh="多余的内容"))
    return flaws


def _erased(reader: Reader, size: int) -> set[int]:
    # Erasures are read from the entries themselves, not from the index.
    covered: set[int] = set()
    for _, leaf in reader.leaves(0, size):
        if b'"kind":"erasure"' in leaf:
            with suppress(EntryMalformed):  # reported where every entry is parsed
                entry = parse_entry(leaf)
                covered.update(entry.entries if isinstance(entry, ErasureEntry) else ())
    return covered


def _content_flaws(seq: int, entry: Entry, stored: StoredContent | None, erased: set[int]) -> list[Flaw]:
    if isinstance(entry, ErasureEntry):
        stray = Flaw(code="content.stray", entry=seq, en="an erasure with a content", zh="销毁条目带有内容")
        return [] if stored is None else [stray]
    place = _place(seq, entry)
    if stored is None:
        if seq in erased:
            return []
        return [
            attrs.evolve(
                place,
                code="content.missing",
                en="the content is gone without an erasure entry",
                zh="内容缺失且无销毁记录",
            )
        ]
    if seq in erased:
        return [
            attrs.evolve(
                place, code="content.not_erased", en="the content was to be erased, but is there", zh="应销毁的内容仍在"
            )
        ]
    try:
        check_content(seq, stored, entry.commit)
    except ContentMismatch as error:
        return [attrs.evolve(place, code="content.changed", en=str(error), zh="内容被改动")]
    return []


def _place(seq: int, entry: VersionEntry | SignOffEntry) -> Flaw:
    record = entry.record if entry.record is not None else seq
    return Flaw(code="", en="", zh="", entry=seq, record=record, version=entry.version)
