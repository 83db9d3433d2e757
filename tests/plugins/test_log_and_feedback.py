"""The sterile batch log adds up, and the quality feedback form closes only when it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from archive_core.model.finding import Severity

if TYPE_CHECKING:
    from plugins.conftest import Desk

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

MOVES = [
    {"moved_on": "2026-03-10", "kind": "in", "quantity": "5000"},
    {"moved_on": "2026-04-01", "kind": "out", "quantity": "1000"},
    {"moved_on": "2026-04-02", "kind": "out", "quantity": "200"},
    {"moved_on": "2026-05-01", "kind": "returned", "quantity": "200"},
    {"moved_on": "2026-05-09", "kind": "destroyed", "quantity": "100"},
]
ANSWER: dict[str, Any] = {
    "closed_on": "2026-10-20",
    "result": "换货",
    "replied_on": "2026-10-19",
    "analysis": "胶塞润滑不足",
    "satisfied": True,
}


@pytest.mark.parametrize(("remaining", "passes"), [("3900", True), ("3899.9999", False), ("3901", False)])
def test_the_log_balances(desk: Desk, remaining: str, *, passes: bool) -> None:
    """In - out + returned - destroyed is what remains, to the last piece."""
    found = desk.rules("sterile_batch_log", quantity_remaining=remaining)
    assert ([] if passes else [("batch_log.balance", ERROR)]) == found


def test_movements_add_up_to_the_totals(desk: Desk) -> None:
    """Stated movements give the stated totals."""
    assert desk.rules("sterile_batch_log", movements=MOVES) == []


def test_a_missing_movement_is_found(desk: Desk) -> None:
    """A movement left out shows in its total."""
    found = desk.findings("sterile_batch_log", movements=MOVES[:-1])
    assert [(one.rule, one.path) for one in found] == [("batch_log.movements", "$.quantity_destroyed")]


def test_a_rejected_lot_is_not_in_stock(desk: Desk) -> None:
    """A lot rejected at acceptance cannot be for sale."""
    assert desk.rules("sterile_batch_log", acceptance="rejected") == [("batch_log.status", ERROR)]
    assert desk.rules("sterile_batch_log", acceptance="rejected", status="blocked") == []


def test_a_lot_sold_out_with_a_rest_is_marked(desk: Desk) -> None:
    """Sold out with pieces remaining is a warning; with none it is right."""
    assert desk.rules("sterile_batch_log", status="sold_out") == [("batch_log.status", WARNING)]
    empty = {"quantity_out": "5100", "quantity_remaining": "0"}
    assert desk.rules("sterile_batch_log", status="sold_out", **empty) == []


@pytest.mark.parametrize(
    ("made", "sterilised", "received", "passes"),
    [
        ("2026-03-02", "2026-03-02", "2026-03-02", True),
        ("2026-03-03", "2026-03-02", "2026-03-09", False),
        ("2026-03-01", "2026-03-02", "2026-03-01", False),
    ],
)
def test_a_lot_is_made_then_sterilised_then_received(
    desk: Desk, made: str, sterilised: str, received: str, *, passes: bool
) -> None:
    """All on one day is admitted, the wrong order is not."""
    found = desk.rules("sterile_batch_log", production_date=made, sterilised_on=sterilised, received_on=received)
    assert passes == (("trade.order", ERROR) not in found)


def test_a_log_with_gaps_is_judged_by_what_it_has(desk: Desk) -> None:
    """A legacy log without totals has no balance to judge."""
    assert (
        desk.rules("sterile_batch_log", gaps=["quantity_returned", "quantity_remaining", "acceptance"], batch=2) == []
    )


def test_an_open_form_passes(desk: Desk) -> None:
    """What came in today needs no answer yet."""
    assert desk.rules("quality_feedback") == []


def test_an_answered_form_can_be_closed(desk: Desk) -> None:
    """With result, answer and analysis a form is closed."""
    assert desk.rules("quality_feedback", **ANSWER) == []


@pytest.mark.parametrize(
    ("name", "severity"), [("result", ERROR), ("replied_on", ERROR), ("analysis", ERROR), ("satisfied", WARNING)]
)
def test_a_form_is_not_closed_half_done(desk: Desk, name: str, severity: Severity) -> None:
    """What a closed form lacks is told at its place."""
    found = desk.findings("quality_feedback", without=[name], **ANSWER)
    assert [(f"$.{name}", severity)] == [(finding.path, finding.severity) for finding in found]


def test_a_reason_stands_for_the_analysis(desk: Desk) -> None:
    """Where nothing was looked into, the reason is enough."""
    assert desk.rules("quality_feedback", without=["analysis"], no_investigation="与产品无关", **ANSWER) == []


@pytest.mark.parametrize("name", ["replied_on", "closed_on", "informed_manufacturer_on"])
@pytest.mark.parametrize(("day", "passes"), [("2026-10-08", True), ("2026-10-07", False)])
def test_nothing_is_answered_before_it_came_in(desk: Desk, name: str, day: str, *, passes: bool) -> None:
    """The same day is admitted, the day before is not."""
    found = [finding.path for finding in desk.findings("quality_feedback", **{**ANSWER, name: day})]
    assert ([] if passes else [f"$.{name}"]) == found


def test_an_adverse_event_asks_for_its_report(desk: Desk) -> None:
    """An adverse event without report number is marked, with one it is not."""
    assert desk.rules("quality_feedback", adverse_event=True) == [("feedback.complete", WARNING)]
    assert desk.rules("quality_feedback", adverse_event=True, adverse_report_no="AE-1") == []


def test_a_device_form_says_what_its_retention_depends_on(desk: Desk) -> None:
    """A device form that does not say whether it is implantable or expires is marked; a drug form needs neither."""
    found = desk.rules("quality_feedback", without=["is_implantable"])
    assert found == [("feedback.complete", WARNING)]
    assert desk.rules("quality_feedback", without=["is_implantable", "no_expiry"], is_device=False) == []


def test_expiry_and_no_expiry_exclude_each_other(desk: Desk) -> None:
    """A stated expiry contradicts having none."""
    assert desk.rules("quality_feedback", no_expiry=True) == [("feedback.consistent", ERROR)]
