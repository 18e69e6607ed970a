"""Numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.parsing.numbers import number_format, number_warning, parse_numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_to_the_last_bit(values):
    words = [repr(value) for value in values]
    assert number_format(words) == ""
    assert parse_numbers(words).tolist() == values


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda n: n / 100), min_size=1))
def test_thousands_and_decimal_commas_are_read(values):
    english = [f"{value:,.2f}" for value in values]
    german = [word.translate(str.maketrans(",.", ".,")) for word in english]
    assert parse_numbers(german, "1.234,5").tolist() == values
    assert number_format(german) == "1.234,5"
    assert parse_numbers(english, "1,234.5").tolist() == values


@pytest.mark.parametrize(
    ("words", "form"),
    [
        (["1,234", "5"], "1,234.5"),
        (["1,234", "3,14"], "1.234,5"),
        (["0,125", "5"], "1.234,5"),
        (["$ 1,000", "$5"], "1,234.5"),
        (["5 %", "6.5%"], "1,234.5"),
        (["5%", "6"], None),
        (["$5", "€6"], None),
        (["1_000"], None),
        (["inf", "1"], None),
        (["1" + 400 * "0"], None),
        (["3", "x"], None),
    ],
)
def test_the_form_of_numbers(words, form):
    assert number_format(words) == form


def test_what_may_be_decimals_is_reported():
    words = ["10,038", "950"]
    message = number_warning("worth", words, number_format(words))
    assert message.startswith("'worth' is read as in 10,038 = 10038; if it is 10.038, write")
    for sure in (["1,234.5"], ["12", "7"], ["3,14"], ["1,234,567"]):
        assert number_warning("worth", sure, number_format(sure)) == ""
