"""
What every sale must satisfy, whatever is sold; used by the trade packs.

Plain functions over the fields of one sale. Each takes the severity to use, because in an import the sale has happened
already and is kept as it was: there a broken rule is a warning.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from archive_core import Finding, Month, Proposed, Reader, Ref, Severity, last_day

CENT = Decimal("0.01")
NEAR_EXPIRY = timedelta(days=180)


def severity_for(proposed: Proposed) -> Severity:
    """
    Return ERROR for a new sale and WARNING for an imported one.
    """
    return Severity.ERROR if proposed.batch is None else Severity.WARNING


def check_amount(
    quantity: Decimal | None, unit_price: Decimal | None, amount: Decimal | None, severity: Severity
) -> Iterator[Finding]:
    """
    Yield a finding unless amount = quantity x price, rounded half up to the cent.

    Source: GSP art. 91 (票、账、货、款相符); S3 part 2 §3.8.
    """
    if quantity is None or unit_price is None or amount is None:
        return
    expected = (quantity * unit_price).quantize(CENT, rounding=ROUND_HALF_UP)
    if amount != expected:
        yield Finding(
            rule="trade.amount",
            path="$.amount",
            zh=f"金额应为 数量×单价 = {expected}",
            en=f"quantity x price is {expected}",
            severity=severity,
            value=str(amount),
        )


def check_direction(quantity: Decimal | None, return_of: Ref | None) -> Iterator[Finding]:
    """
    Yield a finding unless goods sold count up, and goods that come back count down and name their sale.
    """
    if quantity is None:
        return
    if quantity == 0:
        yield _direction("数量不能为 0", "the quantity cannot be 0", quantity)
    elif quantity < 0 and return_of is None:
        yield _direction(
            "退货（负数）须注明原销售记录", "goods that come back (below 0) must name their sale", quantity
        )
    elif quantity > 0 and return_of is not None:
        yield _direction("退货的数量应为负数", "the quantity of goods that come back is below 0", quantity)


def _direction(zh: str, en: str, quantity: Decimal) -> Finding:
    return Finding(rule="trade.direction", path="$.quantity", zh=zh, en=en, value=str(quantity))


def check_return(proposed: Proposed, reader: Reader, return_of: Ref | None, same: tuple[str, ...]) -> Iterator[Finding]:
    """
    Yield a finding for goods that come back and are not those of the sale they name.

    Args:
        same: names of fields in which both records must agree.
    """
    if return_of is None:
        return
    sale = reader.resolve(return_of) or reader.in_force(proposed.record_type.name, return_of.key)
    if sale is None:
        yield _return(
            "原销售记录不在档，未能核对", "the sale is not on file and was not compared", return_of.key, Severity.INFO
        )
        return
    for name in same:
        if sale.fields.get(name) != proposed.fields.get(name):
            spec = proposed.record_type.field(name)
            zh, en = (spec.zh, spec.en) if spec else (name, name)
            yield _return(f"{zh}与原销售记录不同", f"{en} differs from the sale", return_of.key, severity_for(proposed))


def _return(zh: str, en: str, key: str, severity: Severity) -> Finding:
    return Finding(rule="trade.return", path="$.return_of", zh=zh, en=en, value=key, severity=severity)


def check_expiry(expiry: date | Month | None, sale_date: date | None, severity: Severity) -> Iterator[Finding]:
    """
    Yield a finding for goods expired on the day of sale, or a warning within 180 days of it (rule X8).

    The expiry is the last usable day; a month means its last day.

    Source: Order 54 art. 45; GSP appendix on computer systems.
    """
    if expiry is None or sale_date is None:
        return
    left = last_day(expiry) - sale_date
    if left < timedelta(0):
        yield Finding(
            rule="X8.expired",
            path="$.expiry_date",
            zh=f"销售日 {sale_date} 已过有效期，不得销售",
            en=f"expired on the sale date {sale_date}; it may not be sold",
            severity=severity,
            value=str(expiry),
        )
    elif left <= NEAR_EXPIRY:
        yield Finding(
            rule="X8.near_expiry",
            path="$.expiry_date",
            zh=f"近效期：距有效期仅 {left.days} 天",
            en=f"near expiry: {left.days} days left on the sale date",
            severity=Severity.WARNING,
            value=str(expiry),
        )


def check_expiry_stated(expiry: date | Month | None, *, no_expiry: bool | None) -> Iterator[Finding]:
    """
    Yield a finding where an expiry is stated for goods that have none.
    """
    if no_expiry and expiry is not None:
        yield Finding(
            rule="trade.expiry",
            path="$.no_expiry",
            zh="已填有效期的产品不是“无有效期”",
            en="goods with an expiry date are not without expiry",
            value=str(expiry),
        )


def check_stated(proposed: Proposed, name: str) -> Iterator[Finding]:
    """
    Yield a finding where a field is absent that this kind of goods asks for; a declared gap is none.
    """
    spec = proposed.record_type.field(name)
    if spec is None or name in proposed.fields or name in proposed.gaps:
        return
    yield Finding(
        rule="trade.required",
        path=f"$.{name}",
        zh=f"此类产品须填“{spec.zh}”",
        en=f"{spec.en} is required for goods of this kind",
    )


def check_days(*steps: tuple[str, str, str, date | Month | None]) -> Iterator[Finding]:
    """
    Yield a finding for each day that lies before an earlier step.

    Args:
        steps: field name, zh label, en label and day of each step in their lawful order; unknown days are passed
            over, and a month is judged in favour of the record.
    """
    known = [(name, zh, en, value) for name, zh, en, value in steps if value is not None]
    for (_, zh, en, before), (name, later_zh, later_en, after) in pairwise(known):
        if last_day(after) < _first_day(before):
            yield Finding(
                rule="trade.order",
                path=f"$.{name}",
                zh=f"{later_zh}早于{zh} {before}",
                en=f"{later_en} lies before {en} {before}",
                value=str(after),
            )


def _first_day(value: date | Month) -> date:
    return date(value.year, value.number, 1) if isinstance(value, Month) else value


def check_buyer_name(proposed: Proposed, reader: Reader, buyer: Ref | None, stated: str | None) -> Iterator[Finding]:
    """
    Yield a warning where the buyer's printed name is not the one in its file; only a note in an import.
    """
    kept = reader.resolve(buyer) if buyer is not None and stated is not None else None
    if kept is not None and kept.fields.get("name", stated) != stated:
        yield Finding(
            rule="trade.buyer_name",
            path="$.purchaser_name",
            zh=f"与购货者档案中的名称“{kept.fields['name']}”不同",
            en=f"differs from the name in the purchaser file, {kept.fields['name']}",
            severity=Severity.WARNING if proposed.batch is None else Severity.INFO,
            value=stated,
        )
