"""
Drug sales: one record is one line of a sale.

Source: 药品管理法 art. 57; GSP art. 91-92; Order 84 art. 38, 40; S3 part 2 §3.8-3.10.
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
    Ref,
    Step,
    When,
    choice,
    day,
    decimal,
    integer,
    record_type,
    ref,
    text,
    yes_no,
)

DRUG, SLICES, MATERIAL = "drug", "tcm_slices", "tcm_material"
LAW_57 = "药品管理法 art. 57"
GSP_92 = "GSP art. 92"


@record_type(
    "drug_sales_record",
    version=1,
    zh="药品销售记录",
    en="Drug sale",
    key=("sale_no", "line_no"),
    sign_off=[
        Step("record", role="invoice_clerk", zh="开票员登记", en="Recorded by the invoice clerk"),
        Step("review", role="qa", zh="质管部审核", en="Reviewed by quality management", not_by=("record",)),
    ],
    retention=When(
        "special_control",
        Longest(After("expiry_date", years=5), After(CAPTURED, years=5)),
        When(
            "no_expiry",
            After(CAPTURED, years=5),
            Longest(After(CAPTURED, years=5), After("expiry_date", years=1)),
        ),
    ),
    source="药品管理法 art. 57; GSP art. 91-92; S3 part 2 §3.8-3.10",
    basis="Order 84 art. 40: 5 years and expiry + 1 year; 麻精条例 art. 48-49: special ledgers expiry + 5 years",
)
class DrugSalesRecord:
    """
    One line of a drug sale; raw herbs have neither lot nor expiry, decoction pieces have a lot and an origin.
    """

    sale_no: str = text(zh="销售单号", en="Sale no.", search="id", max_length=40)
    line_no: int = integer(zh="行号", en="Line", minimum=1, maximum=9999)
    sale_date: date = day(zh="销售日期", en="Sale date", facet=True, source=f"{LAW_57}; {GSP_92}")
    buyer: Ref = ref("purchaser_file", zh="购货单位", en="Buyer", source=f"{LAW_57}; {GSP_92}")
    purchaser_name: str | None = text(
        zh="购货单位名称", en="Purchaser's name", required=False, search="name", max_length=120, source=GSP_92
    )
    variant: str = choice(
        Option(DRUG, "药品", "Drug"),
        Option(SLICES, "中药饮片", "Decoction pieces"),
        Option(MATERIAL, "中药材", "Raw herbs"),
        zh="品种类别",
        en="Kind of goods",
        source=GSP_92,
    )
    generic_name: str = text(
        zh="通用名称（品名）", en="Generic name", search="name", max_length=120, source=f"{LAW_57}; {GSP_92}"
    )
    trade_name: str | None = text(zh="商品名称", en="Trade name", required=False, search="name", max_length=120)
    dosage_form: str | None = text(
        zh="剂型", en="Dosage form", required=False, facet=True, max_length=60, source=f"{LAW_57}; {GSP_92}"
    )
    spec: str = text(zh="规格", en="Specification", search="id", max_length=120, source=f"{LAW_57}; {GSP_92}")
    approval_no: str | None = text(
        zh="批准文号",
        en="Approval no.",
        required=False,
        check="drug_approval_no",
        search="id",
        max_length=80,
        source="Order 84 art. 38",
    )
    batch_no: str | None = text(
        zh="产品批号",
        en="Lot",
        required=False,
        check="batch_no",
        search="id",
        max_length=40,
        source=f"{LAW_57}; {GSP_92}",
    )
    production_date: date | Month | None = day(zh="生产日期", en="Made on", month=True, required=False)
    expiry_date: date | Month | None = day(
        zh="有效期", en="Expiry", month=True, required=False, source=f"{LAW_57}; {GSP_92}"
    )
    no_expiry: bool = yes_no(zh="无有效期（中药材等）", en="Without expiry (raw herbs)", source=GSP_92)
    mah_name: str | None = text(
        zh="上市许可持有人",
        en="Marketing authorisation holder",
        required=False,
        search="name",
        max_length=120,
        source=LAW_57,
    )
    manufacturer: str | None = text(
        zh="生产企业",
        en="Manufacturer",
        required=False,
        search="name",
        facet=True,
        max_length=120,
        source=f"{LAW_57}; {GSP_92}",
    )
    origin: str | None = text(zh="产地", en="Place of origin", required=False, max_length=60, source=GSP_92)
    special_control: bool = yes_no(
        zh="专用账册管理（麻醉、精神药品等）",
        en="Special ledger (narcotic, psychotropic)",
        facet=True,
        source="麻醉药品和精神药品管理条例 art. 48-49; S3 part 2 §3.9",
    )
    unit: str = text(zh="单位", en="Unit", max_length=20, source=GSP_92)
    quantity: Decimal = decimal(zh="数量", en="Quantity", scale=4, source=f"{LAW_57}; {GSP_92}")
    unit_price: Decimal = decimal(zh="单价", en="Unit price", minimum=0, scale=6, source=GSP_92)
    amount: Decimal = decimal(zh="金额", en="Amount", scale=2, source=GSP_92)
    return_of: Ref | None = ref("drug_sales_record", zh="退回的原销售记录", en="Return of sale", required=False)
    trace_codes: str | None = text(
        zh="药品追溯码（每行一个）",
        en="Trace codes, one per line",
        required=False,
        multiline=True,
        max_length=20000,
        search="id",
        source="药品管理法 art. 36",
    )
    invoice_no: str | None = text(
        zh="发票号码", en="Invoice no.", required=False, search="id", max_length=40, source="S3 part 2 §3.8"
    )
    outbound_no: str | None = text(
        zh="出库单号", en="Outbound order no.", required=False, search="id", max_length=40, source="S3 part 2 §3.8"
    )
    salesperson: str | None = text(zh="销售员", en="Salesperson", required=False, max_length=60)
    remarks: str | None = text(zh="备注", en="Remarks", required=False, multiline=True, max_length=2000)

    def check(self) -> Iterator[Finding]:
        """
        Yield what contradicts itself within the line.
        """
        yield from check_direction(self.quantity, self.return_of)
        yield from check_expiry_stated(self.expiry_date, no_expiry=self.no_expiry)
        made = ("production_date", "生产日期", "the day it was made", self.production_date)
        yield from check_days(made, ("sale_date", "销售日期", "the sale", self.sale_date))
        yield from check_days(made, ("expiry_date", "有效期", "the expiry", self.expiry_date))
        if self.variant == DRUG and self.no_expiry:
            yield Finding(
                rule="drug.variant",
                path="$.no_expiry",
                zh="药品须有有效期，只有中药材、中药饮片可无",
                en="a drug has an expiry; only herbs may be without",
            )
