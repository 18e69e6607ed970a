"""Rows of a table to numbers: what each kind of column becomes, gaps, messages."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.layers import TableReader

ROWS = pd.DataFrame(
    {
        "height": [1.0, 2.0, np.nan, 4.0, 9.0, 2.0],
        "city": ["Rom", "Rom", "Rom", "Bari", None, "Bari"],
        "paid": ["yes", "no", None, "YES", "No", "yes"],
        "day": pd.to_datetime(["1970-01-05", "1970-01-12", "2000-02-29", None, "2024-07-01", None]),
    }
)
KINDS = {"height": "number", "city": "category", "paid": "boolean", "day": "date"}


def adapted(columns, rows=ROWS):
    layer = TableReader(columns)
    layer.adapt(rows)
    return layer


def test_numbers_are_distances_from_the_median_and_gaps_are_told():
    layer = adapted({"height": "number"})
    there = np.array([1.0, 2, 4, 9, 2])
    assert layer.medians == (np.median(there),)
    assert layer.scales == (np.subtract(*np.quantile(there, [0.75, 0.25])),)
    assert layer.steps == (*layer.scales, 1.0)
    read = layer.read(ROWS)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read[:, 0], [-1, 0, 0, 2, 7, 0])
    np.testing.assert_array_equal(read[:, 1], [0, 0, 1, 0, 0, 0])


def test_a_gap_that_training_did_not_have_is_the_median():
    layer = adapted({"height": "number"}, ROWS.dropna(subset="height"))
    assert layer.gaps == ()
    np.testing.assert_array_equal(layer.read([{"height": None}, {"height": 3}]), [[0], [1]])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_scales_are_above_zero_and_half_the_rows_are_on_each_side(values):
    frame = pd.DataFrame({"x": values})
    layer = adapted({"x": "number"}, frame)
    assert layer.scales[0] > 0
    read = layer.read(frame)[:, 0]
    assert 2 * (read < 0).sum() <= len(values)
    assert 2 * (read > 0).sum() <= len(values)


def test_rare_and_new_categories_are_1_and_missing_ones_0():
    layer = adapted({"city": "category"})
    assert layer.categories == {"city": ("Rom",)}
    assert layer.sizes == (3,)
    np.testing.assert_array_equal(layer.read(ROWS)[:, 0], [2, 2, 2, 1, 0, 1])
    np.testing.assert_array_equal(layer.read([{"city": "Oslo"}, {"city": None}]), [[1], [0]])


def test_codes_are_the_same_however_they_are_written():
    layer = adapted({"code": "category"}, pd.DataFrame({"code": [7, 7, 7, 8, 8, 8]}))
    for codes in ([7, 8], [7.0, 8.0], ["7", " 8 "]):
        read = layer.read(pd.DataFrame({"code": codes}))
        np.testing.assert_array_equal(read[:, 0], [2, 3])


def test_yes_and_no_are_1_and_0_in_all_their_forms():
    layer = adapted({"paid": "boolean"}, pd.DataFrame({"paid": [True, False]}))
    cells = [True, False, "True", "n", 1, 0, "1.0"]
    read = layer.read(pd.DataFrame({"paid": pd.Series(cells, dtype=object)}))[:, 0]
    np.testing.assert_array_equal(read + layer.medians[0], [1, 0, 1, 0, 1, 0, 1])


def test_dates_are_days_and_places_in_the_year_and_in_the_week():
    layer = adapted({"day": "date"})
    days, *turns, gap = layer.read(ROWS).T
    there = ~np.isnat(ROWS["day"].to_numpy())
    since = (ROWS["day"] - pd.Timestamp("1970-01-01")).dt.days.to_numpy()[there]
    np.testing.assert_allclose(days[there], since - np.median(since))
    np.testing.assert_array_equal(gap, ~there)
    middles = np.array(layer.medians[1:])
    year, week = (np.array(turns).T + middles)[there].reshape(-1, 2, 2).transpose(1, 0, 2)
    np.testing.assert_allclose(np.hypot(*year.T), 1, atol=1e-6)
    mondays = ROWS["day"][there].dt.day_of_week.to_numpy() == 0
    np.testing.assert_allclose(week[mondays], [[0, 1]] * mondays.sum(), atol=1e-6)
    assert np.abs(week[~mondays] - [0, 1]).max() > 0.1


def test_dates_may_be_texts_and_have_a_time_zone():
    layer = adapted({"day": "date"}, ROWS)
    texts = layer.read([{"day": "2024-07-01"}, {"day": "2024-07-01T02:00:00+02:00"}])
    np.testing.assert_array_equal(texts[0], layer.read(ROWS)[4])
    np.testing.assert_array_equal(texts[1], texts[0])


def test_numbers_come_first_whatever_the_order_and_dicts_are_rows():
    layer = adapted({"city": "category", "height": "number"})
    np.testing.assert_array_equal(layer.read(ROWS)[:, 0], adapted(KINDS).read(ROWS)[:, 0])
    asked = ROWS[["height", "city"]].to_dict("records")
    np.testing.assert_array_equal(layer.read(asked), layer.read(ROWS))
    assert layer.sources == ("height", "height", "city")


def test_each_number_has_its_source():
    layer = adapted(KINDS)
    read = layer.read(ROWS)
    assert layer.sources == ("height", "paid", *["day"] * 5, "height", "paid", "day", "city")
    for name in KINDS:
        other = layer.read(ROWS.assign(**{name: ROWS[name].to_numpy()[[4, 3, 2, 1, 0, 5]]}))
        changed = np.flatnonzero((other != read).any(0))
        assert set(changed) <= set(np.flatnonzero(np.array(layer.sources) == name))
        assert changed.size


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "string", "object"])
def test_columns_of_pandas_own_types_are_read(dtype):
    frame = pd.DataFrame({"height": pd.Series(["1", "3", None, "3"]).astype(dtype)})
    read = adapted({"height": "number"}, frame).read(frame)
    np.testing.assert_array_equal(read, [[-2, 0], [0, 0], [0, 1], [0, 0]])


def test_columns_of_gaps_alone_are_read():
    frame = pd.DataFrame({name: [None, None] for name in KINDS})
    layer = adapted(KINDS, frame)
    read = layer.read(frame)
    assert set(layer.steps) == {1.0}
    assert read.shape == (2, len(layer.steps) + 1)
    assert set(read.ravel()) == {0.0, 1.0}


def test_what_adapt_has_learnt_is_among_the_arguments():
    layer = adapted(KINDS)
    again = TableReader(**layer._arguments[1])
    np.testing.assert_array_equal(again.read(ROWS), layer.read(ROWS))
    assert (again.steps, again.sizes) == (layer.steps, layer.sizes)


def test_arrays_pass_through_and_only_rows_are_read():
    layer = adapted(KINDS)
    array = layer.read(ROWS)
    assert layer(array) is array
    assert layer.reads(ROWS)
    assert layer.reads(ROWS.to_dict("records"))
    assert not layer.reads(array)
    assert not layer.reads(["a text"])
    np.testing.assert_array_equal(layer(ROWS), array)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS.drop(columns="city"), "no column 'city', which the model has learnt from.*may be"),
        (ROWS.rename(columns={"city": "citty"}), "no column 'city'.* Is it 'citty'?"),
        (ROWS.assign(height="tall"), "row 0: 'tall' in the column 'height' is no number, and so"),
        (ROWS.assign(paid=[*"ynynyy"]).replace({"paid": {"n": "so"}}), "row 1: 'so' .*yes or no"),
        (ROWS.assign(day=["soon", *[None] * 5]), "row 0: 'soon' in the column 'day' is no date. M"),
    ],
)
def test_rows_of_another_form_are_refused(rows, message):
    with pytest.raises(lp.DataError, match=message):
        adapted(KINDS).read(rows)


def test_a_cell_is_named_by_what_the_index_counts():
    rows = pd.DataFrame({"height": [1, "x"]}, index=pd.Index([2, 17], name="line"))
    with pytest.raises(lp.DataError, match="line 17: 'x' in the column 'height' is no number"):
        adapted({"height": "number"}).read(rows)


def test_faults_in_the_making_are_told():
    with pytest.raises(lp.ArgumentError, match="columns is empty"):
        TableReader({})
    with pytest.raises(lp.UnknownNameError, match=r"kind of column.*number"):
        TableReader({"a": "numbr"})
    with pytest.raises(lp.NotBuiltError, match=r"call adapt\(rows\)"):
        TableReader(KINDS).read(ROWS)
    with pytest.raises(lp.DataError, match="got none"):
        TableReader(KINDS).adapt(ROWS[:0])
