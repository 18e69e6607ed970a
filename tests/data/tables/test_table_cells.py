"""Numbers, dates and columns as people write them."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.core.errors import DataError
from lampas.data.tables.cells import cells, named
from lampas.data.tables.column_types import guessed
from lampas.parsing.dates import ambiguous, date_form, dates
from lampas.parsing.numbers import doubt, number_form, numbers


def kind(name, values):
    return guessed(name, cells(pd.Series(values, dtype=object)))


def test_cells_are_known_by_their_text():
    found = cells(pd.Series([" x", "x", "NA", None, "?", 3.0, float("nan")], dtype=object))
    assert found.words == ["x", "3.0"]
    assert found.codes.tolist() == [0, 0, -1, -1, -1, 1, -1]
    assert named(found.words).tolist() == ["x", "3"]
    assert found.missing == 4
    assert found.spread(np.array([5.0, 7.0]), np.nan)[[0, 5]].tolist() == [5, 7]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_to_the_last_bit(values):
    words = [repr(value) for value in values]
    assert number_form(words) == ""
    assert numbers(words).tolist() == values


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda n: n / 100), min_size=1))
def test_thousands_and_decimal_commas_are_read(values):
    english = [f"{value:,.2f}" for value in values]
    german = [word.translate(str.maketrans(",.", ".,")) for word in english]
    assert numbers(german, "1.234,5").tolist() == values
    assert number_form(german) == "1.234,5"
    assert numbers(english, "1,234.5").tolist() == values


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
    assert number_form(words) == form


def test_what_may_be_decimals_is_told():
    words = ["10,038", "950"]
    told = doubt("worth", words, number_form(words))
    assert told.startswith("'worth' is read as in 10,038 = 10038; if 10.038 is meant, write")
    for sure in (["1,234.5"], ["12", "7"], ["3,14"], ["1,234,567"]):
        assert doubt("worth", sure, number_form(sure)) == ""


@pytest.mark.parametrize(
    ("form", "other"),
    [("%d.%m.%Y", None), ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"), ("%b %d, %Y", None)],
)
def test_dates_are_read_back(form, other):
    days = [datetime.datetime(2020, 1, 1) + datetime.timedelta(days=n) for n in range(0, 90, 7)]
    words = [day.strftime(form) for day in days]
    assert date_form(words) == form
    assert dates(words, form).tolist() == days
    assert ambiguous(words, form) is None
    early = [day.strftime(form) for day in days if day.day <= 12]
    assert ambiguous(early, form) == other


def test_times_with_a_zone_become_utc():
    (time,) = dates(["2020-01-02T10:00:00+02:00"])
    assert time == np.datetime64("2020-01-02T08:00")
    assert date_form(["2020-13-01"]) is date_form(["hello 2020 x"]) is date_form(["1.2.3"]) is None


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("age", ["31", "", "22.5"], "number"),
        ("rooms", [1, 2, 3], "number"),
        ("type", ["1", "2", "1"], "category"),
        ("product type", list(range(40)) * 2, "number"),
        ("zip", ["01234", "99999"], "category"),
        ("sex", ["m", "f"], "category"),
        ("smoker", ["yes", "No".lower(), ""], "boolean"),
        ("flag", [1, 0, None], "boolean"),
        ("flag", [True, False], "boolean"),
        ("one", ["x", ""], "category"),
        ("day", ["2020-01-02", "2020-01-03"], "date"),
        ("day", [datetime.datetime(2020, 1, 2), None], "date"),
        ("constant", ["x", "x"], "leave-out"),
        ("empty", ["", None], "leave-out"),
        ("nr", [n * n for n in range(30)], "leave-out"),
        ("counts", list(range(100, 130)), "leave-out"),
        ("year", list(range(1990, 2020)), "number"),
        ("customerId", [*range(0, 90, 3), 3], "leave-out"),
        ("name", [f"P {n}" for n in range(30)], "leave-out"),
        ("note", [f"some words of number {n}" for n in range(30)], "leave-out"),
    ],
)
def test_the_kind_of_a_column(name, values, wanted):
    assert kind(name, values).kind == wanted


def test_says_why_and_what_to_look_at():
    assert kind("c", ["x", "x"]).why == "it says 'x' in every row"
    assert kind("note", [f"some words of number {n}" for n in range(30)]).why == "it is free text"
    found = kind("price", ["$ 1,000.50", "$ 2", ""])
    assert (found.form, found.distinct, found.missing) == ("1,234.5", 2, pytest.approx(1 / 3))
    mixed = kind("age", [*map(str, range(40)), "abc", "about 7"])
    assert "'age' has numbers, and 4.8% other words ('abc', 'about 7')" in mixed.warning
    early = kind("day", ["01/02/2020", "03/02/2020"])
    assert early.form == "%d/%m/%Y"
    assert "01/02/2020 could have the day or the month first; the day" in early.warning


def test_a_list_is_no_cell():
    with pytest.raises(DataError, match=r"'a' holds things that are no cells, such as \[1\]"):
        cells(pd.Series([[1], [2]], name="a"))
