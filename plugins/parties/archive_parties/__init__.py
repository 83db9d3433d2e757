"""
Trading partners: the purchaser file, and the sale gate that depends on it.

Promises: no sale of any record type with a `sale_date` and a reference to a purchaser file passes while that file is
not in force or its documents do not cover the day (`gate`, rule X1); `trade` offers the rules that every sale shares.
Must not know: what is sold, how records are stored, or any other pack.
"""

from collections.abc import Iterable

from archive_core import FallsDue, Finding, Kept, Proposed, Reader, hookimpl
from archive_parties.gate import check_sale
from archive_parties.purchaser import PurchaserFile, documents_ending

__all__ = ["PurchaserFile"]


@hookimpl
def archive_record_types() -> Iterable[type]:
    return (PurchaserFile,)


@hookimpl
def archive_check(proposed: Proposed, reader: Reader) -> Iterable[Finding]:
    return check_sale(proposed, reader)


@hookimpl
def archive_due(kept: Kept) -> Iterable[FallsDue]:
    return documents_ending(kept.value) if isinstance(kept.value, PurchaserFile) else ()
