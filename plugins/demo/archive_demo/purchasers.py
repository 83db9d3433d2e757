"""
Purchasers of the generated trade, with the documents that their kind needs.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import attrs

from archive_demo import makers
from archive_demo.words import Place, places, words

Fields = dict[str, Any]
KINDS = ("medical_institution", "distributor", "pharmacy", "manufacturer")
WEIGHTS = (46, 30, 20, 4)
FIVE_YEARS = timedelta(days=1826)


@attrs.frozen
class Purchaser:
    """
    A purchaser file in wire form, and the last day on which all its documents are valid.
    """

    fields: Fields
    valid_to: date

    @property
    def number(self) -> str:
        return str(self.fields["purchaser_no"])

    @property
    def name(self) -> str:
        return str(self.fields["name"])


def purchasers(chance: Random, count: int, start: date, until: date) -> Iterator[Purchaser]:
    """
    Yield purchasers whose documents are valid from `start`; those of every twelfth end before `until`.
    """
    taken: set[str] = set()
    for index in range(count):
        kind = chance.choices(KINDS, WEIGHTS)[0]
        place = chance.choice(places())
        name = _name(chance, kind, place, taken)
        span = (until - start).days
        ends = start + timedelta(days=chance.randrange(span // 2, span)) if index % 12 == 11 else None
        valid_to = ends or until + timedelta(days=chance.randrange(20, 1500))
        yield Purchaser(_file(chance, kind, place, name, (start, valid_to)), valid_to)


def _name(chance: Random, kind: str, place: Place, taken: set[str]) -> str:
    while True:
        name = _try_name(chance, kind, place)
        if name not in taken:
            taken.add(name)
            return name


def _try_name(chance: Random, kind: str, place: Place) -> str:
    stem = chance.choice(words("stems"))
    if kind == "medical_institution":
        district = chance.choice(("", *place.districts))
        return f"{place.name}市{district}{chance.choice(('', stem))}{chance.choice(words('hospitals'))}"
    ends = {"distributor": "distributor_ends", "pharmacy": "pharmacy_ends", "manufacturer": "maker_ends"}[kind]
    return f"{place.name}{stem}{chance.choice(words('stems'))[:1]}{chance.choice(words(ends))}"


def _file(chance: Random, kind: str, place: Place, name: str, span: tuple[date, date]) -> Fields:
    institution = kind == "medical_institution"
    number = makers.uscc(chance, place, "12" if institution else "91")
    where = makers.address(chance, place)
    return {
        "purchaser_no": number,
        "name": name,
        "kind": kind,
        "uscc": number,
        "status": "active",
        "legal_representative": makers.person(chance),
        "person_in_charge": makers.person(chance),
        "quality_contact": makers.person(chance),
        "registered_address": where,
        "delivery_address": f"{where}（仓库）",
        "region": place.code,
        "contact_name": makers.person(chance),
        "contact_phone": makers.telephone(chance, place),
        "business_scope": _scope(kind),
        "storage_conditions": chance.choice(("常温库、阴凉库、冷库", "常温库、阴凉库", "药库、器械库，冷藏柜 2-8℃")),
        "cold_chain": chance.random() < 0.7,
        "documents": _documents(chance, kind, place, number, span),
        "staff": [_buyer(chance, place, duty) for duty in ("purchasing", "collecting")],
        "credit": chance.choices(("a", "b", "c"), (6, 3, 1))[0],
        "opened_on": str(span[0] - timedelta(days=chance.randrange(5, 400))),
    }


def _scope(kind: str) -> str:
    if kind == "medical_institution":
        return "内科、外科、妇产科、儿科、急诊医学科、医学检验科、医学影像科"
    if kind == "pharmacy":
        return "处方药与非处方药零售；第二类医疗器械零售"
    return "化学药制剂、中成药、中药饮片、生物制品批发；第二类、第三类医疗器械批发"


def _documents(chance: Random, kind: str, place: Place, number: str, span: tuple[date, date]) -> list[Fields]:
    issuer = f"{place.name}市市场监督管理局"
    if kind == "medical_institution":
        licence = f"PDY{chance.randrange(10**8):08}{place.code}A1001"
        return [
            {"doc_type": "legal_person_certificate", "doc_no": number, "issuer": issuer, "long_term": True},
            _dated("medical_institution_licence", licence, f"{place.name}市卫生健康委员会", span),
        ]
    letter = "D" if kind == "pharmacy" else "A"
    trade = {"manufacturer": ("drug_production_licence", "device_production_licence")}.get(
        kind, ("drug_licence", "device_licence")
    )
    year = (span[1] - FIVE_YEARS).year
    return [
        {"doc_type": "business_licence", "doc_no": number, "issuer": issuer, "long_term": True},
        _dated(trade[0], makers.drug_licence_no(chance, place, letter), f"{place.province}药品监督管理局", span),
        _dated(trade[1], makers.device_licence_no(chance, place, year), issuer, span),
    ]


def _dated(kind: str, number: str, issuer: str, span: tuple[date, date]) -> Fields:
    begin = min(span[0], span[1] - FIVE_YEARS)
    return {
        "doc_type": kind,
        "doc_no": number,
        "issuer": issuer,
        "issued_on": str(begin),
        "valid_from": str(begin),
        "valid_to": str(span[1]),
        "checked_online_on": str(begin + timedelta(days=3)),
    }


def _buyer(chance: Random, place: Place, duty: str) -> Fields:
    return {
        "name": makers.person(chance),
        "duty": duty,
        "id_no": makers.id_number(chance, place),
        "phone": f"13{chance.randrange(10**9):09}",
    }
