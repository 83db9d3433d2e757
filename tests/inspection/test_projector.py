"""A room is a function of the ledger: bit by bit or at once, the same tables."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from archive_core.inspection.profile import PROFILES
from archive_core.inspection.projector import Projector, read_meta, record_verification
from archive_core.inspection.search import match_query
from archive_core.model.fields import FieldSpec, Kind

Step = Callable[[Any], object]
Dump = Callable[[Path], dict[str, list[Any]]]


def projector(path: Path, source: Any, profile: str = "full") -> Projector:
    return Projector(path=path, profile=PROFILES[profile], source=source)


def rename_buyer(source: Any) -> None:
    source.amend(7, reason="单位更名", name="苏州市立医院（北区）")
    source.sign(7, 0, 0)
    source.sign(7, 1, 2)


def capture_person(source: Any) -> None:
    source.sign(source.capture("person", {"username": "new.one", "name": "钱进"}), 1, 0)


STEPS: tuple[Step, ...] = (
    rename_buyer,
    capture_person,
    lambda source: source.sign(27, 0, 0),
    lambda source: source.amend(21, reason="更正", boxes=3),
    lambda source: source.erase(22, disposition=1),
    lambda source: source.checkpoint(),
)


@pytest.mark.parametrize("profile", ["full", "inspector"])
def test_catching_up_equals_rebuilding(tmp_path: Path, source: Any, profile: str, dump: Dump) -> None:
    """After every kind of change the caught-up room holds exactly what a new one would."""
    live, fresh = tmp_path / "live.db", tmp_path / "fresh.db"
    projector(live, source, profile).catch_up()
    for step in STEPS:
        step(source)
        assert not projector(live, source, profile).catch_up().rebuilt
        projector(fresh, source, profile).rebuild()
        assert dump(fresh) == dump(live)


def test_a_room_grown_from_nothing_equals_one_built_at_once(tmp_path: Path, source: Any, dump: Dump) -> None:
    """A room caught up after every single entry is the same as one built from them all."""
    live, fresh = tmp_path / "live.db", tmp_path / "fresh.db"
    empty = attrs.evolve(source, records={}, log=[], heads=[])
    projector(live, empty).catch_up()
    for number in dict.fromkeys(source.log):
        empty.records[number] = source.records[number]
        empty.log.append(number)
        projector(live, empty).catch_up()
    empty.log, empty.heads = source.log, source.heads
    projector(live, empty).catch_up()
    projector(fresh, source).rebuild()
    assert dump(fresh) == dump(live)


def test_a_renamed_buyer_is_found_through_his_sales(tmp_path: Path, source: Any) -> None:
    """The words of a referred record stand in the index of those that refer to it."""
    path = tmp_path / "room.db"
    projector(path, source).catch_up()
    rename_buyer(source)
    projector(path, source).catch_up()
    db = sqlite3.connect(path)
    query = "select count(*) from record_fts join records on record = record_fts.rowid where record_fts match ?"
    found = db.execute(query + " and type = 'sterile_device_sales_record'", (match_query("北区"),)).fetchone()[0]
    referring = db.execute("select count(distinct record) from refs where target = 7").fetchone()[0]
    db.close()
    assert found > 0
    assert referring == found


def test_nothing_new_writes_nothing(tmp_path: Path, source: Any) -> None:
    """A second catch-up finds no record to write."""
    path = tmp_path / "room.db"
    projector(path, source).catch_up()
    assert projector(path, source).catch_up().records == 0


def test_masked_values_are_not_in_the_file(tmp_path: Path, source: Any, dump: Dump) -> None:
    """The inspector's file holds neither the phone numbers nor the contact person, in no table and no index."""
    full, masked = tmp_path / "full.db", tmp_path / "masked.db"
    projector(full, source).catch_up()
    projector(masked, source, "inspector").catch_up()
    for value in ("13800000001", "周建国"):
        assert value in repr(dump(full))
        assert value not in repr(dump(masked))
    words = {row[0] for row in dump(masked)["words"]}
    assert "13800000001" not in words
    assert not {"周", "建"} & words
    assert "周建国".encode() not in masked.read_bytes()


def test_a_new_type_definition_rebuilds_the_room(tmp_path: Path, source: Any) -> None:
    """A type with one more field has one more column, so the room is made anew."""
    path = tmp_path / "room.db"
    projector(path, source).catch_up()
    *others, complaint = source.declared
    extra = FieldSpec(name="handled_by", kind=Kind.TEXT, zh="处理人", en="Handled by", required=False)
    source.declared = (*others, attrs.evolve(complaint, version=3, fields=(*complaint.fields, extra)))
    assert projector(path, source).catch_up().rebuilt
    assert not projector(path, source).catch_up().rebuilt


def test_an_interrupted_rebuild_leaves_the_old_room(tmp_path: Path, source: Any, dump: Dump) -> None:
    """A failure in the middle changes nothing for the readers, and the next run succeeds."""
    path = tmp_path / "room.db"
    projector(path, source).catch_up()
    before = dump(path)
    broken = attrs.evolve(source, records={**source.records, 10_000: None})
    with pytest.raises(AttributeError):
        projector(path, broken).rebuild()
    assert before == dump(path)
    assert projector(path, source).rebuild().rebuilt


def test_a_stored_verification_survives_catch_up_and_rebuild(tmp_path: Path, source: Any) -> None:
    """What `archive verify` said stays until it says something else."""
    path = tmp_path / "room.db"
    projector(path, source).catch_up()
    record_verification(path, {"ok": True, "size": 60})
    source.amend(21, reason="更正", boxes=3)
    projector(path, source).catch_up()
    projector(path, source).rebuild()
    assert read_meta(path)["verification"] == '{"ok":true,"size":60}'


def test_a_room_at_rest_is_one_file(tmp_path: Path, source: Any) -> None:
    """Neither building, nor following, nor what a killed build left behind leaves a journal beside the room."""
    for leftover in ("full.db.new", "full.db.new-journal"):
        (tmp_path / leftover).write_bytes(b"")
    live = projector(tmp_path / "full.db", source)
    live.rebuild()
    source.sign(58, 1, 2)
    live.catch_up()
    live.rebuild()
    assert ["full.db", "full.db.lock"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_verification_without_a_room_is_not_kept(tmp_path: Path) -> None:
    """Where nobody built a room, nothing is made for it."""
    record_verification(tmp_path / "room.db", {"ok": True})
    assert read_meta(tmp_path / "room.db") == {}


def test_a_masked_key_is_not_in_the_file(tmp_path: Path, source: Any, dump: Dump) -> None:
    """Where the business key is itself masked, the inspector's file shows the record by its number."""
    person, *others = source.declared
    fields = tuple(attrs.evolve(spec, masked=True) for spec in person.fields)
    source.declared = (attrs.evolve(person, fields=fields), *others)
    for number in (0, 2, 4):
        facts = source.records[number]
        versions = tuple(attrs.evolve(version, declared=source.declared[0]) for version in facts.versions)
        source.records[number] = attrs.evolve(facts, versions=versions)
    projector(tmp_path / "room.db", source, "inspector").catch_up()
    held = dump(tmp_path / "room.db")
    assert [""] * 3 == [row[2] for row in held["records"] if row[1] == "person"]
    assert "wang" not in {row[0] for row in held["words"]}


def test_what_touches_many_records_rebuilds_the_room(tmp_path: Path, source: Any) -> None:
    """What changes more than a tenth of all records, as the sign-off of a batch may, is not followed one by one."""
    path = tmp_path / "room.db"
    projector(path, source).catch_up()
    source.sign(27, 0, 0)
    assert 1 == projector(path, source).pending()
    assert not projector(path, source).catch_up().rebuilt
    for number in range(21, 30):
        source.amend(number, reason="更正", boxes=3)
    assert 9 == projector(path, source).pending()
    assert attrs.evolve(projector(path, source), patience=5).catch_up().rebuilt
