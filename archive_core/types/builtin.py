"""
Built-in record types: what the archive keeps about itself is records too, with versions, sign-off, history and
retention.
"""

import re
from collections.abc import Iterator
from datetime import date

from archive_core.model.fields import Option, choice, day, integer, lines, text, yes_no
from archive_core.model.finding import Finding
from archive_core.model.record_type import line_item, record_type
from archive_core.model.retention import Permanent
from archive_core.model.step import AUTHOR, Step

CHARTER = "archive_charter"
PERSON = "person"
RECORD_TYPE = "record_type"
IMPORT_BATCH = "import_batch"

QA = "qa"
FOUNDING = Step("found", role=QA, zh="创建档案", en="Founded the archive")
_QA_APPROVES = Step("approve", role=QA, zh="质管审核", en="Approved by QA", not_by=(AUTHOR,))

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}\Z")


@record_type(
    CHARTER,
    version=1,
    zh="档案章程",
    en="Archive charter",
    key="origin",
    sign_off=[_QA_APPROVES],
    retention=Permanent(),
    source="What the archive says of itself: origin and key of its checkpoints, time zone",
)
class ArchiveCharter:
    """
    What the archive says of itself.
    """

    origin: str = text(zh="检查点来源名", en="Checkpoint origin", max_length=200)
    name: str = text(zh="名称", en="Name", search="name")
    time_zone: str = text(zh="时区", en="Time zone", max_length=60)
    vkey: str = text(zh="检查点公钥", en="Checkpoint verifier key", max_length=400)


@line_item
class RoleGrant:
    """
    A role, from a day until a day inclusive; open-ended without them.
    """

    role: str = text(zh="角色", en="Role", pattern=r"[a-z][a-z0-9_]{0,59}")
    since: date | None = day(zh="自", en="Since", required=False)
    until: date | None = day(zh="至", en="Until", required=False)


@record_type(
    PERSON,
    version=1,
    zh="人员",
    en="Person",
    key="username",
    sign_off=[_QA_APPROVES],
    retention=Permanent(),
    source="21 CFR 11.10(d), 11.100; 电子签名法 art. 13",
    basis="11.10(e): never before the records the person signed",
)
class Person:
    """
    Somebody who acts in the archive; usernames are never reissued, persons never deleted.
    """

    username: str = text(zh="用户名", en="Username", max_length=40, search="id")
    name_zh: str = text(zh="姓名", en="Name in Chinese", max_length=100, search="name")
    name_en: str = text(zh="英文姓名", en="Name in English", max_length=100, search="name")
    roles: tuple[RoleGrant, ...] | None = lines(RoleGrant, zh="角色", en="Roles", required=False)
    public_key: str = text(zh="签名公钥", en="Signing key (public)", pattern=r"[A-Za-z0-9_-]{43}")
    active: bool = yes_no(zh="在职有效", en="Active")
    identity_check: str | None = text(zh="身份核验", en="Identity check", required=False, max_length=400)

    def check(self) -> Iterator[Finding]:
        if not _USERNAME.match(self.username):
            yield Finding(
                rule="person.username",
                path="$.username",
                zh="用户名须为小写字母开头的 2 至 40 个字符（字母、数字、点、横线）",
                en="a username is 2 to 40 characters: a lower-case letter, then a-z, 0-9, dot, dash or underscore",
                value=self.username,
            )


@record_type(
    RECORD_TYPE,
    version=1,
    zh="记录类型",
    en="Record type",
    key="name",
    sign_off=[_QA_APPROVES],
    retention=Permanent(),
    source="21 CFR 11.10(k); 74号 art. 22",
    basis="a definition is kept as long as any record of it",
)
class TypeDefinition:
    """
    One definition of a record type; `definition` is its canonical JSON.
    """

    name: str = text(zh="名称", en="Name", max_length=60, search="id")
    title_zh: str = text(zh="中文名", en="Chinese title", search="name")
    title_en: str = text(zh="英文名", en="English title", search="name")
    definition_version: int = integer(zh="定义版本", en="Definition version", minimum=1)
    definition: str = text(zh="定义", en="Definition", max_length=1_000_000, multiline=True)
    definition_sha256: str = text(zh="定义摘要", en="SHA-256 of the definition", pattern=r"[0-9a-f]{64}")
    distribution: str = text(zh="软件包", en="Distribution")
    distribution_version: str = text(zh="软件包版本", en="Version of the distribution")
    source_sha256: str = text(zh="源码摘要", en="SHA-256 of the source code", pattern=r"[0-9a-f]{64}")


@line_item
class OutcomeCount:
    """
    How many rows ended in one outcome.
    """

    outcome: str = choice(
        Option("created", "新建", "Created"),
        Option("amended", "更正", "Amended"),
        Option("unchanged", "未变", "Unchanged"),
        Option("duplicate", "重复", "Duplicate"),
        Option("rejected", "退回", "Rejected"),
        Option("skipped", "跳过", "Skipped"),
        zh="结果",
        en="Outcome",
        facet=False,
    )
    rows: int = integer(zh="行数", en="Rows", minimum=0)


@line_item
class ControlTotal:
    """
    Sum and range of one column over the rows that came in, as text exactly as computed.
    """

    column: str = text(zh="列", en="Column", max_length=200)
    field: str = text(zh="字段", en="Field", max_length=60)
    total: str | None = text(zh="合计", en="Sum", required=False, max_length=60)
    least: str | None = text(zh="最小", en="Least", required=False, max_length=60)
    greatest: str | None = text(zh="最大", en="Greatest", required=False, max_length=60)
    expected: str | None = text(zh="应为", en="Expected", required=False, max_length=60)


@line_item
class GapCount:
    """
    How many records lack a required field because the source lacks it.
    """

    field: str = text(zh="字段", en="Field", max_length=60)
    records: int = integer(zh="记录数", en="Records", minimum=0)


@record_type(
    IMPORT_BATCH,
    version=1,
    zh="导入批次",
    en="Import batch",
    key="batch_no",
    sign_off=[Step("approve", role=QA, zh="质管审核批次", en="Approved the import batch", not_by=(AUTHOR,))],
    retention=Permanent(),
    source="21 CFR 11.10(h); Annex 11 (2011) 5",
    basis="kept as long as any record it brought",
)
class ImportBatch:
    """
    One import run. While `status` is open rows may still come in; people sign the closed version, whose `root`
    commits to every leaf of the batch in order.
    """

    batch_no: str = text(zh="批次号", en="Batch no.", max_length=120, search="id")
    status: str = choice(Option("open", "进行中", "Open"), Option("closed", "已结束", "Closed"), zh="状态", en="Status")
    record_type: str = text(zh="记录类型", en="Record type", max_length=60)
    source_name: str = text(zh="来源文件", en="Source file", search="name")
    source_sha256: str = text(zh="来源摘要", en="SHA-256 of the source", pattern=r"[0-9a-f]{64}")
    source_size: int = integer(zh="来源大小", en="Size of the source in bytes", minimum=0)
    mapping: str = text(zh="映射", en="Mapping", max_length=1_000_000, multiline=True)
    mapping_sha256: str = text(zh="映射摘要", en="SHA-256 of the mapping", pattern=r"[0-9a-f]{64}")
    rows_read: int | None = integer(zh="读取行数", en="Rows read", required=False, minimum=0)
    outcomes: tuple[OutcomeCount, ...] | None = lines(OutcomeCount, zh="结果", en="Outcomes", required=False)
    totals: tuple[ControlTotal, ...] | None = lines(ControlTotal, zh="控制合计", en="Control totals", required=False)
    gaps: tuple[GapCount, ...] | None = lines(GapCount, zh="来源缺失", en="Missing at source", required=False)
    entries: int | None = integer(zh="账本条目数", en="Ledger entries", required=False, minimum=0)
    root: str | None = text(
        zh="批次默克尔根", en="Merkle root of the batch", required=False, pattern=r"[A-Za-z0-9_-]{43}"
    )

    def check(self) -> Iterator[Finding]:
        if self.status == "closed" and None in (self.rows_read, self.outcomes, self.entries, self.root):
            yield Finding(
                rule="batch.closed",
                path="$.status",
                zh="已结束的批次须有计数和默克尔根",
                en="a closed batch needs its counts and its Merkle root",
            )
        counted = sum(line.rows for line in self.outcomes or ())
        if self.rows_read is not None and counted != self.rows_read:
            yield Finding(
                rule="batch.sum",
                path="$.rows_read",
                zh="读取行数不等于各结果之和",
                en=f"rows read ({self.rows_read}) are not the sum of the outcomes ({counted})",
            )


BUILTIN: tuple[type, ...] = (ArchiveCharter, Person, TypeDefinition, ImportBatch)
