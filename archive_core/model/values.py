"""
Values that Python has no type for: a month, a reference to another record, an attachment.
"""

import re
from calendar import monthrange
from datetime import date

import attrs

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})\Z")


@attrs.frozen(order=True)
class Month:
    """
    A month of a year, kept as precise as it was stated: `2027-05` never becomes the 31st by itself.
    """

    year: int
    number: int

    def __attrs_post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1 <= self.year <= 9999):
            msg = f"there is no month {self.number} in year {self.year}"
            raise ValueError(msg)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """
        Return the month written `2027-05`.

        Raises:
            ValueError: the text has another form, or the month does not exist.
        """
        match = _MONTH.match(text)
        if not match:
            msg = f"not a month of the form 2027-05: {text!r}"
            raise ValueError(msg)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def last_day(value: date | Month) -> date:
    """
    Return the last usable day: a month means its last day (规则: 有效期 with month only).
    """
    if isinstance(value, Month):
        return date(value.year, value.number, monthrange(value.year, value.number)[1])
    return value


@attrs.frozen
class Ref:
    """
    A reference to another record: the business key as it was stated, and the record number it resolved to.

    `record` is None until the archive resolves it, and stays None where a legacy source names a partner that is not
    on file.
    """

    key: str
    record: int | None = None


@attrs.frozen
class Attachment:
    """
    A file kept in blobs/ under its SHA-256 (64 hex digits); `size` in bytes.
    """

    name: str
    sha256: str
    size: int
    media_type: str = "application/octet-stream"
