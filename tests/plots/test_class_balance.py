"""Class counts as bars."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lampas import plots
from lampas.core.errors import DataError
from lampas.plots.class_balance import describe_balance
from lampas.plots.colors import rgb
from lampas.plots.style import SEA


def bars(ax):
    return [(round(bar.get_x()), round(bar.get_width())) for bar in ax.patches]


def test_class_counts_are_bars_with_their_shares():
    (ax,) = plots.class_balance({"cat": 30, "dog": 10}).axes
    assert bars(ax) == [(0, 30), (0, 10)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog"]
    assert [text.get_text() for text in ax.texts] == ["30 (75%)", "10 (25%)"]
    assert ax.patches[0].get_facecolor()[:3] == pytest.approx(tuple(rgb(SEA) / 255))
    top, bottom = (bar.get_y() for bar in ax.patches)
    assert ax.transData.transform((0, top))[1] > ax.transData.transform((0, bottom))[1]


def test_splits_are_stacked_and_may_lack_a_class():
    figure = plots.class_balance({"train": {"cat": 8, "dog": 6}, "test": {"dog": 2, "owl": 1}})
    (ax,) = figure.axes
    assert bars(ax) == [(0, 8), (0, 6), (0, 0), (8, 0), (6, 2), (0, 1)]
    assert [text.get_text() for text in ax.texts] == ["8 (47%)", "8 (47%)", "1 (6%)"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["train", "test"]


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 26, 100, 1000])
def test_any_number_of_classes_keeps_to_the_page(count):
    figure = plots.class_balance({f"class {i}": i + 1 for i in range(count)})
    figure.draw_without_rendering()
    (ax,) = figure.axes
    assert figure.get_figheight() < 8
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(above.y0 >= below.y1 - 1.5 for above, below in itertools.pairwise(names))


def test_the_balance_is_put_in_words():
    assert describe_balance(np.array([10, 40])).endswith(
        "the largest class is 4 times the smallest"
    )
    assert describe_balance(np.array([7, 7])) == "2 classes, 14 examples: all of equal size"
    assert describe_balance(np.array([7, 0, 0])) == "3 classes, 7 examples; 2 without examples"


def test_counts_of_nothing_and_below_nothing_are_refused():
    with pytest.raises(DataError, match="no class"):
        plots.class_balance({})
    with pytest.raises(DataError, match="class 'dog' has a count of -1"):
        plots.class_balance({"cat": 2, "dog": -1})
