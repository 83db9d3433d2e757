"""
Control totals: sums and ranges of the mapped number and date columns, over all rows read and over the rows that
came in.
"""

from collections import Counter
from decimal import Decimal

import attrs

from archive_core.canonical import Json
from archive_core.importing.mapping import Totals
from archive_core.importing.numbers import plain
from archive_core.importing.plan import FieldColumn, Plan
from archive_core.model.fields import Kind

_COUNTED = (Kind.DECIMAL, Kind.INTEGER)


@attrs.frozen(kw_only=True)
class ColumnTotal:
    """
    One column: sums as plain decimal text ("" for dates), least and greatest value, over all rows read and those
    that came in.
    """

    target: str
    title: str
    read: str
    taken: str
    least: str
    greatest: str

    def to_json(self) -> dict[str, Json]:
        return attrs.asdict(self)


class _Running:
    def __init__(self, column: FieldColumn, title: str) -> None:
        self.column, self.title = column, title
        self.numeric = column.spec.kind in _COUNTED
        self.read = self.taken = Decimal(0)
        self.least: Decimal | str | None = None
        self.greatest: Decimal | str | None = None

    def add(self, value: str, *, taken: bool) -> None:
        measured: Decimal | str = value
        if self.numeric:
            measured = Decimal(value)
            self.read += measured
            self.taken += measured if taken else 0
        if not taken:
            return
        self.least = measured if self.least is None or measured < self.least else self.least  # type: ignore[operator]
        self.greatest = measured if self.greatest is None or measured > self.greatest else self.greatest  # type: ignore[operator]

    def result(self) -> ColumnTotal:
        return ColumnTotal(
            target=self.column.target,
            title=self.title,
            read=plain(self.read) if self.numeric else "",
            taken=plain(self.taken) if self.numeric else "",
            least=_shown(self.least),
            greatest=_shown(self.greatest),
        )


class ControlTotals:
    """
    Adds up row by row; memory does not grow with the rows.
    """

    def __init__(self, plan: Plan) -> None:
        self._columns = [
            _Running(column, plan.table.name(column.index))
            for column in plan.fields
            if column.index is not None and column.spec.kind in (*_COUNTED, Kind.DAY)
        ]
        self.gaps: Counter[str] = Counter()

    def add(self, fields: dict[str, Json], gaps: tuple[str, ...], *, taken: bool) -> None:
        """
        Take one row into account; `taken` when it is in the archive after the run.
        """
        for running in self._columns:
            value = value_at(fields, running.column.target)
            if value is not None and not isinstance(value, dict | list):
                running.add(str(value), taken=taken)
        if taken:
            self.gaps.update(gaps)

    def results(self) -> tuple[ColumnTotal, ...]:
        return tuple(running.result() for running in self._columns)


def differences(expected: Totals, rows: int, totals: tuple[ColumnTotal, ...]) -> tuple[str, ...]:
    """
    Return one line for every expected total that the rows read do not give.
    """
    found = []
    if expected.rows is not None and expected.rows != rows:
        found.append(f"rows: expected {expected.rows}, read {rows}")
    by_target = {total.target: total for total in totals}
    for target, stated in expected.sums.items():
        total = by_target.get(target)
        if total is None or Decimal(total.read) != Decimal(stated):
            found.append(f"sum of {target}: expected {stated}, read {total.read if total else 'no number column'}")
    return tuple(found)


def value_at(fields: dict[str, Json], target: str) -> Json:
    """
    Return the value of a field, or of the first line item's field (`lines.field`).
    """
    name, _, inner = target.partition(".")
    value = fields.get(name)
    if not inner:
        return value
    first = value[0] if isinstance(value, list) and value else None
    return first.get(inner) if isinstance(first, dict) else None


def _shown(value: Decimal | str | None) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else value
