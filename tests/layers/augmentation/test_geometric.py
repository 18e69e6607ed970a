"""RandomFlip, RandomRotation, RandomTranslation and RandomZoom."""

from __future__ import annotations

import numpy as np
import pytest

import lampas
from lampas import (
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Resizing,
    UnknownNameError,
)
from tests.layers.augmentation.images import IMAGES, trained
from tests.oracles import affine as oracle


@pytest.mark.parametrize(
    "layer",
    [RandomRotation(0), RandomTranslation(0, 0), RandomZoom(0), RandomBrightness(0.0),
     RandomContrast(0)],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_factor_0_changes_nothing(layer: lampas.Layer) -> None:
    np.testing.assert_allclose(trained(layer), IMAGES, atol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flip_gives_each_mirror_image_about_as_often(mode: str) -> None:
    image = IMAGES[:1]
    mirrors = {"horizontal": [image, image[:, :, ::-1]], "vertical": [image, image[:, ::-1]]}
    kinds = mirrors.get(mode) or [m[:, ::s] for m in mirrors["horizontal"] for s in (1, -1)]
    found = trained(RandomFlip(mode), np.tile(image, (400, 1, 1, 1)))
    counts = [int(np.all(found == kind, axis=(1, 2, 3)).sum()) for kind in kinds]
    assert sum(counts) == 400
    share = 1 / len(kinds)
    assert all(abs(n - 400 * share) < 5 * np.sqrt(400 * share * (1 - share)) for n in counts)


@pytest.mark.long
@pytest.mark.parametrize("factor", [0.25, -0.25, 0.07])
def test_rotation_is_counter_clockwise(factor: float) -> None:
    found = trained(RandomRotation((factor, factor)), IMAGES[:1])
    expected = oracle.affine_transform(IMAGES[:1], [oracle.rotation(factor, 6, 9)])
    np.testing.assert_allclose(found, expected, atol=0.02)


@pytest.mark.long
def test_a_quarter_turn_of_a_square_is_that_of_numpy() -> None:
    square = IMAGES[:2, :, :6]
    found = trained(RandomRotation((0.25, 0.25)), square)
    np.testing.assert_allclose(found, np.rot90(square, axes=(1, 2)), atol=0.01)


def test_translation_is_to_the_right_and_down() -> None:
    layer = RandomTranslation((0.5, 0.5), (1 / 3, 1 / 3), "constant", fill_value=9)
    found = trained(layer)
    expected = np.full(IMAGES.shape, 9.0)
    expected[:, 3:, 3:] = IMAGES[:, :-3, :-3]
    np.testing.assert_allclose(found, expected, atol=0.01)


@pytest.mark.long
def test_zoom_out_shows_more_and_zoom_in_less() -> None:
    for factor, extent in [(0.4, 1.4), (-0.4, 0.6)]:
        found = trained(RandomZoom((factor, factor), fill_mode="nearest"), IMAGES[:1])
        maps = [oracle.zoom(extent, extent, 6, 9)]
        expected = oracle.affine_transform(IMAGES[:1], maps, "nearest")
        np.testing.assert_allclose(found, expected, atol=0.02)


def test_unknown_names_are_met_with_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"mode 'horizontl'. Did you mean 'horizontal'\?"):
        RandomFlip("horizontl")
    with pytest.raises(UnknownNameError, match=r"fill_mode 'edge'.*constant, nearest, reflect"):
        RandomRotation(0.1, fill_mode="edge")
    with pytest.raises(UnknownNameError, match=r"interpolation 'linear'"):
        RandomZoom(0.1, interpolation="linear")
    with pytest.raises(UnknownNameError, match=r"interpolation 'area'.*bicubic"):
        Resizing(2, 2, "area")
