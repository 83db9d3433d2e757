"""
The vocabulary of the generated trade: invented companies in real cities, and products as the market knows them.

Words, places, products and complaints lie beside this module in `data/*.csv`.
"""

import csv
from functools import cache
from importlib.resources import files

import attrs


@attrs.frozen
class Place:
    """
    A city: province and city abbreviation, name, GB/T 2260 code, telephone area code, districts.
    """

    province: str
    short: str
    name: str
    code: str
    area: str
    districts: tuple[str, ...]


@attrs.frozen
class Device:
    """
    A device on the market; `price` in 1/10000 yuan, `life` in months (0: without expiry).
    """

    name: str
    specs: tuple[str, ...]
    registration_no: str
    device_class: str
    maker: str
    licence: str
    unit: str
    price: int
    life: int
    implantable: bool


@attrs.frozen
class Drug:
    """
    A drug on the market; `price` in 1/10000 yuan, `life` in months (0: without expiry), `variant` as the type has it.
    """

    name: str
    form: str
    specs: tuple[str, ...]
    approval_no: str
    maker: str
    unit: str
    price: int
    life: int
    variant: str
    origin: str
    special: bool


@attrs.frozen
class Situation:
    """
    What a customer reported, what was found and what was done.
    """

    category: str
    situation: str
    analysis: str
    handling: str


@cache
def words(name: str) -> tuple[str, ...]:
    """
    Return a word list: streets, stems, distributor_ends, pharmacy_ends, maker_ends, hospitals, given or surnames.
    """
    return next(_parts(row["words"]) for row in _table("words") if row["list"] == name)


@cache
def places() -> tuple[Place, ...]:
    return tuple(
        Place(row["province"], row["short"], row["name"], row["code"], row["area"], _parts(row["districts"]))
        for row in _table("places")
    )


@cache
def devices(*, sterile: bool) -> tuple[Device, ...]:
    return tuple(_device(row) for row in _table("devices") if (row["sterile"] == "yes") == sterile)


@cache
def drugs() -> tuple[Drug, ...]:
    return tuple(_drug(row) for row in _table("drugs"))


@cache
def situations() -> tuple[Situation, ...]:
    return tuple(Situation(**row) for row in _table("situations"))


def _device(row: dict[str, str]) -> Device:
    return Device(
        name=row["name"],
        specs=_parts(row["specs"]),
        registration_no=row["registration_no"],
        device_class=row["device_class"],
        maker=row["maker"],
        licence=row["licence"],
        unit=row["unit"],
        price=int(row["price"]),
        life=int(row["life"]),
        implantable=row["implantable"] == "yes",
    )


def _drug(row: dict[str, str]) -> Drug:
    return Drug(
        name=row["name"],
        form=row["form"],
        specs=_parts(row["specs"]),
        approval_no=row["approval_no"],
        maker=row["maker"],
        unit=row["unit"],
        price=int(row["price"]),
        life=int(row["life"]),
        variant=row["variant"],
        origin=row["origin"],
        special=row["special"] == "yes",
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _table(name: str) -> list[dict[str, str]]:
    text = files("archive_demo").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
