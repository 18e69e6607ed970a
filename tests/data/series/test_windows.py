"""Windows against loops in Python; and nothing of the future reaches training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas import ArgumentError, DataError, UnknownNameError
from lampas.data.series import windows
from lampas.layers.preprocessing.normalization import Normalization
from tests.scale import examples

LINE = np.arange(20.0)
TABLE = np.stack([LINE, 10 * LINE, 100 * LINE], 1)

sizes = st.fixed_dictionaries(
    {
        "length": st.integers(1, 8),
        "horizon": st.integers(1, 5),
        "stride": st.integers(1, 4),
    }
)


@given(sizes, st.integers(14, 40))
@examples(40)
def test_windows_are_what_a_loop_cuts(size, rows):
    values = np.arange(2.0 * rows).reshape(rows, 2)
    cut = windows(values, **size)
    length, horizon, stride = (size[name] for name in ("length", "horizon", "stride"))
    starts = range(0, rows - length - horizon + 1, stride)
    np.testing.assert_array_equal(cut.x, [values[s : s + length] for s in starts])
    np.testing.assert_array_equal(
        cut.y, [values[s + length : s + length + horizon] for s in starts]
    )
    np.testing.assert_array_equal(values[cut.steps], cut.y)
    assert len(cut) == len(starts)


@given(sizes, st.integers(60, 90), st.integers(0, 99))
@examples(30)
def test_training_sees_nothing_of_the_future(size, rows, seed):
    values = np.random.default_rng(seed).standard_normal(rows)
    parts = windows(values, **size).split(validation=0.3, test=0.3)
    targets = [set(part.steps.ravel().tolist()) for part in parts]
    for number, part in enumerate(parts[1:], 1):
        seen = range(int(parts[number - 1].steps.max()) + 1)
        assert not targets[number] & set(seen)
        assert len(part) == len(part.x) == len(part.y)
    looked = {row for s in parts[0].starts for row in range(s, s + size["length"])}
    assert max(looked) < min(targets[1])

    first_unseen = int(parts[0].steps.max()) + 1
    changed = values.copy()
    changed[first_unseen:] += 1e3 * (1 + np.arange(rows - first_unseen))
    again = windows(changed, **size).split(validation=0.3, test=0.3)[0]
    assert again.x.tobytes() == parts[0].x.tobytes()
    assert again.y.tobytes() == parts[0].y.tobytes()
    scales = [Normalization(None), Normalization(None)]
    for scale, part in zip(scales, (parts[0], again), strict=True):
        scale.adapt(part.x)
    assert repr(scales[0]) == repr(scales[1])


def test_parts_lie_side_by_side_and_later_ones_look_back():
    train, validation, test = windows(LINE, 4, 2).split(0.2, 0.2)
    assert (train.steps.min(), train.steps.max()) == (4, 11)
    assert (validation.steps.min(), validation.steps.max()) == (12, 15)
    assert (test.steps.min(), test.steps.max()) == (16, 19)
    assert validation.x[0].ravel().tolist() == [8, 9, 10, 11]
    assert len(windows(LINE, 4).split(0.25)) == 2


def test_nothing_is_copied():
    cut = windows(TABLE, 4, 2)
    for part in (cut, *cut.split(0.2, 0.2), windows(TABLE, 4, 2, 3)):
        assert np.shares_memory(part.x, TABLE)
        assert np.shares_memory(part.y, TABLE)
    assert windows([1, 2, 3], 1).x.dtype == np.float32


def test_one_column_forecast_is_as_dense_gives_it():
    assert windows(LINE, 4, 3).y.shape == (14, 3)
    assert windows(LINE[:, None], 4, 3).y.shape == (14, 3, 1)
    cut = windows(TABLE, 4, 3, columns=[2, 0], target=1)
    assert cut.y[0].tolist() == [40, 50, 60]
    assert cut.x[0, 1].tolist() == [100, 1]
    assert windows(TABLE, 4, 3, target=[1]).y.shape == (14, 3, 1)
    assert repr(cut) == "Windows(14: 4 steps of 2 features -> 3 steps of 1 target)"


def test_frames_are_read_by_name_and_their_dates_are_kept():
    days = pd.date_range("2024-01-01", periods=20)
    frame = pd.DataFrame({"wind": LINE, "sun": 2 * LINE}, index=days)
    cut = windows(frame, 3, columns=["sun"], target="wind")
    assert cut.x[0].ravel().tolist() == [0, 2, 4]
    assert cut.y[0].tolist() == [3]
    assert cut.time[cut.steps[0, 0]] == np.datetime64("2024-01-04")
    by_column = frame.assign(day=days.astype(str)).reset_index(drop=True)
    np.testing.assert_array_equal(windows(by_column, 3, time="day").time, cut.time)
    assert windows(frame["wind"], 3).features == ("wind",)
    with pytest.raises(UnknownNameError, match="Did you mean 'wind'"):
        windows(frame, 3, target="wnd")
    with pytest.raises(DataError, match=r"'day' does not hold numbers.*time="):
        windows(by_column, 3)
    with pytest.raises(DataError, match=r"row 1 has the time 2024-01-19T00:00:00, which is not af"):
        windows(by_column[::-1], 3, time="day")


@pytest.fixture
def gappy():
    values = TABLE.copy()
    values[7:9, 1] = np.nan
    return values


def test_a_gap_is_named(gappy):
    with pytest.raises(
        DataError, match=r"row 7: column 1 is missing; 2 rows of 20 have such a gap"
    ):
        windows(gappy, 4)
    assert len(windows(gappy, 4, columns=[0, 2])) == 16
    gappy[3, 0] = np.inf
    with pytest.raises(DataError, match="row 3: column 0 is inf"):
        windows(gappy, 4, gaps="drop")


def test_gaps_are_filled_from_the_past_alone(gappy):
    cut = windows(gappy, 4, gaps="fill")
    assert cut.inputs[6:10, 1].tolist() == [60, 60, 60, 90]
    assert np.isnan(gappy[7, 1])
    gappy[:2, 2] = np.nan
    with pytest.raises(DataError, match=r"column 2 begins with a gap.*cut off the first 2 rows"):
        windows(gappy, 4, gaps="fill")


def test_windows_that_touch_a_gap_are_left_out(gappy):
    cut = windows(gappy, 4, 2, gaps="drop")
    assert cut.starts.tolist() == [0, 1, *range(9, 15)]
    np.testing.assert_array_equal(cut.x[2], TABLE[9:13])
    assert np.isfinite(cut.x).all()
    with pytest.raises(DataError, match=r"each of the 4 windows .* the 2 rows with a gap"):
        windows(gappy[5:], 10, 2, gaps="drop")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"series": LINE, "length": 20}, r"has 20 rows; one window needs 21: length 20 \+ horizon"),
        ({"series": LINE, "length": 0}, "length must be 1 step or more, got 0"),
        ({"series": LINE, "length": 3, "stride": 1.5}, "stride must be 1 step or more, got 1.5"),
        ({"series": LINE, "length": 3, "gaps": "interpolate"}, "Known: drop, fill, raise"),
        ({"series": LINE, "length": 3, "time": "day"}, "'day' names a column of a frame"),
        ({"series": TABLE, "length": 3, "columns": [0, 0]}, r"each once, got \[0, 0\]"),
        ({"series": TABLE, "length": 3, "target": 7}, "Unknown column 7"),
        ({"series": TABLE[None], "length": 3}, r"got \(1, 20, 3\)"),
        ({"series": ["a", "b"], "length": 1}, "made of numbers, got .* Leave out columns"),
    ],
)
def test_what_cannot_be_cut_is_reported(arguments, message):
    with pytest.raises((ArgumentError, DataError), match=message):
        windows(**arguments)


def test_shares_must_be_possible():
    cut = windows(LINE, 4, 2)
    for shares in ((0, 0), (0.6, 0.5), (-0.2, 0)):
        with pytest.raises(ArgumentError, match="shares of the splits must be between 0 and 1"):
            cut.split(*shares)
    for share, rows in ((0.05, "1 row from row 19"), (0.001, "0 rows from row 20")):
        with pytest.raises(DataError, match=f"the test split, {rows} on, has no window of 4"):
            cut.split(0.2, share)


def test_times_with_a_zone_are_compared_in_utc():
    frame = pd.DataFrame({"v": LINE[:3], "t": ["2024-01-01T01:00+02:00", "2024-01-01", "2024-02"]})
    cut = windows(frame, 1, time="t")
    assert cut.time[0] == np.datetime64("2023-12-31T23:00")
    frame.index = pd.date_range("2024-01-01", periods=3, tz="Europe/Athens")
    assert windows(frame[["v"]], 1).time[0] == np.datetime64("2023-12-31T22:00")
    with pytest.raises(DataError, match="the frame has two columns named 'v'"):
        windows(frame[["v", "v"]], 1)
