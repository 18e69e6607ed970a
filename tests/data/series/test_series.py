"""Series from CSV files: what is read, and where a mistake is."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import DataError, FileError, UnknownNameError
from lampas.data.series import windows
from lampas.data.series.series import from_csv, from_frame
from lampas.parsing.dates import parse_timestamps

LINES = ["day;temp;wind", "2024/05/30 14:00;1.5;4", "", "2024-05-31;2.5;NA", "2024-06-01;3.5;6"]


@pytest.fixture
def write(tmp_path):
    def write(*lines):
        (tmp_path / "a.csv").write_text("\n".join(lines))
        return tmp_path / "a.csv"

    return write


def test_columns_are_chosen_by_name(write):
    cut = windows(write(*LINES), 2, columns=["wind"], target="temp", time="day", gaps="fill")
    assert cut.x.tolist() == [[[4], [4]]]
    assert cut.y.tolist() == [[3.5]]
    assert cut.time[0] == np.datetime64("2024-05-30T14:00")
    assert windows(str(write(*LINES)), 1, time="day", target="temp", gaps="fill").features == (
        "temp",
        "wind",
    )


def test_times_may_be_numbers(write):
    assert windows(write("year,n", "1700,5", "1701,11"), 1, time="year").time.tolist() == [
        1700,
        1701,
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["31.12.2023", "1.1.2024 14:00"], ["2023-12-31", "2024-01-01T14:00"]),
        (["20231231", "20240101"], ["2023-12-31", "2024-01-01"]),
        (["202312", "202401"], ["2023-12-01", "2024-01-01"]),
        (["2024-05-31T14:00:00+02:00", "2024-05-31T15:00:00.5+02:00"],
         ["2024-05-31T14:00", "2024-05-31T15:00:00.5"]),
        (["2024-03-31T01:00+01:00", "2024-03-31T03:00+02:00"],
         ["2024-03-31T00:00", "2024-03-31T01:00"]),
        (["2024-05-31 14:00Z", "2024-05-31 15:00Z"], ["2024-05-31T14:00", "2024-05-31T15:00"]),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(written, meant):
    found = parse_timestamps(written, "t", str)
    np.testing.assert_array_equal(found, np.array(meant, "datetime64[us]"))


def test_numbers_that_are_not_dates_stay_numbers():
    for texts in (["20231231", "20231232"], ["1", "2.5"], ["190013", "200001"]):
        assert parse_timestamps(texts, "t", str).tolist() == list(map(float, texts))


@pytest.mark.parametrize(
    ("lines", "options", "message"),
    [
        (LINES, {"time": "day"}, r"line 4 of .*a.csv: column 'wind' is missing; 1 row of 3"),
        (LINES, {}, r"line 2 of .*: '2024/05/30 14:00' in 'day' is not a number.*time="),
        (
            ["t,v", "1,1", "3,1", "2,1", "1,1"],
            {"time": "t"},
            r"line 4 of .* has the time 2.0, which is not after 3.0 .*; so it is in 2 rows\. 1 of",
        ),
        (
            ["t,v", "2024-05-30,1", "31/5/2024,1"],
            {"time": "t"},
            r"line 3 of .*: '31/5/2024' in 't' is not a time. Write a number, or year, month",
        ),
        (["t,v", "1,2", "1"], {}, r"line 3: the row has 1 field, the first line names 2 columns"),
        (["v,v", "1,2"], {}, "more than one column named 'v'"),
        (["t,v"], {}, "has no rows below its first line"),
    ],
)
def test_a_mistake_is_named_with_its_line(write, lines, options, message):
    with pytest.raises(DataError, match=message):
        windows(write(*lines), 1, **options)


def test_a_column_that_is_not_there_and_files_that_are_none(write, tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'temp'"):
        windows(write(*LINES), 1, target="tmp", columns=["wind"])
    with pytest.raises(FileError, match="No such file"):
        windows(tmp_path / "none.csv", 1)
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe1")
    with pytest.raises(DataError, match=r"is not in one encoding .* Save it as UTF-8"):
        windows(tmp_path / "a.csv", 1)
    (tmp_path / "a.csv").write_bytes("café\n1\n2\n".encode("cp1252"))
    with pytest.warns(UserWarning, match=r"is not UTF-8 .* read as cp1252"):
        assert windows(tmp_path / "a.csv", 1).features == ("café",)
    with pytest.raises(DataError, match=r"line 2: a quote .* is opened here and not closed"):
        windows(write("a,b", '"1,2'), 1)


def test_formats_are_inferred_and_kept(write):
    path = write(
        "day;price;on sale", "31/05/2024;1.234,5;on", "01/06/2024;999,25;off", "13/06/2024;;off"
    )
    series = from_csv(path, None, "day")
    np.testing.assert_array_equal(series.values, [[1234.5, 1], [999.25, 0], [np.nan, 0]])
    assert series.time[1] == np.datetime64("2024-06-01")
    assert series.formats == {"price": "1.234,5", "on sale": "boolean", "day": "%d/%m/%Y"}
    path = write("day;price;on sale", "01/06/2024;1.234;off", "02/06/2024;2.345;off")
    again = from_csv(path, None, "day", series.formats)
    np.testing.assert_array_equal(again.values, [[1234, 0], [2345, 0]])
    assert again.time[1] == np.datetime64("2024-06-02")
    cut = windows(path, 1, time="day", columns=["price"], formats=series.formats)
    assert cut.y.ravel().tolist() == [2345]


def test_a_format_that_is_ambiguous_is_a_warning(write):
    with pytest.warns(UserWarning, match="01/02/2024 could have the day or the month first"):
        from_csv(write("day,x", "01/02/2024,1", "02/02/2024,2"), None, "day")
    with pytest.warns(UserWarning, match="'x' is read as in 1,234 = 1234; if it is 1.234,"):
        from_csv(write("day;x", "2024-02-01;1,234", "2024-02-02;950"), None, "day")


@pytest.mark.parametrize("form", ["%y/%m/%d", "%d.%m.%y", "%d/%m/%y", "%y-%m-%d"])
def test_years_of_two_figures_are_of_this_century(tmp_path, form):
    days = np.arange("2020-01-06", "2020-03-31", dtype="datetime64[D]")
    rows = "".join(f"{day.astype(object).strftime(form)},{n}\n" for n, day in enumerate(days))
    (tmp_path / "a.csv").write_text("day,x\n" + rows)
    np.testing.assert_array_equal(from_csv(tmp_path / "a.csv", ["x"], "day").time, days)


@pytest.mark.parametrize(
    ("times", "advice"),
    [
        ([1, 3, 2, 4], r"Sort the series by time\.$"),
        ([4, 3, 2, 1], r"so it is in 3 rows\. The rows run backwards in time: sort the series"),
        ([1, 2, 3, 4, 4, 5], r"1 of 5 times repeat: keep one row per time, such as their mean"),
        ([1, 2, 3, 1, 2, 3], r"3 of 3 times repeat, so the rows seem to be those of several ser"),
        ([1, 1, 1, 2, 2, 2], r"2 of 2 times repeat, so .* a file of its own, or sum or average"),
    ],
)
@pytest.mark.parametrize("form", ["{}", "2024-01-{:02}"])
def test_times_that_do_not_increase_are_told_apart(tmp_path, times, advice, form):
    rows = "".join(f"{form.format(time)},{n}\n" for n, time in enumerate(times))
    (tmp_path / "a.csv").write_text("day,x\n" + rows)
    with pytest.raises(DataError, match=advice):
        from_csv(tmp_path / "a.csv", ["x"], "day")


def test_numbers_that_float32_cannot_hold_are_missing_with_a_warning(tmp_path):
    pd = pytest.importorskip("pandas")
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,2\n-1.797693e308,3\ninf,4\n")
    frame = pd.DataFrame({"x": [1, -1.797693e308, np.inf], "y": [2.0, 3.0, 4.0]})
    for read, place in (
        (lambda: from_csv(path, None, None), r"line 3 of .*a\.csv"),
        (lambda: from_frame(frame, None, None), "row 1"),
    ):
        with pytest.warns(UserWarning, match=rf"{place}: 'x' is -1\.797693e\+?308, .* 1 more of"):
            series = read()
        np.testing.assert_array_equal(series.values, [[1, 2], [np.nan, 3], [np.nan, 4]])


def test_times_are_read_alike_from_a_file_and_a_frame(tmp_path):
    pd = pytest.importorskip("pandas")
    path = tmp_path / "a.csv"
    frame = pd.DataFrame({"day": [f"01/{day:02}/2020" for day in range(2, 9)], "x": range(7)})
    frame.to_csv(path, index=False)
    first = np.arange("2020-02", "2020-09", dtype="datetime64[M]").astype("datetime64[us]")
    month_first = np.arange("2020-01-02", "2020-01-09", dtype="datetime64[D]")
    for read, source in (from_csv, path), (from_frame, frame):
        with pytest.warns(UserWarning, match="01/02/2020 could have the day or the month first"):
            series = read(source, ["x"], "day")
        np.testing.assert_array_equal(series.time, first)
        assert series.formats == {"day": "%d/%m/%Y"}
        series = read(source, ["x"], "day", {"day": "%m/%d/%Y"})
        np.testing.assert_array_equal(series.time, month_first)
    examples = windows(frame, 2, time="day", formats={"day": "%m/%d/%Y"})
    np.testing.assert_array_equal(examples.time, month_first)


def test_another_column_proves_that_points_separate_thousands(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("people;rent\n9.795;8,44\n257;14,66\n28.761;7,59\n")
    series = from_csv(path, None, None)
    np.testing.assert_array_equal(series.values, [[9795, 8.44], [257, 14.66], [28761, 7.59]])
    assert series.formats == {"people": "1.234,5", "rent": "1.234,5"}
    for formats in (None, series.formats):
        again = from_csv(path, ["people"], None, formats)
        np.testing.assert_array_equal(again.values[:, 0], [9795, 257, 28761])
    path.write_text("people\n9.795\n257\n28.761\n")
    with pytest.warns(UserWarning, match="'people' is read as in 9.795 = 9.795; if it is 9795"):
        from_csv(path, ["people"], None)
