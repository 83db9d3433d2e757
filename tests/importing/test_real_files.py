"""
Real legacy files, with every count that was taken by hand.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archive_core.importing.readers import open_source
from archive_core.importing.report import ImportReport
from archive_core.importing.run import Wishes
from archive_core.importing.shapes import profile_columns
from archive_core.importing.suggest import suggest_mapping
from archive_core.importing.tables import data_rows, find_table
from archive_core.model.fields import day, decimal, text
from archive_core.model.record_type import record_type, type_of
from archive_core.model.retention import CAPTURED, After

if TYPE_CHECKING:
    from importing.conftest import Importer

Real = Callable[[str, str], Path]
MappingOf = Callable[[str], str]


@record_type("product", version=1, zh="产品", en="Product", key="code", sign_off=[], retention=After(CAPTURED, years=5))
class Product:
    """
    What a product list is suggested for here: no pack declares a product yet.
    """

    code: str = text(zh="医保编码", en="Insurance code", search="id")
    name: str = text(zh="产品名称", en="Product name")
    registration_no: str | None = text(zh="注册证号", en="Registration no.", required=False)
    approval_no: str | None = text(zh="批准文号", en="Approval no.", required=False)
    dosage_form: str | None = text(zh="剂型", en="Dosage form", required=False)
    maker: str | None = text(zh="生产企业", en="Manufacturer", required=False)
    price: Decimal | None = decimal(zh="价格", en="Price", required=False)
    listed_on: object = day(zh="挂网日期", en="Listed on", required=False)


def counts(report: ImportReport) -> dict[str, int]:
    return {name: rows for name, rows in report.outcomes.items() if rows}


def rules(report: ImportReport) -> dict[str, int]:
    return {rule.rule: rule.count for rule in report.rules if rule.rule.startswith("import.")}


def total(report: ImportReport, target: str) -> Decimal:
    return next(Decimal(each.read) for each in report.totals if each.target == target)


@pytest.mark.long
def test_hospitals_become_purchaser_files(importer: "Importer", real: Real, mapping_of: MappingOf) -> None:
    """
    30,577 rows with line ends CR CR LF, one of them twice; what the list never had is counted as missing at source.
    """
    report = importer.run(real("d01", "*.csv"), mapping_of("hospitals"))
    assert (report.read, counts(report)) == (30_577, {"created": 30_576, "duplicate": 1})
    assert report.gaps["legal_representative"] == 30_576
    assert report.gaps["business_scope"] == 29_216
    assert importer.archive.ledger.reader.count("purchaser_file") == 30_576
    again = importer.run(real("d01", "*.csv"), mapping_of("hospitals"))
    assert (counts(again), again.batch) == ({"unchanged": 30_576, "duplicate": 1}, None)


def test_hospitals_are_read_by_physical_line_whatever_the_line_ends(real: Real) -> None:
    """
    30,578 physical lines are 30,577 rows below the titles, none of them blank; the twin of line 23,336 is line 25,119.
    """
    source = open_source(real("d01", "*.csv"))
    table = find_table(source)
    rows = list(data_rows(source, table))
    assert table.header == ("Hos_Name", "Hos_City", "Hos_Grade", "Hos_Speciality")
    assert (len(rows), rows[0].number, rows[-1].number, any(row.blank for row in rows)) == (30_577, 2, 30_578, False)
    by_number = {row.number: row.cells for row in rows}
    assert by_number[23_336] == by_number[25_119]
    profiles = profile_columns(table, rows)
    assert [profile.rows - profile.filled for profile in profiles] == [0, 0, 15_149, 29_217]


def test_the_gb18030_twin_reads_identically(real: Real) -> None:
    """
    The same table in another encoding gives the same rows, cell by cell.
    """
    source, twin = open_source(real("d01", "*.csv")), open_source(real("d14", "*.csv"))
    assert [getattr(each, "encoding").codec for each in (source, twin)] == ["utf-8", "gb18030"]  # noqa: B009
    differing = [(ours, theirs) for ours, theirs in zip_longest(source.rows(), twin.rows()) if ours != theirs]
    assert differing == []


def test_pharmacy_sales_are_imported_with_every_oddity_named(
    importer: "Importer", real: Real, mapping_of: MappingOf, folder: Path, tmp_path: Path
) -> None:
    """
    6,578 rows: 23 impossible dates and one row without date rejected, four exact duplicates, one blank row, the rest in.
    """
    rejects = tmp_path / "rejects.xlsx"
    report = importer.run(real("d02", "*.xlsx"), mapping_of("pharmacy-sales"), Wishes(rejects=rejects))
    assert report.read == 6_578 == sum(report.outcomes.values())
    assert counts(report) == {"created": 6_549, "duplicate": 4, "rejected": 24, "skipped": 1}
    assert rules(report) == {
        "import.date_impossible": 23,
        "import.missing": 1,
        "import.weekday_contradicts": 6_549,
        "import.key_made": 6_549,
        "import.identical_row": 4,
        "import.blank_row": 1,
    }
    assert total(report, "amount") == Decimal("331966.20")
    returns = [fields for fields in importer.fields("drug_sales_record").values() if str(fields["quantity"]) < "0"]
    assert len(returns) == 16
    assert counts(importer.check(rejects, mapping_of("pharmacy-sales"))) == {"rejected": 24}
    assert importer.archive.verify().flaws == ()
    held = (file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert not any(b"2367010528" in data or b"*******528" in data for data in held)


def test_pharmacy_sales_sum_up_to_the_control_totals(real: Real) -> None:
    """
    Due 331,966.20 and paid 304,630.26, exactly, over all rows.
    """
    source = open_source(real("d02", "*.xlsx"))
    rows = [row for row in data_rows(source, find_table(source)) if not row.blank]
    sums = [sum(Decimal(repr(row.cells[index])) for row in rows if row.cells[index] != "") for index in (5, 6)]
    assert sums == [Decimal("331966.2"), Decimal("304630.26")]


def test_card_numbers_are_proposed_to_be_dropped(importer: "Importer", real: Real) -> None:
    """
    A column of masked numbers is personal; date, name, quantity and amount are found by title and values.
    """
    sale = importer.archive.registry.installed("drug_sales_record").record_type
    found = suggest_mapping(open_source(real("d02", "*.xlsx")), sale)
    assert found.mapping.drop == ("社保卡号",)
    assert {match.target: match.column.title for match in found.matches} == {
        "sale_date": "购药时间",
        "trade_name": "商品名称",
        "quantity": "销售数量",
        "amount": "应收金额",
    }


def test_a_drug_list_is_read_profiled_and_suggested(real: Real) -> None:
    """
    17,885 rows of 11 columns; approval numbers are known by their shape, two are missing.
    """
    found = suggest_mapping(open_source(real("d05", "*.xlsx")), type_of(Product))
    profiles = {profile.title: profile for profile in found.profiles}
    assert [profile.rows for profile in profiles.values()] == [17_885] * 11
    assert (profiles["批准文号"].shape, profiles["批准文号"].filled) == ("drug_approval", 17_883)
    assert 17_885 - profiles["是否可议价"].filled == 11_823
    assert {match.target: match.column.title for match in found.matches} == {
        "code": "药品统一编码",
        "name": "药品名称",
        "approval_no": "批准文号",
        "dosage_form": "剂型",
        "maker": "生产企业",
        "price": "挂网价格",
    }


def test_titles_over_the_wrong_columns_are_a_conflict_and_not_resolved(real: Real) -> None:
    """
    All three titles of this list stand over other values; the shapes are right, and a person is asked.
    """
    found = suggest_mapping(open_source(real("d04", "贵州*.xlsx")), type_of(Product))
    assert found.matches == ()
    assert [(each.column.title, each.by_title, each.by_values) for each in found.conflicts] == [
        ("医保编码", "code", "registration_no"),
        ("医用耗材单件产品名称", "name", "code"),
        ("注册证号", "registration_no", "name"),
    ]


def test_the_same_incidents_as_text_and_as_workbook_are_the_same_rows(real: Real) -> None:
    """
    588 incidents read alike from both formats, numbers and all.
    """
    from archive_core.importing.rows import cell_text

    text_rows = [tuple(map(cell_text, row.cells)) for row in open_source(real("d08", "*.csv")).rows()]
    book_rows = [tuple(map(cell_text, row.cells)) for row in open_source(real("d08", "*.xlsx")).rows()]
    assert (len(text_rows), len(book_rows)) == (589, 589)
    assert [row[0] for row in text_rows] == [row[0] for row in book_rows]


def test_a_gbk_file_with_few_chinese_characters_is_recognised(real: Real) -> None:
    """
    945 order headers in GBK, beside lines in UTF-8 with byte order mark.
    """
    headers, lines = open_source(real("d03", "*info.csv")), open_source(real("d03", "*detail.csv"))
    assert [getattr(each, "encoding").codec for each in (headers, lines)] == ["gb18030", "utf-8-sig"]  # noqa: B009
    assert [sum(1 for _ in source.rows()) - 1 for source in (headers, lines)] == [945, 10_037]


def test_a_workbook_with_title_block_and_hidden_sheets_is_found_its_header(real: Real) -> None:
    """
    Sixteen rows down, column A empty, two levels of titles, two hidden sheets announced.
    """
    source = open_source(real("d12", "*.xls"))
    table = find_table(source, header_rows=2)
    assert (table.header_row, table.header[:4]) == (
        16,
        ("", "Code", "System", "A&E attendances / Type 1 Departments - Major A&E"),
    )
    assert sum("hidden" in note for note in source.notes) == 2
