"""Estimates with intervals."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.core.errors import DataError
from lampas.plots.intervals import intervals


def texts(figure):
    figure.draw_without_rendering()
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_methods_stand_beneath_each_other_with_their_numbers():
    figure = intervals(
        {
            "the network": (0.942, 0.9, 0.98),
            "a method with a very long name indeed": (0.5, 0.5, 0.5),
        },
        "accuracy",
        percent=True,
    )
    (ax,) = figure.axes
    assert texts(figure) == ["94.2%", "50.0%"]
    assert ax.get_xlabel() == "accuracy in percent"
    assert ax.lines[0].get_xdata().tolist() == pytest.approx([90, 98])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "the network"
    assert names[1].endswith("…")
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top
    many = intervals({f"{n}": (12345.6 * n, 10, 15) for n in range(7)}, "RMSE")
    assert texts(many)[:3] == ["0", "12,300", "24,700"]


@pytest.mark.parametrize("found", [{}, {"one": (1, np.nan, 2)}])
def test_intervals_that_cannot_be_drawn(found):
    with pytest.raises(DataError, match="three finite numbers"):
        intervals(found, "RMSE")
