"""
Device sales: what every sale of a device states, and the two record types that state it.

Source: 医疗器械经营监督管理办法 (Order 54) art. 38; S3 part 4 §1.4-1.5 and annex 3.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from archive_parties.trade import check_days, check_direction, check_expiry_stated

from archive_core import (
    CAPTURED,
    After,
    Finding,
    Longest,
    Month,
    Option,
    Permanent,
    Ref,
    Step,
    When,
    choice,
    day,
    decimal,
    integer,
    line_item,
    record_type,
    ref,
    registered_class,
    text,
    yes_no,
)

ORDER_54 = "Order 54 art. 38"


@line_item
class DeviceSale:
    """
    The fields that every device sale has, sterile or not; one record is one line of a sale.
    """

    sale_no: str = text(zh="销售单号", en="Sale no.", search="id", max_length=40)
    line_no: int = integer(zh="行号", en="Line", minimum=1, maximum=9999)
    sale_date: date = day(zh="销售日期", en="Sale date", facet=True, source=f"{ORDER_54}; S3 part 4 §1.4")
    buyer: Ref = ref("purchaser_file", zh="销售对象", en="Buyer", source=f"{ORDER_54}; S3 part 4 §1.4-1.5")
    device_name: str = text(
        zh="产品名称", en="Device", search="name", max_length=120, source=f"{ORDER_54}; S3 part 4 §1.4-1.5"
    )
    model: str | None = text(zh="型号", en="Model", required=False, search="id", max_length=120, source=ORDER_54)
    spec: str = text(zh="规格", en="Specification", search="id", max_length=120, source=f"{ORDER_54}; S3 part 4 §1.4")
    registration_no: str = text(
        zh="注册证编号/备案编号",
        en="Registration or filing no.",
        check="device_product_no",
        search="id",
        max_length=60,
        source=f"{ORDER_54}; S3 part 4 §1.4",
    )
    device_class: str = choice(
        Option("1", "第一类", "Class I"),
        Option("2", "第二类", "Class II"),
        Option("3", "第三类", "Class III"),
        zh="管理类别",
        en="Class",
        source="Order 54 art. 4",
    )
    registrant_name: str = text(zh="注册人/备案人", en="Registrant", search="name", max_length=120, source=ORDER_54)
    manufacturer: str = text(
        zh="生产企业", en="Manufacturer", search="name", max_length=120, facet=True, source="S3 part 4 §1.4-1.5"
    )
    contract_manufacturer: str | None = text(
        zh="受托生产企业", en="Contract manufacturer", required=False, max_length=120, source=ORDER_54
    )
    production_licence_no: str = text(
        zh="生产许可证编号/备案编号",
        en="Production licence or filing no.",
        max_length=60,
        search="id",
        source=f"{ORDER_54}; S3 part 4 §1.4",
    )
    production_date: date | Month | None = day(zh="生产日期", en="Made on", month=True, required=False)
    udi_di: str | None = text(
        zh="UDI-DI", en="UDI-DI", required=False, check="udi_di", search="id", max_length=60, source="Order 54 art. 30"
    )
    udi_pi: str | None = text(
        zh="UDI-PI", en="UDI-PI", required=False, search="id", max_length=120, source="Order 54 art. 30"
    )
    is_implantable: bool = yes_no(zh="植入类", en="Implantable", facet=True, source=f"{ORDER_54} (kept for ever)")
    unit: str = text(zh="单位", en="Unit", max_length=20)
    unit_price: Decimal = decimal(zh="单价", en="Unit price", minimum=0, scale=6, source=f"{ORDER_54}; S3 part 4 §1.4")
    amount: Decimal = decimal(zh="金额", en="Amount", scale=2, source=f"{ORDER_54}; S3 part 4 §1.4")
    invoice_no: str | None = text(
        zh="发票号码", en="Invoice no.", required=False, search="id", max_length=40, source="S3 part 4 §1.5"
    )
    outbound_no: str | None = text(
        zh="出库单号", en="Outbound order no.", required=False, search="id", max_length=40, source="S3 part 4 §1.5"
    )
    salesperson: str | None = text(zh="销售员", en="Salesperson", required=False, max_length=60)
    remarks: str | None = text(zh="备注", en="Remarks", required=False, multiline=True, max_length=2000)


def check_class(registration_no: str | None, device_class: str | None) -> Iterator[Finding]:
    """
    Yield a finding where a registration number states another class than the record.
    """
    stated = registered_class(registration_no or "")
    if stated is not None and device_class is not None and stated != device_class:
        yield Finding(
            rule="device.class",
            path="$.device_class",
            zh=f"注册证/备案编号表明为第 {stated} 类",
            en=f"the registration or filing number says class {stated}",
            value=device_class,
        )


@record_type(
    "device_sales_record",
    version=1,
    zh="医疗器械销售记录",
    en="Device sale",
    key=("sale_no", "line_no"),
    sign_off=[
        Step("record", role="salesperson", zh="销售员登记", en="Recorded by the salesperson"),
        Step("review", role="qa", zh="质管部审核", en="Reviewed by quality management", not_by=("record",)),
    ],
    retention=When(
        "is_implantable",
        Permanent(),
        When("no_expiry", After(CAPTURED, years=5), After("expiry_date", years=2)),
    ),
    source="Order 54 art. 38; 医疗器械监督管理条例 art. 45; S3 part 4 §1.4 and annex 3",
    basis="Order 54 art. 38: expiry + 2 years; without expiry 5 years; implantable devices for ever",
)
class DeviceSalesRecord(DeviceSale):
    """
    One line of a device sale; goods that come back are a line below 0 that names its sale.
    """

    quantity: Decimal = decimal(zh="销售数量", en="Quantity", scale=4, source=f"{ORDER_54}; S3 part 4 §1.4")
    return_of: Ref | None = ref("device_sales_record", zh="退回的原销售记录", en="Return of sale", required=False)
    batch_no: str | None = text(
        zh="生产批号",
        en="Lot",
        required=False,
        check="batch_no",
        search="id",
        max_length=40,
        source=f"{ORDER_54}; S3 part 4 §1.4",
    )
    serial_no: str | None = text(
        zh="序列号",
        en="Serial no.",
        required=False,
        check="batch_no",
        search="id",
        max_length=40,
        source=f"{ORDER_54}; S3 part 4 §1.4",
    )
    expiry_date: date | Month | None = day(
        zh="使用期限或失效日期", en="Use by", month=True, required=False, source=f"{ORDER_54}; S3 part 4 §1.4"
    )
    no_expiry: bool = yes_no(zh="无有效期", en="Without expiry", source=ORDER_54)
    is_sterile: bool | None = yes_no(
        zh="一次性使用无菌", en="Sterile, for single use", required=False, source="S3 part 4 §1.5"
    )
    purchaser_name: str = text(
        zh="购货者名称", en="Purchaser's name", search="name", max_length=120, source=f"{ORDER_54}; S3 part 4 §1.4"
    )
    purchaser_licence_no: str = text(
        zh="购货者许可证编号/备案编号",
        en="Purchaser's licence or filing no.",
        search="id",
        max_length=60,
        source=f"{ORDER_54}; S3 part 4 §1.4",
    )
    purchaser_address: str = text(
        zh="购货者地址", en="Purchaser's address", max_length=200, source=f"{ORDER_54}; S3 part 4 §1.4"
    )
    purchaser_contact: str = text(
        zh="购货者联系方式",
        en="Purchaser's telephone",
        masked=True,
        check="phone",
        max_length=30,
        source=f"{ORDER_54}; S3 part 4 §1.4",
    )

    def check(self) -> Iterator[Finding]:
        """
        Yield what contradicts itself within the line.
        """
        yield from check_class(self.registration_no, self.device_class)
        yield from check_direction(self.quantity, self.return_of)
        yield from check_expiry_stated(self.expiry_date, no_expiry=self.no_expiry)
        made = ("production_date", "生产日期", "the day it was made", self.production_date)
        yield from check_days(made, ("sale_date", "销售日期", "the sale", self.sale_date))
        yield from check_days(made, ("expiry_date", "有效期", "the expiry", self.expiry_date))


@record_type(
    "sterile_device_sales_record",
    version=1,
    zh="一次性使用无菌医疗器械销售记录",
    en="Sterile single-use device sale",
    key=("sale_no", "line_no"),
    sign_off=[
        Step("record", role="handler", zh="经办", en="Recorded by the handler"),
        Step(
            "approve",
            role="responsible_person",
            zh="负责人审核",
            en="Approved by the person in charge",
            not_by=("record",),
        ),
    ],
    retention=When("is_implantable", Permanent(), Longest(After("expiry_date", years=2), After(CAPTURED, years=5))),
    source="S3 part 4 §1.5; Order 54 art. 38",
    basis="Order 54 art. 38: expiry + 2 years, at least 5 years; implantable devices for ever",
)
class SterileDeviceSalesRecord(DeviceSale):
    """
    One line of a sale of sterile single-use devices, signed by the handler and then by the person in charge.
    """

    quantity: Decimal = decimal(zh="销售数量", en="Quantity", above=0, scale=4, source="S3 part 4 §1.5")
    batch_no: str = text(zh="生产批号", en="Lot", check="batch_no", search="id", max_length=40, source="S3 part 4 §1.5")
    sterilisation_lot: str = text(
        zh="灭菌批号", en="Sterilisation lot", check="batch_no", search="id", max_length=40, source="S3 part 4 §1.5"
    )
    sterilised_on: date | None = day(zh="灭菌日期", en="Sterilised on", required=False)
    expiry_date: date | Month = day(zh="产品有效期", en="Expiry", month=True, source="S3 part 4 §1.5")
    purchaser_name: str | None = text(
        zh="购货者名称", en="Purchaser's name", required=False, search="name", max_length=120, source=ORDER_54
    )
    purchaser_licence_no: str | None = text(
        zh="购货者许可证编号/备案编号",
        en="Purchaser's licence or filing no.",
        required=False,
        search="id",
        max_length=60,
        source=ORDER_54,
    )
    purchaser_address: str | None = text(
        zh="购货者地址", en="Purchaser's address", required=False, max_length=200, source=ORDER_54
    )
    purchaser_contact: str | None = text(
        zh="购货者联系方式",
        en="Purchaser's telephone",
        required=False,
        masked=True,
        check="phone",
        max_length=30,
        source=ORDER_54,
    )

    def check(self) -> Iterator[Finding]:
        """
        Yield what contradicts itself within the line: made, sterilised, sold, in this order and before the expiry.
        """
        yield from check_class(self.registration_no, self.device_class)
        made = ("production_date", "生产日期", "the day it was made", self.production_date)
        sterilised = ("sterilised_on", "灭菌日期", "sterilisation", self.sterilised_on)
        yield from check_days(made, sterilised, ("sale_date", "销售日期", "the sale", self.sale_date))
        yield from check_days(made, sterilised, ("expiry_date", "有效期", "the expiry", self.expiry_date))
