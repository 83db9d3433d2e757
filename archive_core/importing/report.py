"""
The report of a check or a run: what was read, what became of every row, which rules were broken, what the columns
add up to.
"""

from collections.abc import Iterable
from pathlib import Path

import attrs
import orjson

from archive_core.canonical import Json
from archive_core.errors import NoRights
from archive_core.importing.draft import RowFinding
from archive_core.importing.outcome import Outcome, RuleCount, Tally
from archive_core.importing.plan import Plan
from archive_core.importing.totals import ColumnTotal, ControlTotals


@attrs.frozen(kw_only=True)
class ImportReport:
    """
    `plan` is the digest that a check and the later run share. `batch` is None for a check, and for a run that had
    nothing to write.

    Promise: `read` is the sum of `outcomes`.
    """

    source: str
    sheet: str
    record_type: str
    plan: str
    read: int
    outcomes: dict[str, int]
    rules: tuple[RuleCount, ...]
    totals: tuple[ColumnTotal, ...]
    gaps: dict[str, int]
    notes: tuple[str, ...]
    written: bool = False
    batch: int | None = None
    batch_no: str = ""
    root: str = ""

    @property
    def rejected(self) -> int:
        return self.outcomes[Outcome.REJECTED]

    def to_json(self) -> dict[str, Json]:
        """
        Return the report for machines; examples of each rule included.
        """
        return {
            "source": self.source,
            "sheet": self.sheet,
            "record_type": self.record_type,
            "plan": self.plan,
            "written": self.written,
            "batch": self.batch,
            "batch_no": self.batch_no,
            "root": self.root,
            "read": self.read,
            "outcomes": dict(self.outcomes),
            "gaps": dict(self.gaps),
            "rules": [_rule_json(rule) for rule in self.rules],
            "totals": [total.to_json() for total in self.totals],
            "notes": list(self.notes),
        }

    def batch_fields(self, expected: dict[str, str]) -> dict[str, Json]:
        """
        Return the part of the batch record that tells what came in.

        Args:
            expected: sums a person typed into the mapping, by field.
        """
        counted: list[Json] = [{"outcome": name, "rows": rows} for name, rows in self.outcomes.items()]
        fields: dict[str, Json] = {"rows_read": self.read, "outcomes": counted}
        totals: list[Json] = [line for total in self.totals for line in _total_lines(total, expected.get(total.target))]
        if totals:
            fields["totals"] = totals
        if self.gaps:
            fields["gaps"] = [{"field": name, "records": count} for name, count in sorted(self.gaps.items())]
        return fields


def make_report(plan: Plan, tally: Tally, totals: ControlTotals) -> ImportReport:
    return ImportReport(
        source=plan.source.path.name,
        sheet=plan.source.sheet,
        record_type=plan.record_type.name,
        plan=plan.digest,
        read=tally.read,
        outcomes={outcome.value: tally.outcomes[outcome] for outcome in Outcome},
        rules=tally.rules(),
        totals=totals.results(),
        gaps=dict(sorted(totals.gaps.items())),
        notes=(*plan.source.notes, *(f"title block, row {line}" for line in plan.table.title), *_emptiness(tally)),
    )


def _emptiness(tally: Tally) -> tuple[str, ...]:
    return () if tally.read else ("there are no rows below the titles 表头之下没有数据行",)


def _rule_json(rule: RuleCount) -> dict[str, Json]:
    return {
        "rule": rule.rule,
        "severity": rule.severity.value,
        "count": rule.count,
        "examples": [finding_json(found) for found in rule.examples],
    }


def finding_json(found: RowFinding) -> dict[str, Json]:
    """
    Return one finding with its place, for machines.
    """
    told = found.finding
    return {
        "row": found.row,
        "column": found.column,
        "path": told.path,
        "value": told.value,
        "rule": told.rule,
        "severity": told.severity.value,
        "zh": told.zh,
        "en": told.en,
        "hint_zh": told.hint_zh,
        "hint_en": told.hint_en,
    }


class FindingsFile:
    """
    Writes every finding as one line of JSON as it comes; does nothing without a path.
    """

    def __init__(self, path: Path | None) -> None:
        try:
            self._file = path.open("wb") if path is not None else None
        except OSError:
            raise NoRights(str(path), "write") from None

    def add(self, findings: Iterable[RowFinding]) -> None:
        if self._file is not None:
            self._file.writelines(orjson.dumps(finding_json(found)) + b"\n" for found in findings)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _total_lines(total: ColumnTotal, expected: str | None) -> list[Json]:
    taken: dict[str, Json] = {"column": total.title, "field": total.target}
    taken |= {name: value for name, value in (("total", total.taken), ("least", total.least)) if value}
    if total.greatest:
        taken["greatest"] = total.greatest
    if expected is None:
        return [taken]
    read: dict[str, Json] = {"column": f"{total.title} (all rows read)", "field": total.target, "total": total.read}
    return [taken, {**read, "expected": expected}]
