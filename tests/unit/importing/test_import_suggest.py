from pathlib import Path

import attrs
import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.importing.mapping_text import format_mapping, parse_mapping
from archive_core.importing.readers import open_source
from archive_core.importing.rejects import REJECT_COLUMNS, Reject, TextRejects
from archive_core.importing.rows import Cell
from archive_core.importing.shapes import profile_columns, shape_of
from archive_core.importing.suggest import Suggestion, suggest_mapping
from archive_core.importing.synonyms import alike
from archive_core.importing.tables import Table, data_rows, find_table
from archive_core.importing.text_table import open_text
from archive_core.model.fields import Option, choice, day, decimal, text
from archive_core.model.record_type import record_type, type_of
from archive_core.model.retention import CAPTURED, After


@record_type("device", version=1, zh="器械", en="Device", key="code", sign_off=[], retention=After(CAPTURED, years=5))
class Device:
    """
    A product file small enough to see all of it.
    """

    code: str = text(zh="产品编码", en="Product code", search="id")
    name: str = text(zh="产品名称", en="Product name")
    registration_no: str = text(zh="注册证号", en="Registration no.")
    maker: str | None = text(zh="生产企业", en="Manufacturer", required=False)
    price: object = decimal(zh="单价", en="Unit price", required=False)
    expires: object = day(zh="有效期", en="Expiry", month=True, required=False)
    kind: str | None = choice(Option("iii", "三类", "Class III"), zh="类别", en="Class", required=False)


def suggested(tmp_path: Path, header: list[str], *rows: list[Cell]) -> Suggestion:
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    path = tmp_path / "list.xlsx"
    book.save(path)
    return suggest_mapping(open_source(path), type_of(Device))


def test_titles_and_values_together_find_the_fields(tmp_path: Path) -> None:
    """
    Synonyms in both languages match, the values confirm, and what is left over is kept.
    """
    found = suggested(
        tmp_path,
        ["货号", "品名", "注册证编号", "manufacturer", "售价", "失效日期", "仓位"],
        ["A-1", "导管鞘", "国械注进20163033195", "康蒂思", 172, "2027年5月", "B3"],
        ["A-2", "支架", "国械注进20163462718", "康蒂思", 22610, "2027年6月", "B4"],
    )
    assert {match.target: (match.column.title, match.by) for match in found.matches} == {
        "code": ("货号", "title"),
        "name": ("品名", "title"),
        "registration_no": ("注册证编号", "title and values"),
        "maker": ("manufacturer", "title"),
        "price": ("售价", "title and values"),
        "expires": ("失效日期", "title and values"),
    }
    assert (found.mapping.keep, found.mapping.gaps, found.conflicts) == (("仓位",), (), ())


def test_values_alone_find_a_field_nobody_titled(tmp_path: Path) -> None:
    """
    A column of registration numbers is one, whatever its title; a required field without column is told, and no gap until a
    person uncomments the line.
    """
    found = suggested(tmp_path, ["产品编码", "X1"], ["A-1", "国械注准20203130272"], ["A-2", "国械注准20163132363"])
    assert [(match.target, match.by) for match in found.matches] == [("code", "title"), ("registration_no", "values")]
    assert (found.missing, found.mapping.gaps) == (("name",), ())
    offered = '# gaps = ["name"]  # uncomment what the source really lacks\n'
    assert offered in found.text()
    declared = parse_mapping(found.text().replace(offered, offered.removeprefix("# ")))
    assert declared == attrs.evolve(found.mapping, gaps=("name",))


def test_a_title_against_its_values_is_a_conflict(tmp_path: Path) -> None:
    """
    A price that holds words is not mapped; the sentence shows title, values and an example.
    """
    found = suggested(tmp_path, ["产品编码", "单价", "类别"], ["A-1", "面议", "普通"], ["A-2", "面议", "普通"])
    assert [conflict.by_title for conflict in found.conflicts] == ["price", "kind"]
    assert found.conflicts[0].sentence() == (
        "单价: the title says price, the values (text, e.g. 面议) say no field of this type"
    )
    assert "CONFLICT, decide: 单价" in format_mapping(found.mapping, found.comments())


def test_the_text_of_a_suggestion_is_a_mapping(tmp_path: Path) -> None:
    """
    What is written reads back as the suggested mapping, comments left aside.
    """
    found = suggested(tmp_path, ["产品编码", "产品名称", "手机"], ["A-1", "支架", "13800138000"])
    assert parse_mapping(format_mapping(found.mapping, found.comments())) == found.mapping
    assert found.mapping.drop == ("手机",)


def test_the_order_of_day_and_month_is_proposed_where_the_rows_prove_it(tmp_path: Path) -> None:
    """
    One thirteenth day in the column settles it.
    """
    found = suggested(tmp_path, ["产品编码", "有效期"], ["A-1", "05/06/2027"], ["A-2", "13/06/2027"])
    rule = found.mapping.rule("expires")
    assert (rule.order if rule else None) == "dmy"


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("国械注准20203130272", "device_registration"),
        ("豫械注准20182140716", "device_registration"),
        ("国药准字H20057521", "drug_approval"),
        ("91350100M000100Y43", "uscc"),
        ("110105194912310021", "identity_card"),
        ("*******528", "masked"),
        ("13800138000", "mobile"),
        ("06901234567892", "gtin"),
        ("C03131108603004104990002486", "insurance_code"),
        ("2018年1月2日", "date"),
        ("2018-02-29", "date"),
        ("￥1,200.50", "number"),
        (43102.0, "number"),
        ("A-17/3", "code"),
        ("是", "yes_no"),
        ("强力VC银翘片", "text"),
    ],
)
def test_values_have_a_shape(cell: Cell, shape: str) -> None:
    """
    Identifiers of this trade are known by their form.
    """
    assert shape_of(cell) == shape


@pytest.mark.parametrize(
    ("title", "score"),
    [("Hos_Name", 80), ("name", 100), ("产品名称", 100), ("品名", 80), ("备用名称栏", 60), ("数量", 0), ("na", 0)],
)
def test_titles_are_compared_by_words_and_synonyms(title: str, score: int) -> None:
    """
    The same, a known synonym, one within the other, or nothing.
    """
    assert alike(title, ("name", "产品名称", "名称")) == score


def test_a_profile_counts_filled_and_different_values(tmp_path: Path) -> None:
    """
    Empty cells and repetitions are told.
    """
    path = tmp_path / "t.csv"
    path.write_text("a,b\nx,1\nx,\ny,2\n", encoding="utf-8")
    source = open_source(path)
    table = find_table(source)
    profiles = profile_columns(table, data_rows(source, table))
    assert [(each.rows, each.filled, each.distinct) for each in profiles] == [(3, 3, 2), (3, 2, 2)]


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.sampled_from('",;\n\t'), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_rejected_cells_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    """
    The file of rejects holds every cell of the source unchanged, whatever it contains.
    """
    folder = tmp_path_factory.mktemp("rejects")
    (folder / "source.csv").write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    source = open_text(folder / "source.csv", "utf-8", ",", ())
    writer = TextRejects(folder / "rejects.csv", source, Table(("a", "b", "c"), 1))
    for number, cells in enumerate(rows, start=2):
        writer.add(Reject(number, cells, "A a", "why", ""))
    writer.close()
    again = list(open_text(folder / "rejects.csv", "utf-8", ",", ()).rows())
    assert again[0].cells == ("a", "b", "c", *REJECT_COLUMNS)
    assert [row.cells[:4] for row in again[1:]] == [(*cells, str(number)) for number, cells in enumerate(rows, start=2)]
