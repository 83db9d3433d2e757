"""Drug sales: what each kind of goods must state, amount, expiry, returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from archive_core.model.finding import Severity

if TYPE_CHECKING:
    from plugins.conftest import Desk, Shelf

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

HERB = ["dosage_form", "approval_no", "batch_no", "expiry_date", "mah_name", "manufacturer"]


@pytest.mark.parametrize("name", HERB)
def test_a_drug_states_what_the_law_asks_for(desk: Desk, name: str) -> None:
    """Without dosage form, approval, lot, expiry, authorisation holder or manufacturer a drug sale is refused."""
    found = desk.findings("drug_sales_record", without=[name])
    assert [("trade.required", ERROR, f"$.{name}")] == [(one.rule, one.severity, one.path) for one in found]


@pytest.mark.parametrize("name", HERB)
def test_a_declared_gap_is_not_asked_for(desk: Desk, name: str) -> None:
    """What the legacy source lacks is a gap, not an error."""
    assert desk.rules("drug_sales_record", gaps=[name], batch=5) == []


def test_an_undeclared_absence_in_an_import_is_refused(desk: Desk) -> None:
    """An import declares its gaps: what is merely missing is an error."""
    assert desk.rules("drug_sales_record", without=["batch_no"], batch=5) == [("trade.required", ERROR)]


def test_raw_herbs_need_neither_lot_nor_expiry(desk: Desk) -> None:
    """Raw herbs state their origin instead."""
    herb = {"variant": "tcm_material", "no_expiry": True}
    assert desk.rules("drug_sales_record", without=HERB, origin="甘肃岷县", **herb) == []
    assert desk.rules("drug_sales_record", without=HERB, **herb) == [("trade.required", ERROR)]


def test_decoction_pieces_need_lot_origin_and_maker(desk: Desk) -> None:
    """Decoction pieces state lot, origin and manufacturer, and no approval."""
    pieces = {"variant": "tcm_slices", "origin": "四川"}
    asked_not = ["approval_no", "mah_name", "dosage_form"]
    assert desk.rules("drug_sales_record", without=asked_not, **pieces) == []
    found = desk.findings("drug_sales_record", without=[*asked_not, "batch_no", "manufacturer"], variant="tcm_slices")
    assert [finding.path for finding in found] == ["$.batch_no", "$.origin", "$.manufacturer"]


def test_pieces_with_an_expiry_state_it(desk: Desk) -> None:
    """Pieces that are not without expiry state the expiry."""
    found = desk.findings("drug_sales_record", without=["expiry_date"], variant="tcm_slices", origin="四川")
    assert [finding.path for finding in found] == ["$.expiry_date"]


def test_a_drug_is_never_without_expiry(desk: Desk) -> None:
    """Only herbs may be without expiry."""
    found = desk.rules("drug_sales_record", without=["expiry_date"], no_expiry=True)
    assert found == [("drug.variant", ERROR), ("trade.required", ERROR)]


def test_an_expiry_contradicts_having_none(desk: Desk) -> None:
    """An expiry date and "without expiry" exclude each other."""
    found = desk.rules("drug_sales_record", variant="tcm_slices", origin="四川", no_expiry=True)
    assert found == [("trade.expiry", ERROR)]


@pytest.mark.parametrize(("amount", "passes"), [("37.04", True), ("37.03", False), ("37.05", False)])
def test_the_amount_is_rounded_half_up(desk: Desk, amount: str, *, passes: bool) -> None:
    """3 x 12.345 is 37.035, which is 37.04."""
    assert ([] if passes else [("trade.amount", ERROR)]) == desk.rules("drug_sales_record", amount=amount)


def test_a_return_is_rounded_like_its_sale(desk: Desk, shelf: Shelf) -> None:
    """-3 x 12.345 is -37.04, so that sale and return add up to nothing."""
    shelf.put("drug_sales_record", "YP-1/1", {"generic_name": "阿莫西林胶囊", "batch_no": "2603A"})
    found = desk.rules("drug_sales_record", quantity="-3", amount="-37.04", return_of={"key": "YP-1/1"})
    assert found == []


@pytest.mark.parametrize(("batch", "severity"), [(None, ERROR), (5, WARNING)])
def test_a_return_of_another_lot_is_told(desk: Desk, shelf: Shelf, batch: int | None, severity: Severity) -> None:
    """What comes back is of the lot that was sold."""
    shelf.put("drug_sales_record", "YP-1/1", {"generic_name": "阿莫西林胶囊", "batch_no": "other"})
    found = desk.rules("drug_sales_record", quantity="-3", amount="-37.04", return_of={"key": "YP-1/1"}, batch=batch)
    assert [("trade.return", severity)] == found


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ("2026-11-20", [("X8.expired", ERROR)]),
        ("2026-11", [("X8.near_expiry", WARNING)]),
        ("2027-05-20", [("X8.near_expiry", WARNING)]),
        ("2027-05-21", []),
    ],
)
def test_expired_drugs_are_refused_and_old_ones_marked(
    desk: Desk, expiry: str, expected: list[tuple[str, Severity]]
) -> None:
    """The expiry day itself is the last day of sale; within 180 days of it the sale is marked."""
    assert expected == desk.rules("drug_sales_record", expiry_date=expiry)


def test_a_wrong_approval_number_is_refused(desk: Desk) -> None:
    """The approval number has one of the lawful forms."""
    assert desk.rules("drug_sales_record", approval_no="国药准字2005752") == [("drug_approval_no", ERROR)]
