"""Figures on how good answers are: calibration, intervals, residuals."""

import numpy as np
import pytest

from lampas.core.errors import DataError, ShapeError
from lampas.plots.classification import calibration
from lampas.plots.intervals import intervals
from lampas.plots.regression import predicted_against_true, residuals
from lampas.plots.svg import embed


def texts(figure):
    figure.draw_without_rendering()
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_a_reliability_diagram_has_a_dot_a_whisker_and_a_bar_for_each_bin():
    figure = calibration([0.55, 0.95], [0.5, 0.9], [0.3, 0.8], [0.7, 0.97], [12, 1234])
    above, below = figure.axes
    assert above.lines[1].get_xydata().tolist() == [[0.55, 0.5], [0.95, 0.9]]
    ends = [segment[:, 1].tolist() for segment in above.collections[0].get_segments()]
    assert ends == [[0.3, 0.7], [0.8, 0.97]]
    assert [bar.get_height() for bar in below.patches] == [12, 1234]
    assert texts(figure) == ["12", "1,234"]
    assert "<svg" in embed(figure, "calibration", "c-")


def test_one_bin_is_enough_and_none_is_not():
    assert len(calibration([1.0], [1.0], [0.2], [1.0], [1]).axes) == 2
    with pytest.raises(DataError, match="no answer"):
        calibration([], [], [], [], [])
    with pytest.raises(ShapeError, match="got 1, 1, 1, 2, 1 values"):
        calibration([1.0], [1.0], [0.2], [1.0, 1.0], [1])


def test_methods_stand_beneath_each_other_with_their_numbers():
    figure = intervals(
        {
            "the network": (0.942, 0.9, 0.98),
            "a method with a very long name indeed": (0.5, 0.5, 0.5),
        },
        "accuracy",
        share=True,
    )
    (ax,) = figure.axes
    assert texts(figure) == ["94.2%", "50.0%"]
    assert ax.get_xlabel() == "accuracy, in per cent"
    assert ax.lines[0].get_xdata().tolist() == pytest.approx([90, 98])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "the network"
    assert names[1].endswith("…")
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top
    many = intervals({f"{n}": (12345.6 * n, 10, 15) for n in range(7)}, "RMSE")
    assert texts(many)[:3] == ["0", "12,300", "24,700"]


@pytest.mark.parametrize("found", [{}, {"one": (1, np.nan, 2)}])
def test_intervals_that_can_not_be_drawn(found):
    with pytest.raises(DataError, match="three finite numbers"):
        intervals(found, "RMSE")


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
def test_values_that_can_not_be_drawn(draw):
    assert draw([2.0], [2.0], "one").axes
    with pytest.raises(ShapeError, match="A value"):
        draw(np.zeros(3), np.zeros(2), "y")
    with pytest.raises(ShapeError, match="for each truth"):
        draw(np.zeros((3, 1)), np.zeros((3, 1)), "y")
    for values in ([], [np.nan]):
        with pytest.raises(DataError, match="no example to draw, or a value is not finite"):
            draw(values, values, "y")
