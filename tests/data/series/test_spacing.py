"""The frequency of a series, its gaps, and the times that follow."""

import numpy as np
import pytest

from lampas.data.series.spacing import (
    Frequency,
    count_gaps,
    format_time,
    future_times,
    infer_frequency,
)


def times(first, step, number, unit):
    return np.datetime64(first, unit) + np.arange(number) * np.timedelta64(step, unit)


@pytest.mark.parametrize(
    ("given", "shown", "calendar", "after"),
    [
        (times("2024-02-27", 1, 3, "D"), "a day", (7,), ["2024-03-01", "2024-03-02"]),
        (times("2024-01", 1, 3, "M"), "a month", (12,), ["2024-04-01", "2024-05-01"]),
        (times("2024-01", 3, 3, "M"), "a quarter", (4,), ["2024-10-01", "2025-01-01"]),
        (
            times("2024-05-31T22", 1, 2, "h"),
            "an hour",
            (24, 168),
            ["2024-06-01", "2024-06-01 01:00"],
        ),
        (times("2024-05-31", 7, 3, "D"), "a week", (52,), ["2024-06-21", "2024-06-28"]),
        (times("2024-01-03", 28, 30, "D"), "28 days", (), ["2026-04-22", "2026-05-20"]),
        (
            times("2024-01-01T00:00:00.0", 100, 31, "ms"),
            "0.1 seconds",
            (),
            ["2024-01-01 00:00:03.1", "2024-01-01 00:00:03.2"],
        ),
        (
            times("2024-01-01T00:00", 15, 9, "m"),
            "15 minutes",
            (96, 672),
            ["2024-01-01 02:15", "2024-01-01 02:30"],
        ),
        (np.array([1700.0, 1701.0, 1702.0]), "1", (), ["1703", "1704"]),
        (1577836800123 + 500.0 * np.arange(3), "500", (), ["1577836801623", "1577836802123"]),
        (np.array([0.1, 0.2, 0.3]), "0.1", (), ["0.4", "0.5"]),
    ],
)
def test_the_times_that_follow(given, shown, calendar, after):
    if given.dtype.kind == "M":
        given = given.astype("datetime64[us]")
    apart = infer_frequency(given)
    assert (str(apart), apart.calendar) == (shown, calendar)
    assert future_times(given[-1], apart, 2) == after


def test_ends_of_months_follow_each_other():
    last = np.datetime64("2024-01-31", "us")
    assert future_times(last, Frequency("months", 1), 3) == [
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]
    last = np.datetime64("2024-01-30", "us")
    assert future_times(last, Frequency("months", 1), 2) == ["2024-02-29", "2024-03-30"]


def test_working_days_follow_each_other():
    days = np.busday_offset("2024-01-01", np.arange(60)).astype("datetime64[us]")
    apart = infer_frequency(days)
    assert (str(apart), apart.calendar) == ("a working day", (5,))
    assert count_gaps(days, apart) == 0
    assert count_gaps(np.delete(days, [7, 8, 30]), apart) == 2
    # A Friday, a Saturday that somebody asks after, and the hour of a closing price.
    for last in ("2024-03-29", "2024-03-30"):
        assert future_times(np.datetime64(last, "us"), apart, 2) == ["2024-04-01", "2024-04-02"]
    assert future_times(np.datetime64("2024-03-29T17:30", "us"), apart, 1) == ["2024-04-01 17:30"]
    assert infer_frequency(np.append(days, days[-1] + np.timedelta64(1, "D"))) is None


def test_rows_that_are_not_evenly_apart_have_no_times_that_follow():
    uneven = np.array([0, 1, 5, 6, 20])
    assert infer_frequency(uneven) is None
    assert future_times(20, None, 3) == []
    assert format_time(np.datetime64("2024-05-31T14:05:00", "us")) == "2024-05-31 14:05"
