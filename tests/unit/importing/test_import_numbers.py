from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.importing.numbers import NumberRead, NumberRule, read_code, read_decimal, read_integer
from archive_core.importing.rows import Cell


def rules(read: NumberRead) -> list[str]:
    return [found.rule.removeprefix("import.") for found in read.findings]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (82.8, "82.8"),
        (6.0, "6"),
        (-2.0, "-2"),
        ("12.50", "12.50"),
        ("１２．５", "12.5"),
        ("1,234.50", "1234.50"),
        ("￥1,234.50", "1234.50"),
        ("-￥5", "-5"),
        ("人民币100元", "100"),
        ("(12.30)", "-12.30"),
        ("（12）", "-12"),
        ("−5", "-5"),
        ("1.2万元", "12000"),
        (".5", "0.5"),
        (1e22, "10000000000000000000000"),
    ],
)
def test_numbers_become_exact_decimal_text(cell: Cell, text: str) -> None:
    """
    Signs, currencies, grouping and width are read; the digits stay exactly as stated.
    """
    assert text == read_decimal(cell, NumberRule()).text


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("1,5", "number_ambiguous"),
        ("3盒", "number_unit_unknown"),
        ("约5", "number_unreadable"),
        ("1.2.3", "number_unreadable"),
        ("", "number_unreadable"),
    ],
)
def test_uncertain_numbers_are_refused(cell: Cell, rule: str) -> None:
    """
    What can be read in two ways, or carries an unknown unit, gives no value.
    """
    read = read_decimal(cell, NumberRule())
    assert (None, [rule]) == (read.text, rules(read))


@pytest.mark.parametrize(
    ("cell", "rule", "text"),
    [
        ("3盒", NumberRule(unit="盒"), "3"),
        ("1.234,56", NumberRule(decimal=","), "1234.56"),
        ("1,5", NumberRule(decimal=","), "1.5"),
        ("1.2", NumberRule(factor="10000"), "12000"),
    ],
)
def test_a_declaration_settles_units_and_marks(cell: Cell, rule: NumberRule, text: str) -> None:
    """
    The mapping says what the rows cannot prove.
    """
    assert text == read_decimal(cell, rule).text


def test_binary_noise_is_removed_and_told() -> None:
    """
    0.1 + 0.2 in a workbook means 0.3, and the change is noted.
    """
    read = read_decimal(0.1 + 0.2, NumberRule())
    assert (read.text, rules(read)) == ("0.3", ["number_noise"])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (236701.0, "236701"),
        ("236701.0", "236701"),
        ("000004", "000004"),
        ("ＡＢ－１２", "AB-12"),
        ("\u200bX1 ", "X1"),
        ("10²", "10²"),
    ],
)
def test_codes_are_text_and_keep_their_zeros(cell: Cell, text: str) -> None:
    """
    Numbers lose their decimal point, texts keep leading zeros, and only width is folded.
    """
    assert text == read_code(cell).text


@pytest.mark.parametrize(("cell", "rule"), [(1.2345678901234567e17, "digits_lost"), ("1.23457E+17", "scientific")])
def test_codes_a_spreadsheet_has_ruined_are_refused(cell: Cell, rule: str) -> None:
    """
    Lost digits are never filled with zeros.
    """
    read = read_code(cell)
    assert (None, [rule]) == (read.text, rules(read))


def test_halves_are_no_whole_numbers() -> None:
    """
    6.0 is whole, 6.5 is a finding.
    """
    assert read_integer(6.0, NumberRule()).text == "6"
    assert rules(read_integer(6.5, NumberRule())) == ["not_whole"]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_written_money_reads_back_exactly(amount: Decimal) -> None:
    """
    Any amount with two places, plain or grouped, gives the same decimal.
    """
    read = {
        Decimal(read_decimal(form, NumberRule()).text or "NaN") for form in (f"{amount}", f"{amount:,}", f"{amount} 元")
    }
    assert {amount} == read


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_money_in_a_workbook_reads_back_exactly(amount: Decimal) -> None:
    """
    A float cell gives the amount that was typed.
    """
    assert amount == Decimal(read_decimal(float(amount), NumberRule()).text or "NaN")
