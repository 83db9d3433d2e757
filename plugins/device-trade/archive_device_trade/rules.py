"""
Rules of device sales that look at more than the line itself: expiry (X8), sterile devices (X21), blocked lots.

In an import the sale has happened already: a broken rule is a warning there.
"""

from collections.abc import Iterator
from datetime import date

from archive_parties.trade import (
    check_amount,
    check_buyer_name,
    check_expiry,
    check_return,
    check_stated,
    severity_for,
)

from archive_core import Finding, Kept, Proposed, Reader, Severity, registered_year
from archive_device_trade.batch_log import BLOCKING
from archive_device_trade.sale import DeviceSalesRecord, SterileDeviceSalesRecord

BATCH_LOG = "sterile_batch_log"
TRACED = ("batch_no", "sterilisation_lot", "expiry_date")


def check_device_sale(proposed: Proposed, reader: Reader) -> Iterator[Finding]:
    """
    Yield the findings on a proposed device sale, sterile or not; nothing for other records.
    """
    value = proposed.value
    if isinstance(value, DeviceSalesRecord):
        yield from _check_shared(proposed, reader, value)
        yield from _check_plain(proposed, reader, value)
    elif isinstance(value, SterileDeviceSalesRecord):
        yield from _check_shared(proposed, reader, value)
        yield from _check_sterile(proposed, reader, value)


Sale = DeviceSalesRecord | SterileDeviceSalesRecord


def _check_shared(proposed: Proposed, reader: Reader, sale: Sale) -> Iterator[Finding]:
    severity = severity_for(proposed)
    yield from check_amount(sale.quantity, sale.unit_price, sale.amount, severity)
    if "return_of" not in proposed.fields:
        yield from check_expiry(sale.expiry_date, sale.sale_date, severity)
    yield from _check_registration(sale.registration_no, sale.sale_date, severity)
    yield from check_buyer_name(proposed, reader, sale.buyer, sale.purchaser_name)


def _check_registration(number: str | None, sale_date: date | None, severity: Severity) -> Iterator[Finding]:
    year = registered_year(number or "")
    if year is not None and sale_date is not None and year > sale_date.year:
        yield Finding(
            rule="device.registration",
            path="$.registration_no",
            zh=f"注册或备案于 {year} 年，晚于销售日期 {sale_date}",
            en=f"registered in {year}, after the sale on {sale_date}",
            severity=severity,
            value=number,
        )


def _check_plain(proposed: Proposed, reader: Reader, sale: DeviceSalesRecord) -> Iterator[Finding]:
    if sale.no_expiry is False:
        yield from check_stated(proposed, "expiry_date")
    if "serial_no" not in proposed.fields and "serial_no" not in proposed.gaps:
        yield from check_stated(proposed, "batch_no")
    yield from check_return(proposed, reader, sale.return_of, ("registration_no", "batch_no", "serial_no"))
    if sale.is_sterile:
        yield Finding(
            rule="X21.type",
            path="$.is_sterile",
            zh="一次性使用无菌器械须登记为 sterile_device_sales_record（灭菌批号、两人签名）",
            en="a sterile single-use device is captured as sterile_device_sales_record, with two signatures",
            severity=severity_for(proposed),
        )


def _check_sterile(proposed: Proposed, reader: Reader, sale: SterileDeviceSalesRecord) -> Iterator[Finding]:
    yield from _check_two_signers(proposed)
    missing = [name for name in TRACED if name in proposed.gaps]
    for name in missing:
        spec = proposed.record_type.field(name)
        yield Finding(
            rule="X21.traced",
            path=f"$.{name}",
            zh=f"来源缺少“{spec.zh if spec else name}”，无法按批追溯",
            en=f"{spec.en if spec else name} is missing at source: this sale cannot be traced by lot",
            severity=Severity.WARNING,
        )
    if not {"registration_no", "batch_no", "sterilisation_lot"} & proposed.gaps:
        log = reader.in_force(BATCH_LOG, f"{sale.registration_no}/{sale.batch_no}/{sale.sterilisation_lot}")
        if log is not None:
            yield from _check_log(proposed, log)


def _check_two_signers(proposed: Proposed) -> Iterator[Finding]:
    steps = proposed.record_type.sign_off
    if len(steps) < 2 or steps[0].name not in steps[-1].not_by:
        yield Finding(
            rule="X21.signatures",
            path="$",
            zh="无菌器械销售记录须由经办人和负责人两人签名，现行定义不符",
            en="the definition in force does not ask for two different people's signatures",
            hint_zh="重新登记记录类型定义",
            hint_en="register the record type anew: archive type register sterile_device_sales_record",
        )


def _check_log(proposed: Proposed, log: Kept) -> Iterator[Finding]:
    fields, known = proposed.fields, log.fields
    status, sterilised = known.get("status"), str(known.get("sterilised_on", ""))
    if status in BLOCKING:
        blocked = (f"该批次状态为 {status}，不得销售", f"this lot may not be sold: {status}")
        yield _log_finding("X7.blocked", "$.batch_no", blocked, proposed, log)
    if "expiry_date" in fields and known.get("expiry_date") != fields["expiry_date"]:
        other = (f"批次台账的有效期为 {known.get('expiry_date')}", f"the batch log says {known.get('expiry_date')}")
        yield _log_finding("X21.expiry", "$.expiry_date", other, proposed, log)
    if str(fields.get("sale_date", "9999")) < sterilised:
        early = (f"早于批次台账的灭菌日期 {sterilised}", f"before the lot was sterilised on {sterilised}")
        yield _log_finding("X21.order", "$.sale_date", early, proposed, log)


def _log_finding(rule: str, path: str, sentences: tuple[str, str], proposed: Proposed, log: Kept) -> Finding:
    return Finding(
        rule=rule,
        path=path,
        zh=sentences[0],
        en=sentences[1],
        severity=severity_for(proposed),
        value=log.key,
        hint_zh=f"见批次台账（记录 {log.record}）",
        hint_en=f"see the batch log, record {log.record}",
    )
