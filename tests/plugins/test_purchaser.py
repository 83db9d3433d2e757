"""The purchaser file: its number, its documents, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archive_core.model.finding import Severity

if TYPE_CHECKING:
    from plugins.conftest import Desk

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def documents(**changes: object) -> list[object]:
    """Return one business licence, changed."""
    licence = {"doc_type": "business_licence", "doc_no": "91350100M000100Y43", "valid_to": "2026-11-30", **changes}
    return [{name: value for name, value in licence.items() if value is not None}]


def test_a_complete_file_has_no_finding(desk: Desk) -> None:
    """A file with its documents and staff passes without a word."""
    assert desk.rules("purchaser_file") == []


def test_a_wrong_credit_code_is_refused(desk: Desk) -> None:
    """A company is filed under a credit code whose check character is right."""
    found = desk.rules("purchaser_file", purchaser_no="91350100M000100Y44", without=["uscc"])
    assert found == [("purchaser.number", ERROR)]


@pytest.mark.parametrize("kind", ["medical_institution", "other"])
def test_an_institution_may_be_filed_under_its_licence_number(desk: Desk, kind: str) -> None:
    """A medical institution or other body is filed under its own number."""
    document = {"doc_type": "medical_institution_licence", "doc_no": "PDY1", "long_term": True}
    company = {"doc_type": "legal_person_certificate", "doc_no": "1", "long_term": True}
    found = desk.rules(
        "purchaser_file",
        kind=kind,
        purchaser_no="PDY00003335010017A1001",
        documents=[document, company],
        without=["uscc"],
    )
    assert found == []


def test_a_number_made_by_an_import_is_admitted(desk: Desk) -> None:
    """A key that the source lacked and the import made is no credit code and needs not be one."""
    assert desk.rules("purchaser_file", purchaser_no="LEGACY-7-12", without=["uscc"]) == []


def test_two_different_credit_codes_are_refused(desk: Desk) -> None:
    """Number and credit code of one company agree."""
    assert desk.rules("purchaser_file", uscc="914403001922038216") == [("purchaser.consistent", ERROR)]


def test_a_document_states_its_end(desk: Desk) -> None:
    """A document has a last valid day or is valid without end."""
    assert desk.rules("purchaser_file", documents=documents(valid_to=None)) == [("purchaser.consistent", ERROR)]


def test_a_document_has_not_both_an_end_and_none(desk: Desk) -> None:
    """A document that never ends has no last day."""
    assert desk.rules("purchaser_file", documents=documents(long_term=True)) == [("purchaser.consistent", ERROR)]


@pytest.mark.parametrize(("start", "refused"), [("2026-11-30", False), ("2026-12-01", True)])
def test_a_document_ends_no_earlier_than_it_begins(desk: Desk, start: str, *, refused: bool) -> None:
    """One valid day is enough; an end before the beginning is refused."""
    found = desk.rules("purchaser_file", documents=documents(valid_from=start))
    assert [("purchaser.consistent", ERROR)] * refused == found


def test_a_doubtful_licence_number_is_a_warning(desk: Desk) -> None:
    """The law fixes no form for device licence numbers, so a strange one is only marked."""
    found = desk.rules(
        "purchaser_file", documents=[*documents(), {"doc_type": "device_licence", "doc_no": "x", "long_term": True}]
    )
    assert found == [("purchaser.document_no", WARNING)]


def test_a_missing_business_licence_is_told_early(desk: Desk) -> None:
    """A file without the document that every sale asks for is kept, with a warning."""
    found = desk.rules("purchaser_file", documents=documents(doc_type="quality_agreement"))
    assert found == [("purchaser.complete", WARNING)]


def test_missing_staff_is_told(desk: Desk) -> None:
    """A file without purchasing staff is kept, and says so."""
    assert desk.rules("purchaser_file", without=["staff"]) == [("purchaser.complete", INFO)]


@pytest.mark.parametrize(("day", "expected"), [("2020-01-01", [("purchaser.consistent", ERROR)]), ("2020-01-02", [])])
def test_trade_ends_no_earlier_than_the_file_opened(desk: Desk, day: str, expected: list[tuple[str, Severity]]) -> None:
    """Trade may end on the day the file was opened, not before."""
    assert expected == desk.rules("purchaser_file", status="ended", ended_on=day)


def test_an_ended_file_says_when(desk: Desk) -> None:
    """The retention period counts from the day trade ended, so that day is asked for."""
    assert desk.rules("purchaser_file", status="ended") == [("purchaser.consistent", ERROR)]


def test_declared_gaps_are_passed_over(desk: Desk) -> None:
    """A file from a legacy source without documents or representative is judged by what it has."""
    found = desk.rules("purchaser_file", gaps=["documents", "legal_representative", "kind"], batch=9)
    assert found == []


def test_a_wrong_identity_number_of_staff_is_refused(desk: Desk) -> None:
    """Identity numbers are judged inside lines too, and the place is told."""
    found = desk.findings("purchaser_file", staff=[{"name": "甲", "duty": "purchasing", "id_no": "110105194912310021"}])
    assert [(finding.rule, finding.path) for finding in found] == [("id_number", "$.staff[0].id_no")]
