"""A desk at which the packs' rules judge one record, with a shelf of records in force beside it."""

import copy
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import attrs
import pytest

from archive_core.canonical import Json
from archive_core.hooks.registry import Registry
from archive_core.model.finding import Finding, Severity
from archive_core.model.proposed import Kept, Proposed
from archive_core.model.record_type import RecordType
from archive_core.model.values import Ref

Fields = dict[str, Json]

BUYER = "91350100M000100Y43"
PURCHASER: Fields = {
    "purchaser_no": BUYER,
    "name": "榕城医药有限公司",
    "kind": "distributor",
    "uscc": BUYER,
    "status": "active",
    "legal_representative": "林一",
    "registered_address": "福州市鼓楼区五四路 1 号",
    "contact_phone": "0591-87654321",
    "business_scope": "药品批发；第二类、第三类医疗器械批发",
    "storage_conditions": "常温库、阴凉库、冷库",
    "documents": [
        {"doc_type": "business_licence", "doc_no": BUYER, "long_term": True},
        {"doc_type": "drug_licence", "doc_no": "闽AA0200001", "valid_from": "2021-12-01", "valid_to": "2026-11-30"},
        {
            "doc_type": "device_licence",
            "doc_no": "闽榕食药监械经营许20210001号",
            "valid_from": "2021-12-01",
            "valid_to": "2026-11-30",
        },
    ],
    "staff": [{"name": "陈二", "duty": "purchasing", "id_no": "11010519491231002X"}],
    "opened_on": "2020-01-02",
}
STERILE: Fields = {
    "sale_no": "XS-2026-0001",
    "line_no": 1,
    "sale_date": "2026-11-21",
    "buyer": {"key": BUYER},
    "device_name": "一次性使用无菌注射器",
    "spec": "5ml",
    "registration_no": "国械注准20173140123",
    "device_class": "3",
    "registrant_name": "江西洪都医疗器械有限公司",
    "manufacturer": "江西洪都医疗器械有限公司",
    "production_licence_no": "赣食药监械生产许20150001号",
    "is_implantable": False,
    "unit": "支",
    "unit_price": "0.35",
    "quantity": "1000",
    "amount": "350.00",
    "batch_no": "20260301",
    "sterilisation_lot": "M20260302",
    "production_date": "2026-03-01",
    "sterilised_on": "2026-03-02",
    "expiry_date": "2029-02-28",
}
DEVICE: Fields = {
    **{name: value for name, value in STERILE.items() if name not in ("sterilisation_lot", "sterilised_on")},
    "device_name": "电子血压计",
    "no_expiry": False,
    "purchaser_name": "榕城医药有限公司",
    "purchaser_licence_no": "闽榕食药监械经营许20210001号",
    "purchaser_address": "福州市鼓楼区五四路 1 号",
    "purchaser_contact": "0591-87654321",
}
DRUG: Fields = {
    "sale_no": "YP-2026-0001",
    "line_no": 1,
    "sale_date": "2026-11-21",
    "buyer": {"key": BUYER},
    "variant": "drug",
    "generic_name": "阿莫西林胶囊",
    "dosage_form": "胶囊剂",
    "spec": "0.25g*24粒",
    "approval_no": "国药准字H20057521",
    "batch_no": "2603A",
    "expiry_date": "2028-02",
    "no_expiry": False,
    "mah_name": "海口奇力制药股份有限公司",
    "manufacturer": "海口奇力制药股份有限公司",
    "special_control": False,
    "unit": "盒",
    "quantity": "3",
    "unit_price": "12.345",
    "amount": "37.04",
}
LOG: Fields = {
    "device_name": "一次性使用无菌注射器",
    "spec": "5ml",
    "registration_no": "国械注准20173140123",
    "registrant_name": "江西洪都医疗器械有限公司",
    "manufacturer": "江西洪都医疗器械有限公司",
    "batch_no": "20260301",
    "sterilisation_lot": "M20260302",
    "sterilisation_method": "ethylene_oxide",
    "production_date": "2026-03-01",
    "sterilised_on": "2026-03-02",
    "expiry_date": "2029-02-28",
    "acceptance": "accepted",
    "is_implantable": False,
    "unit": "支",
    "quantity_in": "5000",
    "quantity_out": "1200",
    "quantity_returned": "200",
    "quantity_destroyed": "100",
    "quantity_remaining": "3900",
    "status": "in_stock",
}
FEEDBACK: Fields = {
    "feedback_no": "FK-2026-001",
    "received_on": "2026-10-08",
    "channel": "phone",
    "customer_name": "榕城医药有限公司",
    "is_device": True,
    "product_name": "一次性使用无菌注射器",
    "no_expiry": False,
    "is_implantable": False,
    "expiry_date": "2029-02-28",
    "category": "quality",
    "severity": "medium",
    "quality_situation": "活塞推动不畅",
    "usage": "门诊注射室",
    "opinion": "请更换同批产品",
    "adverse_event": False,
    "recall_needed": False,
}
GOOD: dict[str, Fields] = {
    "purchaser_file": PURCHASER,
    "sterile_device_sales_record": STERILE,
    "device_sales_record": DEVICE,
    "drug_sales_record": DRUG,
    "sterile_batch_log": LOG,
    "quality_feedback": FEEDBACK,
}


class Shelf:
    """Records in force, by type and key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Kept] = {}

    def put(self, type_name: str, key: str, fields: Fields) -> Kept:
        kept = Kept(record=len(self._kept) + 1, version=1, type=type_name, key=key, value=None, fields=fields)
        self._kept[type_name, key] = kept
        return kept

    def in_force(self, type_name: str, key: str) -> Kept | None:
        return self._kept.get((type_name, key))

    def resolve(self, reference: Ref) -> Kept | None:
        return next((kept for kept in self._kept.values() if kept.record == reference.record), None)


@attrs.define
class Desk:
    """Judges a changed copy of a good record as the core would: its fields, its own rules, then every pack's rules."""

    registry: Registry
    shelf: Shelf

    def findings(
        self,
        type_name: str,
        *,
        without: Iterable[str] = (),
        gaps: Iterable[str] = (),
        batch: int | None = None,
        record: int | None = None,
        definition: Callable[[RecordType], RecordType] | None = None,
        **changes: Any,
    ) -> list[Finding]:
        left_out = {*without, *gaps}
        fields = {**copy.deepcopy(GOOD[type_name]), **changes}
        fields = {name: value for name, value in fields.items() if name not in left_out}
        usable = self.registry.usable(type_name)
        checked, value = usable.check(fields, frozenset(gaps))
        found = list(checked.findings)
        if value is not None:
            record_type = definition(usable.record_type) if definition else usable.record_type
            proposed = Proposed(
                record_type=record_type,
                value=value,
                fields=checked.fields,
                key=usable.key_text(checked.fields),
                day=date(2026, 11, 21),
                record=record,
                batch=batch,
                gaps=frozenset(gaps),
            )
            found += self.registry.check(proposed, self.shelf)
        return found

    def rules(self, type_name: str, **changes: Any) -> list[tuple[str, Severity]]:
        found = self.findings(type_name, **changes)
        return [(finding.rule, finding.severity) for finding in found]


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry.load()


@pytest.fixture
def shelf() -> Shelf:
    made = Shelf()
    made.put("purchaser_file", BUYER, copy.deepcopy(PURCHASER))
    return made


@pytest.fixture
def desk(registry: Registry, shelf: Shelf) -> Desk:
    return Desk(registry, shelf)
