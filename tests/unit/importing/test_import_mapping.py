import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_core.errors import MappingMalformed
from archive_core.importing.mapping import PARSERS, FieldRule, Mapping, SourceRule, Totals, check_mapping
from archive_core.importing.mapping_text import format_mapping, parse_mapping
from archive_core.model.fields import day, decimal, text
from archive_core.model.record_type import record_type, type_of
from archive_core.model.retention import CAPTURED, After


@record_type("sale", version=1, zh="销售", en="Sale", key="sale_no", sign_off=[], retention=After(CAPTURED, years=5))
class Sale:
    """
    A type small enough to see all of it.
    """

    sale_no: str = text(zh="单号", en="Sale no.")
    sold_on: object = day(zh="日期", en="Sold on")
    amount: object = decimal(zh="金额", en="Amount", required=False)


MISTAKES = """\
mapping = 1
record_type = "sale"
gapz = ["sale_no"]

[source]
header_row = "one"

[fields.sold_on]
column = "购药时间"
ordr = "dmy"

[fields.amount]
column = "金额"
constant = "1"

[fields.sale_no]
column = "单号"
parse = "dat"
"""


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(MappingMalformed) as caught:
        parse_mapping(text)
    return caught.value.problems


def test_every_mistake_is_told_with_its_line_and_the_nearest_word() -> None:
    """
    One reading of a wrong mapping names all mistakes.
    """
    assert problems_of(MISTAKES) == (
        "line 3: unknown word 'gapz'; did you mean gaps?",
        "line 6: header_row must be a whole number",
        "line 10: unknown word 'ordr'; did you mean order?",
        "line 12: amount needs either a column or a constant",
        "line 18: parse is 'dat', must be one of " + ", ".join(PARSERS) + "; did you mean date?",
    )


def test_broken_toml_is_told_with_its_place() -> None:
    """
    A syntax error names line and column.
    """
    assert "line 2" in problems_of("mapping = 1\nrecord_type = \n")[0]


def test_a_mapping_of_another_format_is_refused() -> None:
    """
    The format number stands in the first line and must be known.
    """
    assert problems_of('mapping = 2\nrecord_type = "sale"\n') == ("line 1: the first line must be: mapping = 1",)


def test_names_unknown_to_the_type_are_told_with_the_nearest() -> None:
    """
    A mapping is compared with the record type it names.
    """
    mapping = Mapping(
        record_type="sale",
        fields=(FieldRule(target="sold_onn", column="x"), FieldRule(target="amount", column="y", parse="date")),
        gaps=("sale_nr",),
        totals=Totals(sums={"amonut": "1"}),
    )
    assert [sentence for _, sentence in check_mapping(mapping, type_of(Sale))] == [
        "sale has no field sold_onn; did you mean sold_on?",
        "sale has no field sale_nr; did you mean sale_no?",
        "the required field sale_no (单号, Sale no.) is neither mapped nor declared in gaps",
        "the required field sold_on (日期, Sold on) is neither mapped nor declared in gaps",
        (
            "2 required field(s) missing: map what the source has; declare what it really lacks above the first table:"
            ' gaps = ["sale_no", "sold_on"]'
        ),
        "a decimal field cannot be read with parse = 'date'",
        "amonut is not mapped; did you mean amount?",
    ]


WORDS = st.text(min_size=1, max_size=12)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
SCALARS = st.one_of(WORDS, st.integers(0, 10**6), st.booleans())
RULES = st.builds(
    FieldRule,
    target=NAMES,
    column=WORDS,
    position=st.none() | st.integers(1, 99),
    parse=st.sampled_from(["", "text", "code", "date"]),
    null=st.lists(WORDS, max_size=2).map(tuple),
    values=st.dictionaries(WORDS, SCALARS, max_size=2),
    default=st.none() | SCALARS.filter(lambda value: value != ""),
    order=st.sampled_from(["", "dmy", "ymd"]),
    century=st.none() | st.integers(1900, 2000),
    serial=st.booleans(),
    decimal=st.sampled_from(["", ".", ","]),
    unit=st.sampled_from(["", "盒"]),
    one_line=st.booleans(),
)
MAPPINGS = st.builds(
    Mapping,
    record_type=NAMES,
    title=st.text(max_size=12),
    source=st.builds(
        SourceRule,
        kind=st.sampled_from(["", "text", "xlsx"]),
        sheet=st.text(max_size=8),
        header_row=st.none() | st.integers(0, 40),
        header=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    ),
    fields=st.lists(RULES, max_size=3, unique_by=lambda rule: rule.target).map(tuple),
    gaps=st.lists(NAMES, max_size=3).map(tuple),
    keep=st.lists(WORDS, max_size=2).map(tuple),
    drop=st.lists(WORDS, max_size=2).map(tuple),
    warn=st.lists(WORDS, max_size=2).map(tuple),
    existing=st.sampled_from(["refuse", "skip", "amend"]),
    identical=st.sampled_from(["duplicate", "keep"]),
    totals=st.builds(
        Totals, rows=st.none() | st.integers(0, 999), sums=st.dictionaries(NAMES, st.just("1.50"), max_size=2)
    ),
)


@given(MAPPINGS)
def test_a_mapping_reads_back_as_it_was_written(mapping: Mapping) -> None:
    """
    Text and object are two forms of one thing.
    """
    assert mapping == parse_mapping(format_mapping(mapping, ["a comment"]))
