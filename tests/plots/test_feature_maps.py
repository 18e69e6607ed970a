"""Feature maps and filters."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import plots
from lampas.core.errors import ShapeError
from lampas.plots import feature_maps, filters
from lampas.plots.colors import heat_colormap
from lampas.plots.feature_maps import evenly_spaced, highest_variance

RNG = np.random.default_rng(0)


def words(figure):
    return [text.get_text() for text in figure.texts]


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


def test_many_filters_are_cut_with_a_note():
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
    assert {"image", "conv_1", "pool"} < set(words(figure))


def test_the_most_varied_channels_come_in_their_order():
    layer = np.zeros((4, 4, 5))
    layer[0, 0] = [0, 5, 1, 9, 2]
    assert highest_variance(layer, 3).tolist() == [1, 3, 4]


EYE = np.eye(4)


def test_dead_maps_and_nan_are_dark():
    figure = feature_maps({"dead": np.zeros((4, 4, 1)), "nan": np.full((4, 4, 1), np.nan)}, EYE)
    for ax in figure.axes[1:]:
        assert (np.asarray(ax.images[0].get_array()) == heat_colormap(np.zeros(()))).all()


def test_maps_of_another_shape_name_their_layer():
    with pytest.raises(ShapeError, match=r"'dense' have shape \(10,\)"):
        feature_maps({"dense": np.zeros(10)}, EYE)


PICTURES = RNG.integers(0, 256, (4, 8, 6, 3)).astype(np.uint8)


@pytest.mark.long
def test_a_deep_network_shows_some_of_its_layers_and_says_so():
    maps = {f"conv {i}": np.zeros((4, 4, 16)) for i in range(18)}
    figure = plots.feature_maps(maps, PICTURES[0])
    assert "7 of 18 layers" in words(figure)
    assert {"conv 0", "conv 17"} < set(words(figure))
    assert len(figure.axes) == 1 + 7 * 8
    assert figure.get_figheight() < 9
    few = plots.feature_maps({"conv": np.zeros((4, 4, 16))}, PICTURES[0])
    assert not any("layers" in text for text in words(few))


def test_layers_are_chosen_evenly_with_both_ends():
    assert evenly_spaced(list("abcdefghi"), 5) == list("acegi")
    assert evenly_spaced(list("ab"), 5) == list("ab")
    assert evenly_spaced([], 5) == []
