"""
What became of a row: exactly one of six outcomes, with the findings that led to it.
"""

from collections import Counter
from enum import StrEnum

import attrs

from archive_core.canonical import Json
from archive_core.importing.draft import RowFinding
from archive_core.importing.rejects import Reject, joined
from archive_core.importing.rows import Row
from archive_core.model.finding import Severity
from archive_core.records.proposing import Proposal

EXAMPLES = 5


class Outcome(StrEnum):
    """
    Where a row ended. Rows read are the sum of the six.
    """

    CREATED = "created"
    AMENDED = "amended"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    SKIPPED = "skipped"

    @property
    def taken(self) -> bool:
        """
        Whether the row's content is in the archive after the run.
        """
        return self in (Outcome.CREATED, Outcome.AMENDED, Outcome.UNCHANGED)


LABELS_ZH = {
    Outcome.CREATED: "新建",
    Outcome.AMENDED: "更正",
    Outcome.UNCHANGED: "未变",
    Outcome.DUPLICATE: "重复",
    Outcome.REJECTED: "退回",
    Outcome.SKIPPED: "跳过",
}


@attrs.frozen(kw_only=True)
class Judged:
    """
    A row with its outcome; `number` is its row number in the first file, which a file of rejects carries along.
    `proposal` is there where the row was good; `record` is the record it met or changes, `version` that record's
    newest. `made_key` names the key field that the source lacks.

    `written` says that an earlier, interrupted run of this very batch has brought the row in already.
    """

    row: Row
    number: int
    outcome: Outcome
    findings: tuple[RowFinding, ...] = ()
    fields: dict[str, Json] = attrs.field(factory=dict)
    proposal: Proposal | None = None
    raw: dict[str, Json] = attrs.field(factory=dict)
    kept: list[Json] = attrs.field(factory=list)
    gaps: tuple[str, ...] = ()
    record: int | None = None
    version: int = 0
    made_key: str = ""
    written: bool = False

    def reject(self) -> Reject:
        """
        Return the row for the file of rejects, reasons in both languages.
        """
        wrong = [found for found in self.findings if found.finding.refuses]
        return Reject(
            number=self.number,
            cells=self.row.cells,
            columns=joined(found.column for found in wrong),
            reason=joined(f"{found.finding.zh} / {found.finding.en} [{found.finding.rule}]" for found in wrong),
            suggestion=joined(f"{found.finding.hint_zh} / {found.finding.hint_en}".strip(" /") for found in wrong),
        )


@attrs.frozen(kw_only=True)
class RuleCount:
    """
    One broken rule: how often, and the first examples.
    """

    rule: str
    severity: Severity
    count: int
    examples: tuple[RowFinding, ...]


class Tally:
    """
    Counts outcomes and findings; keeps the first five examples of each rule, so memory does not grow with the rows.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[Outcome] = Counter()
        self._rules: dict[str, list[RowFinding]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, judged: Judged) -> None:
        self.outcomes[judged.outcome] += 1
        for found in judged.findings:
            rule = found.finding.rule
            self._counts[rule] += 1
            examples = self._rules.setdefault(rule, [])
            if len(examples) < EXAMPLES:
                examples.append(found)

    @property
    def read(self) -> int:
        return self.outcomes.total()

    def rules(self) -> tuple[RuleCount, ...]:
        """
        Return the broken rules, gravest and most frequent first.
        """
        order = list(Severity)
        made = [
            RuleCount(
                rule=rule, severity=examples[0].finding.severity, count=self._counts[rule], examples=tuple(examples)
            )
            for rule, examples in self._rules.items()
        ]
        return tuple(sorted(made, key=lambda each: (order.index(each.severity), -each.count, each.rule)))


def _gravest(examples: list[RowFinding]) -> Severity:
    order = list(Severity)
    return min((found.finding.severity for found in examples), key=order.index)
