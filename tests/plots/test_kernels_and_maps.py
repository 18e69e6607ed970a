"""Filters and feature maps: what colour means, which are shown."""

import numpy as np
import pytest

from lampas.core.errors import ShapeError
from lampas.plots import feature_maps, filters
from lampas.plots.colors import diverging, embers, mosaic, rgb
from lampas.plots.feature_maps import most_varied
from lampas.plots.style import FLAME, SEA

RNG = np.random.default_rng(0)


def words(figure):
    return [text.get_text() for text in figure.texts]


def test_diverging_is_blue_clear_orange():
    below, zero, above = diverging(np.array([-1.0, 0.0, 0.5]))
    assert below[:3].tolist() == rgb(SEA).tolist()
    assert above[:3].tolist() == rgb(FLAME).tolist()
    assert [below[3], zero[3], above[3]] == [255, 0, 128]


def test_embers_only_get_lighter():
    light = embers(np.linspace(0, 1, 200))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) >= 0).all()
    assert light[-1] - light[0] > 200


def test_mosaic_keeps_every_tile_in_its_place():
    tiles = np.zeros((5, 30, 30, 4), np.uint8)
    tiles[:] = (np.arange(5) + 1)[:, None, None, None]
    grid = mosaic(tiles, columns=3, gap=0.1)
    assert grid.shape == (2 * 32 + 3, 3 * 32 + 2 * 3, 4)
    centres = grid[[16, 16 + 35]][:, [16, 16 + 35, 16 + 70], 0]
    assert centres.tolist() == [[1, 2, 3], [4, 5, 0]]


def test_small_tiles_are_enlarged():
    assert mosaic(np.zeros((1, 3, 3, 4), np.uint8), columns=1).shape == (26, 26, 4)


@pytest.mark.parametrize(
    ("channels", "meaning"),
    [
        (1, "Blue: below zero; orange: above zero"),
        (2, "Norm over 2 input channels"),
        (3, "Red, green and blue; grey: zero"),
        (16, "Norm over 16 input channels"),
    ],
)
def test_the_title_says_what_colour_means(channels, meaning):
    (title,) = words(filters(RNG.normal(size=(5, 3, channels, 8))))
    assert title.startswith("8 filters, 5×3.")
    assert title.endswith(meaning)


def test_three_channels_are_colours_around_grey():
    kernel = np.zeros((3, 3, 3, 1))
    kernel[0, 0] = [[1], [0], [-1]]
    (ax,) = filters(kernel).axes
    pixels = np.asarray(ax.images[0].get_array())
    assert pixels[2, 2].tolist() == [255, 128, 0, 255]
    assert pixels[-3, -3].tolist() == [128, 128, 128, 255]


def test_many_filters_are_cut_and_it_is_said():
    (title,) = words(filters(RNG.normal(size=(3, 3, 1, 200))))
    assert title.startswith("96 of 200 filters")


@pytest.mark.parametrize("count", [1, 7, 32, 64, 96])
def test_any_number_of_filters_keeps_to_the_page(count):
    figure = filters(np.zeros((3, 3, 1, count)))
    assert figure.get_size_inches()[0] <= 7.5
    assert 0 < figure.get_size_inches()[1] < 7


@pytest.mark.parametrize("shape", [(3, 3, 8), (3, 3, 1, 0)])
def test_a_kernel_of_another_shape_is_refused(shape):
    with pytest.raises(ShapeError, match="input channels, filters"):
        filters(np.zeros(shape))


def test_each_layer_has_a_strip_of_its_most_varied_maps():
    maps = {"conv_1": RNG.normal(size=(12, 12, 32)), "pool": RNG.normal(size=(6, 6, 3))}
    figure = feature_maps(maps, np.zeros((12, 12, 1)))
    assert len(figure.axes) == 1 + 8 + 3
    assert "12×12, 8 of 32 maps" in words(figure)
    assert "6×6, 3 maps" in words(figure)
    assert {"picture", "conv_1", "pool"} < set(words(figure))


def test_the_most_varied_channels_come_in_their_order():
    layer = np.zeros((4, 4, 5))
    layer[0, 0] = [0, 5, 1, 9, 2]
    assert most_varied(layer, 3).tolist() == [1, 3, 4]


def test_dead_maps_and_nan_are_dark():
    figure = feature_maps({"dead": np.zeros((4, 4, 1)), "nan": np.full((4, 4, 1), np.nan)}, EYE)
    for ax in figure.axes[1:]:
        assert (np.asarray(ax.images[0].get_array()) == embers(np.zeros(()))).all()


def test_maps_of_another_shape_name_their_layer():
    with pytest.raises(ShapeError, match=r"'dense' are \(10,\)"):
        feature_maps({"dense": np.zeros(10)}, EYE)


EYE = np.eye(4)
