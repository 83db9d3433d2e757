"""
Qualification documents: their kinds, and which of them a purchaser must hold for which goods.

Source: GSP art. 89; 医疗器械经营监督管理办法 (Order 54); S3 part 2 §3.4, part 4 §1.3, part 5 §2.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

import attrs

from archive_core import Option

DOCUMENT_KINDS = (
    Option("business_licence", "营业执照", "Business licence"),
    Option("legal_person_certificate", "事业单位法人证书", "Public institution certificate"),
    Option("drug_licence", "药品经营许可证", "Drug trading licence"),
    Option("drug_production_licence", "药品生产许可证", "Drug production licence"),
    Option("device_licence", "医疗器械经营许可证", "Device trading licence"),
    Option("device_filing", "第二类医疗器械经营备案凭证", "Class II device trading filing"),
    Option("device_production_licence", "医疗器械生产许可证", "Device production licence"),
    Option("device_production_filing", "第一类医疗器械生产备案凭证", "Class I device production filing"),
    Option("medical_institution_licence", "医疗机构执业许可证", "Medical institution licence"),
    Option("clinic_filing", "诊所备案凭证", "Clinic filing"),
    Option("purchase_authorisation", "法人采购委托书", "Purchasing authorisation"),
    Option("quality_agreement", "质量保证协议", "Quality agreement"),
    Option("other", "其他证明文件", "Other document"),
)

PURCHASER_KINDS = (
    Option("manufacturer", "生产企业", "Manufacturer"),
    Option("distributor", "批发企业", "Distributor"),
    Option("pharmacy", "零售企业", "Retail pharmacy or shop"),
    Option("medical_institution", "医疗机构", "Medical institution"),
    Option("other", "其他合法单位", "Other lawful body"),
)

GOODS = ("drug", "device_1", "device_2", "device_3", "other")

Need = frozenset[str]
_COMPANY: Need = frozenset({"business_licence", "legal_person_certificate"})
_INSTITUTION: Need = frozenset({"medical_institution_licence", "clinic_filing"})
_DRUG_TRADE: Need = frozenset({"drug_licence"})
_DRUG_MAKER: Need = frozenset({"drug_production_licence", "drug_licence"})
_DEVICE_3: Need = frozenset({"device_licence"})
_DEVICE_2: Need = frozenset({"device_licence", "device_filing"})
_DEVICE_3_MAKER: Need = frozenset({"device_production_licence", "device_licence"})
_DEVICE_2_MAKER: Need = frozenset({"device_production_licence", "device_licence", "device_filing"})

_TRADER: Mapping[str, tuple[Need, ...]] = MappingProxyType(
    {
        "drug": (_COMPANY, _DRUG_TRADE),
        "device_3": (_COMPANY, _DEVICE_3),
        "device_2": (_COMPANY, _DEVICE_2),
        "device_1": (_COMPANY,),
        "other": (_COMPANY,),
    }
)
_MAKER: Mapping[str, tuple[Need, ...]] = MappingProxyType(
    {
        "drug": (_COMPANY, _DRUG_MAKER),
        "device_3": (_COMPANY, _DEVICE_3_MAKER),
        "device_2": (_COMPANY, _DEVICE_2_MAKER),
        "device_1": (_COMPANY,),
        "other": (_COMPANY,),
    }
)


@attrs.frozen
class Held:
    """
    One document on file, as far as its validity is concerned; the days are inclusive.
    """

    kind: str
    number: str
    valid_from: date | None
    valid_to: date | None
    long_term: bool

    def is_valid_on(self, day: date) -> bool:
        """
        Return whether the document covers a day; one that states neither an end nor "long term" covers none.
        """
        if self.valid_from is not None and day < self.valid_from:
            return False
        return self.long_term or (self.valid_to is not None and day <= self.valid_to)


def needs(purchaser_kind: str, goods: str) -> tuple[Need, ...]:
    """
    Return what a purchaser must hold: one document out of each set.
    """
    if purchaser_kind == "medical_institution":
        return (_INSTITUTION,)
    if purchaser_kind == "other":
        return (_COMPANY,)
    table = _MAKER if purchaser_kind == "manufacturer" else _TRADER
    return table.get(goods, table["other"])


def unmet(purchaser_kind: str, goods: str, held: Iterable[Held], day: date) -> Iterator[tuple[Need, tuple[Held, ...]]]:
    """
    Yield each need that no document meets on a day, with the documents of the right kind that do not cover it.
    """
    documents = tuple(held)
    for need in needs(purchaser_kind, goods):
        right = tuple(document for document in documents if document.kind in need)
        if not any(document.is_valid_on(day) for document in right):
            yield need, right


def names(kinds: Need) -> tuple[str, str]:
    """
    Return the labels of alternative document kinds in Chinese and English.
    """
    options = [option for option in DOCUMENT_KINDS if option.value in kinds]
    return "或".join(option.zh for option in options), " or ".join(option.en for option in options)
