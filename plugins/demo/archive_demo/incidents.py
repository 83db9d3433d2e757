"""
What an inspector would ask for: corrections with their reasons, a refused one, a withdrawn record, a stopped lot, an
expired licence, and work that waits.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import attrs

from archive_core import ArchiveError
from archive_demo import makers
from archive_demo.cast import CLERK, HANDLER, KEEPER, QA, RESPONSIBLE, SALES, Colleague, Office
from archive_demo.words import devices

Fields = dict[str, Any]
Trade = dict[str, list[Fields]]


@attrs.frozen
class Incident:
    """
    One thing to look at: the record it happened to (None where nothing was captured), and what happened.
    """

    record: int | None
    zh: str
    en: str


def incidents(office: Office, trade: Trade, today: date) -> Iterator[Incident]:
    """
    Make every incident happen and tell of it.
    """
    expired = next(one for one in reversed(trade["purchaser_file"]) if _ends(one) < str(today))
    yield _move(office, trade["purchaser_file"][0])
    yield _correct_quantity(office, trade["sterile_device_sales_record"][-4])
    yield _refuse_correction(office, trade["sterile_device_sales_record"][-7])
    yield _withdraw(office, trade["drug_sales_record"][-5])
    yield _sell(
        office,
        _sale(trade, expired, today),
        "向执照已过期的购货者销售",
        "a sale to a purchaser whose licence has ended",
    )
    yield _renew(office, expired, today)
    yield _stop_lot(office, trade["sterile_batch_log"][-3])
    yield _sell(office, _stopped_sale(trade, today), "销售已停售的批次", "a sale of a stopped lot")
    yield _leave_waiting(office, trade["purchaser_file"][1])


def _amend(
    office: Office, author: Colleague, type_name: str, key: str, *, change: Callable[[Fields], Fields], reason: str
) -> int:
    desk = office.desk(author)
    view = desk.show(desk.find(type_name, key))
    desk.amend(view.record, {**view.fields, **change(view.fields)}, reason=reason, seen=view.version)
    return view.record


def _move(office: Office, purchaser: Fields) -> Incident:
    moved = f"{purchaser['registered_address']}二层"
    record = _amend(
        office,
        SALES,
        "purchaser_file",
        purchaser["purchaser_no"],
        change=lambda _: {"registered_address": moved},
        reason="注册地址变更，已核对新营业执照",
    )
    office.desk(QA).sign(record)
    return Incident(record, "注册地址变更，版本 2 现行", "a purchaser moved; version 2 is in force")


def _correct_quantity(office: Office, sale: Fields) -> Incident:
    quantity = int(sale["quantity"]) + 50
    price = next(device.price for device in devices(sterile=True) if device.name == sale["device_name"])
    record = _amend(
        office,
        HANDLER,
        "sterile_device_sales_record",
        _key(sale),
        change=lambda _: {"quantity": str(quantity), "amount": makers.amount(quantity, price)},
        reason="数量录入错误，按出库单更正",
    )
    office.desk(HANDLER).sign(record)
    office.desk(RESPONSIBLE).sign(record)
    return Incident(record, "销售数量更正，两人签核", "a quantity was corrected and signed by two people")


def _refuse_correction(office: Office, sale: Fields) -> Incident:
    record = _amend(
        office,
        HANDLER,
        "sterile_device_sales_record",
        _key(sale),
        change=lambda fields: {"remarks": f"批号应为 {fields['batch_no']}A"},
        reason="客户来电称批号不符",
    )
    office.desk(HANDLER).sign(record)
    office.desk(RESPONSIBLE).reject(record, reason="无出库凭证支持，不予更正")
    return Incident(
        record, "更正被负责人驳回，原版本仍现行", "a correction was refused; the earlier version stays in force"
    )


def _withdraw(office: Office, sale: Fields) -> Incident:
    desk = office.desk(CLERK)
    view = desk.show(desk.find("drug_sales_record", _key(sale)))
    desk.withdraw(view.record, reason="重复开票，发票已红冲", seen=view.version)
    desk.sign(view.record)
    office.desk(QA).sign(view.record)
    return Incident(view.record, "重复开票的销售记录作废", "a sale that was invoiced twice was withdrawn")


def _sell(office: Office, sale: Fields, zh: str, en: str) -> Incident:
    try:
        captured = office.desk(HANDLER).capture("sterile_device_sales_record", sale)
    except ArchiveError as refusal:
        return Incident(None, f"{zh}被拒绝", f"{en} was refused: {_first_line(refusal)}")
    return Incident(captured.record, f"{zh}未被拒绝", f"{en} was not refused")


def _renew(office: Office, purchaser: Fields, today: date) -> Incident:
    renewed = [
        {**document, "issued_on": str(today), "valid_from": str(today), "valid_to": str(today + timedelta(days=1825))}
        for document in purchaser["documents"]
        if "valid_to" in document
    ]
    record = _amend(
        office,
        SALES,
        "purchaser_file",
        purchaser["purchaser_no"],
        change=lambda fields: {"documents": [*fields["documents"], *renewed]},
        reason="证照换发，已登录官网核查",
    )
    return Incident(record, "换证资料等待质管部审核", "the renewed licence waits for quality management")


def _stop_lot(office: Office, log: Fields) -> Incident:
    record = _amend(
        office,
        KEEPER,
        "sterile_batch_log",
        f"{log['registration_no']}/{log['batch_no']}/{log['sterilisation_lot']}",
        change=lambda _: {"status": "blocked", "remarks": "接到生产企业通知，停售待查"},
        reason="生产企业通知停售",
    )
    office.desk(KEEPER).sign(record)
    office.desk(QA).sign(record)
    return Incident(record, "批次停售", "the sale of a lot was stopped")


def _leave_waiting(office: Office, purchaser: Fields) -> Incident:
    record = _amend(
        office,
        SALES,
        "purchaser_file",
        purchaser["purchaser_no"],
        change=lambda _: {"credit": "c"},
        reason="连续两期逾期付款",
    )
    return Incident(record, "信誉下调等待审核", "a lowered credit rating waits for its signature")


def _sale(trade: Trade, buyer: Fields, today: date) -> Fields:
    latest = trade["sterile_device_sales_record"][-1]
    return {
        **latest,
        "sale_no": f"WJ{today:%Y%m%d}-X0001",
        "line_no": 1,
        "sale_date": str(today),
        "buyer": {"key": buyer["purchaser_no"]},
    }


def _stopped_sale(trade: Trade, today: date) -> Fields:
    log = trade["sterile_batch_log"][-3]
    sold = next(
        sale
        for sale in reversed(trade["sterile_device_sales_record"])
        if (sale["batch_no"], sale["sterilisation_lot"]) == (log["batch_no"], log["sterilisation_lot"])
        and sale["device_name"] == log["device_name"]
    )
    return {**sold, "sale_no": f"WJ{today:%Y%m%d}-X0002", "line_no": 1, "sale_date": str(today)}


def _ends(purchaser: Fields) -> str:
    return str(purchaser["documents"][-1].get("valid_to", "9999"))


def _key(sale: Fields) -> str:
    return f"{sale['sale_no']}/{sale['line_no']}"


def _first_line(refusal: ArchiveError) -> str:
    lines = [line.strip() for line in str(refusal).splitlines()]
    return lines[1] if len(lines) > 1 else lines[0]
