"""The sale gate X1: no sale to a purchaser whose file or documents do not cover the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archive_core.model.finding import Severity

if TYPE_CHECKING:
    from plugins.conftest import Desk, Shelf

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

BUYER = "91350100M000100Y43"
SALES = ["device_sales_record", "drug_sales_record", "sterile_device_sales_record"]


@pytest.mark.parametrize("type_name", SALES)
@pytest.mark.parametrize(("day", "passes"), [("2026-11-30", True), ("2026-12-01", False)])
def test_a_licence_covers_its_last_day_and_not_the_next(desk: Desk, type_name: str, day: str, *, passes: bool) -> None:
    """A licence valid through 2026-11-30 lets a sale pass on that day and stops it on the next."""
    found = desk.rules(type_name, sale_date=day)
    assert ([] if passes else [("X1.not_valid", ERROR)]) == found


@pytest.mark.parametrize(("day", "passes"), [("2026-06-01", True), ("2026-05-31", False)])
def test_a_licence_covers_its_first_day_and_not_the_one_before(
    desk: Desk, shelf: Shelf, day: str, *, passes: bool
) -> None:
    """A licence valid from 2026-06-01 lets a sale pass on that day and not before."""
    held = {"doc_type": "device_licence", "doc_no": "x", "valid_from": "2026-06-01", "valid_to": "2031-05-31"}
    _hold(shelf, [_company(), held])
    assert ([] if passes else [("X1.not_valid", ERROR)]) == desk.rules("device_sales_record", sale_date=day)


def test_the_refusal_names_document_period_and_record(desk: Desk) -> None:
    """The sentence says which document, valid until when, and which record to amend."""
    finding = desk.findings("drug_sales_record", sale_date="2026-12-01")[0]
    assert (
        finding.en
    ) == "Drug trading licence not valid on the sale date 2026-12-01: 闽AA0200001 from 2021-12-01 to 2026-11-30"
    assert (
        finding.path,
        finding.hint_en,
    ) == ("$.buyer", "add the valid document to record 1 and have quality management sign it")


def test_a_renewed_licence_opens_the_gate_again(desk: Desk, shelf: Shelf) -> None:
    """The old and the new licence on file together cover both periods."""
    old = {"doc_type": "drug_licence", "doc_no": "闽AA0200001", "valid_to": "2026-11-30"}
    new = {"doc_type": "drug_licence", "doc_no": "闽AA591000001", "valid_from": "2026-12-01", "valid_to": "2031-11-30"}
    _hold(shelf, [_company(), old, new])
    assert desk.rules("drug_sales_record", sale_date="2026-12-01") == []
    assert desk.rules("drug_sales_record", sale_date="2026-11-30") == []


def test_a_buyer_without_a_file_is_refused(desk: Desk) -> None:
    """Nothing is sold to a purchaser that has no file in force."""
    found = desk.rules("drug_sales_record", buyer={"key": "914403001922038216"})
    assert found == [("X1.no_file", ERROR)]


def test_a_suspended_buyer_is_refused(desk: Desk, shelf: Shelf) -> None:
    """Nothing is sold while supply is suspended, however valid the documents."""
    _hold(shelf, None, status="suspended")
    assert desk.rules("drug_sales_record") == [("X1.suspended", ERROR)]


def test_each_missing_document_is_told(desk: Desk, shelf: Shelf) -> None:
    """A buyer with neither business licence nor drug licence gets a finding for each."""
    _hold(shelf, [{"doc_type": "quality_agreement", "doc_no": "1", "long_term": True}])
    assert desk.rules("drug_sales_record") == [("X1.missing", ERROR), ("X1.missing", ERROR)]


@pytest.mark.parametrize(
    ("device_class", "number", "held", "passes"),
    [
        ("3", "国械注准20173140123", "device_filing", False),
        ("3", "国械注准20173140123", "device_licence", True),
        ("2", "闽械注准20172140123", "device_filing", True),
        ("1", "闽榕械备20170001", "quality_agreement", True),
    ],
)
def test_the_class_decides_which_licence_is_needed(
    desk: Desk, shelf: Shelf, *, device_class: str, number: str, held: str, passes: bool
) -> None:
    """Class III needs a licence, class II a filing or a licence, class I neither."""
    _hold(shelf, [_company(), {"doc_type": held, "doc_no": "1", "long_term": True}])
    found = desk.rules("device_sales_record", device_class=device_class, registration_no=number)
    assert ([] if passes else [("X1.missing", ERROR)]) == found


def test_a_hospital_needs_its_own_licence_only(desk: Desk, shelf: Shelf) -> None:
    """A medical institution buys drugs and devices on its practice licence."""
    licence = {"doc_type": "medical_institution_licence", "doc_no": "PDY1", "valid_to": "2027-01-01"}
    _hold(shelf, [licence], kind="medical_institution")
    assert [desk.rules("drug_sales_record"), desk.rules("device_sales_record")] == [[], []]


def test_in_an_import_a_closed_gate_is_a_warning(desk: Desk) -> None:
    """What was sold years ago is kept as it was, with a warning."""
    assert desk.rules("drug_sales_record", sale_date="2026-12-01", batch=5) == [("X1.not_valid", WARNING)]


def test_a_gap_leaves_nothing_to_judge_and_says_so(desk: Desk) -> None:
    """Where the source names no buyer the rule says that it could not judge."""
    found = desk.findings("drug_sales_record", gaps=["buyer"], batch=5)
    assert [(one.rule, one.severity, one.path) for one in found] == [("X1.not_judged", INFO, "$.buyer")]


def test_goods_that_come_back_pass_the_gate(desk: Desk) -> None:
    """A return is no sale: it is taken from a buyer whose licence has ended since."""
    found = desk.rules(
        "drug_sales_record", sale_date="2026-12-01", quantity="-3", amount="-37.04", return_of={"key": "YP-0/1"}
    )
    assert found == [("trade.return", INFO)]


def test_an_amendment_that_leaves_buyer_and_day_alone_is_not_judged_again(desk: Desk, shelf: Shelf) -> None:
    """A sale captured lawfully can be corrected after the buyer's licence was replaced."""
    sale = shelf.put("drug_sales_record", "YP-2026-0001/1", {"buyer": {"key": BUYER}, "sale_date": "2026-12-01"})
    assert desk.rules("drug_sales_record", sale_date="2026-12-01", record=sale.record) == []


def test_an_amendment_that_moves_the_day_is_judged(desk: Desk, shelf: Shelf) -> None:
    """A correction cannot slip a sale past the gate."""
    sale = shelf.put("drug_sales_record", "YP-2026-0001/1", {"buyer": {"key": BUYER}, "sale_date": "2026-11-30"})
    found = desk.rules("drug_sales_record", sale_date="2026-12-01", record=sale.record)
    assert found == [("X1.not_valid", ERROR)]


def test_records_that_are_no_sale_pass(desk: Desk) -> None:
    """A record without a sale date has no gate to pass."""
    assert desk.rules("quality_feedback", customer={"key": "nobody"}) == []


def _company() -> dict[str, object]:
    return {"doc_type": "business_licence", "doc_no": BUYER, "long_term": True}


def _hold(shelf: Shelf, documents: object, **changes: object) -> None:
    known = shelf.in_force("purchaser_file", BUYER)
    fields = dict(known.fields) if known else {}
    fields.update(changes)  # type: ignore[arg-type]
    if documents is not None:
        fields["documents"] = documents  # type: ignore[assignment]
    shelf.put("purchaser_file", BUYER, fields)
