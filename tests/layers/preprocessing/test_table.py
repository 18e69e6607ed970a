"""TableReader: what each kind of column becomes, missing values, messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.layers import Dense, TableEncoding, TableReader

pd = pytest.importorskip("pandas")

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
    read = layer.convert(ROWS)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read[:, 0], [-1, 0, 0, 2, 7, 0])
    np.testing.assert_array_equal(read[:, 1], [0, 0, 1, 0, 0, 0])


def test_a_gap_that_training_did_not_have_is_the_median():
    layer = adapted({"height": "number"}, ROWS.dropna(subset="height"))
    assert layer.gaps == ()
    np.testing.assert_array_equal(layer.convert([{"height": None}, {"height": 3}]), [[0], [1]])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_scales_are_above_zero_and_half_the_rows_are_on_each_side(values):
    frame = pd.DataFrame({"x": values})
    layer = adapted({"x": "number"}, frame)
    assert layer.scales[0] > 0
    read = layer.convert(frame)[:, 0]
    assert 2 * (read < 0).sum() <= len(values)
    assert 2 * (read > 0).sum() <= len(values)


def test_rare_and_new_categories_are_1_and_missing_ones_0():
    layer = adapted({"city": "category"})
    assert layer.categories == {"city": ("Rom",)}
    assert layer.sizes == (3,)
    np.testing.assert_array_equal(layer.convert(ROWS)[:, 0], [2, 2, 2, 1, 0, 1])
    with pytest.warns(UserWarning, match="'city' is 'Oslo'"):
        read = layer.convert([{"city": "Oslo"}, {"city": None}])
    np.testing.assert_array_equal(read, [[1], [0]])


def test_categories_that_training_did_not_have_are_reported():
    layer = adapted({"city": "category"})
    cities = pd.DataFrame({"city": ["Rom", "Oslo", "Ulm", "Oslo", "Bari", None]})
    with pytest.warns(UserWarning, match="'city' is") as caught:
        layer.convert(cities.set_index(pd.RangeIndex(2, 8, name="line")))
    (warning,) = caught
    assert str(warning.message) == (
        "line 3: 'city' is 'Oslo', which fewer than 3 rows of the training data have; it is read "
        "as an unknown category, and 2 more of 6 cells ('Ulm')."
    )
    # A saved reader knows the frequent ones alone.
    again = TableReader(**layer.init_arguments[1])
    with pytest.warns(UserWarning, match=r"row 0: 'city' is 'Bari', which fewer .* category\.$"):
        again.convert([{"city": "Bari"}, {"city": "Rom"}])


@pytest.fixture
def tokenizers():
    return pytest.importorskip("tokenizers")


NOTES = pd.DataFrame(
    {
        "note": ["Pump leaks!", "pump is fine", None, "valve, leaks", "the valve", "-"],
        "size": range(6),
    }
)


@pytest.mark.usefixtures("tokenizers")
def test_texts_become_the_codes_of_words_that_occur_twice():
    layer = adapted({"note": "text", "size": "number"}, NOTES)
    vocabulary = layer.texts["note"].get_vocabulary()
    assert (vocabulary[:2], set(vocabulary[2:])) == (["", "[UNK]"], {"pump", "leaks", "valve"})
    assert layer.text_sizes == ((3, 5),)
    assert layer.sources == ("size", "note", "note", "note")
    code = vocabulary.index
    read = layer.convert(NOTES)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read[:, 0], np.arange(6) - 2.5)
    expected = [
        [code("pump"), code("leaks"), 1],
        [code("pump"), 1, 1],
        [0, 0, 0],
        [code("valve"), 1, code("leaks")],
        [1, code("valve"), 0],
        [0, 0, 0],
    ]
    np.testing.assert_array_equal(read[:, 1:], expected)
    np.testing.assert_array_equal(layer.convert(NOTES.to_dict("records")), read)
    np.testing.assert_array_equal(TableReader(**layer.init_arguments[1]).convert(NOTES), read)


@pytest.mark.usefixtures("tokenizers")
def test_a_table_of_texts_alone_and_a_layer_of_its_own():
    words = lp.TextVectorization(output_sequence_length=2, vocabulary=["", "[UNK]", "a"])
    layer = TableReader({"note": "text"}, texts={"note": words})
    assert layer.convert([{"note": "A b c"}, {"note": None}]).tolist() == [[2, 1], [0, 0]]
    layer.adapt([{"note": "b b"}])
    assert layer.convert([{"note": "a b"}]).tolist() == [[1, 2]]
    with pytest.raises(lp.NotBuiltError, match=r"call adapt\(rows\)"):
        TableReader({"note": "text"}).convert([{"note": "a"}])


@pytest.mark.usefixtures("tokenizers")
def test_the_beginning_of_long_texts_is_read():
    rows = [{"note": "word " * 1000}] * 3
    layer = adapted({"note": "text"}, rows)
    assert layer.convert(rows).shape == (3, 200)
    layer.adapt([{"note": "a a a"}])
    assert layer.text_sizes == ((200, 3),)


@pytest.mark.usefixtures("tokenizers")
@pytest.mark.parametrize("notes", [["a", "b"], [None, None]])
def test_texts_without_common_words_are_refused(notes):
    with pytest.raises(lp.DataError, match="no word of the column 'note' occurs in 2 of its 2 te"):
        adapted({"note": "text"}, pd.DataFrame({"note": notes}))


def test_codes_are_the_same_however_they_are_written():
    layer = adapted({"code": "category"}, pd.DataFrame({"code": [7, 7, 7, 8, 8, 8]}))
    for codes in ([7, 8], [7.0, 8.0], ["7", " 8 "]):
        read = layer.convert(pd.DataFrame({"code": codes}))
        np.testing.assert_array_equal(read[:, 0], [2, 3])


def test_yes_and_no_are_1_and_0_in_all_their_forms():
    layer = adapted({"paid": "boolean"}, pd.DataFrame({"paid": [True, False]}))
    cells = [True, False, "True", "n", 1, 0, "1.0"]
    read = layer.convert(pd.DataFrame({"paid": pd.Series(cells, dtype=object)}))[:, 0]
    np.testing.assert_array_equal(read + layer.medians[0], [1, 0, 1, 0, 1, 0, 1])


def test_dates_are_days_and_places_in_the_year_and_in_the_week():
    layer = adapted({"day": "date"})
    days, *turns, gap = layer.convert(ROWS).T
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
    texts = layer.convert([{"day": "2024-07-01"}, {"day": "2024-07-01T02:00:00+02:00"}])
    np.testing.assert_array_equal(texts[0], layer.convert(ROWS)[4])
    np.testing.assert_array_equal(texts[1], texts[0])


def test_numbers_come_first_whatever_the_order_and_dicts_are_rows():
    layer = adapted({"city": "category", "height": "number"})
    np.testing.assert_array_equal(layer.convert(ROWS)[:, 0], adapted(KINDS).convert(ROWS)[:, 0])
    asked = ROWS[["height", "city"]].to_dict("records")
    np.testing.assert_array_equal(layer.convert(asked), layer.convert(ROWS))
    assert layer.sources == ("height", "height", "city")


def test_each_number_has_its_source():
    layer = adapted(KINDS)
    read = layer.convert(ROWS)
    assert layer.sources == ("height", "paid", *["day"] * 5, "height", "paid", "day", "city")
    for name in KINDS:
        other = layer.convert(ROWS.assign(**{name: ROWS[name].to_numpy()[[4, 3, 2, 1, 0, 5]]}))
        changed = np.flatnonzero((other != read).any(0))
        assert set(changed) <= set(np.flatnonzero(np.array(layer.sources) == name))
        assert changed.size


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "string", "object"])
def test_columns_of_pandas_own_types_are_read(dtype):
    frame = pd.DataFrame({"height": pd.Series(["1", "3", None, "3"]).astype(dtype)})
    read = adapted({"height": "number"}, frame).convert(frame)
    np.testing.assert_array_equal(read, [[-2, 0], [0, 0], [0, 1], [0, 0]])


def test_columns_of_gaps_alone_are_read():
    frame = pd.DataFrame({name: [None, None] for name in KINDS})
    layer = adapted(KINDS, frame)
    read = layer.convert(frame)
    assert set(layer.steps) == {1.0}
    assert read.shape == (2, len(layer.steps) + 1)
    assert set(read.ravel()) == {0.0, 1.0}


@pytest.mark.filterwarnings("ignore:.*'city' is 'Bari'")
def test_what_adapt_has_learnt_is_among_the_arguments():
    layer = adapted(KINDS)
    again = TableReader(**layer.init_arguments[1])
    np.testing.assert_array_equal(again.convert(ROWS), layer.convert(ROWS))
    assert (again.steps, again.sizes) == (layer.steps, layer.sizes)


def test_arrays_pass_through_and_only_rows_are_read():
    layer = adapted(KINDS)
    array = layer.convert(ROWS)
    assert layer(array) is array
    assert layer.accepts(ROWS)
    assert layer.accepts(ROWS.to_dict("records"))
    assert not layer.accepts(array)
    assert not layer.accepts(["a text"])
    np.testing.assert_array_equal(layer(ROWS), array)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS.drop(columns="city"), "no column 'city', which the model was trained with.*may be"),
        (ROWS.rename(columns={"city": "citty"}), "no column 'city'.* Is it 'citty'?"),
        (
            ROWS.assign(height="tall"),
            "row 0: 'tall' in the column 'height' is not a number, and neither",
        ),
        (
            ROWS.assign(day=["soon", *[None] * 5]),
            "row 0: 'soon' in the column 'day' is not a date. Write it as 2026-01-31",
        ),
    ],
)
def test_rows_of_another_form_are_refused(rows, message):
    with pytest.raises(lp.DataError, match=message):
        adapted(KINDS).convert(rows)


def test_a_cell_is_named_by_what_the_index_counts():
    rows = pd.DataFrame({"height": [1, "x"]}, index=pd.Index([2, 17], name="line"))
    with pytest.raises(lp.DataError, match="line 17: 'x' in the column 'height' is not a number"):
        adapted({"height": "number"}).convert(rows)


def test_faults_in_the_making_are_told():
    with pytest.raises(lp.ArgumentError, match="columns is empty"):
        TableReader({})
    with pytest.raises(lp.UnknownNameError, match=r"kind of column.*number"):
        TableReader({"a": "numbr"})
    with pytest.raises(lp.NotBuiltError, match=r"call adapt\(rows\)"):
        TableReader(KINDS).convert(ROWS)
    with pytest.raises(lp.DataError, match="got none"):
        TableReader(KINDS).adapt(ROWS[:0])


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*'city' is")
def test_a_saved_model_takes_raw_rows(tmp_path):
    rows = pd.DataFrame(
        {
            "size": [1.0, np.nan, 3.0, 4.0] * 3,
            "city": ["Rom", "Bari", None, "Rom"] * 3,
            "day": pd.date_range("2024-01-01", periods=12),
        }
    )
    reader = TableReader({"size": "number", "city": "category", "day": "date"})
    reader.adapt(rows)
    model = lp.Sequential([reader, TableEncoding(reader.steps, reader.sizes), Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(rows, np.arange(12) % 2, epochs=1, verbose=0)
    model.save(tmp_path / "model.safetensors")
    again = lp.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict(rows), model.predict(rows))
    new = [{"size": "7.5", "city": "Oslo", "day": "2025-12-24"}]
    np.testing.assert_array_equal(again.predict(new), model.predict(new))
    with pytest.raises(lp.DataError, match="no column 'day'"):
        again.predict(rows.drop(columns="day"))


def test_cells_without_a_value_that_can_be_used_are_missing_with_a_warning():
    layer = adapted({"height": "number", "paid": "boolean"})
    rows = [{"height": 1e300, "paid": "yes"}, {"height": 2.0, "paid": 2}]
    with pytest.warns(UserWarning, match="is read as missing") as caught:
        read = layer.convert(rows)
    assert [str(warning.message).split(", which")[0] for warning in caught] == [
        "row 0: 'height' is 1e+300",
        "row 1: 'paid' is 2",
    ]
    missing = [{"height": None, "paid": "yes"}, {"height": 2.0, "paid": None}]
    np.testing.assert_array_equal(read, layer.convert(missing))


TEXTS = pd.DataFrame(
    {
        "price": ["1.234,5", "7,25", "?", "999"],
        "day": ["28.02.2026", "01.03.2026", "02.03.2026", "NA"],
        "open": ["on", "OFF", "-", "on"],
    }
)
TEXT_KINDS = {"price": "number", "day": "date", "open": "boolean"}


def test_texts_are_read_in_the_formats_of_the_training_rows():
    layer = adapted(TEXT_KINDS, TEXTS)
    assert layer.formats == {"price": "1.234,5", "day": "%d.%m.%Y"}
    typed = pd.DataFrame(
        {
            "price": [1234.5, 7.25, np.nan, 999],
            "day": pd.to_datetime(["2026-02-28", "2026-03-01", "2026-03-02", None]),
            "open": [True, False, None, True],
        }
    )
    np.testing.assert_array_equal(layer.convert(typed), layer.convert(TEXTS))
    np.testing.assert_array_equal(adapted(TEXT_KINDS, typed).convert(typed), layer.convert(TEXTS))
    given = TableReader(TEXT_KINDS, formats={**layer.formats, "y": "1,234.5"})
    given.adapt(typed)
    assert given.formats == layer.formats
    np.testing.assert_array_equal(given.convert(TEXTS.iloc[[1]]), layer.convert(TEXTS)[[1]])
    again = TableReader(**layer.init_arguments[1])
    np.testing.assert_array_equal(again.convert(TEXTS), layer.convert(TEXTS))


def test_an_error_shows_the_format():
    layer = adapted(TEXT_KINDS, TEXTS)
    for name, cell, message in (
        ("price", "1,234.5", r"row 0: '1,234\.5' in .* is not a number.* Write it as 1\.234,5"),
        ("day", "2026-13-01", r"is not a date.* Write it as 31\.01\.2026, or leave it empty"),
    ):
        with pytest.raises(lp.DataError, match=message):
            layer.convert(TEXTS.assign(**{name: cell}))
    with pytest.raises(lp.DataError, match=r"'01\.03\.2026' .* is not a date"):
        adapted({"day": "date"}).convert(TEXTS.iloc[1:2])


def test_a_format_that_is_ambiguous_is_a_warning_of_adapt():
    with pytest.warns(UserWarning, match="01/02/2026 could have the day or the month first"):
        adapted({"day": "date"}, pd.DataFrame({"day": ["01/02/2026", "03/02/2026"]}))
    with pytest.warns(UserWarning, match="'price' is read as in 1,234 = 1234"):
        adapted({"price": "number"}, pd.DataFrame({"price": ["1,234", "950"]}))


def test_rounding_errors_and_mondays_are_no_spread():
    """A column that is constant up to rounding keeps its scale, as its standard deviation is 0."""
    pd = pytest.importorskip("pandas")
    rows = pd.DataFrame(
        {
            "sum": [0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2],
            "far": [0.0, 1.0, 2.0, 1e18],
            "day": pd.to_datetime(["2026-01-05", "2026-01-12", "2026-03-02", "2026-06-29"]),
        }
    )
    reader = TableReader({"sum": "number", "far": "number", "day": "date"})
    reader.adapt(rows)
    scales = dict(zip(reader.sources, reader.scales, strict=True))
    assert scales["sum"] == 1.0
    assert scales["far"] == np.subtract(*np.quantile(rows["far"], [0.75, 0.25]))
    # All are Mondays: sine 0 and cosine 1 of the week.
    assert reader.scales[-2:] == (1.0, 1.0)


def test_points_that_were_read_as_decimal_signs_are_reported():
    """As pandas reads a file whose points separate thousands."""
    texts = pd.DataFrame({"people": ["9.795", "257", "28.761"], "rent": ["8,44", "14,66", "7,59"]})
    layer = adapted({"people": "number", "rent": "number"}, texts)
    assert layer.medians == (9795, 8.44)
    frame = pd.DataFrame({"people": [9.795, 257.0, 28.761], "rent": [8.44, 14.66, 7.59]})
    with pytest.warns(UserWarning, match=r"'people' has numbers such as 9\.795, .* dtype=str"):
        layer.convert(frame)
    layer.convert(pd.DataFrame({"people": [9.5, 257.25], "rent": [1.0, 2.0]}))
    frame["people"] *= 1000
    np.testing.assert_array_equal(layer.convert(frame)[[0, 2]], layer.convert(texts)[[0, 2]])
