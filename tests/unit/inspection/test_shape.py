"""Tables follow from definitions, and no name of a type can meet a name of the room."""

from hypothesis import given
from hypothesis import strategies as st

from archive_core.canonical import Json
from archive_core.inspection.shape import OWN_TABLES, ROW_COLUMNS, column_value, shape_of, table_name, visible_content
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.record_type import RecordType
from archive_core.model.retention import Permanent


def spec(name: str, kind: Kind = Kind.TEXT, **more: object) -> FieldSpec:
    return FieldSpec(name=name, kind=kind, zh=name, en=name, **more)  # type: ignore[arg-type]


def declared(*fields: FieldSpec, name: str = "sale") -> RecordType:
    return RecordType(
        name=name, version=1, zh="z", en="e", key=("no",), fields=fields, sign_off=(), retention=Permanent()
    )


def test_fields_named_like_own_columns_get_an_underscore() -> None:
    """A type may have fields `title`, `key` and `batch`; the room's columns keep their names."""
    shape = shape_of(declared(spec("title"), spec("batch"), spec("key_")), masking=False)
    assert ["title_", "batch_", "key_"] == [column.name for column in shape.columns]


def test_a_reference_has_two_columns_that_never_collide() -> None:
    """The record number beside the key yields to a field of that name."""
    shape = shape_of(declared(spec("buyer", Kind.REF, target="x"), spec("buyer_record")), masking=False)
    assert ["buyer", "buyer_record", "buyer_record_"] == [column.name for column in shape.columns]


def test_types_named_like_own_tables_get_an_underscore() -> None:
    """A type called `records`, or one that looks like a child table, is kept apart."""
    assert ["records_", "due_", "a__b_", "sale"] == [table_name(name) for name in ("records", "due", "a__b", "sale")]


@given(st.lists(st.sampled_from([*ROW_COLUMNS, "a", "a_", "a_record", "b"]), unique=True, max_size=8))
def test_columns_are_always_distinct(names: list[str]) -> None:
    """Whatever the fields are called, no two columns share a name."""
    shape = shape_of(declared(*(spec(name, Kind.REF, target="x") for name in names)), masking=False)
    columns = [*ROW_COLUMNS, *(column.name for column in shape.columns)]
    assert len(columns) == len(set(columns))


def test_masked_fields_have_no_column_and_no_content() -> None:
    """Neither the field nor a masked part of a line item, nor anything the definition does not know, is left."""
    lines = spec("items", Kind.LINES, lines=(spec("a"), spec("b", masked=True)))
    whole = declared(spec("no"), spec("phone", masked=True), lines)
    content: dict[str, Json] = {"no": "1", "phone": "138", "items": [{"a": "x", "b": "y"}], "unknown": "z"}
    shape = shape_of(whole, masking=True)
    assert ["no"] == [column.name for column in shape.columns]
    assert ["a"] == [column.name for column in shape.lines[0].columns]
    assert {"no": "1", "items": [{"a": "x"}]} == visible_content(whole.fields, content, masking=True)
    assert content == visible_content(whole.fields, content, masking=False)


def test_cells_hold_what_was_stated() -> None:
    """Decimals stay text, yes is 1, a reference is its key and its number, nothing is nothing."""
    fields = (
        spec("amount", Kind.DECIMAL), spec("cold", Kind.YES_NO), spec("buyer", Kind.REF, target="x"),
        spec("scan", Kind.ATTACHMENT), spec("left", Kind.TEXT),
    )  # fmt: skip
    content = {"amount": "1.50", "cold": True, "buyer": {"key": "K", "record": 7}, "scan": {"name": "a.pdf"}}
    shape = shape_of(declared(*fields), masking=False)
    assert ["1.50", 1, "K", 7, "a.pdf", None] == [column_value(column, content) for column in shape.columns]  # type: ignore[arg-type]


def test_a_value_of_an_older_definition_fits_its_column() -> None:
    """A field that once was text does not break a column of whole numbers: it is simply not there."""
    shape = shape_of(declared(spec("boxes", Kind.INTEGER), spec("buyer", Kind.TEXT)), masking=False)
    content = {"boxes": "three", "buyer": {"key": "K"}}
    assert [None, "K"] == [column_value(column, content) for column in shape.columns]  # type: ignore[arg-type]


def test_own_tables_are_those_of_the_schema() -> None:
    """The list of reserved names is complete."""
    from pathlib import Path

    from archive_core.inspection.schema import create_tables, open_room

    db = open_room(Path(":memory:"))
    create_tables(db)
    assert set(db.table_names()) == set(OWN_TABLES)
    db.close()
