"""
What follows a sale in the generated trade: batch logs that balance, and quality feedback with its answers.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from archive_demo import makers
from archive_demo.lots import Lot
from archive_demo.purchasers import Purchaser
from archive_demo.sales import Market
from archive_demo.words import Device, devices, situations

Fields = dict[str, Any]
OPINIONS = ("请尽快答复", "希望更换同批产品", "请提供书面说明", "建议改进包装", "暂不影响使用，供参考")
METHODS = ("ethylene_oxide", "ethylene_oxide", "ethylene_oxide", "gamma", "electron_beam")


def batch_logs(market: Market, sales: Iterable[Fields], count: int) -> Iterator[Fields]:
    """
    Yield the logs of the `count` youngest lots that were sold, youngest lots last; what went out is what was sold.
    """
    sold: dict[tuple[str, str], int] = {}
    for sale in sales:
        key = (sale["device_name"], sale["batch_no"])
        sold[key] = sold.get(key, 0) + int(sale["quantity"])
    products = {device.name: device for device in devices(sterile=True)}
    known = {(name, lot.number): lot for name in products for lot in market.lots[name]}
    for name, number in sorted(sold, key=lambda key: (key[1], key[0]))[-count:]:
        yield _log(market.chance, products[name], known[name, number], sold[name, number])


def _log(chance: Random, device: Device, lot: Lot, out: int) -> Fields:
    returned = chance.choice((0, 0, 50))
    destroyed = returned and chance.choice((0, 50))
    received = out + chance.randrange(0, 40) * 100 + returned
    return {
        "device_name": device.name,
        "spec": device.specs[0],
        "registration_no": device.registration_no,
        "registrant_name": device.maker,
        "manufacturer": device.maker,
        "supplier": device.maker,
        "batch_no": lot.number,
        "sterilisation_lot": lot.sterilisation_lot,
        "sterilisation_method": chance.choice(METHODS),
        "production_date": str(lot.made),
        "sterilised_on": str(lot.sterilised),
        "expiry_date": str(lot.expiry),
        "received_on": str(lot.sterilised + timedelta(days=10)),
        "inspection_report_no": f"JY-{lot.number}-{chance.randrange(100):02}",
        "acceptance": "accepted",
        "is_implantable": device.implantable,
        "unit": device.unit,
        "quantity_in": str(received),
        "quantity_out": str(out),
        "quantity_returned": str(returned),
        "quantity_destroyed": str(destroyed),
        "quantity_remaining": str(received - out + returned - destroyed),
        "storage_location": f"{chance.choice('ABC')}-{chance.randrange(1, 30):02}-{chance.randrange(1, 5)}",
        "status": "in_stock",
    }


def feedbacks(
    chance: Random, buyers: Sequence[Purchaser], sales: Sequence[Fields], count: int, until: date
) -> Iterator[Fields]:
    """
    Yield `count` feedback forms about sterile sales; those of the last three weeks are still open.
    """
    by_number = {buyer.number: buyer for buyer in buyers}
    for index in range(count):
        sale = sales[index * len(sales) // count]
        received = min(date.fromisoformat(sale["sale_date"]) + timedelta(days=chance.randrange(2, 40)), until)
        form = _form(chance, sale, by_number[sale["buyer"]["key"]], received)
        form["feedback_no"] = f"FK-{received:%Y}-{index + 1:04}"
        yield form if (until - received).days < 21 else {**form, **_answer(chance, form, received)}


def _form(chance: Random, sale: Fields, buyer: Purchaser, received: date) -> Fields:
    told = chance.choice(situations())
    adverse = told.category == "adverse"
    form = {
        "received_on": str(received),
        "channel": chance.choice(("visit", "phone", "phone", "letter", "online", "survey")),
        "customer": {"key": buyer.number},
        "customer_name": buyer.name,
        "contact_name": buyer.fields["contact_name"],
        "contact_phone": buyer.fields["contact_phone"],
        "is_device": True,
        "product_name": sale["device_name"],
        "spec": sale["spec"],
        "manufacturer": sale["manufacturer"],
        "product_no": sale["registration_no"],
        "batch_no": sale["batch_no"],
        "expiry_date": sale["expiry_date"],
        "no_expiry": False,
        "is_implantable": sale["is_implantable"],
        "quantity": str(chance.randrange(1, 60)),
        "sale_no": sale["sale_no"],
        "category": told.category,
        "severity": "high" if adverse else chance.choice(("medium", "low", "low")),
        "quality_situation": told.situation,
        "usage": chance.choice(("门诊注射室使用", "病区日常使用", "手术室使用", "入库验收时发现", "尚未使用")),
        "opinion": chance.choice(
            ("请尽快答复", "希望更换同批产品", "请提供书面说明", "建议改进包装", "暂不影响使用，供参考")
        ),
        "adverse_event": adverse,
        "recall_needed": False,
    }
    return {**form, "adverse_report_no": f"BL{received:%Y%m%d}{chance.randrange(1000):03}"} if adverse else form


def _answer(chance: Random, form: Fields, received: date) -> Fields:
    told = next(known for known in situations() if known.situation == form["quality_situation"])
    replied = received + timedelta(days=chance.randrange(0, 3))
    return {
        "analysis": told.analysis,
        "handling": told.handling,
        "handled_by": makers.person(chance),
        "result": chance.choice(("已更换，客户确认", "已书面答复，客户认可", "已完成回访，无新情况")),
        "replied_on": str(replied),
        "satisfied": chance.random() < 0.93,
        "informed_manufacturer_on": str(replied),
        "closed_on": str(replied + timedelta(days=chance.randrange(1, 15))),
    }
