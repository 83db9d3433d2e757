"""
Identifiers with valid check digits, and names: one seeded source of chance for all.
"""

from datetime import date, timedelta
from random import Random

from archive_core import gtin_check_digit, id_check_character, organisation_check_character, uscc_check_character
from archive_demo.words import Place, words


def uscc(chance: Random, place: Place, kind: str = "91") -> str:
    """
    Return a unified social credit code; `kind` 91 is a company, 12 a public institution.
    """
    body = "MA" + "".join(chance.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=6))
    first = kind + place.code + body + organisation_check_character(body)
    return first + uscc_check_character(first)


def id_number(chance: Random, place: Place) -> str:
    born = date(1965, 1, 1) + timedelta(days=chance.randrange(35 * 365))
    first = f"{place.code}{born:%Y%m%d}{chance.randrange(1000):03}"
    return first + id_check_character(first)


def udi_di(chance: Random) -> str:
    first = f"069{chance.randrange(10**10):010}"
    return first + gtin_check_digit(first)


def person(chance: Random) -> str:
    return chance.choice(words("surnames")) + chance.choice(words("given"))


def telephone(chance: Random, place: Place) -> str:
    return f"{place.area}-{chance.randrange(2, 9)}{chance.randrange(10**7):07}"


def address(chance: Random, place: Place) -> str:
    return (
        place.name
        + "市"
        + chance.choice(place.districts)
        + chance.choice(words("streets"))
        + f"{chance.randrange(1, 400)}号"
    )


def drug_licence_no(chance: Random, place: Place, letter: str) -> str:
    """
    Return a licence number of the form before 2024; letter A is wholesale, B and C chains, D a single pharmacy.
    """
    return f"{place.province}{letter}A{place.area[-3:]}{chance.randrange(10**4):04}"


def device_licence_no(chance: Random, place: Place, year: int) -> str:
    return f"{place.province}{place.short}药监械经营许{year}{chance.randrange(10**4):04}号"


def money(hundredths: int) -> str:
    """
    Return yuan of an amount in hundredths of a yuan.
    """
    sign, value = ("-", -hundredths) if hundredths < 0 else ("", hundredths)
    return f"{sign}{value // 100}.{value % 100:02}"


def price(ten_thousandths: int) -> str:
    """
    Return yuan of a price in 1/10000 yuan, without trailing zeros beyond the cent.
    """
    text = f"{ten_thousandths // 10000}.{ten_thousandths % 10000:04}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def amount(quantity: int, ten_thousandths: int) -> str:
    """
    Return quantity x price in yuan, rounded half away from zero to the cent.
    """
    sign = -1 if quantity < 0 else 1
    return money(sign * ((abs(quantity) * ten_thousandths + 50) // 100))
