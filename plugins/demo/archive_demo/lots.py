"""
Lots of the generated trade: every product is made in a lot per month, sterile ones in a sterilisation lot each.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import attrs

from archive_core import add_period
from archive_demo.words import Device, Drug

OLDEST = timedelta(days=400)
REST = timedelta(days=14)


@attrs.frozen
class Lot:
    """
    One lot; `sterilised` is its production day for products that are not sterile; `expiry` None: without expiry.
    """

    number: str
    sterilisation_lot: str
    made: date
    sterilised: date
    expiry: date | None


def lots(chance: Random, product: Device | Drug, start: date, until: date) -> list[Lot]:
    """
    Return the lots of one product, oldest first, from 400 days before `start` until two weeks before `until`.
    """
    made = start - OLDEST + timedelta(days=chance.randrange(30))
    found = []
    while made + REST < until:
        found.append(_lot(chance, product, made))
        made += timedelta(days=chance.randrange(24, 37))
    return found


def _lot(chance: Random, product: Device | Drug, made: date) -> Lot:
    sterilised = made + timedelta(days=chance.randrange(1, 4))
    expiry = add_period(made, months=product.life) - timedelta(days=1) if product.life else None
    return Lot(f"{made:%Y%m%d}", f"M{sterilised:%y%m%d}{chance.randrange(10)}", made, sterilised, expiry)


def on_sale(found: Sequence[Lot], day: date) -> Lot:
    """
    Return the youngest lot that had rested two weeks by a day; the oldest where none had.
    """
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        if found[middle].sterilised + REST <= day:
            low = middle + 1
        else:
            high = middle
    return found[max(low - 1, 0)]
