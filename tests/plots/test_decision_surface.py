"""Decision surfaces."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.core.errors import DataError, ShapeError
from lampas.plots import decision_surface
from lampas.plots.decision_surface import evaluate_grid

POINTS = np.array([[0.0, 0.0], [1.0, 2.0], [4.0, 1.0]])


def left_or_right(x):
    """Probability of class 1: a sigmoid that crosses 0.5 at x = 1.5."""
    return 1 / (1 + np.exp(-4 * (x[:, 0] - 1.5)))


def both(x):
    p = left_or_right(x)
    return np.stack([1 - p, p], axis=1)


def boundary(ax):
    """The vertices of the line between two classes."""
    lines = [c for c in ax.collections if getattr(c, "levels", None) is not None and not c.filled]
    return np.concatenate([path.vertices for c in lines for path in c.get_paths()])


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


@pytest.mark.parametrize("predict", [left_or_right, lambda x: left_or_right(x)[:, None], both])
def test_the_line_is_where_the_probability_is_one_half(predict):
    (ax,) = decision_surface(predict, POINTS, [0, 0, 1], ["left", "right"]).axes
    np.testing.assert_allclose(boundary(ax)[:, 0], 1.5, atol=0.02)


def test_the_points_lie_where_they_are_under_their_names():
    figure = decision_surface(both, POINTS, np.array([[0], [0], [1]]), ["left", "$r$"])
    clouds = {c.get_label(): c.get_offsets().tolist() for c in figure.axes[0].collections}
    assert clouds["left"] == POINTS[:2].tolist()
    assert clouds["$r$"] == POINTS[2:].tolist()
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["left", "$r$"]


def test_predict_is_asked_once_in_float32_over_the_extent():
    asked = []

    def predict(x):
        asked.append(x)
        return np.full(len(x), 0.5)

    evaluate_grid(predict, (-1, 2, 3, 5), 2)
    (plane,) = asked
    assert plane.dtype == np.float32
    assert plane.shape[1] == 2
    assert (plane.min(axis=0).tolist(), plane.max(axis=0).tolist()) == ([-1, 3], [2, 5])


def test_one_probability_is_that_of_class_one():
    extent = (0, 3, 0, 1)
    for predict in (left_or_right, both):
        grid = evaluate_grid(predict, extent, 2)
        np.testing.assert_allclose(
            grid.probabilities[0, :, 1], left_or_right(grid.x[:, None]), atol=1e-6
        )
        assert grid.margin(1)[0, 0] < 0 < grid.margin(1)[0, -1]


def test_three_classes_meet_on_three_lines():
    def nearest(x):
        distance = np.linalg.norm(x[:, None] - POINTS[None], axis=-1)
        weight = np.exp(-3 * distance)
        return weight / weight.sum(axis=1, keepdims=True)

    (ax,) = decision_surface(nearest, POINTS, [0, 1, 2], ["a", "b", "c"]).axes
    away = np.sort(np.linalg.norm(boundary(ax)[:, None] - POINTS[None], axis=-1), axis=1)
    # Every vertex is as far from the nearest point as from the next.
    np.testing.assert_allclose(away[:, 0], away[:, 1], atol=0.03)


def test_an_extent_can_be_given_and_a_constant_has_no_line():
    always = lambda x: np.ones(len(x))  # noqa: E731
    (ax,) = decision_surface(always, POINTS, [0, 1, 1], ["a", "b"], (-9, 9, -8, 8)).axes
    assert (*ax.get_xlim(), *ax.get_ylim()) == (-9, 9, -8, 8)
    assert not [c for c in ax.collections if hasattr(c, "filled") and not c.filled]


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.zeros((1, 2))])
def test_few_points_still_make_a_plane(points):
    figure = decision_surface(left_or_right, points, np.zeros(len(points)), ["a", "b"])
    figure.draw_without_rendering()


def test_wrong_shapes_say_what_met():
    with pytest.raises(ShapeError, match=r"\(3, 3\) and \(3,\)"):
        decision_surface(both, np.zeros((3, 3)), [0, 1, 1], ["a", "b"])
    with pytest.raises(ShapeError, match=r"returned \(\d+, 2\); 3 classes need"):
        decision_surface(both, POINTS, [0, 1, 1], ["a", "b", "c"])
    with pytest.raises(DataError, match=r"classes 0\.\.2, but the 2 names"):
        decision_surface(both, POINTS, [0, 1, 2], ["a", "b"])
