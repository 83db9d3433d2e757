"""
The quality feedback form 质量信息反馈处理表: what a customer said of a product, and what was done about it.

Source: S3 part 4 §2.5e and annex 4, part 3 §4-7; GSP art. 117-119; Order 54 art. 40; 21 CFR 820.35(a).
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from archive_core import (
    CAPTURED,
    After,
    Attachment,
    Finding,
    Longest,
    Month,
    Option,
    Permanent,
    Ref,
    Severity,
    Step,
    When,
    attachment,
    choice,
    day,
    decimal,
    line_item,
    lines,
    record_type,
    ref,
    text,
    yes_no,
)

FORM = "S3 part 4 §2.5e"
COMPLAINTS = "GSP art. 117-119"
FIVE_YEARS = Longest(After("closed_on", years=5), After(CAPTURED, years=5))


@line_item
class FeedbackEvidence:
    """
    A photograph, letter or test report that came with the feedback.
    """

    title: str = text(zh="说明", en="Title", max_length=120)
    file: Attachment = attachment(zh="文件", en="File", required=True)


@record_type(
    "quality_feedback",
    version=1,
    zh="质量信息反馈处理表",
    en="Quality feedback",
    key="feedback_no",
    sign_off=[
        Step("record", role="service_engineer", zh="售后人员填表", en="Recorded by after-sales service"),
        Step("decide", role="management", zh="企业领导处理意见", en="Decided by management"),
        Step(
            "receive",
            role="qa",
            zh="质管部接收处理结果",
            en="Result received by quality management",
            not_by=("record", "decide"),
        ),
    ],
    retention=When(
        "is_device",
        When(
            "is_implantable",
            Permanent(),
            When("no_expiry", FIVE_YEARS, Longest(FIVE_YEARS, After("expiry_date", years=2))),
        ),
        FIVE_YEARS,
    ),
    source="S3 part 4 §2.5e and annex 4, part 3 §7; GSP art. 117-119; Order 54 art. 40",
    basis="GSP art. 42: 5 years; Order 54 art. 38 for devices: expiry + 2 years, implantable devices for ever",
)
class QualityFeedback:
    """
    One feedback, from the day it came in to the answer given; kept from the day it was closed.
    """

    feedback_no: str = text(zh="编号", en="Feedback no.", search="id", max_length=40, source="S3 part 3 §6")
    received_on: date = day(zh="反馈日期", en="Received on", facet=True, source="21 CFR 820.35(a)")
    channel: str = choice(
        Option("visit", "上门走访", "Visit"),
        Option("phone", "来电", "Telephone"),
        Option("letter", "来信来函", "Letter"),
        Option("walk_in", "来访", "Walk-in"),
        Option("online", "网络", "Online"),
        Option("survey", "征求意见", "Survey"),
        zh="反馈渠道",
        en="Channel",
        source=f"{COMPLAINTS}; S3 part 3 §4-5",
    )
    customer: Ref | None = ref("purchaser_file", zh="客户档案", en="Customer file", required=False)
    customer_name: str = text(
        zh="客户名称", en="Customer", search="name", max_length=120, source="21 CFR 820.35(a); S3 annex 4"
    )
    contact_name: str | None = text(zh="联系人", en="Contact", required=False, masked=True, max_length=60)
    contact_phone: str | None = text(
        zh="联系电话",
        en="Telephone",
        required=False,
        masked=True,
        check="phone",
        max_length=30,
        source="21 CFR 820.35(a)",
    )
    is_device: bool = yes_no(zh="医疗器械（否则为药品）", en="Medical device (else drug)", facet=True)
    product_name: str = text(zh="产品名称", en="Product", search="name", max_length=120, source=FORM)
    spec: str | None = text(zh="规格型号", en="Specification", required=False, search="id", max_length=120)
    manufacturer: str | None = text(
        zh="生产企业", en="Manufacturer", required=False, search="name", max_length=120, source="Order 54 art. 40"
    )
    product_no: str | None = text(
        zh="批准文号/注册证编号", en="Approval or registration no.", required=False, search="id", max_length=80
    )
    batch_no: str | None = text(
        zh="批号/序列号", en="Lot or serial no.", required=False, check="batch_no", search="id", max_length=40
    )
    udi_di: str | None = text(
        zh="UDI-DI", en="UDI-DI", required=False, check="udi_di", search="id", max_length=60, source="21 CFR 820.35(a)"
    )
    expiry_date: date | Month | None = day(zh="有效期", en="Expiry", month=True, required=False)
    no_expiry: bool | None = yes_no(zh="无有效期", en="Without expiry", required=False)
    is_implantable: bool | None = yes_no(zh="植入类", en="Implantable", required=False)
    quantity: Decimal | None = decimal(zh="涉及数量", en="Quantity concerned", required=False, minimum=0, scale=4)
    sale_no: str | None = text(zh="销售单号", en="Sale no.", required=False, search="id", max_length=60)
    category: str = choice(
        Option("quality", "产品质量", "Product quality"),
        Option("packaging", "包装标签", "Packaging, labelling"),
        Option("use", "产品使用", "Use"),
        Option("adverse", "不良反应/不良事件", "Adverse reaction or event"),
        Option("delivery", "储运配送", "Storage, delivery"),
        Option("service", "服务流程", "Service"),
        Option("other", "其他", "Other"),
        zh="问题类型",
        en="Category",
        source="S2 §5.1",
    )
    severity: str = choice(
        Option("high", "高", "High"),
        Option("medium", "中", "Medium"),
        Option("low", "低", "Low"),
        zh="严重程度",
        en="Severity",
        source="S2 §5.1",
    )
    quality_situation: str = text(
        zh="产品质量情况", en="State of the product", multiline=True, max_length=4000, search=True, source=FORM
    )
    usage: str = text(zh="使用情况", en="How it was used", multiline=True, max_length=4000, search=True, source=FORM)
    opinion: str = text(
        zh="客户意见", en="Customer's opinion", multiline=True, max_length=4000, search=True, source=FORM
    )
    analysis: str | None = text(
        zh="原因分析",
        en="Analysis",
        required=False,
        multiline=True,
        max_length=4000,
        search=True,
        source=f"{COMPLAINTS}; S3 part 3 §7",
    )
    handling: str | None = text(
        zh="处理意见",
        en="Decision",
        required=False,
        multiline=True,
        max_length=4000,
        search=True,
        source=f"{COMPLAINTS}; S3 annex 4",
    )
    handled_by: str | None = text(zh="处理人", en="Handled by", required=False, max_length=60)
    result: str | None = text(
        zh="处理结果", en="Result", required=False, multiline=True, max_length=4000, search=True, source=COMPLAINTS
    )
    replied_on: date | None = day(zh="答复客户日期", en="Answered on", required=False, source="21 CFR 820.35(a)")
    satisfied: bool | None = yes_no(zh="客户满意", en="Customer satisfied", required=False, facet=True)
    no_investigation: str | None = text(
        zh="不调查的理由", en="Reason for no investigation", required=False, max_length=1000, source="21 CFR 820.35(a)"
    )
    adverse_event: bool = yes_no(
        zh="涉及不良反应/事件", en="Adverse event", facet=True, source="Order 54 art. 41; 药品管理法 art. 81"
    )
    adverse_report_no: str | None = text(
        zh="不良事件报告编号", en="Adverse event report no.", required=False, search="id", max_length=60
    )
    recall_needed: bool = yes_no(zh="需停售召回", en="Stop of sale or recall", facet=True, source="Order 54 art. 42")
    informed_manufacturer_on: date | None = day(
        zh="通知生产企业日期", en="Manufacturer informed on", required=False, source="Order 54 art. 40"
    )
    capa_no: str | None = text(zh="整改措施编号", en="CAPA no.", required=False, search="id", max_length=40)
    evidence: tuple[FeedbackEvidence, ...] | None = lines(FeedbackEvidence, zh="附件", en="Evidence", required=False)
    closed_on: date | None = day(zh="结案日期", en="Closed on", required=False, facet=True)

    def check(self) -> Iterator[Finding]:
        """
        Yield what contradicts itself, what a closed form lacks, and what an adverse event or a device still needs.
        """
        yield from _check_not_before(self.received_on, "replied_on", self.replied_on)
        yield from _check_not_before(self.received_on, "informed_manufacturer_on", self.informed_manufacturer_on)
        yield from _check_not_before(self.received_on, "closed_on", self.closed_on)
        if self.closed_on is not None:
            yield from self._check_closed()
        if self.adverse_event and self.adverse_report_no is None:
            yield _warning(
                "$.adverse_report_no", "涉及不良事件，须上报并填报告编号", "an adverse event must be reported"
            )
        if self.no_expiry and self.expiry_date is not None:
            yield _error("$.no_expiry", "已填有效期", "an expiry date is stated")
        if self.is_device and (self.is_implantable is None or (self.no_expiry is None)):
            yield _warning(
                "$.is_implantable",
                "器械须注明是否植入、有无有效期，否则保管期限无法确定",
                "say whether the device is implantable and has an expiry: the retention period depends on it",
            )

    def _check_closed(self) -> Iterator[Finding]:
        if self.result is None:
            yield _error("$.result", "结案须有处理结果", "a closed form needs its result")
        if self.replied_on is None:
            yield _error("$.replied_on", "结案前须答复客户", "the customer must be answered before closing")
        if self.analysis is None and self.no_investigation is None:
            yield _error(
                "$.analysis", "结案须有原因分析或不调查的理由", "say what was found, or why nothing was looked into"
            )
        if self.satisfied is None:
            yield _warning("$.satisfied", "未记录客户是否满意", "whether the customer is satisfied was not recorded")


def _check_not_before(received: date | None, name: str, value: date | None) -> Iterator[Finding]:
    if received is not None and value is not None and value < received:
        yield _error(f"$.{name}", f"早于反馈日期 {received}", f"lies before the feedback came in on {received}", value)


def _error(path: str, zh: str, en: str, value: date | None = None) -> Finding:
    return Finding(rule="feedback.consistent", path=path, zh=zh, en=en, value=None if value is None else str(value))


def _warning(path: str, zh: str, en: str) -> Finding:
    return Finding(rule="feedback.complete", path=path, zh=zh, en=en, severity=Severity.WARNING)
