"""
The drug trade: drug sales.

Promises: every field that 药品管理法 art. 57 and GSP art. 92 ask for, by kind of goods; no sale of expired goods (X8).
Must not know: how records are stored, and which documents a purchaser needs (that is `archive_parties`).
"""

from collections.abc import Iterable

from archive_core import Finding, Proposed, Reader, hookimpl
from archive_drug_trade.rules import check_drug_sale
from archive_drug_trade.sale import DrugSalesRecord

__all__ = ["DrugSalesRecord"]


@hookimpl
def archive_record_types() -> Iterable[type]:
    return (DrugSalesRecord,)


@hookimpl
def archive_check(proposed: Proposed, reader: Reader) -> Iterable[Finding]:
    return check_drug_sale(proposed, reader)
