"""Device sales: amount, dates, class, returns, expiry (X8) and what sterile devices need (X21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from archive_core.model.finding import Severity

if TYPE_CHECKING:
    from plugins.conftest import Desk, Shelf

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

BOTH = ["device_sales_record", "sterile_device_sales_record"]
NUMBER = "国械注准20173140123"
LOG_KEY = f"{NUMBER}/20260301/M20260302"


@pytest.mark.parametrize("type_name", BOTH)
@pytest.mark.parametrize(("amount", "passes"), [("350.00", True), ("350.01", False), ("349.99", False)])
def test_amount_is_quantity_times_price(desk: Desk, type_name: str, amount: str, *, passes: bool) -> None:
    """One cent too much or too little is refused."""
    assert ([] if passes else [("trade.amount", ERROR)]) == desk.rules(type_name, amount=amount)


@pytest.mark.parametrize(("price", "amount"), [("0.125", "0.13"), ("0.124999", "0.12"), ("0.115", "0.12")])
def test_half_a_cent_is_rounded_up(desk: Desk, price: str, amount: str) -> None:
    """The amount is rounded half up to the cent, not to the even neighbour."""
    assert desk.rules("device_sales_record", quantity="1", unit_price=price, amount=amount) == []


def test_in_an_import_a_wrong_amount_is_a_warning(desk: Desk) -> None:
    """An old sale whose amount does not add up is kept as it was."""
    assert desk.rules("device_sales_record", amount="350.01", batch=5) == [("trade.amount", WARNING)]


@pytest.mark.parametrize("type_name", BOTH)
@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ("2026-11-20", [("X8.expired", ERROR)]),
        ("2026-10", [("X8.expired", ERROR)]),
        ("2026-11-21", [("X8.near_expiry", WARNING)]),
        ("2026-11", [("X8.near_expiry", WARNING)]),
        ("2027-05-20", [("X8.near_expiry", WARNING)]),
        ("2027-05-21", []),
    ],
)
def test_expired_goods_are_refused_and_old_ones_marked(
    desk: Desk, type_name: str, expiry: str, expected: list[tuple[str, Severity]]
) -> None:
    """The expiry day itself is the last day of sale; within 180 days of it the sale is marked."""
    assert expected == desk.rules(type_name, expiry_date=expiry)


def test_in_an_import_expired_goods_are_a_warning(desk: Desk) -> None:
    """Expired goods that were sold years ago are told, not refused."""
    assert desk.rules("device_sales_record", expiry_date="2026-10", batch=5) == [("X8.expired", WARNING)]


@pytest.mark.parametrize("type_name", BOTH)
def test_the_class_is_the_one_of_the_registration_number(desk: Desk, type_name: str) -> None:
    """A number of class 3 does not go with class 2."""
    assert desk.rules(type_name, device_class="2") == [("device.class", ERROR)]


def test_an_old_number_says_no_class(desk: Desk) -> None:
    """Numbers from before 2014 are admitted with any class, with a warning."""
    found = desk.rules("device_sales_record", registration_no="国食药监械(准)字2010第3150123号", device_class="2")
    assert found == [("device_product_no", WARNING)]


@pytest.mark.parametrize(
    ("year", "batch", "expected"),
    [
        ("2026", None, []),
        ("2027", None, [("device.registration", ERROR)]),
        ("2027", 5, [("device.registration", WARNING)]),
    ],
)
def test_a_device_is_registered_before_it_is_sold(
    desk: Desk, year: str, batch: int | None, expected: list[tuple[str, Severity]]
) -> None:
    """The year in the registration number is not after the sale."""
    assert expected == desk.rules("device_sales_record", registration_no=f"国械注准{year}3140123", batch=batch)


@pytest.mark.parametrize(
    ("made", "sterilised", "sold", "expected"),
    [
        ("2026-03-01", "2026-03-01", "2026-03-01", []),
        ("2026-03", "2026-03-01", "2026-03-01", []),
        ("2026-03-02", "2026-03-01", "2026-03-03", ["$.sterilised_on", "$.sterilised_on"]),
        ("2026-03-01", "2026-03-04", "2026-03-03", ["$.sale_date"]),
    ],
)
def test_made_then_sterilised_then_sold(desk: Desk, made: str, sterilised: str, sold: str, expected: list[str]) -> None:
    """All on one day is admitted; an earlier step on a later day is refused at the later step."""
    found = desk.findings("sterile_device_sales_record", production_date=made, sterilised_on=sterilised, sale_date=sold)
    assert expected == [finding.path for finding in found if finding.rule == "trade.order"]


def test_expiry_is_not_before_production(desk: Desk) -> None:
    """Goods do not expire before they were made, even where the sale is not known to be later."""
    found = desk.rules(
        "device_sales_record", production_date="2026-03-01", expiry_date="2026-02", gaps=["sale_date"], batch=1
    )
    assert ("trade.order", ERROR) in found


def test_goods_without_expiry_state_none(desk: Desk) -> None:
    """An expiry date and "without expiry" contradict each other."""
    assert desk.rules("device_sales_record", no_expiry=True) == [("trade.expiry", ERROR)]


def test_goods_with_expiry_state_it(desk: Desk) -> None:
    """Unless it is said that there is none, the expiry is asked for."""
    assert desk.rules("device_sales_record", without=["expiry_date"]) == [("trade.required", ERROR)]
    assert desk.rules("device_sales_record", without=["expiry_date"], no_expiry=True) == []


def test_a_declared_gap_in_the_expiry_is_admitted(desk: Desk) -> None:
    """An expiry that the legacy source lacks is not asked for."""
    assert desk.rules("device_sales_record", gaps=["expiry_date"], batch=5) == []


def test_a_device_has_a_lot_or_a_serial_number(desk: Desk) -> None:
    """Either is enough, neither is refused."""
    assert desk.rules("device_sales_record", without=["batch_no"]) == [("trade.required", ERROR)]
    assert desk.rules("device_sales_record", without=["batch_no"], serial_no="SN-000123") == []


@pytest.mark.parametrize(
    ("quantity", "amount", "returned", "expected"),
    [
        ("0", "0.00", False, [("trade.direction", ERROR)]),
        ("-1000", "-350.00", False, [("trade.direction", ERROR)]),
        ("1000", "350.00", True, [("trade.direction", ERROR), ("trade.return", INFO)]),
        ("-1000", "-350.00", True, [("trade.return", INFO)]),
    ],
)
def test_returns_count_below_zero_and_name_their_sale(
    desk: Desk, quantity: str, amount: str, *, returned: bool, expected: list[tuple[str, Severity]]
) -> None:
    """Sold goods count up; goods that come back count down and name a sale, which may not be on file."""
    more = {"return_of": {"key": "XS-0/1"}} if returned else {}
    assert expected == desk.rules("device_sales_record", quantity=quantity, amount=amount, **more)


@pytest.mark.parametrize(("lot", "expected"), [("20260301", []), ("20260302", [("trade.return", ERROR)])])
def test_what_comes_back_is_what_was_sold(
    desk: Desk, shelf: Shelf, lot: str, expected: list[tuple[str, Severity]]
) -> None:
    """A return of another lot than was sold is refused."""
    shelf.put("device_sales_record", "XS-1/1", {"registration_no": NUMBER, "batch_no": lot})
    found = desk.rules("device_sales_record", quantity="-1", amount="-0.35", return_of={"key": "XS-1/1"})
    assert expected == found


def test_a_sterile_quantity_is_above_zero(desk: Desk) -> None:
    """Sterile devices that come back are kept in the batch log, never resold or counted below zero."""
    assert desk.rules("sterile_device_sales_record", quantity="0", amount="0.00") == [("number.low", ERROR)]


def test_another_name_than_on_file_is_marked(desk: Desk, shelf: Shelf) -> None:
    """The printed name of the buyer is compared with the file; in an import it is only a note."""
    buyer = {"key": "91350100M000100Y43", "record": 1}
    found = [desk.rules("device_sales_record", buyer=buyer, purchaser_name="别家", batch=batch) for batch in (None, 5)]
    assert found == [[("trade.buyer_name", WARNING)], [("trade.buyer_name", INFO)]]


@pytest.mark.parametrize(("batch", "severity"), [(None, ERROR), (5, WARNING)])
def test_a_sterile_device_has_a_record_type_of_its_own(desk: Desk, batch: int | None, severity: Severity) -> None:
    """X21: sterile single-use devices are not captured as plain device sales."""
    assert [("X21.type", severity)] == desk.rules("device_sales_record", is_sterile=True, batch=batch)


@pytest.mark.parametrize("name", ["batch_no", "sterilisation_lot", "expiry_date"])
def test_a_sterile_sale_states_its_lots_and_expiry(desk: Desk, name: str) -> None:
    """X21: without lot, sterilisation lot or expiry a sterile sale is refused; as a declared gap it is marked."""
    assert desk.rules("sterile_device_sales_record", without=[name]) == [("field.required", ERROR)]
    assert desk.rules("sterile_device_sales_record", gaps=[name], batch=5) == [("X21.traced", WARNING)]


def test_a_definition_with_one_signature_is_refused(desk: Desk) -> None:
    """X21: a definition that no longer asks for two people's signatures takes no sterile sale."""
    found = desk.rules(
        "sterile_device_sales_record", definition=lambda known: attrs.evolve(known, sign_off=known.sign_off[:1])
    )
    assert found == [("X21.signatures", ERROR)]


def test_one_person_for_both_signatures_is_refused(desk: Desk) -> None:
    """X21: a definition that lets one person sign twice takes no sterile sale."""
    steps = (attrs.evolve(step, not_by=()) for step in desk.registry.installed(BOTH[1]).record_type.sign_off)
    both = tuple(steps)
    found = desk.rules("sterile_device_sales_record", definition=lambda known: attrs.evolve(known, sign_off=both))
    assert found == [("X21.signatures", ERROR)]


@pytest.mark.parametrize("status", ["quarantined", "blocked", "recalled", "destroyed"])
def test_a_blocked_lot_is_not_sold(desk: Desk, shelf: Shelf, status: str) -> None:
    """A lot whose log says stop is refused."""
    shelf.put(
        "sterile_batch_log", LOG_KEY, {"status": status, "expiry_date": "2029-02-28", "sterilised_on": "2026-03-02"}
    )
    assert desk.rules("sterile_device_sales_record") == [("X7.blocked", ERROR)]


@pytest.mark.parametrize(
    ("expiry", "sterilised", "expected"),
    [
        ("2029-02-28", "2026-11-21", []),
        ("2029-03-31", "2026-03-02", [("X21.expiry", ERROR)]),
        ("2029-02-28", "2026-11-22", [("X21.order", ERROR)]),
    ],
)
def test_a_lot_has_one_expiry_and_is_sold_after_sterilisation(
    desk: Desk, shelf: Shelf, expiry: str, sterilised: str, expected: list[tuple[str, Severity]]
) -> None:
    """A sale is compared with the log of its lot; the day of sterilisation itself is admitted."""
    shelf.put("sterile_batch_log", LOG_KEY, {"status": "in_stock", "expiry_date": expiry, "sterilised_on": sterilised})
    assert expected == desk.rules("sterile_device_sales_record")
