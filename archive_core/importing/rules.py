"""
Every rule an import can find broken, with its severity and its sentences in Chinese and English.

A finding made here has no place yet: the pipeline adds file, row and column. Facts are filled into the sentences by
name.
"""

from types import MappingProxyType

import attrs

from archive_core.model.finding import Finding, Severity


@attrs.frozen
class Rule:
    """
    One rule; the hints may be empty.
    """

    severity: Severity
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
_LOOK_ZH, _LOOK_EN = "请核对原始单据", "look it up in the original"

RULES = MappingProxyType(
    {
        "date_impossible": Rule(_E, "日历上没有这一天", "no such day in the calendar", _LOOK_ZH, _LOOK_EN),
        "date_ambiguous": Rule(
            _E, "日月先后不明", "day and month cannot be told apart",
            "在映射中写明 order = \"dmy\" 或 \"mdy\"",
            "declare order = \"dmy\" or \"mdy\" for this column in the mapping",
        ),
        "date_unreadable": Rule(_E, "不是可识别的日期", "not a date in any known form", "", ""),
        "date_century": Rule(
            _E, "年份只有两位", "the year has two digits only",
            "在映射中写明 century = 2000", "declare century = 2000 (or 1900) for this column in the mapping",
        ),
        "date_month_only": Rule(
            _E, "只有年月，此处要求到日", "only a month is stated; this field needs the day", "", "",
        ),
        "date_serial": Rule(_I, "表格序列日期已换算为 {value}", "the spreadsheet's day number was read as {value}"),
        "date_time_dropped": Rule(
            _I, "只取日期，时间保留在原值中", "the time of day is kept in the original value only",
        ),
        "weekday_contradicts": Rule(
            _W, "所写的{stated}与日期不符，该日为{actual}",
            "the weekday stated ({stated}) is not that of the date ({actual})",
            _LOOK_ZH, _LOOK_EN,
        ),
        "number_unreadable": Rule(_E, "不是可识别的数字", "not a number in any known form", "", ""),
        "number_ambiguous": Rule(
            _E, "逗号是小数点还是千位分隔不明", "the comma may be a decimal point or a thousands mark",
            "在映射中写明 decimal = \",\" 或 \".\"",
            "declare decimal = \",\" or \".\" for this column in the mapping",
        ),
        "number_unit_unknown": Rule(
            _E, "数字后有未说明的单位 {unit}", "the number carries the undeclared unit {unit}",
            "在映射中写明 unit = \"{unit}\"", "declare unit = \"{unit}\" for this column in the mapping",
        ),
        "number_noise": Rule(_I, "去除了表格软件的浮点误差", "binary noise beyond 15 digits was removed"),
        "not_whole": Rule(_E, "要求整数", "a whole number is required"),
        "digits_lost": Rule(
            _E, "编号超过15位且按数字存放，末位已丢失",
            "a code of more than 15 digits was stored as a number: its last digits are lost",
            "请从原始单据补录", "take it from the original",
        ),
        "scientific": Rule(
            _E, "编号已被表格软件改写为科学计数", "the spreadsheet turned this code into scientific notation",
            "请从原始单据补录", "take it from the original",
        ),
        "damaged_text": Rule(_W, "文字中有损坏标记（�）", "the text holds the mark of an earlier damage (U+FFFD)"),
        "error_cell": Rule(_E, "单元格是公式错误 {value}", "the cell is a formula error, {value}"),
        "yes_no_unreadable": Rule(
            _E, "不是“是”或“否”", "neither yes nor no",
            "在映射的 values 中写明其含义", "say what it means: values = {{ \"...\" = true }} in the mapping",
        ),
        "choice_unknown": Rule(
            _E, "不在可选值之内：{options}", "not one of {options}",
            "在映射的 values 中写明其含义", "say what it means: values = {{ \"...\" = \"...\" }} in the mapping",
        ),
        "missing": Rule(
            _E, "缺少必填内容", "a required value is missing",
            "原件若无此项，在映射 gaps 中声明", "if the source never had it, declare it in gaps",
        ),
        "row_width": Rule(
            _E, "有 {found} 列，表头为 {expected} 列", "the row has {found} cells, the header {expected}",
        ),
        "identical_row": Rule(_I, "与第 {first} 行完全相同", "identical with row {first}"),
        "blank_row": Rule(_I, "空行", "the row is blank"),
        "repeated_titles": Rule(_I, "重复的表头行", "the column titles once more, not a record"),
        "total_row": Rule(_I, "合计行，不作为记录", "a total row, not a record"),
        "key_repeated": Rule(
            _E, "业务编号 {key} 已出现在第 {first} 行，内容不同",
            "the key {key} stands in row {first} already, with other content",
        ),
        "key_exists": Rule(
            _E, "业务编号 {key} 已是记录 {record}，内容不同",
            "the key {key} is record {record} already, with other content",
            "在映射中写明 [key] existing = \"amend\"",
            "decide it in the mapping: [key] existing = \"amend\" or \"skip\"",
        ),
        "key_kept": Rule(
            _I, "业务编号 {key} 已是记录 {record}，按映射保留",
            "the key {key} is record {record}, left as it is",
        ),
        "amended_since": Rule(
            _I, "此行已导入为记录 {record}，其后有人更正，保持不变",
            "the row is record {record}, which a person has amended since",
        ),
        "key_made": Rule(
            _I, "原件无业务编号，由批次和行号编成", "the source has no key; it is made from batch and row",
        ),
        "proposal_waiting": Rule(
            _E, "记录 {record} 尚待签核", "record {record} waits for sign-off",
            "先签核该记录", "sign it off or reject it first",
        ),
    }
)  # fmt: skip


def finding(rule: str, value: str | None = None, **facts: object) -> Finding:
    """
    Return the finding of a rule without its place.

    Args:
        value: the cell as the source has it.
        facts: what the sentences of the rule name in braces.
    """
    known = RULES[rule]
    filled = {"value": value, **facts}
    return Finding(
        rule=f"import.{rule}",
        path="$",
        severity=known.severity,
        zh=known.zh.format(**filled),
        en=known.en.format(**filled),
        hint_zh=known.hint_zh.format(**filled),
        hint_en=known.hint_en.format(**filled),
        value=value,
    )
