"""Forecasts beneath each other, and errors by horizon."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.core.errors import DataError, ShapeError
from lampas.plots.forecast import error_by_horizon, forecast


def test_each_forecast_has_a_panel_with_its_error():
    figure = forecast([1, 2, 3], [4, 5], {"a": [4, 5], "b": [[5], [8]]}, "metres")
    above, below = figure.axes
    assert [ax.get_title("left") for ax in figure.axes] == ["a", "b"]
    assert above.get_title("right") == "root mean square error 0"
    assert below.get_title("right") == "root mean square error 2.24"
    known, true, said = below.lines[:3]
    assert (known.get_xdata().tolist(), known.get_ydata().tolist()) == ([-2, -1, 0], [1, 2, 3])
    assert (true.get_xdata().tolist(), true.get_ydata().tolist()) == ([1, 2], [4, 5])
    assert said.get_ydata().tolist() == [5, 8]
    assert above.get_ylim() == below.get_ylim()
    assert [t.get_text() for t in figure.legends[0].get_texts()] == [*("past", "true", "forecast")]
    figure.draw_without_rendering()


def test_a_forecast_that_runs_away_does_not_flatten_the_rest():
    figure = forecast([0, 1], [0, 1], {"wild": [1e6, -1e9]})
    assert max(np.abs(figure.axes[0].get_ylim())) < 2


def test_forecasts_need_as_many_steps_as_the_truth():
    with pytest.raises(ShapeError, match=r"'a' has shape \(3,\), the truth \(2,\)"):
        forecast([1], [1, 2], {"a": [1, 2, 3]})
    for truth, said in (([], {"a": []}), ([1], {})):
        with pytest.raises(DataError, match="no forecast to draw"):
            forecast([1], truth, said)


def test_errors_are_drawn_from_the_first_step_on():
    figure = error_by_horizon(
        {"net": [0.1, 0.2, 0.3], "line": [0.2, 0.4, 0.8], "wild": [1, 50, 1e5]}
    )
    (ax,) = figure.axes
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert ax.lines[1].get_ydata().tolist() == [0.2, 0.4, 0.8]
    assert ax.get_ylim() == (0, pytest.approx(1.05 * 5 * 0.8))
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["net", "line", "wild"]
    error_by_horizon({"alone": [0.5]}).draw_without_rendering()


def test_errors_must_be_there_and_as_many():
    with pytest.raises(DataError, match="no error to draw"):
        error_by_horizon({})
    with pytest.raises(ShapeError, match="a 2, b 1"):
        error_by_horizon({"a": [1, 2], "b": [1]})
