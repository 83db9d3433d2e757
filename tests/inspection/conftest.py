"""A small archive of a device trader, in memory, and rooms built from it."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from archive_core.clock import format_time
from archive_core.inspection.app import Setup, build_app
from archive_core.inspection.facts import (
    CheckpointFacts,
    DueFacts,
    ErasureFacts,
    Head,
    Kept,
    PersonFacts,
    RecordFacts,
    SignoffFacts,
    TypeFacts,
    VersionFacts,
)
from archive_core.inspection.profile import PROFILES
from archive_core.inspection.projector import Projector
from archive_core.inspection.sessions import Visitor
from archive_core.model.fields import Option, attachment, choice, day, decimal, integer, lines, ref, text, yes_no
from archive_core.model.record_type import RecordType, line_item, record_type, type_of
from archive_core.model.retention import CAPTURED, After, Longest, Permanent
from archive_core.model.step import Step

STEPS = [
    Step("record", role="handler", zh="经办", en="Recorded"),
    Step("approve", role="responsible_person", zh="负责人审核", en="Approved", not_by=("record",)),
]


@record_type(
    "person", version=1, zh="人员", en="Person", key="username", sign_off=STEPS, retention=Permanent(),
)  # fmt: skip
class Person:
    username: str = text(zh="用户名", en="Username", search="id")
    name: str = text(zh="姓名", en="Name", search="name")


@record_type(
    "purchaser_file", version=1, zh="销售对象档案", en="Purchaser", key="uscc", sign_off=STEPS, retention=Permanent(),
    source="医疗器械经营监督管理办法 第三十八条",
)  # fmt: skip
class PurchaserFile:
    uscc: str = text(zh="统一社会信用代码", en="Unified social credit code", search="id")
    name: str = text(zh="单位名称", en="Name", search="name")
    kind: str = choice(
        Option("hospital", "医疗机构", "Hospital"), Option("dealer", "经营企业", "Dealer"), zh="类别", en="Kind"
    )
    province: str = text(zh="省份", en="Province", facet=True, search=True)
    licence_until: Any = day(zh="许可证有效期至", en="Licence valid until", required=False)
    contact: str | None = text(zh="联系人", en="Contact person", required=False, masked=True, search="text")
    licence_scan: Any = attachment(zh="许可证扫描件", en="Scan of the licence")


@line_item
class SaleLine:
    product: str = text(zh="产品名称", en="Product", search="name")
    model: str = text(zh="规格型号", en="Model", search="id")
    sterilisation_lot: str = text(zh="灭菌批号", en="Sterilisation lot", search="id")
    expiry_date: Any = day(zh="有效期", en="Expiry", month=True)
    quantity: Decimal = decimal(zh="数量", en="Quantity", above=0)
    unit_price: Decimal = decimal(zh="单价", en="Unit price", scale=2, required=False)


@record_type(
    "sterile_device_sales_record", version=1, zh="一次性使用无菌医疗器械销售记录", en="Sterile single-use device sale",
    key="sale_no", sign_off=STEPS, retention=Longest(After("sold_on", years=5), After(CAPTURED, years=5)),
    source="医疗器械经营监督管理办法 第三十八条", basis="有效期后 2 年；无有效期的不少于 5 年",
)  # fmt: skip
class Sale:
    sale_no: str = text(zh="销售单号", en="Sale no.", search="id")
    summary: str = text(zh="摘要", en="Summary", search="name")
    sold_on: Any = day(zh="销售日期", en="Sold on")
    buyer: Any = ref("purchaser_file", zh="销售对象", en="Buyer")
    channel: str = choice(
        Option("direct", "直销", "Direct"), Option("tender", "集中采购", "Tender"), zh="销售方式", en="Channel"
    )
    cold_chain: bool = yes_no(zh="冷链运输", en="Cold chain", facet=True)
    boxes: int = integer(zh="件数", en="Boxes", minimum=1)
    amount: Decimal = decimal(zh="金额（元）", en="Amount (CNY)", scale=2)
    salesperson_phone: str | None = text(zh="业务员电话", en="Salesperson's phone", required=False, masked=True)
    items: Any = lines(SaleLine, zh="销售明细", en="Items")
    remark: str | None = text(zh="备注", en="Remark", required=False, multiline=True, max_length=4000, search=True)


@record_type(
    "complaint", version=2, zh="质量投诉记录", en="Quality complaint", key="complaint_no", sign_off=STEPS,
    retention=After(CAPTURED, years=5),
)  # fmt: skip
class Complaint:
    complaint_no: str = text(zh="投诉编号", en="Complaint no.", search="id")
    subject: str = text(zh="投诉事项", en="Subject", search="name")
    sale: Any = ref("sterile_device_sales_record", zh="相关销售", en="Sale", required=False)
    severity: str = choice(Option("high", "严重", "Severe"), Option("low", "一般", "Minor"), zh="程度", en="Severity")
    handled_on: Any = day(zh="处理日期", en="Handled on")
    account: str = text(zh="经过", en="Account", multiline=True, max_length=4000, search=True)


TYPES: tuple[RecordType, ...] = tuple(map(type_of, (Person, PurchaserFile, Sale, Complaint)))
BY_NAME = {declared.name: declared for declared in TYPES}
START = datetime(2026, 3, 2, 1, 15, 27, 123456, tzinfo=UTC)
PEOPLE = (("li.na", "李娜", "Li Na"), ("wang.wei", "王伟", "Wang Wei"), ("zhao.min", "赵敏", "Zhao Min"))


def moment(seq: int) -> str:
    return format_time(START + timedelta(minutes=97 * seq, milliseconds=seq))


@attrs.define
class MemorySource:
    """Facts kept in a dict; it grows as a ledger does, one entry at a time."""

    records: dict[int, RecordFacts] = attrs.field(factory=dict)
    log: list[int] = attrs.field(factory=list)
    heads: list[CheckpointFacts] = attrs.field(factory=list)
    declared: tuple[RecordType, ...] = TYPES
    name: str = "苏州安泽医疗器械有限公司"

    def head(self) -> Head:
        size = len(self.log)
        root = hashlib.sha256(str(size).encode()).hexdigest()[:43] + "="
        return Head(
            size=size, root=root, at=moment(max(size - 1, 0)), origin="archive.example/main",
            name=self.name, zone="Asia/Shanghai",
        )  # fmt: skip

    def types(self) -> Sequence[TypeFacts]:
        return [TypeFacts(declared=found, builtin=found.name == "person") for found in self.declared]

    def people(self) -> Sequence[PersonFacts]:
        known = [facts for facts in self.records.values() if facts.type == "person"]
        return [self._person(facts) for facts in known]

    def checkpoints(self, after: int) -> Sequence[CheckpointFacts]:
        return [head for head in self.heads if head.size > after]

    def numbers(self) -> Iterator[int]:
        return iter(sorted(self.records))

    def touched(self, since: int, size: int) -> Sequence[int]:
        return sorted(set(self.log[since:size]))

    def facts(self, numbers: Sequence[int]) -> Iterator[RecordFacts]:
        return (self.records[number] for number in numbers)

    # -- what happens in the archive --------------------------------------------------------------------------------

    def capture(self, type_name: str, fields: dict[str, Any], *, by: int = 0, **more: Any) -> int:
        number = len(self.log)
        declared = BY_NAME[type_name]
        key = "/".join(str(fields[name]) for name in declared.key)
        first = self._version(number, 1, declared, fields, by, more)
        self.records[number] = RecordFacts(record=number, type=type_name, key=key, versions=(first,), kept=_kept(first))
        return number

    def amend(self, number: int, *, reason: str, by: int = 0, withdrawn: bool = False, **changes: Any) -> None:
        facts = self.records[number]
        last = facts.versions[-1]
        fields = {**(last.fields or {}), **changes}
        more = {"reason": reason, "withdrawn": withdrawn}
        version = self._version(number, last.version + 1, last.declared, fields, by, more)
        self.records[number] = attrs.evolve(facts, versions=(*facts.versions, version))

    def sign(self, number: int, step: int, by: int, *, decision: str = "signed", note: str = "") -> None:
        facts = self.records[number]
        chosen, seq = STEPS[step], self._next(number)
        username, name, english = PEOPLE[by // 2 % len(PEOPLE)]
        sign = SignoffFacts(
            seq=seq, version=facts.versions[-1].version, step=chosen.name, role=chosen.role, meaning_zh=chosen.zh,
            meaning_en=chosen.en, decision=decision, by=by, name=name, name_en=english, at=moment(seq),
            key_id=f"{username}+8f2c", note=note,
        )  # fmt: skip
        versions = self._after(facts.versions, sign, last=step == len(STEPS) - 1)
        self.records[number] = attrs.evolve(facts, versions=versions, signoffs=(*facts.signoffs, sign))

    def erase(self, number: int, disposition: int) -> None:
        facts = self.records[number]
        seq = self._next(number)
        gone = tuple(
            ErasureFacts(seq=seq, version=v.version, at=moment(seq), by=0, disposition=disposition)
            for v in facts.versions
        )
        versions = tuple(attrs.evolve(v, fields=None, reason="") for v in facts.versions)
        self.records[number] = attrs.evolve(facts, versions=versions, erasures=gone, key="")

    def fall_due(self, number: int, what: str, day_: str, zh: str, en: str) -> None:
        self._next(number)
        item = DueFacts(what=what, day=day_, zh=zh, en=en)
        self.records[number] = attrs.evolve(self.records[number], due=(*self.records[number].due, item))

    def checkpoint(self) -> None:
        head = self.head()
        note = f"{head.origin}\n{head.size}\n{head.root}\n\n— {head.origin} dGVzdHNpZ25hdHVyZQ==\n"
        self.heads.append(CheckpointFacts(size=head.size, root=head.root, at=head.at, note=note))

    def _next(self, number: int) -> int:
        self.log.append(number)
        return len(self.log) - 1

    def _version(  # noqa: PLR0917 - a fixture's shorthand
        self, number: int, version: int, declared: RecordType, fields: dict[str, Any], by: int, more: dict[str, Any]
    ) -> VersionFacts:
        seq = self._next(number)
        return VersionFacts(
            version=version, seq=seq, state="proposed", at=moment(seq), by=by, declared=declared, fields=fields,
            by_name=PEOPLE[by // 2 % len(PEOPLE)][1], steps=tuple(STEPS),
            leaf=hashlib.sha256(str(seq).encode()).hexdigest(), **more,
        )  # fmt: skip

    def _after(self, versions: tuple[VersionFacts, ...], sign: SignoffFacts, *, last: bool) -> tuple[VersionFacts, ...]:
        *before, signed = versions
        if sign.decision == "rejected":
            return (*before, attrs.evolve(signed, state="rejected"))
        if not last:
            return versions
        older = [
            attrs.evolve(v, state="superseded", in_force_to=sign.at) if v.state == "in_force" else v for v in before
        ]
        return (*older, attrs.evolve(signed, state="in_force", in_force_from=sign.at))

    def _person(self, facts: RecordFacts) -> PersonFacts:
        fields = facts.shown.fields or {}
        english = {username: en for username, _, en in PEOPLE}
        return PersonFacts(
            record=facts.record, username=str(fields["username"]), name=str(fields["name"]),
            name_en=english.get(str(fields["username"]), ""), roles=("handler", "responsible_person"),
            key_id="8f2c91aa",
        )  # fmt: skip


def _kept(version: VersionFacts) -> Kept:
    sold = (version.fields or {}).get("sold_on")
    if not isinstance(sold, str):
        return Kept(retention="permanent")
    until = f"{int(sold[:4]) + 5}{sold[4:]}"
    return Kept(retention="until", keep_until=until, eligible=until)


REMARK = (
    "随货同行单与到货实物一致，外包装完好。运输全程温度保持在 2℃～8℃，冷藏车温湿度记录由经办人上传。"
    "该批产品由{maker}生产，检验报告编号 {report}，客户要求按批次分别存放，并在验收当日回传签收联。"
)
MAKERS = ("江西洪达医疗器械集团有限公司", "山东威高集团医用高分子制品股份有限公司", "上海康德莱企业发展集团")
PRODUCTS = (
    "一次性使用无菌注射器 带针", "一次性使用输液器 带针", "一次性使用静脉留置针",
    "一次性使用无菌导尿包", "胰岛素笔用针头",
)  # fmt: skip
BUYERS = (
    ("12320500466948372X", "苏州市立医院", "hospital", "江苏"),
    ("91520100MA6DKQ8R2P", "贵阳康源医药有限公司", "dealer", "贵州"),
    ("12460000428200418K", "海南省人民医院", "hospital", "海南"),
    ("12330000470051726F", "浙江大学医学院附属第一医院", "hospital", "浙江"),
)


def sale_fields(number: int, buyer: int, buyer_key: str) -> dict[str, Any]:
    """Return the fields of one plausible sale; equal numbers give equal sales."""
    items = [
        {
            "product": PRODUCTS[(number + k) % 5], "model": f"{(number + k) % 4 + 1}mL 0.7×32mm",
            "sterilisation_lot": f"LOT2026{chr(65 + number % 6)}{number + k:02}", "expiry_date": "2029-02",
            "quantity": str(100 * (k + 1)), "unit_price": f"{0.35 + 0.1 * k:.2f}",
        }
        for k in range(1 + number % 3)
    ]  # fmt: skip
    return {
        "sale_no": f"XS-2026-{number:05}", "summary": f"{items[0]['product']} 等 {len(items)} 项",
        "sold_on": f"20{20 + number % 7}-{number % 12 + 1:02}-{number % 27 + 1:02}",
        "buyer": {"key": buyer_key, "record": buyer}, "channel": ("direct", "tender")[number % 2],
        "cold_chain": number % 3 == 0, "boxes": number % 40 + 1, "amount": f"{1280 + 37 * number}.50",
        "salesperson_phone": f"138{number:08}", "items": items,
        "remark": REMARK.format(maker=MAKERS[number % 3], report=f"JY-{number:06}"),
    }  # fmt: skip


def trade(sales: int = 12) -> MemorySource:
    """Return an archive with buyers, sales in every state, a complaint, an erased record and two checkpoints."""
    source = MemorySource()
    for username, name, _ in PEOPLE:
        source.sign(source.capture("person", {"username": username, "name": name}), 1, 0)
    buyers = [source.capture("purchaser_file", _buyer(*buyer)) for buyer in BUYERS]
    for number in buyers:
        source.sign(number, 0, 0)
        source.sign(number, 1, 2)
    sold = []
    for number in range(1, sales + 1):
        buyer = number % 4
        sold.append(source.capture("sterile_device_sales_record", sale_fields(number, buyers[buyer], BUYERS[buyer][0])))
    for number in sold[:-3]:
        source.sign(number, 0, 0)
        source.sign(number, 1, 2)
    source.checkpoint()
    _histories(source, buyers, sold)
    source.checkpoint()
    return source


def _buyer(uscc: str, name: str, kind: str, province: str) -> dict[str, Any]:
    scan = {"name": f"{name}许可证.pdf", "sha256": hashlib.sha256(b"scan").hexdigest(), "size": 229376,
            "media_type": "application/pdf"}  # fmt: skip
    return {"uscc": uscc, "name": name, "kind": kind, "province": province, "licence_until": "2026-12-31",
            "contact": "周建国", "licence_scan": scan}  # fmt: skip


def _histories(source: MemorySource, buyers: list[int], sold: list[int]) -> None:
    first, second, third, fourth = sold[:4]
    remark = str((source.records[first].shown.fields or {})["remark"])
    source.amend(
        first, reason="更正数量：以验收单为准", by=2, boxes=18, remark=remark.replace("完好", "一箱破损，已换货")
    )
    source.sign(first, 0, 2)
    source.sign(first, 1, 4)
    source.amend(first, reason="补充检验报告编号", by=0, remark=remark + "\n补充：检验报告已由质量部复核。")
    source.amend(second, reason="重复登记", withdrawn=True)
    source.sign(second, 0, 0)
    source.sign(second, 1, 2)
    source.erase(third, disposition=first)
    source.sign(sold[-1], 0, 0)
    source.sign(sold[-2], 1, 2, decision="rejected", note="缺灭菌批号，请补充")
    complaint = {
        "complaint_no": "TS-2026-0007", "subject": "注射器包装破损投诉", "severity": "high",
        "sale": {"key": "XS-2026-00004", "record": fourth},
        "account": "客户苏州市立医院反映同批次注射器有两箱外包装破损，要求换货并出具说明。",
    }  # fmt: skip
    number = source.capture("complaint", complaint, gaps=("handled_on",))
    source.fall_due(buyers[0], "licence", "2026-10-31", "许可证有效期至", "Licence valid until")
    source.fall_due(buyers[1], "licence", "2026-12-31", "许可证有效期至", "Licence valid until")
    source.sign(number, 0, 0)


Build = Callable[..., Path]


@pytest.fixture
def source() -> MemorySource:
    return trade()


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build a room from a source and return its file."""

    def make(source: MemorySource, profile: str = "full") -> Path:
        path = tmp_path / "room" / f"{profile}.db"
        Projector(path=path, profile=PROFILES[profile], source=source).rebuild()
        return path

    return make


PASSWORD = "reads everything"


def verify(username: str, password: str) -> Visitor | None:
    """Let two people in: one of the house, one whose account is over."""
    known = {
        "li.na": Visitor(username="li.na", name="李娜"),
        "late": Visitor(username="late", name="检查员", kind="inspector", until=datetime(2026, 1, 1, tzinfo=UTC)),
    }
    return known.get(username) if password == PASSWORD else None


class Browser:
    """A reading room and one reader of it, without a network; redirects are not followed."""

    def __init__(self, setup: Setup, language: str = "zh") -> None:
        self.room = build_app(setup)
        self.cookies = {"archive_lang": language}
        self._runner = asyncio.Runner()

    def get(self, path: str, **more: Any) -> Any:
        return self._ask("get", path, **more)

    def post(self, path: str, **more: Any) -> Any:
        return self._ask("post", path, **more)

    def ask(self, method: str, path: str) -> Any:
        return self._ask("request", path, method=method)

    def log_in(self, username: str = "li.na", password: str = PASSWORD) -> Any:
        answer = self.post("/-/login", data={"username": username, "password": password})
        self.cookies.update(answer.cookies)
        return answer

    def close(self) -> None:
        self.room.close()
        self._runner.close()

    def _ask(self, verb: str, path: str, method: str = "", **more: Any) -> Any:
        client = self.room.client
        ask = getattr(client, verb)
        coroutine = ask(method, path, cookies=self.cookies) if method else ask(path, cookies=self.cookies, **more)
        return self._runner.run(coroutine)


Open = Callable[..., Browser]


@pytest.fixture
def open_room(tmp_path: Path, build: Build) -> Iterator[Open]:
    """Open a room over a source; `logged_in` as a member of the house unless told otherwise."""
    browsers: list[Browser] = []

    def make(
        source: MemorySource, *, profile: str = "full", logged_in: bool = True, language: str = "zh", **more: Any
    ) -> Browser:
        setup = Setup(
            room=build(source, profile), access=tmp_path / "access.db", profile=PROFILES[profile], verify=verify, **more
        )
        browsers.append(Browser(setup, language))
        if logged_in:
            browsers[-1].log_in()
        return browsers[-1]

    yield make
    for browser in browsers:
        browser.close()


@pytest.fixture
def big() -> MemorySource:
    """Sixty sales: more than one page."""
    return trade(60)


@pytest.fixture
def bare() -> MemorySource:
    """An archive in English, with one complaint."""
    source = MemorySource(declared=(BY_NAME["complaint"],), name="Example Trading")
    fields = {"complaint_no": "C-1", "subject": "Torn package", "severity": "low", "account": "One box was torn."}
    source.capture("complaint", fields)
    return source


def dump(path: Path) -> dict[str, list[Any]]:
    """Return all that a room says, the time of building aside; the words of the index row by row."""
    db = sqlite3.connect(path)
    sql = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
    tables = [row[0] for row in db.execute(sql) if not row[0].startswith("record_fts_")]
    found = {
        table: sorted(db.execute(f'select * from "{table}"'), key=repr) for table in tables if table != "record_fts"
    }
    found["meta"] = [row for row in found["meta"] if row[0] != "built_at"]
    found["schema"] = sorted(db.execute("select name, sql from sqlite_master where name not like 'sqlite_%'"))
    db.execute("create virtual table temp.words using fts5vocab(main, 'record_fts', 'instance')")
    found["words"] = sorted(db.execute("select * from temp.words"))
    db.close()
    return found


@pytest.fixture(name="dump")
def dump_of() -> Callable[[Path], dict[str, list[Any]]]:
    return dump
