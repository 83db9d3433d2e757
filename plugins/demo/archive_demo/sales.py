"""
Sales of the generated trade: devices, sterile devices and drugs, each line lawful on its day.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import attrs

from archive_demo import makers
from archive_demo.lots import Lot, lots, on_sale
from archive_demo.purchasers import Purchaser
from archive_demo.words import Device, Drug, devices, drugs

Fields = dict[str, Any]
LINES = 3
SALESPEOPLE = ("陈立新", "黄晓燕", "吴志强", "周雨桐", "许海燕")


class Market:
    """
    Buyers, products and lots between two days; every method draws from one seeded source of chance.
    """

    def __init__(self, chance: Random, buyers: Sequence[Purchaser], start: date, until: date) -> None:
        self.chance = chance
        self.buyers = buyers
        self.days = [start + timedelta(days=number) for number in range((until - start).days + 1)]
        goods = (*devices(sterile=True), *devices(sterile=False))
        self.udi = {device.name: makers.udi_di(chance) for device in goods}
        products: tuple[Device | Drug, ...] = (*goods, *drugs())
        self.lots: dict[str, list[Lot]] = {product.name: lots(chance, product, start, until) for product in products}

    def sterile(self, count: int, prefix: str = "WJ") -> Iterator[Fields]:
        """
        Yield `count` sterile sales, one line each, in the order of their days.
        """
        goods = devices(sterile=True)
        for line in self._lines(count, prefix):
            device = self.chance.choice(goods)
            lot = on_sale(self.lots[device.name], line.day)
            yield {
                **self._device(line, device, self.chance.randrange(1, 60) * 50),
                "batch_no": lot.number,
                "sterilisation_lot": lot.sterilisation_lot,
                "sterilised_on": str(lot.sterilised),
                "expiry_date": str(lot.expiry),
            }

    def devices(self, count: int, prefix: str = "QX") -> Iterator[Fields]:
        """
        Yield `count` device sales with the buyer's particulars that the law asks for.
        """
        for line in self._lines(count, prefix):
            device = self.chance.choice(devices(sterile=False))
            quantity = self.chance.randrange(1, 8 if device.price > 500_000 else 400)
            yield {
                **self._device(line, device, quantity),
                **self._number(on_sale(self.lots[device.name], line.day)),
                **_particulars(line.buyer),
            }

    def drugs(self, count: int, prefix: str = "YP") -> Iterator[Fields]:
        """
        Yield `count` drug sales of all kinds of goods.
        """
        for line in self._lines(count, prefix):
            drug = self.chance.choice(drugs())
            yield self._drug(line, drug, on_sale(self.lots[drug.name], line.day))

    def _lines(self, count: int, prefix: str) -> Iterator["Line"]:
        sales = -(-count // LINES)
        for number in range(sales):
            day = self.days[number * (len(self.days) - 1) // max(sales - 1, 1)]
            buyer = self._buyer(day)
            sale_no = f"{prefix}{day:%Y%m%d}-{number + 1:05}"
            for line in range(min(LINES, count - number * LINES)):
                yield Line(sale_no, line + 1, day, buyer)

    def _buyer(self, day: date) -> Purchaser:
        while True:
            buyer = self.buyers[int(self.chance.random() * len(self.buyers))]
            if buyer.valid_to >= day:
                return buyer

    def _device(self, line: "Line", device: Device, quantity: int) -> Fields:
        return {
            "sale_no": line.number,
            "line_no": line.line,
            "sale_date": str(line.day),
            "buyer": {"key": line.buyer.number},
            "device_name": device.name,
            "spec": self.chance.choice(device.specs),
            "registration_no": device.registration_no,
            "device_class": device.device_class,
            "registrant_name": device.maker,
            "manufacturer": device.maker,
            "production_licence_no": device.licence,
            "udi_di": self.udi[device.name],
            "is_implantable": device.implantable,
            "unit": device.unit,
            "unit_price": makers.price(device.price),
            "quantity": str(quantity),
            "amount": makers.amount(quantity, device.price),
            "salesperson": self.chance.choice(SALESPEOPLE),
        }

    def _number(self, lot: Lot) -> Fields:
        if lot.expiry is None:
            return {"serial_no": f"SN{lot.number}{self.chance.randrange(10**4):04}", "no_expiry": True}
        return {"batch_no": lot.number, "no_expiry": False, "expiry_date": str(lot.expiry)}

    def _drug(self, line: "Line", drug: Drug, lot: Lot) -> Fields:
        quantity = self.chance.randrange(1, 20 if drug.price > 500_000 else 300)
        stated = {
            "dosage_form": drug.form,
            "approval_no": drug.approval_no,
            "mah_name": drug.maker if drug.variant == "drug" else "",
            "manufacturer": drug.maker,
            "origin": drug.origin,
            "batch_no": lot.number if drug.life else "",
            "production_date": str(lot.made) if drug.life else "",
            "expiry_date": str(lot.expiry)[:7] if lot.expiry else "",
        }
        return {
            "sale_no": line.number,
            "line_no": line.line,
            "sale_date": str(line.day),
            "buyer": {"key": line.buyer.number},
            "purchaser_name": line.buyer.name,
            "variant": drug.variant,
            "generic_name": drug.name,
            "spec": self.chance.choice(drug.specs),
            "no_expiry": not drug.life,
            "special_control": drug.special,
            "unit": drug.unit,
            "unit_price": makers.price(drug.price),
            "quantity": str(quantity),
            "amount": makers.amount(quantity, drug.price),
            "salesperson": self.chance.choice(SALESPEOPLE),
            **{name: value for name, value in stated.items() if value},
        }


@attrs.frozen
class Line:
    """
    One line of a sale before anything is sold.
    """

    number: str
    line: int
    day: date
    buyer: Purchaser


def _particulars(buyer: Purchaser) -> Fields:
    return {
        "purchaser_name": buyer.name,
        "purchaser_licence_no": buyer.fields["documents"][-1]["doc_no"],
        "purchaser_address": buyer.fields["registered_address"],
        "purchaser_contact": buyer.fields["contact_phone"],
    }
