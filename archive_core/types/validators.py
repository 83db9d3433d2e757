"""
Named validators: what Chinese law and GS1 say of the form of an identifier, one function per name.

A validator never changes a value: it judges the normal form (NFKC, no spaces, upper case) and, where that is good but
was written otherwise, says how to write it. Where no law fixes a form, a deviation is only a warning. Nothing here
asks for the time: whether a year is too late is decided against the dates of the record.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

import attrs

from archive_core.errors import UnknownValidator
from archive_core.model.finding import Severity


@attrs.frozen
class Problem:
    """
    What is wrong with an identifier, in both languages.
    """

    zh: str
    en: str
    severity: Severity = Severity.ERROR


Validator: TypeAlias = Callable[[str], Problem | None]

CACHED = 4096  # numbers of products, which a table repeats on thousands of rows; nothing about persons is cached
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CODES = "10X98765432"

_USCC = re.compile(rf"[{USCC_ALPHABET}]{{18}}", re.ASCII)
_ID = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD_ID = re.compile(r"\d{15}", re.ASCII)
_DIGITS_14 = re.compile(r"\d{14}", re.ASCII)
_DIGITS_SHORT = re.compile(r"\d{8}|\d{12}|\d{13}", re.ASCII)
_APPROVAL = re.compile(r"国药准字(?:[HZS][CJ](?:19|20)\d{6}|[HZSBTFJC]\d{8})", re.ASCII)
_IMPORT_CERTIFICATE = re.compile(r"B?[HZS]C?(?:19|20)\d{6}", re.ASCII)
_OLD_APPROVAL = re.compile(
    r"国药准字(?![HZS][CJ])(?:[A-Z]{1,2}\d{8}|\().*|(?!国药准字).*药[准试证健]字.+|[A-Z]{1,3}\d{6,8}", re.ASCII
)
_SEPARATORS = re.compile(r"[/、;,]")
_REGISTRATION = re.compile(rf"([国{PROVINCES}])械注([准进许])\d{{4}}([123])\d{{6}}", re.ASCII)
_OLD_REGISTRATION = re.compile(
    rf"[国{PROVINCES}](?:食药监械|药管械|药监械|药器监)\([准进许试]\)字\d{{4}}第\d{{6,8}}号?(?:\(?更\)?)?", re.ASCII
)
_FILING = re.compile(rf"(?:国|[{PROVINCES}]\w{{0,3}})械备\d{{8,9}}号?")
_YEAR = re.compile(r"\D{1,4}(?:械注[准进许]|械备)((?:19|20)\d{2})\d", re.ASCII)
_DRUG_LICENCE = re.compile(rf"[{PROVINCES}][ABCD][AB](?:\d{{9}}|\d{{7}})", re.ASCII)
_OLD_DRUG_LICENCE = re.compile(rf"[{PROVINCES}][A-Z\u4e00-\u9fff]{{0,6}}\(?\d{{4,12}}\)?号?", re.ASCII)
_DEVICE_LICENCE = re.compile(rf"[{PROVINCES}].{{0,4}}械经营[许备]\d{{8,9}}号", re.ASCII)
_OTHER_UDI = re.compile(r"MA\.\d{3}\.\S+|\d{20}|\+\S{6,}", re.ASCII)
_PHONE = re.compile(r"(?:\+?86-?)?(?:1\d{10}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|400-?\d{3}-?\d{4}|\d{7,8})", re.ASCII)


def validator(name: str) -> Validator:
    """
    Return the validator of that name.

    Raises:
        UnknownValidator: there is none; the nearest name is told.
    """
    found = VALIDATORS.get(name)
    if found is None:
        raise UnknownValidator(name, next(iter(get_close_matches(name, VALIDATORS, n=1)), ""))
    return found


def normalise(text: str) -> str:
    """
    Return the form in which identifiers are compared: NFKC, without any white space, upper case.
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _in_normal_form(judge: Validator) -> Validator:
    def judged(text: str) -> Problem | None:
        normal = normalise(text)
        problem = judge(normal)
        if problem is None and normal != text:
            return Problem(f"请按规范写作 {normal}（不含全角字符、空格和小写字母）", f"write it {normal}")
        return problem

    return judged


# -- persons and companies --------------------------------------------------------------------------------------------


def uscc_check_character(first_17: str) -> str:
    """
    Return the 18th character of a unified social credit code.

    Source: GB 32100-2015, weights 3^(i-1) mod 31.
    """
    total = sum(
        USCC_ALPHABET.index(character) * weight for character, weight in zip(first_17, _USCC_WEIGHTS, strict=True)
    )
    return USCC_ALPHABET[-total % 31]


def organisation_check_character(first_8: str) -> str:
    """
    Return the ninth character of an organisation code, which is the 17th of a unified social credit code.

    Source: GB 11714-1997.
    """
    total = sum(int(character, 36) * weight for character, weight in zip(first_8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def id_check_character(first_17: str) -> str:
    """
    Return the 18th character of a resident identity number.

    Source: GB 11643-1999.
    """
    return _ID_CODES[sum(int(digit) * weight for digit, weight in zip(first_17, _ID_WEIGHTS, strict=True)) % 11]


def _uscc(text: str) -> Problem | None:
    if not _USCC.fullmatch(text):
        return Problem(
            "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）",
            "a unified social credit code has 18 digits or capitals without I, O, S, V, Z",
        )
    if text[17] != uscc_check_character(text[:17]):
        return Problem(
            "统一社会信用代码的校验位不符，请核对", "the check character does not match: look for a typing error"
        )
    if text[16] != organisation_check_character(text[8:16]):
        return Problem(
            "第 9 至 17 位的组织机构代码校验位不符，请核对",
            "the organisation code in places 9 to 17 has another check character",
            Severity.WARNING,
        )
    return None


def _id_number(text: str) -> Problem | None:
    if _OLD_ID.fullmatch(text):
        return Problem(
            "15 位旧号码，请换用 18 位号码", "an old number of 15 digits: ask for the 18-digit one", Severity.WARNING
        )
    if not _ID.fullmatch(text):
        return Problem("身份证号码应为 17 位数字加 1 位数字或 X", "an identity number has 17 digits and a digit or X")
    if not _is_day(text[6:14]):
        return Problem("身份证号码中的出生日期不存在", "the date of birth in the number does not exist")
    if text[17] != id_check_character(text[:17]):
        return Problem("身份证号码的校验位不符，请核对", "the check character does not match: look for a typing error")
    return None


def _is_day(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year >= 1850
    except ValueError:
        return False


def _phone(text: str) -> Problem | None:
    if _PHONE.fullmatch(text):
        return None
    return Problem("不像电话号码，请核对", "this does not look like a telephone number", Severity.WARNING)


# -- products ---------------------------------------------------------------------------------------------------------


def gtin_check_digit(first_13: str) -> str:
    """
    Return the last digit of a GTIN-14.

    Source: GS1 General Specifications, weights 3 and 1 from the right.
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(first_13)))
    return str(-total % 10)


def _gtin(text: str) -> Problem | None:
    if _DIGITS_SHORT.fullmatch(text):
        return Problem(f"请补足 14 位：{text.zfill(14)}", f"write all 14 digits: {text.zfill(14)}")
    if not _DIGITS_14.fullmatch(text):
        return Problem("GTIN 应为 14 位数字", "a GTIN has 14 digits")
    if text[13] != gtin_check_digit(text[:13]):
        return Problem("GTIN 的校验位不符，请核对", "the check digit does not match: look for a typing error")
    return None


def _udi_di(text: str) -> Problem | None:
    if _DIGITS_14.fullmatch(text) or _DIGITS_SHORT.fullmatch(text):
        return _gtin(text)
    if _OTHER_UDI.fullmatch(text):
        return None
    return Problem(
        "不是 GS1、MA 码或阿里健康码的形式，请核对",
        "neither a GS1, an MA nor an AHM device identifier",
        Severity.WARNING,
    )


def _drug_approval_no(text: str) -> Problem | None:
    parts = _SEPARATORS.split(text)
    if len(parts) > 1:
        return _several(parts)
    if _APPROVAL.fullmatch(text) or _IMPORT_CERTIFICATE.fullmatch(text):
        return None
    if _OLD_APPROVAL.fullmatch(text):
        return Problem(
            "早期的批准文号形式，请核对", "an approval number of an early form: please compare", Severity.WARNING
        )
    return Problem(
        "药品批准文号应如 国药准字H20057521、国药准字HJ20171247，或进口药品注册证号 H20130811",
        "an approval number looks like 国药准字H20057521, 国药准字HJ20171247 or, on old imports, H20130811",
    )


def _several(parts: list[str]) -> Problem:
    problems = [problem for part in parts if (problem := _drug_approval_no(part))]
    refused = [problem for problem in problems if problem.severity is Severity.ERROR]
    if refused:
        return refused[0]
    return Problem("一栏中有多个批准文号，应每批一个", "several approval numbers in one field", Severity.WARNING)


def _device_registration_no(text: str) -> Problem | None:
    match = _REGISTRATION.fullmatch(text)
    if match:
        return _issuer_problem(match[1], match[2], match[3])
    if _OLD_REGISTRATION.fullmatch(text):
        return Problem(
            "2014 年以前的注册证编号，只用于历史记录",
            "a number from before 2014: for old records only",
            Severity.WARNING,
        )
    return Problem(
        "医疗器械注册证编号应如 国械注准20173660123、沪械注准20222140123",
        "a device registration number looks like 国械注准20173660123 or 沪械注准20222140123",
    )


def _issuer_problem(issuer: str, origin: str, device_class: str) -> Problem | None:
    if issuer == "国":
        good = device_class == "3" or (origin in "进许" and device_class == "2")
    else:
        good = origin == "准" and device_class == "2"
    if good:
        return None
    return Problem(
        "注册证编号中的批准部门与管理类别不一致，请核对",
        "the issuing authority and the device class in this number do not go together",
        Severity.WARNING,
    )


def _device_filing_no(text: str) -> Problem | None:
    if _FILING.fullmatch(text):
        return None
    return Problem(
        "第一类医疗器械备案编号应如 国械备20150001、苏锡械备20150001号",
        "a class I filing number looks like 国械备20150001 or 苏锡械备20150001号",
    )


def _device_product_no(text: str) -> Problem | None:
    return _device_filing_no(text) if "械备" in text else _device_registration_no(text)


@lru_cache(CACHED)
def registered_class(text: str) -> str | None:
    """
    Return the device class ("1", "2", "3") that a registration or filing number states, None where it states none.
    """
    normal = normalise(text)
    if _FILING.fullmatch(normal):
        return "1"
    match = _REGISTRATION.fullmatch(normal)
    return match[3] if match else None


@lru_cache(CACHED)
def registered_year(text: str) -> int | None:
    """
    Return the year in which a registration or filing number was given, None where it states none.
    """
    match = _YEAR.match(normalise(text))
    return int(match[1]) if match else None


# -- licences and lots ------------------------------------------------------------------------------------------------


def _drug_licence_no(text: str) -> Problem | None:
    if _DRUG_LICENCE.fullmatch(text):
        return None
    if _OLD_DRUG_LICENCE.fullmatch(text):
        return Problem(
            "早期的许可证编号形式，请核对", "a licence number of an early form: please compare", Severity.WARNING
        )
    return Problem(
        "药品经营许可证编号应如 琼AA898000001（2024 年前如 粤AA0200001）",
        "a drug trading licence number looks like 琼AA898000001 (before 2024: 粤AA0200001)",
    )


def _device_licence(text: str) -> Problem | None:
    if _DEVICE_LICENCE.fullmatch(text):
        return None
    return Problem(
        "不像医疗器械经营许可证或备案凭证编号（如 粤深市监械经营许20220001号），请核对",
        "this does not look like a device trading licence or filing number such as 粤深市监械经营许20220001号",
        Severity.WARNING,
    )


def _batch_no(text: str) -> Problem | None:
    if not text.isprintable() or text != text.strip() or not text:
        return Problem(
            "批号前后不得有空格，且不得含不可见字符", "a lot number has no outer spaces and no invisible characters"
        )
    if len(text) > 40:
        return Problem("批号不超过 40 个字符", "a lot number has at most 40 characters")
    plain = unicodedata.normalize("NFKC", text)
    if plain != text:
        return Problem(
            f"批号含全角字符，建议写作 {plain}", f"full-width characters: better written {plain}", Severity.WARNING
        )
    return None


VALIDATORS: Mapping[str, Validator] = MappingProxyType(
    {
        "batch_no": _batch_no,
        "device_filing_no": _in_normal_form(_device_filing_no),
        "device_licence": _in_normal_form(_device_licence),
        "device_product_no": lru_cache(CACHED)(_in_normal_form(_device_product_no)),
        "device_registration_no": _in_normal_form(_device_registration_no),
        "drug_approval_no": lru_cache(CACHED)(_in_normal_form(_drug_approval_no)),
        "drug_licence_no": _in_normal_form(_drug_licence_no),
        "gtin": _in_normal_form(_gtin),
        "id_number": _in_normal_form(_id_number),
        "phone": _in_normal_form(_phone),
        "udi_di": lru_cache(CACHED)(_in_normal_form(_udi_di)),
        "uscc": _in_normal_form(_uscc),
    }
)
