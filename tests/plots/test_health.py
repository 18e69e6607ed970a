"""Measurements of training by layer, and gradients through time."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import DataError, plots
from lampas.plots.health import health


def test_draws_a_line_a_layer_up_to_the_last_step() -> None:
    norms = {"lstm": np.array([0.0, 1.0, 2.0]), "gru": np.array([1.0, 10.0])}
    (ax,) = plots.gradient_through_time(norms).axes
    first, second = ax.lines
    np.testing.assert_array_equal(first.get_xdata(), [-2, -1, 0])
    np.testing.assert_array_equal(first.get_ydata(), [np.nan, 1.0, 2.0])
    np.testing.assert_array_equal(second.get_xdata(), [-1, 0])
    assert ax.get_yscale() == "log"


@pytest.mark.parametrize("norms", [{}, {"lstm": []}])
def test_no_gradient_is_an_error(norms: dict[str, list[float]]) -> None:
    with pytest.raises(DataError, match="no gradient to draw"):
        plots.gradient_through_time(norms)


STEPS = [1, 5, 9]


SIZES = {"a": [1.0, 2.0, 3.0], "b": [0.5, 0.5, 0.5]}


KERNELS = {"a/kernel": [1e-2, 0.0, 1e-4], "a/recurrent_kernel": [1e-3] * 3, "b/kernel": [1e-5] * 3}


def test_a_panel_for_each_quantity_and_a_line_for_each_layer() -> None:
    figure = health(STEPS, SIZES, KERNELS, KERNELS, {"a": [0.0, 0.5, 1.0]})
    panels = {ax.get_title(loc="left"): ax for ax in figure.axes}
    assert list(panels) == [
        "size of outputs", "gradient / weight", "update / weight", "dead or saturated",
    ]  # fmt: skip
    first, second = panels["size of outputs"].lines
    np.testing.assert_array_equal(first.get_xdata(), STEPS)
    np.testing.assert_array_equal(second.get_ydata(), SIZES["b"])
    kernel, recurrent, other = panels["gradient / weight"].lines
    np.testing.assert_array_equal(kernel.get_ydata(), [1e-2, np.nan, 1e-4])
    assert kernel.get_color() == recurrent.get_color() == first.get_color()
    assert other.get_color() == second.get_color() != first.get_color()
    assert recurrent.get_linestyle() == "--" != kernel.get_linestyle()
    assert panels["update / weight"].get_yscale() == "log"
    assert len(panels["update / weight"].lines) == 4  # the usual ratio, too
    assert panels["dead or saturated"].get_yscale() == "linear"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


@pytest.mark.long
def test_without_silent_layers_there_is_no_panel_for_them() -> None:
    figure = health([3], {"a": [1.0]}, {"a/kernel": [0.0]}, {"a/kernel": [np.nan]})
    assert len(figure.axes) == 3


def test_of_many_layers_some_are_named_from_the_first_to_the_last() -> None:
    many = {f"layer_{i}": [1.0] for i in range(40)}
    named = [text.get_text() for text in health([1], many, {}, {}).legends[0].get_texts()]
    assert len(named) == 12
    assert (named[0], named[-1]) == ("layer_0", "layer_39")


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(DataError, match="no measurements"):
        health([], {}, {}, {})
    with pytest.raises(DataError, match="size of outputs of a has 2 values for 1 steps"):
        health([1], {"a": [1.0, 2.0]}, {}, {})
