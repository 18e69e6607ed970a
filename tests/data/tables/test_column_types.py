"""The types that are inferred for columns."""

import datetime
import re

import pandas as pd
import pytest

from lampas.core.errors import DataError, UnknownNameError
from lampas.data.tables.column_types import infer_column, user_column
from lampas.parsing.columns import factorize


def kind(name, values):
    return infer_column(name, factorize(pd.Series(values, dtype=object)))


@pytest.mark.parametrize(
    ("name", "values", "expected"),
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
        ("note", [f"some words of number {n}" for n in range(30)], "text"),
        ("note", [f"some words of number {n // 3}" for n in range(90)], "text"),
        ("answer", [f"some words of number {n % 5}" for n in range(30)], "category"),
        ("answer", [f"some words of number {n % 20}" for n in range(200)], "category"),
        ("key", [f"{n}a {n}b {n}c {n}d" for n in range(30)], "leave-out"),
        ("hash", [f"{7**n:x}".zfill(64) for n in range(30)], "leave-out"),
        ("said", ["".join(map(chr, range(0x4E00 + n, 0x4E08 + n))) for n in range(30)], "text"),
    ],
)
def test_the_kind_of_a_column(name, values, expected):
    assert kind(name, values).kind == expected


SHUFFLED = [(7 * n) % 97 for n in range(97)]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("Unnamed: 0", SHUFFLED[:60], True),
        ("Unnamed: 0", [5, 3, 9, 40], True),
        ("Unnamed: 0", [*range(50), *range(50), *range(50)], True),
        ("column 1", [900, 3, 17, 254], True),
        ("index", SHUFFLED[::2], True),
        ("rownames", [12, 11, 30, 7], True),
        ("line", SHUFFLED[:60], True),
        ("zeile", [n + 1 for n in SHUFFLED], True),
        ("Unnamed: 3", [0.5, 1.5, 2.5, 2.5], False),
        ("index", [1, 1, 2, 2, 3, 1], False),
        ("year", [n + 1 for n in SHUFFLED], False),
        ("age", [n % 60 for n in SHUFFLED], False),
        ("price", [10 * n for n in SHUFFLED], False),
        ("length", SHUFFLED[:19], False),
    ],
)
def test_row_numbers_are_left_out(name, values, expected):
    for cells in (values, list(map(str, values)), [f"{value:.1f}" for value in values]):
        column = kind(name, cells)
        assert (column.reason == "it numbers the rows") == expected
        assert (column.kind == "leave-out") == expected


def test_says_why_and_what_to_look_at():
    assert kind("c", ["x", "x"]).reason == "it is 'x' in every row"
    note = kind("note", [f"some words of number {n}" for n in range(30)])
    assert (note.reason, note.warning) == ("it is free text", "")
    keys = kind("my note", [f"{n}a {n}b {n}c {n}d" for n in range(30)])
    assert keys.warning == (
        "'my note' is left out: it is free text, and few of its words occur in several rows. Use "
        "it anyway with --as 'my note=text'."
    )
    names = kind("who", [f"Jane{n} Doe{n}" for n in range(30)])
    assert names.reason == (
        "it identifies rows: 30 distinct values in 30 rows; --as who=text uses its words"
    )
    found = kind("price", ["$ 1,000.50", "$ 2", ""])
    assert (found.format, found.distinct, found.missing) == ("$1,234.5", 2, pytest.approx(1 / 3))
    mixed = kind("age", [*map(str, range(40)), "abc", "about 7"])
    assert (
        "'age' has numbers, but 4.8% of its values are other words ('abc', 'about 7')"
        in mixed.warning
    )
    early = kind("day", ["01/02/2020", "03/02/2020"])
    assert early.format == "%d/%m/%Y"
    assert (
        "01/02/2020 could have the day or the month first; it is read as the day" in early.warning
    )


@pytest.mark.parametrize("word", ["None", "missing", "#DIV/0!", "--", "n.a.", "*"])
def test_words_for_nothing_are_gaps_in_numbers(word):
    found = kind("height", [word if n % 3 == 0 else f"{n / 7:.3f}" for n in range(90)])
    assert (found.kind, found.missing) == ("number", pytest.approx(1 / 3))
    assert kind("sky", [word, "sun", "rain"] * 9).kind == "category"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [f"{n / 7:.3f}" if n % 3 else "sold out" for n in range(90)],
            r"'my x' has numbers, but 33\.3% of its values are other words \('sold out'\), so it "
            r"is left out\. Empty .*; --as 'my x=category' keeps",
        ),
        (
            [f"{n} {'kg' if n % 2 else 'g'}" for n in range(90)],
            r"'my x' looks like numbers with several units \('g', 'kg'\), so it is left out\.",
        ),
        (
            [f"{n},5" if n % 2 else f"{n}.5" for n in range(90)],
            r"'my x' has numbers whose points and commas contradict each other",
        ),
        (
            [
                ["2024-{:02}-{:02}", "{1:02}/{0:02}/2024", "{:02}-{:02}-2024"][n % 3].format(
                    1 + n // 25, 1 + n % 25
                )
                for n in range(90)
            ],
            r"'my x' looks like dates in several forms .*, so it is left out\. Write all dates as",
        ),
    ],
)
def test_columns_that_are_nearly_numbers_or_dates_are_reported(values, message):
    assert re.match(message, kind("my x", values).warning)


def test_ambiguous_columns_name_the_option_that_chooses():
    early = kind("my day", ["01/02/2020", "03/02/2020"])
    assert early.warning.endswith("Or choose --as 'my day=%m/%d/%Y'.")
    people = kind("people", ["9.795", "257", "28.761"])
    assert people.warning.endswith("Or choose --as people=1.234,5.")
    cells = factorize(pd.Series(["9.795", "257"], dtype=object))
    assert user_column("people", cells, "1.234,5").format == "1.234,5"
    assert infer_column("people", cells, ",").format == "1.234,5"
    assert infer_column("people", cells, ".").warning == ""
    assert user_column("day", cells, "%m/%d/%Y").kind == "date"
    with pytest.raises(UnknownNameError, match="kind of column"):
        user_column("people", cells, "numbr")


def test_a_chosen_kind_may_still_be_read_in_two_ways():
    for name, values in ("day", ["01/02/2020", "03/02/2020"]), ("people", ["9.795", "257"]):
        cells = factorize(pd.Series(values, dtype=object))
        chosen = user_column(name, cells, "date" if name == "day" else "number")
        inferred = infer_column(name, cells)
        assert chosen.warning == inferred.warning != ""
        assert chosen.format == inferred.format


def test_typed_numbers_are_not_in_a_format_of_texts():
    assert kind("people", [9.795, 257.0, 28.761]).warning == ""
    assert kind("people", [9.795, "257", 28.761]).format == ""
    mixed = kind("rent", ["8,44", 9.5, "7,59"])
    assert (mixed.kind, mixed.format) == ("number", "1.234,5")
    assert kind("x", [1.5, float("inf"), 3]).kind == "number"


@pytest.mark.parametrize("mark", [-999, 9999, 99, -99999.0, 1e20])
def test_numbers_that_may_mark_missing_values_are_reported(mark):
    temperatures = [n % 15 + 0.5 for n in range(90)]
    warning = kind("low", [mark if n % 10 == 0 else t for n, t in enumerate(temperatures)]).warning
    assert warning.startswith(
        f"'low' is {mark:.10g} in 10.0% of its cells, and between 0.5 and 14.5 "
    )
    for usual in (temperatures, [*temperatures, mark], [*range(85, 100)] * 3, [1, 1000, 999] * 9):
        assert kind("low", usual).warning == ""


def test_other_words_are_not_chosen_as_booleans():
    cells = factorize(pd.Series(["a", "b", "yes"], dtype=object))
    with pytest.raises(
        DataError, match=r"'x' is not a column of booleans: .* 'a', 'b', 'yes'\. Ch"
    ):
        user_column("x", cells, "boolean")
