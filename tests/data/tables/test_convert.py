"""Raw cells become the same typed columns from files, frames and dicts."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from lampas.core.errors import DataError
from lampas.data.tables import convert_rows, read_frame, unknown_columns

COLUMNS = {
    "age": "number",
    "town": "category",
    "smoker": "boolean",
    "day": "date",
    "name": "leave-out",
}
RIGHT = {"age": "31", "town": "Ulm", "smoker": "Yes", "day": "2020-01-02"}


def test_files_frames_and_dicts_give_the_same(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("more,day,smoker,town,age\n5,2020-01-02,no,3,31.5\n,,,,\n6,NA,?,,\n")
    dicts = [
        {"age": 31.5, "town": 3.0, "smoker": False, "day": pd.Timestamp(2020, 1, 2)},
        dict.fromkeys(RIGHT),
    ]
    for source in (read_frame(path), dicts, pd.DataFrame(dicts, index=[5, 5])):
        found = convert_rows(source, COLUMNS)
        assert list(found.columns) == ["age", "town", "smoker", "day"]
        assert found["age"].to_numpy().tolist() == pytest.approx([31.5, np.nan], nan_ok=True)
        assert found["town"].tolist() == ["3", None]
        assert found["smoker"].tolist() == ["false", None]
        assert found["day"].dtype.kind == "M"
        assert found["day"].isna().tolist() == [False, True]
        assert found["day"].iloc[0] == pd.Timestamp(2020, 1, 2)
    assert convert_rows(read_frame(path), COLUMNS).index.tolist() == [2, 4]


def test_forms_decide_what_a_few_cells_leave_open():
    row = [{"price": "1,234", "day": "03/04/2020"}]
    columns = {"price": "number", "day": "date"}
    found = convert_rows(row, columns)
    assert (found["price"][1], found["day"][1]) == (1234, pd.Timestamp(2020, 4, 3))
    found = convert_rows(row, columns, {"price": "1.234,5", "day": "%m/%d/%Y"})
    assert (found["price"][1], found["day"][1]) == (1.234, pd.Timestamp(2020, 3, 4))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"age": "old"},
            r"the table, row 2: 'age' is 'old', which is not a number\. Write it as 1234\.5, leave",
        ),
        ({"day": "soon"}, r"row 2: 'day' is 'soon', which is not a date"),
        ({"town": ["Ulm"]}, r"'town' holds objects that are not cells"),
    ],
)
def test_names_the_cell_that_is_not_of_its_kind(changed, message):
    with pytest.raises(DataError, match=message):
        convert_rows([RIGHT, RIGHT | changed], COLUMNS)


def test_names_the_line_of_a_file(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text('town,age\n"a\nb",1\nc,x\n')
    with pytest.raises(DataError, match=r"data\.csv, line 4: 'age' is 'x', which is not a number"):
        convert_rows(read_frame(path), {"age": "number"})


def test_names_the_column_that_is_missing_and_near_ones():
    frame = pd.DataFrame([RIGHT]).rename(columns={"age": "Age "})
    with pytest.raises(
        DataError, match=r"has no column 'age', which the model .* similar names: 'Age'"
    ):
        convert_rows(frame, COLUMNS)
    with pytest.raises(DataError, match=r"no column 'height', .*: its first line names 'age', 'to"):
        convert_rows(pd.DataFrame([RIGHT]), {"height": "number"})
    with pytest.raises(
        DataError, match=r"row 2 has no 'smoker'; similar names: 'smokes'\. Write None"
    ):
        convert_rows([RIGHT, {"age": 3, "town": "x", "smokes": 1}], COLUMNS)
    with pytest.raises(DataError, match=r"row 1 is 5; pass a dict of columns"):
        convert_rows([5], COLUMNS)


def test_unknown_columns_are_reported():
    assert unknown_columns([RIGHT | {"x": 1}, RIGHT | {"y": 1}], COLUMNS) == ("x", "y")
    assert unknown_columns(pd.DataFrame([RIGHT | {"x": 1}]), COLUMNS) == ("x",)


def test_no_rows_are_no_error():
    assert convert_rows(pd.DataFrame([RIGHT]).iloc[:0], COLUMNS).shape == (0, 4)


def test_the_error_shows_how_the_column_is_written():
    columns, formats = {"price": "number", "day": "date"}, {"price": "1.234,5", "day": "%d.%m.%Y"}
    for row, example in (
        ({"price": "about 3", "day": None}, r"Write it as 1\.234,5, leave it empty"),
        ({"price": None, "day": "2026-13-01"}, r"not a date\. Write it as 31\.01\.2026"),
    ):
        with pytest.raises(DataError, match=example):
            convert_rows([row], columns, formats)


def test_a_new_value_of_a_boolean_is_missing_with_a_warning(tmp_path):
    path = tmp_path / "boats.csv"
    path.write_text("boats\n0\n2\n1\n")
    columns = {"boats": "boolean"}
    for source, place in ((read_frame(path), "boats.csv, line 3"), ([0, 2, 1], "the table, row 2")):
        rows = source if place.startswith("boats") else [{"boats": n} for n in source]
        with pytest.warns(UserWarning, match=rf"{place}: 'boats' is 2, .* it is read as missing\."):
            found = convert_rows(rows, columns)
        assert found["boats"].tolist() == ["false", None, "true"]


@pytest.mark.parametrize("cell", ["-1.797693e308", "inf", "1e39", -np.inf, 1.797693e308])
def test_a_number_that_float32_cannot_hold_is_missing_with_a_warning(cell):
    rows = [{"x": 1.5}, {"x": cell}]
    with pytest.warns(UserWarning, match=r"row 2: 'x' is -?(1|inf).* it is read as missing\."):
        found = convert_rows(rows, {"x": "number"})
    np.testing.assert_array_equal(found["x"], [1.5, np.nan])


def test_typed_cells_are_not_read_in_the_format_of_texts():
    columns, formats = {"price": "number", "day": "date"}, {"price": "1.234,5", "day": "%d.%m.%Y"}
    numbers = [12.345, 1.5, 1e-05, Decimal("1.500"), np.float32(0.25), 7, True]
    rows = [{"price": number, "day": "2024-01-31"} for number in numbers]
    found = convert_rows(rows, columns, formats)
    assert found["price"].tolist() == [12.345, 1.5, 1e-05, 1.5, 0.25, 7, 1]
    assert set(found["day"]) == {pd.Timestamp(2024, 1, 31)}
    days = [datetime.date(2024, 2, 1), datetime.datetime(2024, 2, 1), np.datetime64("2024-02-01")]
    rows = [
        {"price": "12.345", "day": day} for day in [*days, pd.Timestamp("2024-02-01"), "1.2.2024"]
    ]
    found = convert_rows(rows, columns, formats)
    assert set(found["price"]) == {12345}
    assert set(found["day"]) == {pd.Timestamp(2024, 2, 1)}


def test_messages_quote_the_beginning_of_a_long_cell():
    with pytest.raises(DataError, match=r"'age' is 'x{59}, which is not a number\. Write"):
        convert_rows([{"age": "x" * 10_000}], {"age": "number"})
    with pytest.warns(UserWarning, match=r"'age' is 9{60}, which is not a value"):
        convert_rows([{"age": "9" * 10_000}], {"age": "number"})
