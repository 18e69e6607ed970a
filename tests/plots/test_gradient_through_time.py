from __future__ import annotations

import numpy as np
import pytest

from lampas import DataError, plots


def test_draws_a_line_a_layer_up_to_the_last_step() -> None:
    norms = {"lstm": np.array([0.0, 1.0, 2.0]), "gru": np.array([1.0, 10.0])}
    (ax,) = plots.gradient_through_time(norms).axes
    first, second = ax.lines
    np.testing.assert_array_equal(first.get_xdata(), [-2, -1, 0])
    np.testing.assert_array_equal(first.get_ydata(), [np.nan, 1.0, 2.0])
    np.testing.assert_array_equal(second.get_xdata(), [-1, 0])
    assert ax.get_yscale() == "log"


@pytest.mark.parametrize("norms", [{}, {"lstm": []}])
def test_nothing_to_draw_is_an_error(norms: dict[str, list[float]]) -> None:
    with pytest.raises(DataError, match="no gradient to draw"):
        plots.gradient_through_time(norms)
