"""
Strict checks of a record's fields in wire form: one closure per field, all problems at once.

Two conveniences are admitted because nothing is lost: an integer for a decimal, and the bare key for a reference.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import attrs

from archive_core.canonical import MAX_INTEGER, Json
from archive_core.model.fields import FieldSpec, Kind
from archive_core.model.finding import Finding
from archive_core.model.record_type import RESERVED, RecordType
from archive_core.model.values import Month
from archive_core.types.validators import Validator, validator

FieldCheck = Callable[[Json, str, list[Finding]], Json]

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MADE = re.compile(r"LEGACY-[0-9]+-[0-9]+\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@attrs.frozen
class Checked:
    """
    The fields in their final wire form, and everything found; without an ERROR among the findings they may be captured.
    """

    fields: dict[str, Json]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        return not any(finding.refuses for finding in self.findings)


class FieldChecker:
    """
    Checks contents of one record type; building it costs more than using it, so keep it.
    """

    def __init__(self, record_type: RecordType) -> None:
        self.record_type = record_type
        self._checks = _compile(record_type.fields)

    def check(self, fields: Mapping[str, Json], gaps: frozenset[str] = frozenset()) -> Checked:
        """
        Return the checked fields; required fields named in `gaps` may be absent.
        """
        findings: list[Finding] = []
        made = _check_object(self._checks, fields, "$", findings, gaps)
        return Checked(made, tuple(findings))


def key_text(record_type: RecordType, fields: Mapping[str, Json]) -> str:
    """
    Return the business key as one text; parts of a composite key are joined by "/". Parts missing at source are left
    out beside a part that an import made up, which is unique by itself.
    """
    parts = [_key_part(fields.get(name)) for name in record_type.key]
    if not all(parts) and any(_MADE.match(part) for part in parts):
        parts = [part for part in parts if part]
    return "/".join(parts)


def _key_part(value: Json) -> str:
    if isinstance(value, dict):
        return str(value.get("key", ""))
    return "" if value is None else str(value)


Compiled = dict[str, tuple[FieldSpec, FieldCheck]]


def _compile(specs: tuple[FieldSpec, ...]) -> Compiled:
    return {spec.name: (spec, _MAKERS[spec.kind](spec)) for spec in specs}


def _check_object(
    checks: Compiled, fields: Mapping[str, Json], path: str, findings: list[Finding], gaps: frozenset[str]
) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for name, (spec, check) in checks.items():
        value = fields.get(name)
        if value is None:
            _absent(spec, name in fields, f"{path}.{name}", findings, gaps)
        else:
            known = len(findings)
            made[name] = check(value, f"{path}.{name}", findings)
            if spec.masked:
                # What a masked field holds must not travel in messages, rejects or logs.
                findings[known:] = [attrs.evolve(finding, value=None) for finding in findings[known:]]
    if len(made) < len(fields):
        findings += [_unknown(name, path, checks) for name in sorted(fields.keys() - checks.keys())]
    return made


def _absent(spec: FieldSpec, stated_null: bool, path: str, findings: list[Finding], gaps: frozenset[str]) -> None:  # noqa: FBT001
    if stated_null:
        findings.append(_error("field.null", path, "空值应省略", "leave an empty field out instead of writing null"))
    elif spec.required and spec.name not in gaps:
        findings.append(_error("field.required", path, f"缺少必填项“{spec.zh}”", f"{spec.en} is required"))


def _unknown(name: str, path: str, checks: Compiled) -> Finding:
    if name in RESERVED:
        return _error(
            "field.system",
            f"{path}.{name}",
            "由系统和登录产生，不能填写",
            "comes from the system and the login; it cannot be supplied",
        )
    near = difflib.get_close_matches(name, checks, n=1)
    hint = near[0] if near else ""
    return Finding(
        rule="field.unknown",
        path=f"{path}.{name}",
        zh="该类型没有此字段",
        en="the type has no such field",
        hint_zh=f"是否指 {hint}？" if hint else "",
        hint_en=f"did you mean {hint}?" if hint else "",
    )


def _error(rule: str, path: str, zh: str, en: str, value: Json = None) -> Finding:
    return Finding(rule=rule, path=path, zh=zh, en=en, value=None if value is None else str(value)[:80])


def _wrong_type(path: str, zh: str, en: str, value: Json) -> Finding:
    kind = {"str": "text", "bool": "yes/no", "dict": "object", "list": "list", "int": "integer"}.get(
        type(value).__name__, type(value).__name__
    )
    return _error("field.type", path, f"应为{zh}，得到 {kind}", f"expected {en}, got {kind}", value)


def _text(spec: FieldSpec) -> FieldCheck:
    control = _CONTROL_BUT_BREAKS if spec.multiline else _CONTROL
    pattern = re.compile(spec.pattern) if spec.pattern else None
    limit = spec.max_length
    validators: tuple[tuple[str, Validator], ...] = tuple((name, validator(name)) for name in spec.check)

    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is not str:
            findings.append(_wrong_type(path, "文本", "text", value))
            return value
        if not value or value[0].isspace() or value[-1].isspace():
            findings.append(
                _error("text.edges", path, "为空或首尾有空格", "is empty or has spaces at its edges", value)
            )
        if len(value) > limit:
            findings.append(_error("text.long", path, f"超过 {limit} 个字符", f"is longer than {limit} characters"))
        if control.search(value):
            findings.append(_error("text.control", path, "含控制字符", "holds control characters", ascii(value)))
        if pattern and not pattern.fullmatch(value):
            findings.append(_error("text.pattern", path, "格式不符", f"does not match {spec.pattern}", value))
        for name, judge in validators:
            problem = judge(value)
            if problem is not None:
                findings.append(
                    attrs.evolve(_error(name, path, problem.zh, problem.en, value), severity=problem.severity)
                )
        return value

    return check


def _integer(spec: FieldSpec) -> FieldCheck:
    bounds = _Bounds.of(spec)

    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is not int:
            findings.append(_wrong_type(path, "整数", "a whole number", value))
        elif abs(value) > MAX_INTEGER:
            findings.append(_error("integer.large", path, "数值过大", "is too large", value))
        else:
            bounds.judge(Decimal(value), path, findings)
        return value

    return check


def _decimal(spec: FieldSpec) -> FieldCheck:
    bounds = _Bounds.of(spec)
    scale = spec.scale

    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is int:
            value = str(value)
        if type(value) is not str or not _DECIMAL.match(value):
            if type(value) is str:
                findings.append(_error("decimal.form", path, "不是小数", "is not a decimal number like 12.50", value))
            else:
                findings.append(_wrong_type(path, "小数文本", 'a decimal as text like "12.50"', value))
            return value
        if scale is not None and len(value.partition(".")[2]) > scale:
            findings.append(
                _error(
                    "decimal.scale",
                    path,
                    f"小数超过 {scale} 位",
                    f"has more than {scale} digits after the point",
                    value,
                )
            )
        bounds.judge(Decimal(value), path, findings)
        return value

    return check


def _bound(stated: str) -> Decimal | None:
    return Decimal(stated) if stated else None


@attrs.frozen
class _Bounds:
    """
    Limits of a number; `above` is exclusive.
    """

    low: Decimal | None
    high: Decimal | None
    above: Decimal | None

    @classmethod
    def of(cls, spec: FieldSpec) -> "_Bounds":
        return cls(_bound(spec.minimum), _bound(spec.maximum), _bound(spec.above))

    def judge(self, number: Decimal, path: str, findings: list[Finding]) -> None:
        if self.low is not None and number < self.low:
            findings.append(_error("number.low", path, f"小于 {self.low}", f"is below {self.low}", str(number)))
        if self.above is not None and number <= self.above:
            findings.append(
                _error("number.low", path, f"应大于 {self.above}", f"must be above {self.above}", str(number))
            )
        if self.high is not None and number > self.high:
            findings.append(_error("number.high", path, f"大于 {self.high}", f"is above {self.high}", str(number)))


def _day(spec: FieldSpec) -> FieldCheck:
    month = spec.month
    form = "2026-11-21 or 2026-11" if month else "2026-11-21"

    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is not str:
            findings.append(_wrong_type(path, "日期", f"a day like {form}", value))
        elif not _is_day(value) and not (month and _is_month(value)):
            findings.append(_error("day.form", path, "不是有效日期", f"is not a day like {form}", value))
        return value

    return check


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.match(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_month(text: str) -> bool:
    try:
        return bool(Month.parse(text))
    except ValueError:
        return False


def _yes_no(spec: FieldSpec) -> FieldCheck:  # noqa: ARG001 - all makers are called alike
    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is not bool:
            findings.append(_wrong_type(path, "是或否", "true or false", value))
        return value

    return check


def _choice(spec: FieldSpec) -> FieldCheck:
    values = {option.value for option in spec.options}
    shown = ", ".join(sorted(values))

    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is not str:
            findings.append(_wrong_type(path, "文字选项", f"one of {shown} as text", value))
        elif value not in values:
            findings.append(_error("choice.unknown", path, f"不在选项内：{shown}", f"is none of {shown}", value))
        return value

    return check


def _ref(spec: FieldSpec) -> FieldCheck:
    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is str and value.strip():
            return {"key": value}
        match value:
            case {"key": str(key), **rest} if key.strip() and set(rest) <= {"record"}:
                if all(type(record) is int and record >= 0 for record in rest.values()):
                    return value
        findings.append(_wrong_type(path, f"{spec.target} 的编号", f"the key of a {spec.target}", value))
        return value

    return check


def _attachment(spec: FieldSpec) -> FieldCheck:  # noqa: ARG001 - all makers are called alike
    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        match value:
            case {"name": str(name), "sha256": str(sha256), "size": size, "media_type": str(), **rest} if not rest:
                named = bool(name) and not _CONTROL.search(name)
                if named and _SHA256.match(sha256) and type(size) is int and size >= 0:
                    return value
        findings.append(_wrong_type(path, "附件", "an attachment", value))
        return value

    return check


def _lines(spec: FieldSpec) -> FieldCheck:
    checks = _compile(spec.lines)

    def check(value: Json, path: str, findings: list[Finding]) -> Json:
        if type(value) is not list:
            findings.append(_wrong_type(path, "明细列表", "a list of lines", value))
            return value
        if not value:
            findings.append(_error("lines.empty", path, "没有明细", "has no lines; leave it out instead"))
        made: list[Json] = []
        for index, line in enumerate(value):
            if type(line) is dict:
                made.append(_check_object(checks, line, f"{path}[{index}]", findings, frozenset()))
            else:
                findings.append(_wrong_type(f"{path}[{index}]", "明细", "a line", line))
        return made

    return check


_MAKERS: dict[Kind, Callable[[FieldSpec], FieldCheck]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.REF: _ref,
    Kind.ATTACHMENT: _attachment,
    Kind.LINES: _lines,
}
