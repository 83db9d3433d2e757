"""Named validators agree with the published check digits and forms, and are lenient where no law fixes a form."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.errors import UnknownValidator
from archive_core.model.finding import Severity
from archive_core.types.validators import (
    USCC_ALPHABET,
    VALIDATORS,
    gtin_check_digit,
    id_check_character,
    normalise,
    organisation_check_character,
    registered_class,
    registered_year,
    uscc_check_character,
    validator,
)

GOOD = [
    ("uscc", "91350100M000100Y43"),
    ("uscc", "11320000MB151840XJ"),
    ("uscc", "914403001922038216"),
    ("uscc", "91440300708461136T"),
    ("id_number", "11010519491231002X"),
    ("id_number", "440524188001010014"),
    ("gtin", "06901234567892"),
    ("gtin", "09506000134352"),
    ("gtin", "09521234543213"),
    ("udi_di", "06901234567892"),
    ("udi_di", "MA.156.M0.100001.0001"),
    ("udi_di", "81234567890123456789"),
    ("drug_approval_no", "国药准字H20057521"),
    ("drug_approval_no", "国药准字Z10960214"),
    ("drug_approval_no", "国药准字HJ20171247"),
    ("drug_approval_no", "国药准字SC20150040"),
    ("drug_approval_no", "国药准字J20140096"),
    ("drug_approval_no", "国药准字B20171001"),
    ("drug_approval_no", "国药准字T20171001"),
    ("drug_approval_no", "国药准字F20171001"),
    ("drug_approval_no", "国药准字C20220001"),
    ("drug_approval_no", "H20130811"),
    ("drug_approval_no", "BH20130811"),
    ("drug_approval_no", "ZC20160014"),
    ("device_registration_no", "国械注准20173660123"),
    ("device_registration_no", "沪械注准20222140123"),
    ("device_registration_no", "国械注许20203020001"),
    ("device_registration_no", "国械注进20182141234"),
    ("device_filing_no", "国械备20150001"),
    ("device_filing_no", "苏锡械备20150001号"),
    ("device_filing_no", "粤穗械备202112345"),
    ("device_product_no", "粤穗械备20210123号"),
    ("device_product_no", "国械注准20173660123"),
    ("drug_licence_no", "琼AA898000001"),
    ("drug_licence_no", "粤AA0200001"),
    ("device_licence", "粤深市监械经营许20220001号"),
    ("device_licence", "京海食药监械经营备20150001号"),
    ("device_licence", "浙械经营许20210001号"),
    ("batch_no", "00123456"),
    ("batch_no", "LOT a-1/2"),
    ("batch_no", "9" * 40),
    ("phone", "010-62345678"),
    ("phone", "13800138000"),
    ("phone", "400-820-1234"),
]

REFUSED = [
    ("uscc", "91350100M000100Y44"),
    ("uscc", "91350100M000100Y4"),
    ("uscc", "91350100I000100Y43"),
    ("id_number", "110105194912310021"),
    ("id_number", "110105194902300025"),
    ("id_number", "1101051949123100"),
    ("gtin", "06901234567893"),
    ("gtin", "6901234567892"),
    ("gtin", "ABC"),
    ("udi_di", "06901234567893"),
    ("drug_approval_no", "国药准字2005752"),
    ("drug_approval_no", "国药准字HJ22171247"),
    ("drug_approval_no", "国药准字H2005752"),
    ("drug_approval_no", "国药准字H20057521/乱写"),
    ("device_registration_no", "国械注准20175660123"),
    ("device_registration_no", "国械注准2017366012"),
    ("device_registration_no", "X"),
    ("device_filing_no", "械备20150001"),
    ("device_product_no", "国械备2015"),
    ("drug_licence_no", "AA0200001"),
    ("batch_no", " 123"),
    ("batch_no", "12\t3"),
    ("batch_no", "9" * 41),
]

DOUBTFUL = [
    ("uscc", "91350100M00010033" + uscc_check_character("91350100M00010033")),
    ("id_number", "110105491231002"),
    ("udi_di", "something"),
    ("drug_approval_no", "国药准字H10960214/国药准字H10960213"),
    ("drug_approval_no", "京卫药准字(1996)第123456号"),
    ("drug_approval_no", "X20000123"),
    ("drug_approval_no", "国药准字XF19990123"),
    ("drug_approval_no", "国药准字(1999)第123号"),
    ("device_registration_no", "国食药监械(准)字2010第3150123号"),
    ("device_registration_no", "沪械注准20223140123"),
    ("device_registration_no", "国械注准20172660123"),
    ("drug_licence_no", "粤A123456"),
    ("device_licence", "粤深20220001"),
    ("batch_no", "１２３"),
    ("phone", "见名片"),
]

WRITTEN_OTHERWISE = [
    ("uscc", " 9135 0100 M000 100Y43", "91350100M000100Y43"),
    ("uscc", "91350100m000100y43", "91350100M000100Y43"),
    ("id_number", "11010519491231002x", "11010519491231002X"),
    ("gtin", "０６９０１２３４５６７８９２", "06901234567892"),
    ("drug_approval_no", "国药准字 H20057521", "国药准字H20057521"),
    ("drug_approval_no", "国药准字Ｈ20057521", "国药准字H20057521"),
    ("device_registration_no", "国械注准 20173660123", "国械注准20173660123"),
    ("drug_licence_no", "琼aa898000001", "琼AA898000001"),
]


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_a_good_identifier_has_no_problem(name: str, text: str) -> None:
    """Every published or lawful example passes unchanged."""
    assert None is validator(name)(text)


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_wrong_identifier_is_an_error(name: str, text: str) -> None:
    """A wrong form or check digit is an error that speaks both languages."""
    problem = validator(name)(text)
    assert problem is not None
    assert (problem.severity, problem.zh != "", problem.en != "") == (Severity.ERROR, True, True)


@pytest.mark.parametrize(("name", "text"), DOUBTFUL)
def test_a_doubtful_identifier_is_only_a_warning(name: str, text: str) -> None:
    """Old forms, and forms that no law fixes, are kept with a warning."""
    problem = validator(name)(text)
    assert problem is not None
    assert Severity.WARNING is problem.severity


@pytest.mark.parametrize(("name", "text", "normal"), WRITTEN_OTHERWISE)
def test_another_spelling_is_told_its_normal_form(name: str, text: str, normal: str) -> None:
    """Spaces, full-width and lower-case characters are a problem whose sentence names the normal form."""
    problem = validator(name)(text)
    assert problem is not None
    assert (f"write it {normal}", True) == (problem.en, normal in problem.zh)


def test_a_short_gtin_is_told_its_fourteen_digits() -> None:
    """An EAN-13 is no GTIN-14, and the problem says what to write."""
    problem = validator("gtin")("6901234567892")
    assert problem is not None
    assert problem.en == "write all 14 digits: 06901234567892"


def test_an_unknown_validator_is_told_the_nearest_name() -> None:
    """A misspelt validator name is refused with the name that was probably meant."""
    with pytest.raises(UnknownValidator) as caught:
        validator("usc")
    assert str(caught.value) == "there is no validator usc; did you mean uscc?"


def test_a_name_like_no_other_gets_no_suggestion() -> None:
    """A name far from all others is refused without a guess."""
    with pytest.raises(UnknownValidator) as caught:
        validator("qqqqqq")
    assert str(caught.value) == "there is no validator qqqqqq"


def test_the_validators_cannot_be_changed() -> None:
    """The table of validators is read-only."""
    with pytest.raises(TypeError):
        VALIDATORS["uscc"] = validator("gtin")  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "device_class", "year"),
    [
        ("国械注准20173660123", "3", 2017),
        ("沪械注准20222140123", "2", 2022),
        ("苏锡械备20150001号", "1", 2015),
        ("国食药监械(准)字2010第3150123号", None, None),
    ],
)
def test_class_and_year_are_read_off_the_number(text: str, device_class: str | None, year: int | None) -> None:
    """A registration number states class and year, a filing number means class 1, an old number says nothing."""
    assert (device_class, year) == (registered_class(text), registered_year(text))


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_any_changed_character_of_a_uscc_is_found(first: str, place: int, other: str) -> None:
    """The check character finds every change of one character."""
    code = first[:16] + organisation_check_character(first[8:16])
    whole = code + uscc_check_character(code)
    changed = whole[:place] + other + whole[place + 1 :]
    problem = validator("uscc")(changed)
    assert (whole == changed) == (problem is None)


@given(st.from_regex(r"[0-9]{13}", fullmatch=True), st.integers(0, 13), st.sampled_from("0123456789"))
def test_any_changed_digit_of_a_gtin_is_found(first: str, place: int, other: str) -> None:
    """The check digit finds every change of one digit."""
    whole = first + gtin_check_digit(first)
    changed = whole[:place] + other + whole[place + 1 :]
    assert (whole == changed) == (validator("gtin")(changed) is None)


@given(st.dates(min_value=date(1850, 1, 1)), st.integers(0, 999))
def test_every_number_with_its_own_check_character_is_an_identity_number(born: date, serial: int) -> None:
    """An identity number made with its check character passes."""
    first = f"110105{born:%Y%m%d}{serial:03}"
    assert None is validator("id_number")(first + id_check_character(first))


@given(st.text())
def test_every_validator_judges_every_text(text: str) -> None:
    """No text whatever makes a validator raise, and good identifiers are in normal form."""
    for name, judge in VALIDATORS.items():
        problem = judge(text)
        assert problem is not None or name == "batch_no" or normalise(text) == text
