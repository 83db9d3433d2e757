"""
The purchaser file 购货者档案: who may buy, with the documents that prove it.
"""

from collections.abc import Iterator
from datetime import date

from archive_core import (
    CAPTURED,
    After,
    Attachment,
    FallsDue,
    Finding,
    Longest,
    Option,
    Severity,
    Step,
    attachment,
    choice,
    day,
    line_item,
    lines,
    record_type,
    text,
    validator,
    yes_no,
)
from archive_parties.documents import DOCUMENT_KINDS, PURCHASER_KINDS, Held, names, needs

MADE_KEY = "LEGACY-"
ACTIVE = "active"
OWN_NUMBERS = ("medical_institution", "other")
NUMBER_FORMS = (
    ("drug_licence", "drug_licence_no"),
    ("device_licence", "device_licence"),
    ("device_filing", "device_licence"),
)


@line_item
class QualificationDocument:
    """
    One licence or certificate; earlier ones stay on file, so that old sales can be judged.

    Source: regulation on the content of first-customer files, GSP art. 89; S3 part 2 §3.4.
    """

    doc_type: str = choice(*DOCUMENT_KINDS, zh="证件种类", en="Document", source="GSP art. 89")
    doc_no: str = text(zh="证件编号", en="Document no.", max_length=80, search="id", source="GSP art. 89")
    issuer: str | None = text(zh="发证机关", en="Issued by", required=False, max_length=120)
    issued_on: date | None = day(zh="发证日期", en="Issued on", required=False)
    valid_from: date | None = day(zh="有效期自", en="Valid from", required=False)
    valid_to: date | None = day(zh="有效期至", en="Valid to", required=False, source="GSP art. 89; S3 part 4 §1.3")
    long_term: bool | None = yes_no(zh="长期有效", en="Valid without end", required=False)
    scope_codes: str | None = text(
        zh="经营范围代码", en="Scope codes", required=False, max_length=400, search="id", source="S3 part 4 §1.3"
    )
    scan: Attachment | None = attachment(zh="扫描件", en="Scan", source="S3 part 2 §3.6.1")
    seal_verified_by: str | None = text(zh="印章核对人", en="Seal verified by", required=False, max_length=60)
    checked_online_on: date | None = day(zh="官网核查日期", en="Checked online on", required=False)


@line_item
class PurchasingPerson:
    """
    A person who orders or collects goods for the purchaser.

    Source: GSP art. 89 (采购人员及提货人员); S3 part 2 §3.9.
    """

    name: str = text(zh="姓名", en="Name", max_length=60, masked=True, source="GSP art. 89")
    duty: str = choice(
        Option("purchasing", "采购人员", "Orders goods"),
        Option("collecting", "提货人员", "Collects goods"),
        zh="职责",
        en="Duty",
        source="GSP art. 89",
    )
    id_no: str | None = text(
        zh="身份证号码",
        en="Identity no.",
        required=False,
        masked=True,
        check="id_number",
        max_length=18,
        source="GSP art. 89; PIPL art. 28, 51",
    )
    phone: str | None = text(
        zh="联系电话",
        en="Telephone",
        required=False,
        masked=True,
        check="phone",
        max_length=30,
        source="S3 part 2 §3.9",
    )
    authorised_from: date | None = day(zh="授权起始", en="Authorised from", required=False)
    authorised_to: date | None = day(zh="授权截止", en="Authorised to", required=False)
    authorisation: Attachment | None = attachment(zh="授权委托书", en="Authorisation", masked=True)


@record_type(
    "purchaser_file",
    version=1,
    zh="购货者档案",
    en="Purchaser file",
    key="purchaser_no",
    sign_off=[Step("review", role="qa", zh="质管部审核合格", en="Reviewed by quality management")],
    retention=Longest(After("ended_on", years=5), After("last_expiry_on", years=2), After(CAPTURED, years=5)),
    source="S3 part 2 §3.4, part 4 §1.3 and annex 1, part 5 §2; GSP art. 89; Order 54 art. 38",
    basis="Order 84 art. 40 (5 years; expiry + 1 year), Order 54 art. 38 (expiry + 2 years), from the end of trade",
)
class PurchaserFile:
    """
    One purchaser; no sale to it before quality management has signed, and none on a day its documents do not cover.
    """

    purchaser_no: str = text(
        zh="购货者编号（统一社会信用代码或医疗机构登记号）",
        en="Purchaser no. (credit code or institution licence no.)",
        max_length=40,
        search="id",
        pattern=r"\S+",
        source="GSP art. 89",
    )
    name: str = text(zh="购货者名称", en="Name", max_length=120, search="name", source="GSP art. 92; Order 54 art. 38")
    kind: str = choice(*PURCHASER_KINDS, zh="购货者类别", en="Kind", source="S3 part 5 §2.1")
    uscc: str | None = text(
        zh="统一社会信用代码", en="Unified social credit code", required=False, check="uscc", search="id", max_length=18
    )
    status: str = choice(
        Option(ACTIVE, "正常", "Active"),
        Option("suspended", "暂停供货", "Supply suspended"),
        Option("ended", "终止", "Ended"),
        zh="供货状态",
        en="Supply",
        source="S3 part 2 §3.5",
    )
    legal_representative: str = text(zh="法定代表人", en="Legal representative", max_length=60, source="S3 part 2 §3.9")
    person_in_charge: str | None = text(zh="企业负责人", en="Person in charge", required=False, max_length=60)
    quality_contact: str | None = text(zh="质量负责人", en="Quality contact", required=False, max_length=60)
    registered_address: str = text(zh="注册地址", en="Registered address", source="Order 54 art. 38")
    delivery_address: str | None = text(zh="收货地址", en="Delivery address", required=False, source="GSP art. 73")
    region: str | None = text(
        zh="行政区划代码", en="Region code (GB/T 2260)", required=False, pattern=r"\d{6}", max_length=6, facet=True
    )
    contact_name: str | None = text(zh="联系人", en="Contact", required=False, masked=True, max_length=60)
    contact_phone: str = text(
        zh="联系方式", en="Telephone", masked=True, check="phone", max_length=30, source="Order 54 art. 38"
    )
    business_scope: str = text(
        zh="经营范围或诊疗科目",
        en="Licensed scope",
        multiline=True,
        max_length=4000,
        search=True,
        source="S3 part 2 §3.1, part 4 §1.3; GSP art. 90",
    )
    storage_conditions: str = text(
        zh="储运条件", en="Storage and transport conditions", multiline=True, max_length=1000, source="S3 part 2 §3.5"
    )
    cold_chain: bool | None = yes_no(zh="具备冷链条件", en="Has a cold chain", required=False, facet=True)
    documents: tuple[QualificationDocument, ...] = lines(
        QualificationDocument, zh="资质证明文件", en="Qualification documents", source="GSP art. 89; S3 part 2 §3.4"
    )
    staff: tuple[PurchasingPerson, ...] | None = lines(
        PurchasingPerson, zh="采购与提货人员", en="Purchasing staff", required=False, source="GSP art. 89"
    )
    credit: str | None = choice(
        Option("a", "A（良好）", "A (good)"),
        Option("b", "B（一般）", "B (fair)"),
        Option("c", "C（现款）", "C (cash only)"),
        zh="商业信誉评价",
        en="Credit",
        required=False,
        source="S3 part 5 §2.2-2.3",
    )
    bank: str | None = text(zh="开户银行", en="Bank", required=False, max_length=120)
    bank_account: str | None = text(zh="银行账号", en="Bank account", required=False, masked=True, max_length=40)
    opened_on: date = day(zh="建档日期", en="File opened on", source="S3 part 2 §3.4")
    ended_on: date | None = day(zh="终止供货日期", en="Trade ended on", required=False)
    last_expiry_on: date | None = day(
        zh="已售产品最晚有效期（没有则填终止日期）",
        en="Latest expiry of goods sold (or the day trade ended)",
        required=False,
        source="Order 84 art. 40; Order 54 art. 38",
    )
    remarks: str | None = text(zh="备注", en="Remarks", required=False, multiline=True, max_length=2000)

    def check(self) -> Iterator[Finding]:
        """
        Yield what contradicts itself in the file, and what no sale will be possible without.
        """
        yield from self._check_number()
        yield from self._check_ending()
        for index, document in enumerate(self.documents or ()):
            yield from _check_document(document, f"$.documents[{index}]")
        yield from self._check_kinds()
        if not self.staff:
            yield _note("$.staff", "尚未登记采购人员、提货人员", "no purchasing staff on file yet")

    def held(self) -> tuple[Held, ...]:
        """
        Return the documents as far as their validity is concerned.
        """
        return tuple(
            Held(line.doc_type, line.doc_no, line.valid_from, line.valid_to, bool(line.long_term))
            for line in self.documents or ()
        )

    def _check_number(self) -> Iterator[Finding]:
        number = self.purchaser_no
        if number is None or self.kind in OWN_NUMBERS or number.startswith(MADE_KEY):
            return
        problem = validator("uscc")(number)
        if problem is not None:
            yield Finding(
                rule="purchaser.number",
                path="$.purchaser_no",
                zh=problem.zh,
                en=problem.en,
                severity=problem.severity,
                value=number,
                hint_zh="医疗机构可用执业许可证登记号",
                hint_en="only a medical institution may use its licence number",
            )
        elif self.uscc is not None and self.uscc != number:
            yield _error("$.uscc", "与购货者编号不一致", "differs from the purchaser number", self.uscc)

    def _check_ending(self) -> Iterator[Finding]:
        if self.status == "ended" and self.ended_on is None:
            yield _error("$.ended_on", "已终止的档案须填终止日期", "a file that ended needs the day trade ended")
        if self.ended_on is not None and self.opened_on is not None and self.ended_on < self.opened_on:
            yield _error("$.ended_on", "早于建档日期", "lies before the day the file was opened", str(self.ended_on))

    def _check_kinds(self) -> Iterator[Finding]:
        if self.kind is None or not self.documents:
            return
        kinds = {document.doc_type for document in self.documents}
        for need in needs(self.kind, "other"):
            if not need & kinds:
                zh, en = names(need)
                yield _warning(
                    "$.documents", f"缺少{zh}，补齐前不能供货", f"no {en} on file: no sale before it is there"
                )


def _check_document(document: QualificationDocument, path: str) -> Iterator[Finding]:
    start, end = document.valid_from or document.issued_on, document.valid_to
    if end is None and not document.long_term:
        yield _error(
            f"{path}.valid_to", "请填有效期至，或选长期有效", "state the last valid day, or that it never ends"
        )
    if end is not None and document.long_term:
        yield _error(
            f"{path}.long_term", "长期有效的证件没有截止日期", "a document without end has no last day", str(end)
        )
    if start is not None and end is not None and end < start:
        yield _error(f"{path}.valid_to", "早于有效期起始日", "lies before the first valid day", str(end))
    yield from _check_form(document, path)


def _check_form(document: QualificationDocument, path: str) -> Iterator[Finding]:
    for kind, form in NUMBER_FORMS:
        problem = validator(form)(document.doc_no) if kind == document.doc_type else None
        if problem is not None:
            yield Finding(
                rule="purchaser.document_no",
                path=f"{path}.doc_no",
                zh=problem.zh,
                en=problem.en,
                severity=problem.severity,
                value=document.doc_no,
            )


def _error(path: str, zh: str, en: str, value: str | None = None) -> Finding:
    return Finding(rule="purchaser.consistent", path=path, zh=zh, en=en, value=value)


def _warning(path: str, zh: str, en: str) -> Finding:
    return Finding(rule="purchaser.complete", path=path, zh=zh, en=en, severity=Severity.WARNING)


def _note(path: str, zh: str, en: str) -> Finding:
    return Finding(rule="purchaser.complete", path=path, zh=zh, en=en, severity=Severity.INFO)


def documents_ending(purchaser: PurchaserFile) -> Iterator[FallsDue]:
    """
    Yield the last valid day of each kind of document on file, the newest of its kind; none once trade has ended.
    """
    if purchaser.ended_on is not None or purchaser.status != ACTIVE:
        return
    held = purchaser.held()
    labels = {option.value: option for option in DOCUMENT_KINDS}
    for kind in sorted({document.kind for document in held}):
        same = [document for document in held if document.kind == kind]
        ends = [document.valid_to for document in same if document.valid_to is not None]
        if ends and not any(document.long_term for document in same):
            label = labels[kind]
            yield FallsDue(what=kind, day=max(ends), zh=f"{label.zh}到期", en=f"{label.en} ends")
