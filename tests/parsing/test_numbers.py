"""Numbers as people write them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.core.errors import ArgumentError
from lampas.parsing.numbers import (
    MAX_NUMBER,
    decimal_sign,
    number_format,
    number_warning,
    parse_numbers,
)


@given(st.lists(st.floats(-MAX_NUMBER, MAX_NUMBER), min_size=1))
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
        (["$ 1,000", "$5"], "$1,234.5"),
        (["5 %", "6.5%"], "1,234.5%"),
        (["5%", "6"], None),
        (["$5", "€6"], None),
        (["1_000"], None),
        (["inf", "1"], ""),
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


@pytest.mark.parametrize(
    ("words", "form", "values"),
    [
        (["12.5 kg", "3 kg"], "1,234.5 kg", [12.5, 3]),
        (["12,5 kg", "3 kg"], "1.234,5 kg", [12.5, 3]),
        (["23 °C", "-1.5 °C"], "1,234.5 °C", [23, -1.5]),
        (["CHF 12.50", "CHF 1'003"], "CHF 1,234.5", [12.5, 1003]),
        (["12,50 €", "1.003 €"], "1.234,5 €", [12.5, 1003]),
        (["-$5", "$-6", "($7.5)", "$8"], "$1,234.5", [-5, -6, -7.5, 8]),
        (["(1,234.5)", "5"], "1,234.5", [-1234.5, 5]),
        (["\u22125", "3"], "1,234.5", [-5, 3]),
        (["5-", "3"], "1,234.5", [-5, 3]),
        (["1 234,5", "7"], "1.234,5", [1234.5, 7]),
        (["1\u202f234.5", "7"], "1,234.5", [1234.5, 7]),
        (["1\u00a0234.5", "7"], "1,234.5", [1234.5, 7]),
        (["1'234.5", "1\u2019000"], "1,234.5", [1234.5, 1000]),
        (["12,34,567", "1"], "1,234.5", [1234567, 1]),
        (["1.234.567", "5"], "1.234,5", [1234567, 5]),
        (["1,5E-05", "2"], "1.234,5", [1.5e-05, 2]),
        (["0%", "1%"], "1,234.5%", [0, 1]),
    ],
)
def test_units_signs_and_thousands_are_read(words, form, values):
    """The values are those that the words name."""
    assert number_format(words) == form
    assert parse_numbers(words, form).tolist() == values


@pytest.mark.parametrize(
    "words",
    [
        *(["12 kg", "500 g"], ["$5", "5"], ["A12", "A13"], ["12 34 56", "1"], ["1.2.3", "1"]),
        *(["(5", "3"], ["--5", "3"], ["5%", "5 $"], ["20:15", "10:00"], ["1,23,4", "1"]),
    ],
)
def test_what_is_not_a_number_in_one_format_is_refused(words):
    assert number_format(words) is None


def test_a_number_of_another_unit_is_not_read():
    assert np.isnan(parse_numbers(["12 g", "12", "$ 12"], "1,234.5 kg")).all()
    with pytest.raises(ArgumentError, match=r"'kg' is not a format of numbers\. Write 1,234\.5 or"):
        parse_numbers(["12 kg"], "kg")


def test_a_column_of_the_file_proves_the_decimal_sign():
    people, rents = ["9.795", "257", "28.761"], ["8,44", "14,66", "7,59"]
    assert decimal_sign([people, rents]) == ","
    assert number_format(people, ",") == "1.234,5"
    assert parse_numbers(people, "1.234,5").tolist() == [9795, 257, 28761]
    assert number_warning("people", people, "1.234,5", ",") == ""
    assert decimal_sign([people, ["1.5"]]) == "."
    assert number_format(["1,234"], ".") == "1,234.5"
    for undecided in ([people], [["8,44"], ["1.5"]], [["1,234"]], [["12", "5 %"]], [["a"]], []):
        assert decimal_sign(undecided) is None
    # Rents that a point proves are not thousands, whatever another column has.
    assert number_format(["1.5", "9.795"], ",") == ""


def test_points_that_may_separate_thousands_are_reported():
    words = ["9.795", "257", "28.761"]
    assert number_format(words) == ""
    message = number_warning("people", words, "")
    assert message.startswith("'people' is read as in 9.795 = 9.795; if it is 9795, write")
    for sure in (["0.795", "257"], ["9.79", "257"], ["9", "257"], ["0%", "1%"]):
        assert number_warning("people", sure, number_format(sure)) == ""


def test_numbers_beyond_float32_are_infinite():
    found = parse_numbers(["-1.797693e308", "1e39", "3.4e38", "inf"])
    assert found.tolist() == [-np.inf, np.inf, 3.4e38, np.inf]
    assert number_format(["inf", "-inf"]) is None
