"""Residuals and fits of a function."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.core.errors import DataError, ShapeError
from lampas.plots import fit_against_truth
from lampas.plots.regression import predicted_against_true, residuals


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_fit_is_drawn_from_left_to_right_with_its_error():
    x = np.array([[2.0], [0.0], [1.0]])
    above, below = fit_against_truth(x, x**2, x**2 + [[0.5], [0.0], [-1.0]], label="net").axes
    assert lines(above)["truth"].get_xdata().tolist() == [0, 1, 2]
    assert lines(above)["truth"].get_ydata().tolist() == [0, 1, 4]
    assert lines(above)["net"].get_ydata().tolist() == [0, 0, 4.5]
    assert below.lines[-1].get_ydata().tolist() == [0, -1, 0.5]
    assert below.get_title("right") == "largest 1, root mean square 0.645"


def test_samples_are_shown():
    figure = fit_against_truth([0, 1], [0, 1], [0, 1], samples=([0.2, 0.4], [0.1, 0.6]))
    (cloud,) = figure.axes[0].collections
    assert cloud.get_offsets().tolist() == [[0.2, 0.1], [0.4, 0.6]]


def test_nan_predictions_leave_the_error_of_the_rest():
    figure = fit_against_truth([0, 1, 2], [0, 0, 0], [np.nan, 1, 1])
    assert figure.axes[1].get_title("right") == "largest 1, root mean square 1"
    figure.draw_without_rendering()


def test_fit_needs_as_many_values_each():
    with pytest.raises(ShapeError, match=r"\(2,\), \(3,\), \(2,\)"):
        fit_against_truth([0, 1], [0, 1, 2], [0, 1])


def test_residuals_are_what_is_left():
    truth, said = np.array([1.0, 2, 3]), np.array([1.5, 2, 2])
    left, right = residuals(truth, said, "$ paid").axes
    assert left.collections[0].get_offsets().tolist() == [[1.5, 0.5], [2, 0], [2, -1]]
    assert sum(bar.get_width() for bar in right.patches) == 3
    assert right.get_title(loc="left") == "mean −0.167"
    (ax,) = predicted_against_true(truth, said, "$ paid").axes
    assert ax.collections[0].get_offsets().tolist() == [[1, 1.5], [2, 2], [3, 2]]
    assert ax.get_xlabel() == "$ paid, true"


@pytest.mark.parametrize("draw", [predicted_against_true, residuals])
def test_values_that_cannot_be_drawn(draw):
    assert draw([2.0], [2.0], "one").axes
    with pytest.raises(ShapeError, match="Each true value"):
        draw(np.zeros(3), np.zeros(2), "y")
    with pytest.raises(ShapeError, match="needs one prediction"):
        draw(np.zeros((3, 1)), np.zeros((3, 1)), "y")
    for values in ([], [np.nan]):
        with pytest.raises(DataError, match="no example to draw, or a value is not finite"):
            draw(values, values, "y")
