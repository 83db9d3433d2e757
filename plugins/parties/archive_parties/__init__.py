"""
Trading partners: the purchaser file, and the sale gate that depends on it.

Promises: no sale of any record type with a `sale_date` and a reference to a purchaser file passes while that file is
not in force or its documents do not cover the day (`gate`, rule X1); `trade` offers the rules that every sale shares.
Must not know: what is sold, how records are stored, or any other pack.
"""

from collections.abc import Iterable

from archive_core import Finding, Proposed, Reader, hookimpl
from archive_parties.gate import check_sale
from archive_parties.purchaser import PurchaserFile

__all__ = ["PurchaserFile"]


@hookimpl
def archive_record_types() -> Iterable[type]:
    return (PurchaserFile,)


@hookimpl
def archive_check(proposed: Proposed, reader: Reader) -> Iterable[Finding]:
    return check_sale(proposed, reader)
