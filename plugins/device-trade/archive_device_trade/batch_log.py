"""
The sterile batch log: one production lot in one sterilisation lot, and where its pieces went.

Source: S3 part 4 §1.5-1.6; Order 54 art. 32, 38, 42.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from archive_parties.trade import check_days

from archive_core import (
    CAPTURED,
    After,
    Finding,
    Longest,
    Month,
    Option,
    Permanent,
    Severity,
    Step,
    When,
    choice,
    day,
    decimal,
    line_item,
    lines,
    record_type,
    text,
    yes_no,
)

BLOCKING = ("quarantined", "blocked", "recalled", "destroyed")
TOTALS = (
    ("in", "quantity_in"),
    ("out", "quantity_out"),
    ("returned", "quantity_returned"),
    ("destroyed", "quantity_destroyed"),
)


@line_item
class BatchMovement:
    """
    One movement of pieces of the lot.
    """

    moved_on: date = day(zh="日期", en="Day")
    kind: str = choice(
        Option("in", "入库", "In"),
        Option("out", "出库", "Out"),
        Option("returned", "退回", "Returned"),
        Option("destroyed", "销毁", "Destroyed"),
        zh="类型",
        en="Kind",
    )
    quantity: Decimal = decimal(zh="数量", en="Quantity", above=0, scale=4)
    document_no: str | None = text(zh="单据号", en="Document no.", required=False, search="id", max_length=60)
    counterparty: str | None = text(zh="对方单位", en="Other party", required=False, max_length=120)


@record_type(
    "sterile_batch_log",
    version=1,
    zh="无菌器械灭菌批次台账",
    en="Sterile batch log",
    key=("registration_no", "batch_no", "sterilisation_lot"),
    sign_off=[
        Step("record", role="warehouse_keeper", zh="库管员登记", en="Recorded by the warehouse keeper"),
        Step("review", role="qa", zh="质管部审核", en="Reviewed by quality management", not_by=("record",)),
    ],
    retention=When("is_implantable", Permanent(), Longest(After("expiry_date", years=2), After(CAPTURED, years=5))),
    source="S3 part 4 §1.5-1.6; Order 54 art. 32, 38, 42",
    basis="Order 54 art. 32, 38: expiry + 2 years, at least 5 years; implantable devices for ever",
)
class SterileBatchLog:
    """
    One lot: in - out + returned - destroyed = remaining.
    """

    device_name: str = text(zh="产品名称", en="Device", search="name", max_length=120, source="S3 part 4 §1.5")
    model: str | None = text(zh="型号", en="Model", required=False, search="id", max_length=120)
    spec: str = text(zh="规格", en="Specification", search="id", max_length=120, source="S3 part 4 §1.5")
    registration_no: str = text(
        zh="注册证编号",
        en="Registration no.",
        check="device_product_no",
        search="id",
        max_length=60,
        source="Order 54 art. 32",
    )
    registrant_name: str = text(zh="注册人", en="Registrant", search="name", max_length=120, source="Order 54 art. 32")
    manufacturer: str = text(
        zh="生产单位", en="Manufacturer", search="name", facet=True, max_length=120, source="S3 part 4 §1.5"
    )
    supplier: str | None = text(zh="供货者", en="Supplier", required=False, search="name", max_length=120)
    batch_no: str = text(zh="生产批号", en="Lot", check="batch_no", search="id", max_length=40, source="S3 part 4 §1.5")
    sterilisation_lot: str = text(
        zh="灭菌批号", en="Sterilisation lot", check="batch_no", search="id", max_length=40, source="S3 part 4 §1.5"
    )
    sterilisation_method: str = choice(
        Option("ethylene_oxide", "环氧乙烷", "Ethylene oxide"),
        Option("gamma", "伽马辐照", "Gamma irradiation"),
        Option("electron_beam", "电子束辐照", "Electron beam"),
        Option("steam", "湿热灭菌", "Steam"),
        Option("plasma", "过氧化氢等离子", "Hydrogen peroxide plasma"),
        Option("other", "其他", "Other"),
        zh="灭菌方式",
        en="Sterilisation method",
    )
    production_date: date | Month | None = day(zh="生产日期", en="Made on", month=True, required=False)
    sterilised_on: date = day(zh="灭菌日期", en="Sterilised on")
    expiry_date: date | Month = day(zh="产品有效期", en="Expiry", month=True, source="S3 part 4 §1.5")
    received_on: date | None = day(zh="到货日期", en="Received on", required=False, source="Order 54 art. 32")
    inspection_report_no: str | None = text(
        zh="检验报告编号", en="Inspection report no.", required=False, search="id", max_length=60
    )
    acceptance: str = choice(
        Option("accepted", "合格", "Accepted"),
        Option("rejected", "不合格", "Rejected"),
        Option("pending", "待验", "Pending"),
        zh="验收结论",
        en="Acceptance",
        source="Order 54 art. 32",
    )
    is_implantable: bool = yes_no(zh="植入类", en="Implantable", source="Order 54 art. 38 (kept for ever)")
    unit: str = text(zh="单位", en="Unit", max_length=20)
    quantity_in: Decimal = decimal(zh="入库数量", en="Quantity in", minimum=0, scale=4)
    quantity_out: Decimal = decimal(zh="出库数量", en="Quantity out", minimum=0, scale=4)
    quantity_returned: Decimal = decimal(zh="退回数量", en="Quantity returned", minimum=0, scale=4)
    quantity_destroyed: Decimal = decimal(zh="销毁数量", en="Quantity destroyed", minimum=0, scale=4)
    quantity_remaining: Decimal = decimal(zh="结存数量", en="Quantity remaining", minimum=0, scale=4)
    movements: tuple[BatchMovement, ...] | None = lines(BatchMovement, zh="出入库明细", en="Movements", required=False)
    storage_location: str | None = text(zh="库位", en="Location", required=False, max_length=60)
    status: str = choice(
        Option("in_stock", "在库", "In stock"),
        Option("sold_out", "售罄", "Sold out"),
        Option("quarantined", "待验隔离", "In quarantine"),
        Option("blocked", "停售", "Sale stopped"),
        Option("recalled", "召回", "Recalled"),
        Option("destroyed", "已销毁", "Destroyed"),
        zh="批次状态",
        en="Status",
        source="S3 part 4 §1.6; Order 54 art. 42",
    )
    remarks: str | None = text(zh="备注", en="Remarks", required=False, multiline=True, max_length=2000)

    def check(self) -> Iterator[Finding]:
        """
        Yield what does not add up or stands in the wrong order.
        """
        made = ("production_date", "生产日期", "the day it was made", self.production_date)
        sterilised = ("sterilised_on", "灭菌日期", "sterilisation", self.sterilised_on)
        yield from check_days(made, sterilised, ("received_on", "到货日期", "the day of receipt", self.received_on))
        yield from check_days(made, sterilised, ("expiry_date", "有效期", "the expiry", self.expiry_date))
        yield from self._check_balance()
        yield from self._check_movements()
        yield from self._check_status()

    def _check_balance(self) -> Iterator[Finding]:
        parts = (self.quantity_in, self.quantity_out, self.quantity_returned, self.quantity_destroyed)
        if None in parts or self.quantity_remaining is None:
            return
        expected = parts[0] - parts[1] + parts[2] - parts[3]
        if expected != self.quantity_remaining:
            yield Finding(
                rule="batch_log.balance",
                path="$.quantity_remaining",
                zh=f"结存应为 入库-出库+退回-销毁 = {expected}",
                en=f"in - out + returned - destroyed is {expected}",
                value=str(self.quantity_remaining),
            )

    def _check_movements(self) -> Iterator[Finding]:
        if not self.movements:
            return
        for kind, name in TOTALS:
            total = sum((line.quantity for line in self.movements if line.kind == kind), Decimal(0))
            stated = getattr(self, name)
            if stated is not None and total != stated:
                yield Finding(
                    rule="batch_log.movements",
                    path=f"$.{name}",
                    zh=f"明细合计为 {total}",
                    en=f"the movements add up to {total}",
                    value=str(stated),
                )

    def _check_status(self) -> Iterator[Finding]:
        if self.acceptance == "rejected" and self.status in ("in_stock", "sold_out"):
            yield Finding(
                rule="batch_log.status",
                path="$.status",
                zh="验收不合格的批次不得在库待售",
                en="a lot that was rejected cannot be for sale",
                value=self.status,
            )
        if self.status == "sold_out" and self.quantity_remaining:
            yield Finding(
                rule="batch_log.status",
                path="$.status",
                zh=f"售罄的批次尚有结存 {self.quantity_remaining}",
                en=f"sold out, yet {self.quantity_remaining} remain",
                severity=Severity.WARNING,
                value=self.status,
            )
