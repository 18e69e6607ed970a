"""Dates as people write them."""

import datetime

import numpy as np
import pytest

from lampas import DataError
from lampas.parsing.dates import (
    date_format,
    date_warning,
    parse_dates,
    parse_timestamps,
    swapped_format,
)

pytest.importorskip("pandas", reason="dates are parsed by pandas")


@pytest.mark.parametrize(
    ("form", "other"),
    [("%d.%m.%Y", None), ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"), ("%b %d %Y", None)],
)
def test_dates_are_read_back(form, other):
    days = [datetime.datetime(2020, 1, 1) + datetime.timedelta(days=n) for n in range(0, 90, 7)]
    words = [day.strftime(form) for day in days]
    assert date_format(words) == form
    assert parse_dates(words, form).tolist() == days
    assert swapped_format(words, form) is None
    early = [day.strftime(form) for day in days if day.day <= 12]
    assert swapped_format(early, form) == other


def test_times_with_a_zone_become_utc():
    (time,) = parse_dates(["2020-01-02T10:00:00+02:00"])
    assert time == np.datetime64("2020-01-02T08:00")
    assert (
        date_format(["2020-13-01"])
        is date_format(["hello 2020 x"])
        is date_format(["1.2.3"])
        is None
    )


def test_day_and_month_are_exchanged_only_with_a_warning():
    words = ["01/02/2020", "03/02/2020"]
    assert "could have the day or the month first" in date_warning("day", words, "%d/%m/%Y")
    assert date_warning("day", ["13/02/2020"], "%d/%m/%Y") == ""
    assert date_warning("day", ["2020-02-01"], "ISO8601") == ""


def test_a_given_format_is_used_for_timestamps():
    words = ["01/02/2020", "03/02/2020"]
    for format, month in ((None, 2), ("%d/%m/%Y", 2), ("%m/%d/%Y", 1)):
        times = parse_timestamps(words, "t", "row {}".format, format)
        assert times[0].astype("datetime64[M]") == np.datetime64(f"2020-{month:02}")
    assert parse_timestamps(["1", "2"], "t", "row {}".format, "").tolist() == [1, 2]
    for wrong in ("", "soon", "NaT", "2020-13-01"):
        with pytest.raises(DataError, match=r"row 1: .* in 't' is not a time"):
            parse_timestamps(["2020-01-01", wrong], "t", "row {}".format)


@pytest.mark.parametrize(
    ("words", "form", "times"),
    [
        (["Jan 1 2000", "Jun 12 1998"], "%b %d %Y", ["2000-01-01", "1998-06-12"]),
        (["January 1, 2000", "Sept. 3rd, 2001"], "%b %d %Y", ["2000-01-01", "2001-09-03"]),
        (["1. März 2020", "12. Dez. 2021"], "%d %b %Y", ["2020-03-01", "2021-12-12"]),
        (["Friday, 31 Jan 2020", "Sat, 1 Feb 2020"], "%d %b %Y", ["2020-01-31", "2020-02-01"]),
        (["01JAN2000", "31dec2001"], "%d%b%Y", ["2000-01-01", "2001-12-31"]),
        (["Jan-20", "Feb-21"], "%b-%y", ["2020-01-01", "2021-02-01"]),
        (["Mar 2020", "May 2021"], "%b %Y", ["2020-03-01", "2021-05-01"]),
        (
            ["01/31/2024 01:15 PM", "2/1/2024 12:05 a.m."],
            "%m/%d/%Y %I:%M %p",
            ["2024-01-31T13:15", "2024-02-01T00:05"],
        ),
        (["2024-01-31 1:15\u202fPM"], "%Y-%m-%d %I:%M %p", ["2024-01-31T13:15"]),
        (
            ["20/01/06", "20/01/07", "20/02/01"],
            "%y/%m/%d",
            ["2020-01-06", "2020-01-07", "2020-02-01"],
        ),
        (["06/01/20", "31/01/20"], "%d/%m/%y", ["2020-01-06", "2020-01-31"]),
        (["2020-W05", "2020-W06"], "ISO8601", ["2020-01-27", "2020-02-03"]),
        (["2020-Q1", "Q3 2020"], "ISO8601", ["2020-01-01", "2020-07-01"]),
        (["31.01.2024", "2024-02-01"], "%d.%m.%Y", ["2024-01-31", "2024-02-01"]),
        (["31.01.2024", "01.02.2024, 10:00"], "%d.%m.%Y", ["2024-01-31", "2024-02-01T10:00"]),
        (["31.01.2024 10:00 +02:00"], "%d.%m.%Y %H:%M", ["2024-01-31T08:00"]),
        (
            ["2024-01-31 14:00 UTC", "2024-01-31T14:00-05"],
            "ISO8601",
            ["2024-01-31T14", "2024-01-31T19"],
        ),
    ],
)
def test_dates_as_people_write_them(words, form, times):
    """The times are those that the words name; of a week and a quarter the first day."""
    assert date_format(words) == form
    np.testing.assert_array_equal(parse_dates(words, form), np.array(times, "datetime64[us]"))


@pytest.mark.parametrize(
    "words",
    [
        *(["2024-01-31", "31/01/2024", "01-31-2024"], ["10:00", "11:00"], ["192.168.0.1"]),
        *(["555-123-4567"], ["May 5", "June 7"], ["March", "April"], ["2024-02-30"], ["12-34-56"]),
    ],
)
def test_what_is_not_a_date_in_one_format_is_refused(words):
    assert date_format(words) is None


def test_a_year_that_may_be_of_another_century_is_reported():
    message = date_warning("born", ["31.01.55", "01.02.84"], "%d.%m.%y")
    assert message == (
        "'born': 31.01.55 is read as 2055-01-31. Write years with four digits if that is the "
        "wrong century."
    )
    assert date_warning("born", ["31.01.84"], "%d.%m.%y") == ""


def test_two_figure_years_are_not_those_of_antiquity():
    times = parse_timestamps(["20/01/06", "20/01/07"], "t", "row {}".format)
    np.testing.assert_array_equal(times, np.array(["2020-01-06", "2020-01-07"], "datetime64[us]"))
