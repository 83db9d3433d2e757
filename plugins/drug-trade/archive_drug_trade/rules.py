"""
Rules of drug sales that look at more than the line itself: what each kind of goods must state, amount, expiry (X8).

In an import the sale has happened already: a broken rule is a warning there, and a declared gap is none.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from archive_parties.trade import (
    check_amount,
    check_buyer_name,
    check_expiry,
    check_return,
    check_stated,
    severity_for,
)

from archive_core import Finding, Proposed, Reader
from archive_drug_trade.sale import DRUG, MATERIAL, SLICES, DrugSalesRecord

ASKED_FOR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        DRUG: ("dosage_form", "approval_no", "batch_no", "expiry_date", "mah_name", "manufacturer"),
        SLICES: ("batch_no", "origin", "manufacturer"),
        MATERIAL: ("origin",),
    }
)


def check_drug_sale(proposed: Proposed, reader: Reader) -> Iterator[Finding]:
    """
    Yield the findings on a proposed drug sale; nothing for other records.

    Source: GSP art. 91-92; 药品管理法 art. 57.
    """
    sale = proposed.value
    if not isinstance(sale, DrugSalesRecord):
        return
    severity = severity_for(proposed)
    for name in ASKED_FOR.get(sale.variant, ()):
        yield from check_stated(proposed, name)
    if sale.variant != DRUG and sale.no_expiry is False:
        yield from check_stated(proposed, "expiry_date")
    yield from check_amount(sale.quantity, sale.unit_price, sale.amount, severity)
    if sale.return_of is None:
        yield from check_expiry(sale.expiry_date, sale.sale_date, severity)
    yield from check_return(proposed, reader, sale.return_of, ("generic_name", "batch_no"))
    yield from check_buyer_name(proposed, reader, sale.buyer, sale.purchaser_name)
