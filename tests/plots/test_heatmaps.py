"""Images beside their heat maps."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import plots
from lampas.core.errors import DataError, ShapeError
from lampas.plots.heatmaps import overlay

RNG = np.random.default_rng(0)


PICTURES = RNG.integers(0, 256, (4, 8, 6, 3)).astype(np.uint8)


MAPS = RNG.uniform(size=(4, 8, 6))


def shown(ax):
    return np.asarray(ax.images[0].get_array())


def words(figure):
    return [text.get_text() for text in figure.texts]


def test_each_image_stands_left_of_its_overlay():
    figure = plots.heatmaps(PICTURES, MAPS, list("abcd"))
    _, *axes = figure.axes  # the first is the key of the colours
    for picture, heat, left, right in zip(PICTURES, MAPS, axes[::2], axes[1::2], strict=True):
        np.testing.assert_array_equal(shown(left), picture)
        np.testing.assert_array_equal(shown(right), overlay(picture, heat))
        assert left.get_position().x1 < right.get_position().x0
        assert left.get_position().y1 == right.get_position().y1
    assert set("abcd") < set(words(figure))


def lightness(pixels):
    return pixels @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("grey", [0, 90, 255])
def test_more_heat_is_lighter_and_none_is_the_dimmed_image(grey):
    heat = np.linspace(0, 1, 50)[None]
    pixels = overlay(np.full((1, 50, 3), grey, np.uint8), heat)
    assert (np.diff(lightness(pixels)[0]) >= 0).all()
    assert pixels[0, 0].tolist() == [round(0.55 * grey)] * 3
    assert pixels[0, -1, 0] > pixels[0, -1, 2] + 100
    unknown = overlay(np.full((1, 1, 3), grey, np.uint8), np.full((1, 1), np.nan))
    assert unknown[0, 0].tolist() == pixels[0, 0].tolist()


@pytest.mark.parametrize("count", [1, 2, 7])
def test_heatmaps_keep_to_the_page_and_captions_off_the_next_row(count):
    caption = "true dog, said cat with a caption that takes two lines at the least"
    many = [*PICTURES, *PICTURES][:count]
    figure = plots.heatmaps(many, [*MAPS, *MAPS][:count], [caption] * count)
    figure.draw_without_rendering()
    assert figure.get_figwidth() <= 7.51
    height = figure.bbox.height
    for text in figure.texts[-count:]:
        box = text.get_window_extent()
        assert 0 <= box.y0 < box.y1 < height
        assert not any(
            box.y0 < ax.bbox.y1 and ax.bbox.y0 < box.y1 and box.x0 < ax.bbox.x1 < box.x1
            for ax in figure.axes
        )


def test_heatmaps_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="no image"):
        plots.heatmaps([], [], [])
    with pytest.raises(ShapeError, match="4 images need as many maps, got 3"):
        plots.heatmaps(PICTURES, MAPS[:3])
    with pytest.raises(ShapeError, match="4 images need as many captions, got 1"):
        plots.heatmaps(PICTURES, MAPS, ["a"])
    with pytest.raises(ShapeError, match=r"Image 0 is \(8, 6\).*\(4, 3\)"):
        plots.heatmaps(PICTURES, MAPS[:, ::2, ::2])
