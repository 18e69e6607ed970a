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
