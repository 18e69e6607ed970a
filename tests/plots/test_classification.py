"""ROC curves and reliability diagrams."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from lampas import plots
from lampas.core.errors import DataError, ShapeError
from lampas.plots.classification import auc, calibration, roc_curve
from lampas.plots.svg import figure_to_html
from tests.scale import examples


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
    assert "<svg" in figure_to_html(figure, "calibration", "c-")


def test_one_bin_is_enough_and_none_is_not():
    assert len(calibration([1.0], [1.0], [0.2], [1.0], [1]).axes) == 2
    with pytest.raises(DataError, match="no predictions"):
        calibration([], [], [], [], [])
    with pytest.raises(ShapeError, match="got 1, 1, 1, 2, 1 values"):
        calibration([1.0], [1.0], [0.2], [1.0, 1.0], [1])


@given(
    cases=st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40),
    scale=st.sampled_from([0.1, 1.0]),
)
@examples(60)
def test_roc_is_that_of_scikit_learn_with_ties(cases, scale):
    y = np.array([True, False, *(true for true, _ in cases)])
    score = np.array([3, 3, *(value for _, value in cases)]) * scale
    alarms, hits, thresholds = roc_curve(y, score)
    expected = sklearn_roc_curve(y, score, drop_intermediate=False)
    for found, other in zip((alarms, hits, thresholds), expected, strict=True):
        np.testing.assert_allclose(found, other)
    assert auc(alarms, hits) == pytest.approx(roc_auc_score(y, score))


def test_roc_figure_shows_curves_areas_chance_and_operating_points():
    y = np.array([0, 0, 1, 1, 1])
    scores = {"good": [0.1, 0.2, 0.3, 0.8, 0.9], "column": np.array([[0.9, 0.2, 0.6, 0.5, 0.1]]).T}
    (ax,) = plots.roc(y, scores, positive="dog").axes
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["good: 1.000", "column: 0.333", "chance: 0.500", "threshold 0.5"]
    rings = [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in ax.lines
        if line.get_marker() == "o" and len(line.get_xdata())
    ]
    # Of the dogs 2, then 1 of 3 are above a half; of the others none, then 1 of 2.
    assert rings == [(0, pytest.approx(2 / 3)), (0.5, pytest.approx(1 / 3))]
    assert "dog" in ax.get_title(loc="left")


def test_roc_of_many_models_tells_their_lines_apart():
    y, score = [0, 1], [0.2, 0.7]
    (ax,) = plots.roc(y, {f"model {i}": score for i in range(12)}).axes
    drawn = [line for line in ax.lines if line.get_label().startswith("model")]
    assert len(drawn) == 12
    assert len({(line.get_color(), line.get_linestyle()) for line in drawn}) == 12


def test_roc_of_what_is_not_two_classes_is_refused():
    with pytest.raises(DataError, match="no scores to draw"):
        plots.roc([0, 1], {})
    with pytest.raises(DataError, match=r"both classes, 0 and 1; got 1\."):
        plots.roc([1, 1], {"a": [0.1, 0.2]})
    with pytest.raises(DataError, match=r"got 0, 1, 2\."):
        plots.roc([0, 1, 2], {"a": [0.1, 0.2, 0.3]})
    with pytest.raises(DataError, match="1 of 2 scores are NaN, the first in row"):
        plots.roc([0, 1], {"a": [0.1, np.nan]})
    with pytest.raises(ShapeError, match=r"scores \(2, 2\) for targets \(2,\)"):
        plots.roc([0, 1], {"a": [[0.9, 0.1], [0.2, 0.8]]})
