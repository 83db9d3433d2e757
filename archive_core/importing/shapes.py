"""
What the values of a column look like: the profile that suggestions and people judge a column by.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from types import MappingProxyType

import attrs

from archive_core.importing.dates import DateForms, DateRule, read_date
from archive_core.importing.folding import fold_width
from archive_core.importing.numbers import NumberRule, read_decimal
from archive_core.importing.rows import Cell, Row, cell_text
from archive_core.importing.tables import Table

MOST_DISTINCT = 10_000
EXAMPLES = 3
SAMPLE = 200
# Order matters: the first shape that fits a value counts. `personal` marks what must not be copied without need.
SHAPES = MappingProxyType(
    {
        "device_registration": re.compile(r"(国|[\u4e00-\u9fff])械(注[准进许]|备)\s*\d{8,}.*"),
        "drug_approval": re.compile(r"(国药准字|国药试字|进口药品注册证号)\s*[A-Z]{1,2}\d{8,9}.*|[A-Z]{1,2}\d{8,9}"),
        "identity_card": re.compile(r"\d{17}[\dXx]"),
        "uscc": re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}"),
        "insurance_code": re.compile(r"[CX][A-Z0-9]{19,26}"),
        "masked": re.compile(r"\*{3,}\w*|\w*\*{3,}\w*"),
        "mobile": re.compile(r"1[3-9]\d{9}"),
        "gtin": re.compile(r"0?\d{13}"),
        "yes_no": re.compile(r"是|否|有|无|yes|no|true|false|y|n", re.IGNORECASE),
    }
)
# Cheap looks that spare most texts the costly ones.
_MAY_BE_DATE = re.compile(r"[\d民中平昭令二贰].{3,39}\Z")
_MAY_BE_NUMBER = re.compile(r"[-+(\d.￥¥$€£人RCr−][^A-Za-z]{0,29}\Z")
PERSONAL = frozenset({"identity_card", "masked", "mobile"})


@attrs.frozen(kw_only=True)
class ColumnProfile:
    """
    One column: how full, how varied, what its values look like. `shapes` are permille of the filled cells, most
    frequent first.

    `distinct` stops counting at 10,000; `sample` holds the first 200 different values. `order` is the proved order
    of day and month, if any.
    """

    index: int
    title: str
    rows: int
    filled: int
    distinct: int
    longest: int
    shapes: tuple[tuple[str, int], ...]
    sample: tuple[str, ...]
    order: str | None = None

    @property
    def examples(self) -> tuple[str, ...]:
        return self.sample[:EXAMPLES]

    @property
    def shape(self) -> str:
        """
        Return the shape of at least seven tenths of the values, or "".
        """
        return self.shapes[0][0] if self.shapes and self.shapes[0][1] >= 700 else ""

    @property
    def personal(self) -> bool:
        return any(name in PERSONAL and share >= 500 for name, share in self.shapes)

    def share(self, *names: str) -> int:
        return sum(share for name, share in self.shapes if name in names)


class _Counting:
    def __init__(self, index: int, title: str) -> None:
        self.index, self.title = index, title
        self.rows = self.filled = self.longest = 0
        self.shapes: Counter[str] = Counter()
        self.values: dict[str, None] = {}
        self.forms = DateForms()
        self._known: dict[str, str] = {}

    def add(self, cell: Cell) -> None:
        self.rows += 1
        text = cell_text(cell).strip()
        if not text:
            return
        self.filled += 1
        self.longest = max(self.longest, len(text))
        if len(self.values) < MOST_DISTINCT:
            self.values[text] = None
        self.forms.add(cell)
        self.shapes[self._shape(cell, text)] += 1

    def _shape(self, cell: Cell, text: str) -> str:
        if not isinstance(cell, str):
            return shape_of(cell)
        if text not in self._known:
            if len(self._known) > MOST_DISTINCT:
                self._known.clear()
            self._known[text] = shape_of(text)
        return self._known[text]

    def profile(self) -> ColumnProfile:
        shares = (
            [(name, count * 1000 // self.filled) for name, count in self.shapes.most_common()] if self.filled else []
        )
        return ColumnProfile(
            index=self.index,
            title=self.title,
            rows=self.rows,
            filled=self.filled,
            distinct=len(self.values),
            longest=self.longest,
            shapes=tuple(shares),
            sample=tuple(islice(self.values, SAMPLE)),
            order=self.forms.order(),
        )


def shape_of(cell: Cell) -> str:
    """
    Return the name of the shape of one non-empty value: a key of `SHAPES`, `date`, `number`, `code` or `text`.
    """
    text = fold_width(cell_text(cell))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return "number"
    for name, pattern in SHAPES.items():
        if pattern.fullmatch(text):
            return name
    if _MAY_BE_DATE.match(text) and _is_date(cell):
        return "date"
    if _MAY_BE_NUMBER.match(text) and read_decimal(cell, NumberRule()).text is not None:
        return "number"
    return "code" if re.fullmatch(r"[A-Za-z0-9./_-]*\d[A-Za-z0-9./_-]*", text) else "text"


def _is_date(cell: Cell) -> bool:
    found = read_date(cell, DateRule(order="dmy", century=2000))
    broken = {each.rule for each in found.findings}
    digits = isinstance(cell, str) and cell.strip().isdigit()
    return (
        found.text is not None and not (digits and len(str(cell).strip()) != 8)
    ) or "import.date_impossible" in broken


def profile_columns(table: Table, rows: Iterable[Row]) -> tuple[ColumnProfile, ...]:
    """
    Return the profile of every titled column over all rows.
    """
    columns = [_Counting(index, title) for index, title in enumerate(table.header)]
    for row in rows:
        if row.blank:
            continue
        for column, cell in zip(columns, row.cells, strict=False):
            column.add(cell)
    return tuple(column.profile() for column in columns)
