"""The network gets the same numbers from a file, from a frame of its raw cells, and from dicts."""

import csv
import datetime
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.data.memory_file import MemoryFile
from lampas.data.tables import convert_rows, profile_table, read_frame, table
from lampas.parsing.booleans import FALSE_WORDS, TRUE_WORDS
from lampas.parsing.dates import DATE_FORMATS
from lampas.parsing.missing import MISSING_WORDS
from tests.scale import examples

ROWS = 24
GERMAN = str.maketrans(",.", ".,")
days = st.dates(datetime.date(1971, 1, 1), datetime.date(2060, 12, 31))
times = st.times().map(lambda time: time.replace(microsecond=0))
number_writers = st.sampled_from(
    [
        lambda value: repr(value),
        lambda value: f"{value:,.2f}",
        lambda value: f"{value:,.2f}".translate(GERMAN),
        lambda value: f"{value:.2f}".replace(".", ","),
        lambda value: f"$ {value:,.2f}",
        lambda value: f"{value:.1f} %".replace(".", ","),
        lambda value: f"{value:,.2f} kg",
        lambda value: f"CHF {value:,.2f}".replace(",", "'"),
        lambda value: f"{value:,.2f}".replace(",", "\u202f").replace("-", "\u2212"),
        lambda value: f"({-value:,.2f})" if value < 0 else f"{value:,.2f}",
        lambda value: f"{value:,.2f} °C".translate(GERMAN),
    ]
)


@st.composite
def number_columns(draw):
    write = draw(number_writers)
    values = draw(st.lists(st.integers(-(10**8), 10**8), min_size=ROWS, max_size=ROWS))
    return [write(value / 100) for value in values]


@st.composite
def date_columns(draw):
    format = draw(st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", *DATE_FORMATS[1:]]))
    moments = st.builds(datetime.datetime.combine, days, times)
    return [
        moment.strftime(format) for moment in draw(st.lists(moments, min_size=ROWS, max_size=ROWS))
    ]


@st.composite
def boolean_columns(draw):
    pair = draw(st.sampled_from(list(zip(TRUE_WORDS, FALSE_WORDS, strict=True))))
    style = draw(st.sampled_from([str.lower, str.upper, str.title]))
    choices = draw(st.lists(st.booleans(), min_size=ROWS, max_size=ROWS))
    return [style(pair[is_false]) for is_false in choices]


category_columns = st.lists(
    st.sampled_from(["Ulm", "Bonn", " Jena", "3", "3.0", "é", "None", "a;b", "two\nlines"]),
    min_size=ROWS,
    max_size=ROWS,
)


@st.composite
def raw_tables(draw):
    """Names and raw cells of some columns; some cells are missing."""
    kinds = (number_columns(), date_columns(), boolean_columns(), category_columns)
    columns = draw(st.lists(st.one_of(kinds), min_size=1, max_size=5))
    words = st.sampled_from([*sorted(MISSING_WORDS), "NA", "NaN"])
    for column in columns:
        for row in draw(st.sets(st.integers(0, ROWS - 1), max_size=4)):
            column[row] = draw(words)
    return {f"column {'abcde'[number]}": column for number, column in enumerate(columns)}


def write(columns, separator, encoding):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerows([list(columns), *zip(*columns.values(), strict=True)])
    return MemoryFile("data.csv", file.getvalue().encode(encoding))


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*fewer than 3 rows of the training data")
@examples(20)
@given(raw_tables(), st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-16"]))
def test_what_the_network_gets_from_a_file_it_gets_from_raw_cells(columns, separator, encoding):
    columns = {"even row": list("no" * (ROWS // 2)), **columns, "y": list("ab" * (ROWS // 2))}
    raw = read_frame(write(columns, separator, encoding))
    assert {name: cells.tolist() for name, cells in raw.items()} == {
        name: [cell.lstrip(" ") for cell in cells] for name, cells in columns.items()
    }
    profile = profile_table(raw, "y")
    train = table(raw, "y", columns=profile.kinds, formats=profile.formats)
    reader = lp.TableReader(train.columns, formats=train.formats)
    reader.adapt(train.x)
    from_file = reader.convert(convert_rows(raw, profile.kinds, profile.formats))
    loaded = lp.TableReader(**reader.init_arguments[1])
    np.testing.assert_array_equal(loaded.convert(raw), from_file)
    np.testing.assert_array_equal(loaded.convert(raw.to_dict("records")), from_file)
    items = convert_rows(raw.to_dict("records"), profile.kinds, profile.formats)
    np.testing.assert_array_equal(loaded.convert(items), from_file)
    # One row alone tells nothing of the formats.
    for row in (0, ROWS // 2):
        np.testing.assert_array_equal(loaded.convert(raw.iloc[[row]]), from_file[[row]])


@pytest.mark.long
@examples(10)
@given(raw_tables())
@pytest.mark.filterwarnings("ignore:.* could have the day or:UserWarning")
@pytest.mark.filterwarnings("ignore:.* is read as :UserWarning")
def test_formats_are_inferred_from_raw_training_rows_as_they_are_from_a_file(columns):
    raw = read_frame(write({**columns, "y": list("ab" * (ROWS // 2))}, ";", "utf-8"))
    kinds = profile_table(raw.assign(x=list("uv" * (ROWS // 2))), "y").kinds
    del kinds["x"]
    if not kinds:
        return
    train = table(raw, "y", columns=kinds)
    expected = lp.TableReader(train.columns, formats=train.formats)
    expected.adapt(train.x)
    reader = lp.TableReader(kinds)
    reader.adapt(raw)
    assert reader.formats == expected.formats
    np.testing.assert_array_equal(reader.convert(raw), expected.convert(train.x))
