"""Confusion matrices."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import plots
from lampas.core.errors import ShapeError
from lampas.plots import confusion
from lampas.plots.colors import rgb
from lampas.plots.confusion import row_shares
from lampas.plots.style import FLAME, SEA

COUNTS = np.array([[8, 2, 0], [0, 100, 0], [1, 0, 3]])


def test_the_numbers_are_the_counts():
    (ax,) = confusion(COUNTS, ["a", "b", "c"]).axes
    written = {tuple(map(int, t.get_position()))[::-1]: t.get_text() for t in ax.texts}
    assert written == {(0, 0): "8", (0, 1): "2", (1, 1): "100", (2, 0): "1", (2, 2): "3"}


def test_the_shade_is_the_root_of_the_share_of_the_row():
    (ax,) = confusion(COUNTS, ["a", "b", "c"]).axes
    pixels = np.asarray(ax.images[0].get_array())
    shares = COUNTS / COUNTS.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(pixels[..., 3] / 255, np.sqrt(shares), atol=0.003)
    assert (pixels[1, 1, :3] == rgb(SEA)).all()
    assert (pixels[0, 1, :3] == rgb(FLAME)).all()


def test_a_class_that_never_occurs_has_no_share():
    assert row_shares(np.array([[0, 0], [1, 3]])).tolist() == [[0, 0], [0.25, 0.75]]
    assert not confusion(np.zeros((2, 2), int), ["a", "b"]).axes[0].texts


@pytest.mark.long
@pytest.mark.parametrize("size", [2, 10, 26, 50, 200])
def test_every_size_keeps_to_the_page_and_its_names_legible(size):
    figure = confusion(np.eye(size, dtype=int) * 1234, [f"class {i}" for i in range(size)])
    figure.draw_without_rendering()
    (ax,) = figure.axes
    names = ax.get_yticklabels()
    assert figure.get_size_inches().max() < 7.6
    assert all(name.get_fontsize() >= 5.5 for name in names)
    heights = np.diff([name.get_window_extent().y0 for name in names])
    tallest = max(name.get_fontsize() for name in names) * figure.dpi / 72
    assert np.abs(heights).min() > 0.8 * tallest
    assert bool(ax.texts) == (size <= 10)


def test_names_are_not_read_as_formulas_and_long_ones_are_cut():
    (ax,) = confusion(np.eye(2, dtype=int), ["$x_1$", "n" * 60]).axes
    first, second = (label for label in ax.get_yticklabels())
    assert first.get_text() == "$x_1$"
    assert not first.get_parse_math()
    assert second.get_text() == "n" * 17 + "…"


@pytest.mark.parametrize("shape", [(2, 3), (4,), (0, 0)])
def test_a_matrix_that_is_not_square_is_refused(shape):
    with pytest.raises(ShapeError, match="square"):
        confusion(np.zeros(shape), ["a", "b"])


def test_names_and_rows_must_agree():
    with pytest.raises(ShapeError, match=r"3 rows.*got 2"):
        confusion(COUNTS, ["a", "b"])


def test_confused_pairs_come_from_the_most_frequent_down():
    matrix = [[8, 2, 0], [0, 95, 5], [1, 2, 1]]
    assert plots.confused_pairs(matrix, ["a", "b", "c"], max_pairs=3) == [
        ("b", "c", 5, 0.05),
        ("a", "b", 2, 0.2),
        ("c", "b", 2, 0.5),
    ]
    assert len(plots.confused_pairs(matrix, ["a", "b", "c"], max_pairs=99)) == 4
    assert plots.confused_pairs(np.eye(3, dtype=int), ["a", "b", "c"]) == []
    with pytest.raises(ShapeError, match=r"3 rows.*got 2"):
        plots.confused_pairs(matrix, ["a", "b"])
