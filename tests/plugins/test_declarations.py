"""The packs bring six record types, by the same door as a stranger's."""

import orjson
import pytest

from archive_core.hooks.registry import Registry
from archive_core.model.fields import FieldSpec
from archive_core.model.record_type import RecordType
from archive_core.model.step import resolve

TYPES = {
    "purchaser_file": (("purchaser_no",), ["qa"]),
    "drug_sales_record": (("sale_no", "line_no"), ["invoice_clerk", "qa"]),
    "device_sales_record": (("sale_no", "line_no"), ["salesperson", "qa"]),
    "sterile_device_sales_record": (("sale_no", "line_no"), ["handler", "responsible_person"]),
    "sterile_batch_log": (("registration_no", "batch_no", "sterilisation_lot"), ["warehouse_keeper", "qa"]),
    "quality_feedback": (("feedback_no",), ["service_engineer", "management", "qa"]),
}


@pytest.fixture(params=sorted(TYPES))
def declared(request: pytest.FixtureRequest, registry: Registry) -> RecordType:
    return registry.installed(request.param).record_type


def test_key_and_signers_are_those_of_the_rules(declared: RecordType) -> None:
    """Key fields and the roles that sign, in order, are the ones the house rules name."""
    assert TYPES[declared.name] == (declared.key, [step.role for step in declared.sign_off])


def test_a_definition_comes_back_from_its_json(declared: RecordType) -> None:
    """A definition written as JSON text and read back is the same definition."""
    assert declared == RecordType.from_json(orjson.loads(orjson.dumps(declared.to_json())))


def test_everything_has_a_label_in_both_languages(declared: RecordType) -> None:
    """Type, fields, line fields, options and steps are labelled in Chinese and English."""
    specs = _all_fields(declared.fields)
    labels = [declared.zh, declared.en]
    labels += [label for step in declared.sign_off for label in (step.zh, step.en)]
    labels += [label for spec in specs for label in (spec.zh, spec.en)]
    labels += [label for spec in specs for option in spec.options for label in (option.zh, option.en)]
    assert [label for label in labels if not label.strip()] == []


def test_type_and_retention_name_their_source(declared: RecordType) -> None:
    """Where the record kind and its retention come from is stated."""
    assert (declared.source != "", declared.basis != "") == (True, True)


def test_no_signer_may_be_both(declared: RecordType) -> None:
    """The last signer is neither the author nor the first signer."""
    steps = resolve(declared.sign_off)
    excluded = {"author", *(step.name for step in steps[:-1])}
    assert excluded == set(steps[-1].not_by)


def test_personal_data_is_masked(registry: Registry) -> None:
    """Identity numbers, telephone numbers and bank accounts never reach a restricted reading room."""
    specs = [spec for name in TYPES for spec in _all_fields(registry.installed(name).record_type.fields)]
    personal = {"id_no", "phone", "contact_phone", "contact_name", "purchaser_contact", "bank_account"}
    assert personal == {spec.name for spec in specs if spec.name in personal and spec.masked}
    assert [spec.name for spec in specs if spec.name in personal and not spec.masked] == []


def _all_fields(specs: tuple[FieldSpec, ...]) -> list[FieldSpec]:
    return [found for spec in specs for found in (spec, *_all_fields(spec.lines))]
