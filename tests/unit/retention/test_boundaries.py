"""Retention periods end on the day that the law means, on every boundary, for rules alone and for the packs' types."""

from datetime import date

import attrs
import pytest
from archive_after_sales.feedback import QualityFeedback
from archive_device_trade import DeviceSalesRecord, SterileBatchLog, SterileDeviceSalesRecord
from archive_drug_trade import DrugSalesRecord
from archive_parties import PurchaserFile
from hypothesis import given
from hypothesis import strategies as st

from archive_core.model.record_type import type_of
from archive_core.model.retention import (
    CAPTURED,
    After,
    EachLine,
    Longest,
    Permanent,
    Rule,
    Verdict,
    When,
    add_period,
    rule_from_json,
)
from archive_core.model.values import Month

C = date(2026, 11, 21)
DEVICE = When("is_implantable", Permanent(), When("no_expiry", After(CAPTURED, years=5), After("expiry_date", years=2)))
DRUG = Longest(After(CAPTURED, years=5), After("expiry_date", years=1))
PSYCHOTROPIC = After("expiry_date", years=5)
ORDER = EachLine("lines", Longest(DEVICE, DRUG))
PLAIN = {"is_implantable": False, "no_expiry": False}


@attrs.frozen
class Known:
    """What is known of one record: days by trigger, yes/no fields, and lines."""

    days: dict[str, date | Month] = attrs.field(factory=dict)
    flags: dict[str, bool] = attrs.field(factory=dict)
    items: tuple["Known", ...] = ()

    def day(self, trigger: str) -> date | Month | None:
        return self.days.get(trigger)

    def flag(self, field: str) -> bool | None:
        return self.flags.get(field)

    def lines(self, field: str) -> tuple["Known", ...]:
        return self.items if field == "lines" else ()


def device(expiry: date | Month | None = None, *, captured: date = C, **flags: bool) -> Known:
    """Return what is known of a device sale."""
    days: dict[str, date | Month] = {CAPTURED: captured}
    if expiry is not None:
        days["expiry_date"] = expiry
    return Known(days, {**PLAIN, **flags})


def rule_of(cls: type) -> Rule:
    """Return the retention rule that a pack declares."""
    return type_of(cls).retention


@pytest.mark.parametrize(
    ("rule", "facts", "keep_until", "eligible"),
    [
        pytest.param(DEVICE, device(date(2027, 2, 28)), date(2029, 2, 28), date(2029, 3, 1), id="device, expiry"),
        pytest.param(DEVICE, device(date(2028, 2, 29)), date(2030, 2, 28), date(2030, 3, 1), id="device, leap day"),
        pytest.param(DEVICE, device(Month(2027, 5)), date(2029, 5, 31), date(2029, 6, 1), id="device, month expiry"),
        pytest.param(DEVICE, device(no_expiry=True), date(2031, 11, 21), date(2031, 11, 22), id="device, no expiry"),
        pytest.param(DRUG, device(date(2027, 6, 30)), date(2031, 11, 21), date(2031, 11, 22), id="drug, short expiry"),
        pytest.param(DRUG, device(date(2031, 1, 31)), date(2032, 1, 31), date(2032, 2, 1), id="drug, long expiry"),
        pytest.param(
            PSYCHOTROPIC, device(date(2028, 12, 31)), date(2033, 12, 31), date(2034, 1, 1), id="psychotropic ledger"
        ),
    ],
)
def test_a_rule_keeps_until_its_day_and_frees_the_next(
    rule: Rule, facts: Known, keep_until: date, eligible: date
) -> None:
    """ "Keep until" is inclusive; the record may be reviewed on the day after."""
    verdict = rule.judge(facts)
    assert (keep_until, eligible, False, ()) == (
        verdict.keep_until,
        verdict.eligible,
        verdict.permanent,
        verdict.missing,
    )


def test_an_unknown_expiry_never_frees_a_record() -> None:
    """A device whose expiry is not stated, and of which nobody said that it has none, is never eligible."""
    facts = Known({CAPTURED: C}, {"is_implantable": False})
    assert Verdict(missing=("no_expiry",)) == DEVICE.judge(facts)
    assert None is DEVICE.judge(facts).eligible


def test_a_stated_but_missing_expiry_never_frees_a_record() -> None:
    """A device that has an expiry, which nobody wrote down, is never eligible."""
    assert Verdict(missing=("expiry_date",)) == DEVICE.judge(device())


def test_an_implant_is_kept_for_ever() -> None:
    """Whatever else is known, an implantable device's record never becomes eligible."""
    verdict = DEVICE.judge(device(date(2027, 2, 28), is_implantable=True))
    assert (verdict.permanent, verdict.keep_until, verdict.eligible) == (True, None, None)


def test_a_mixed_order_with_an_implant_is_kept_for_ever() -> None:
    """An order with drugs, devices and one implant is kept as its longest line."""
    order = Known(items=(device(date(2027, 6, 30)), device(date(2028, 1, 1)), device(is_implantable=True)))
    assert Verdict(permanent=True) == ORDER.judge(order)


def test_a_mixed_order_without_implant_takes_its_longest_line() -> None:
    """Without an implant the latest end of all lines counts."""
    order = Known(items=(device(date(2027, 6, 30)), device(date(2034, 1, 31))))
    assert Verdict(date(2036, 1, 31)) == ORDER.judge(order)


def test_one_unknown_line_holds_the_whole_order() -> None:
    """A line whose period is unknown keeps the order out of review, and the trigger is named."""
    order = Known(items=(device(date(2027, 6, 30)), device()))
    assert Verdict(missing=("expiry_date",)) == ORDER.judge(order)


def test_an_order_without_lines_is_unknown() -> None:
    """A record that should have lines and has none is never eligible."""
    assert Verdict(missing=("lines",)) == ORDER.judge(Known())


@pytest.mark.parametrize(
    ("start", "years", "expected"),
    [
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2026, 12, 31), 5, date(2031, 12, 31)),
        (date(2027, 2, 28), 1, date(2028, 2, 28)),
    ],
)
def test_years_end_on_the_same_day_or_the_last_of_the_month(start: date, years: int, expected: date) -> None:
    """Only 29 February changes its day, and comes back in a leap year."""
    assert expected == add_period(start, years=years)


SALES = [DeviceSalesRecord, SterileDeviceSalesRecord, SterileBatchLog]


@pytest.mark.parametrize("cls", SALES)
def test_implants_of_every_device_type_are_permanent(cls: type) -> None:
    """All device record types keep implantable devices for ever."""
    assert Verdict(permanent=True) == rule_of(cls).judge(device(date(2027, 2, 28), is_implantable=True))


@pytest.mark.parametrize(
    ("cls", "expiry", "expected"),
    [
        (DeviceSalesRecord, date(2027, 2, 28), date(2029, 2, 28)),
        (DeviceSalesRecord, date(2028, 2, 29), date(2030, 2, 28)),
        (DeviceSalesRecord, Month(2027, 5), date(2029, 5, 31)),
        (SterileDeviceSalesRecord, date(2029, 11, 20), date(2031, 11, 21)),
        (SterileDeviceSalesRecord, date(2029, 11, 21), date(2031, 11, 21)),
        (SterileDeviceSalesRecord, date(2029, 11, 22), date(2031, 11, 22)),
        (SterileBatchLog, date(2029, 11, 20), date(2031, 11, 21)),
        (SterileBatchLog, date(2029, 11, 22), date(2031, 11, 22)),
    ],
)
def test_device_types_keep_two_years_after_expiry(cls: type, expiry: date | Month, expected: date) -> None:
    """Expiry + 2 years; sterile devices at least 5 years from capture."""
    assert Verdict(expected) == rule_of(cls).judge(device(expiry))


def test_devices_without_expiry_are_kept_five_years() -> None:
    """Said to have no expiry: 5 years from capture; said nothing: never eligible."""
    rule = rule_of(DeviceSalesRecord)
    assert Verdict(date(2031, 11, 21)) == rule.judge(device(no_expiry=True))
    assert Verdict(missing=("no_expiry",)) == rule.judge(Known({CAPTURED: C}, {"is_implantable": False}))


@pytest.mark.parametrize(
    ("expiry", "flags", "expected"),
    [
        (date(2027, 6, 30), {}, date(2031, 11, 21)),
        (date(2030, 11, 21), {}, date(2031, 11, 21)),
        (date(2030, 11, 22), {}, date(2031, 11, 22)),
        (date(2031, 1, 31), {}, date(2032, 1, 31)),
        (None, {"no_expiry": True}, date(2031, 11, 21)),
        (date(2028, 12, 31), {"special_control": True}, date(2033, 12, 31)),
    ],
)
def test_drug_sales_keep_the_longer_of_two_periods(expiry: date | None, flags: dict[str, bool], expected: date) -> None:
    """5 years from capture or expiry + 1 year, whichever is later; special ledgers expiry + 5 years."""
    facts = attrs.evolve(device(expiry), flags={**PLAIN, "special_control": False, **flags})
    assert Verdict(expected) == rule_of(DrugSalesRecord).judge(facts)


def test_a_drug_sale_without_known_expiry_is_never_eligible() -> None:
    """Old sales whose expiry the source lacks are listed with the missing trigger."""
    assert Verdict(missing=("expiry_date",)) == rule_of(DrugSalesRecord).judge(device(special_control=False))


def test_a_purchaser_file_in_use_is_never_eligible() -> None:
    """While trade goes on, the end of trade is unknown and the file stays."""
    assert Verdict(missing=("ended_on", "last_expiry_on")) == rule_of(PurchaserFile).judge(Known({CAPTURED: C}))


@pytest.mark.parametrize(
    ("ended", "expiry", "expected"),
    [
        (date(2027, 1, 31), date(2029, 1, 31), date(2032, 1, 31)),
        (date(2027, 1, 31), date(2030, 6, 30), date(2032, 6, 30)),
        (date(2020, 1, 31), date(2020, 1, 31), date(2031, 11, 21)),
    ],
)
def test_a_purchaser_file_outlives_the_last_goods_sold(ended: date, expiry: date, expected: date) -> None:
    """The latest of: end of trade + 5 years, expiry of the last goods + 2 years, capture + 5 years."""
    facts = Known({CAPTURED: C, "ended_on": ended, "last_expiry_on": expiry})
    assert Verdict(expected) == rule_of(PurchaserFile).judge(facts)


@pytest.mark.parametrize(
    ("flags", "days", "expected"),
    [
        ({"is_device": False}, {}, Verdict(missing=("closed_on",))),
        ({"is_device": False}, {"closed_on": date(2026, 12, 1)}, Verdict(date(2031, 12, 1))),
        ({"is_device": True, "is_implantable": True}, {}, Verdict(permanent=True)),
        (
            {"is_device": True, "is_implantable": False, "no_expiry": True},
            {"closed_on": date(2026, 12, 1)},
            Verdict(date(2031, 12, 1)),
        ),
        (
            {"is_device": True, "is_implantable": False, "no_expiry": False},
            {"closed_on": date(2026, 12, 1), "expiry_date": date(2030, 2, 28)},
            Verdict(date(2032, 2, 28)),
        ),
        ({"is_device": True}, {"closed_on": date(2026, 12, 1)}, Verdict(missing=("is_implantable",))),
    ],
)
def test_feedback_is_kept_as_its_product(flags: dict[str, bool], days: dict[str, date], expected: Verdict) -> None:
    """An open form is never eligible; a closed one is kept 5 years, a device's as long as its sale."""
    assert expected == rule_of(QualityFeedback).judge(Known({CAPTURED: C, **days}, flags))


@pytest.mark.parametrize("rule", [DEVICE, DRUG, PSYCHOTROPIC, ORDER, *(rule_of(cls) for cls in SALES)])
def test_a_rule_comes_back_from_its_definition(rule: Rule) -> None:
    """A rule written into a definition and read back judges alike."""
    assert rule == rule_from_json(rule.to_json())


@given(expiry=st.dates(date(1990, 1, 1), date(2090, 1, 1)), captured=st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_drug_sales_satisfy_both_periods(expiry: date, captured: date) -> None:
    """Whatever the days, neither 5 years from capture nor 1 year from expiry is cut short."""
    keep_until = DRUG.judge(device(expiry, captured=captured)).keep_until
    assert keep_until is not None
    assert max(add_period(captured, years=5), add_period(expiry, years=1)) == keep_until
