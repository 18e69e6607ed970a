"""Columns of raw cells: their distinct texts, and their values."""

import datetime

import numpy as np
import pytest

from lampas.core.errors import DataError
from lampas.parsing.booleans import FALSE_WORDS, TRUE_WORDS, is_boolean, parse_booleans
from lampas.parsing.columns import category_names, factorize, parse_column, parse_numeric
from lampas.parsing.missing import MISSING_WORDS, is_missing

pd = pytest.importorskip("pandas")


def test_cells_are_known_by_their_text():
    found = factorize(pd.Series([" x", "x", "NA", None, "?", 3.0, float("nan")], dtype=object))
    assert found.values == ["x", "3.0"]
    assert found.codes.tolist() == [0, 0, -1, -1, -1, 1, -1]
    assert category_names(found.values).tolist() == ["x", "3"]
    assert found.missing == 4
    assert found.expand(np.array([5.0, 7.0]), np.nan)[[0, 5]].tolist() == [5, 7]


def test_a_list_is_not_a_cell():
    with pytest.raises(DataError, match=r"'a' holds objects that are not cells, such as \[1\]"):
        factorize(pd.Series([[1], [2]], name="a"))


def test_words_of_booleans_come_in_pairs():
    for yes, no in zip(TRUE_WORDS, FALSE_WORDS, strict=True):
        assert is_boolean([yes.upper(), no])
        assert parse_booleans([yes.title(), f" {no} "]).tolist() == [1, 0]
    assert is_boolean(["1.0", "0.0"])
    assert not is_boolean(["yes", "off"])
    assert not is_boolean(["yes"])
    assert np.isnan(parse_booleans(["maybe", ""])).all()


def test_missing_words_in_any_case():
    assert all(is_missing(f" {word.upper()} ") for word in MISSING_WORDS)
    assert not is_missing("None")


@pytest.mark.parametrize(
    ("kind", "format", "cells", "values"),
    [
        (
            "number",
            "1.234,5",
            ["1.234", 1.234, np.float32(0.5), None, 7],
            [1234, 1.234, 0.5, None, 7],
        ),
        ("number", "1.234,5", [1.25, 2], [1.25, 2]),
        ("number", "", ["1e3", 2.5, "NA"], [1000, 2.5, None]),
        ("boolean", "", ["On", "off", True, 0, "?"], [1, 0, 1, 0, None]),
        (
            "date",
            "%d.%m.%Y",
            ["01.03.2026", datetime.datetime(2026, 3, 2), pd.Timestamp("2026-03-03"), None],
            ["2026-03-01", "2026-03-02", "2026-03-03", None],
        ),
        ("category", "", ["3.0", 3, "-", " a "], ["3", "3", None, "a"]),
    ],
)
def test_cells_that_are_values_already_need_no_format(kind, format, cells, values):
    parsed, invalid = parse_column(pd.Series(cells, dtype=object), kind, format)
    assert not invalid.any()
    expected = pd.Series(values, dtype="datetime64[us]" if kind == "date" else None)
    if kind == "category":
        assert parsed.tolist() == values
    else:
        np.testing.assert_array_equal(parsed, expected.to_numpy())


def test_invalid_cells_are_marked():
    column = pd.Series(["1,5", "x", None, 2.5, "1,2,3"], dtype=object)
    values, invalid = parse_column(column, "number", "1.234,5")
    assert invalid.tolist() == [False, True, False, False, True]
    np.testing.assert_array_equal(values, [1.5, np.nan, np.nan, 2.5, np.nan])


@pytest.mark.parametrize(
    ("texts", "values", "format"),
    [
        (["1", "2.5", "?"], [1, 2.5, None], ""),
        (["1.234,5", "7", ""], [1234.5, 7, None], "1.234,5"),
        (["on", "off", "NA"], [1, 0, None], "boolean"),
        (["12 %", "5 %"], [12, 5], "1,234.5%"),
    ],
)
def test_numeric_texts_are_parsed_and_their_format_is_inferred(texts, values, format):
    parsed, invalid, inferred = parse_numeric(texts)
    np.testing.assert_array_equal(parsed, np.array(values, float))
    assert (invalid.any(), inferred) == (False, format)


def test_the_invalid_text_is_that_which_fits_the_format_of_the_others():
    _, invalid, format = parse_numeric(["1.234,5", "2,5", "about 3"])
    assert (invalid.tolist(), format) == ([False, False, True], "1.234,5")
