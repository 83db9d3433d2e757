"""
The dialect of a text table: which character separates cells, and whether quotes mean anything.

The own rule: under the right separator nearly all records have the same number of cells, and more than one.
`csv.Sniffer` is not used: on real files it finds separators such as a carriage return or a space.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

import attrs

DELIMITERS = (",", "\t", ";", "|", "~", "^", "¬", "；", "，")
SAMPLE = 500
LONGEST_RECORD = 50
_CLEARLY = 100


@attrs.frozen
class Dialect:
    """
    How lines split into cells; `consistency` is the permille of sampled records with the usual number of cells.
    """

    delimiter: str = ","
    quoted: bool = True
    consistency: int = 1000

    def records(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """
        Yield each record with the one-based number of the physical line on which it starts; blank lines give [].

        Raises:
            csv.Error: a carriage return inside an unquoted cell, or a cell beyond csv's limit.
        """
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        reader = csv.reader(lines, delimiter=self.delimiter, quoting=quoting)
        start = 1
        for record in reader:
            yield start, record
            start = reader.line_num + 1


@attrs.frozen
class _Trial:
    dialect: Dialect
    width: int
    longest: int

    def rank(self) -> tuple[bool, int, int]:
        return self.width > 1, self.dialect.consistency, self.width


def sniff_dialect(lines: Sequence[str], delimiter: str | None = None) -> Dialect:
    """
    Return the separator under which the sampled records agree best; a comma when no separator splits them.

    Args:
        lines: the first physical lines of the file, line ends included; 500 are looked at.
        delimiter: the separator where it is known; then only the meaning of quotes is found.
    """
    sample, delimiters = lines[:SAMPLE], (delimiter,) if delimiter else DELIMITERS
    quoted = _best(sample, delimiters, quoted=True)
    plain = _best(sample, delimiters, quoted=False)
    swallowed = quoted.longest > LONGEST_RECORD
    better = plain.width > 1 and plain.dialect.consistency >= quoted.dialect.consistency + _CLEARLY
    chosen = plain if swallowed or better else quoted
    return chosen.dialect if chosen.width > 1 else attrs.evolve(chosen.dialect, delimiter=delimiter or ",")


def _best(sample: Sequence[str], delimiters: Iterable[str], *, quoted: bool) -> _Trial:
    trials = (_try(sample, Dialect(delimiter, quoted)) for delimiter in delimiters)
    return max(trials, key=_Trial.rank)


def _try(sample: Sequence[str], dialect: Dialect) -> _Trial:
    try:
        records = list(dialect.records(sample))
    except csv.Error:
        return _Trial(attrs.evolve(dialect, consistency=0), 0, 0)
    widths = Counter(len(cells) for _, cells in records if any(cells))
    width, often = widths.most_common(1)[0] if widths else (0, 0)
    consistency = often * 1000 // max(1, widths.total())
    return _Trial(attrs.evolve(dialect, consistency=consistency), width, _longest(records, len(sample)))


def _longest(records: list[tuple[int, list[str]]], lines: int) -> int:
    starts = [start for start, _ in records] + [lines + 1]
    return max((after - before for before, after in pairwise(starts)), default=0)
