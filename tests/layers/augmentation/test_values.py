"""Layers that change the values of pixels, beside NumPy: one compiled program of all of them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import ArgumentError, ShapeError
from lampas.layers.augmentation.base import ImageAugmentation
from tests.layers.augmentation.images import BYTES
from tests.oracles import images as oracle

CLAHE = lp.layers.ContrastLimitedAdaptiveHistogramEqualization
IMAGE = BYTES[0].astype(np.float32)
BOX = np.ones((3, 3)) + 4 * np.pad([[1]], 1)


def channels(function) -> np.ndarray:
    return np.stack([function(IMAGE[..., c]) for c in range(3)], -1)


def stretched(image: np.ndarray) -> np.ndarray:
    low, high = image.min((0, 1)), image.max((0, 1))
    return (image - low) * 255 / (high - low)


def unit(kind, *args, **options):
    """The layer for images from 0 to 1, applied to the image in this range."""
    return kind(*args, value_range=(0, 1), **options)


# Each layer with its random numbers fixed, and what it makes of the image.
CASES = {
    "saturation": (lp.RandomSaturation((0.3, 0.3)), oracle.scale_saturation(IMAGE, 3 / 7)),
    "full saturation": (lp.RandomSaturation((0.9, 0.9)), oracle.scale_saturation(IMAGE, 9)),
    "degeneration": (
        lp.RandomColorDegeneration((0.4, 0.4)), 0.6 * IMAGE + 0.4 * oracle.gray(IMAGE),
    ),
    "grayscale": (lp.RandomGrayscale(1.0), oracle.gray(IMAGE)),
    "no grayscale": (lp.RandomGrayscale(0.0), IMAGE),
    "invert": (lp.RandomInvert((1, 1)), 255 - IMAGE),
    "posterize": (lp.RandomPosterization((3, 3)), BYTES[0] >> 5 << 5),
    "solarize": (
        lp.Solarization((0.1, 0.1), (0.6, 0.6)),
        np.where((y := np.minimum(IMAGE + 25.5, 255)) < 153, y, 255 - y),
    ),
    "sharpen": (
        lp.RandomSharpness((0.8, 0.8)),
        np.clip(1.6 * IMAGE - 0.6 * oracle.correlate(IMAGE, BOX / 13), 0, 255),
    ),
    "blur": (
        lp.RandomGaussianBlur((1, 1), (5, 3), (0.7, 0.7)),
        oracle.correlate(IMAGE, oracle.gaussian_kernel(5, 3, 0.7, 0.7)),
    ),
    "auto contrast": (lp.AutoContrast(), stretched(IMAGE)),
    "equalize": (lp.Equalization(), channels(oracle.equalize)),
    "equalize to 16": (lp.Equalization(bins=16), channels(lambda c: oracle.equalize(c, 16))),
    "clahe": (CLAHE(tile_grid_size=(2, 3)), channels(lambda c: oracle.clahe(c, 4.0, (2, 3)))),
    "clahe, odd tiles": (
        CLAHE((0, 255), 0, (4, 2)), channels(lambda c: oracle.clahe(c, 0, (4, 2))),
    ),
}  # fmt: skip
UNIT = {
    "invert": (unit(lp.RandomInvert, (1, 1)), 1 - IMAGE / 255),
    "posterize": (unit(lp.RandomPosterization, (3, 3)), (BYTES[0] >> 5 << 5) / 255),
    "solarize": (unit(lp.Solarization, (0.1, 0.1), (0.6, 0.6)), CASES["solarize"][1] / 255),
    "saturation": (unit(lp.RandomSaturation, (0.9, 0.9)), CASES["full saturation"][1] / 255),
    "auto contrast": (unit(lp.AutoContrast), CASES["auto contrast"][1] / 255),
}


@pytest.fixture(scope="module")
def computed() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The images that the layers make, of values to 255 and to 1."""

    def run(image, unit_image):
        key = jax.random.key(0)
        return (
            {name: layer.augment(key, image) for name, (layer, _) in CASES.items()},
            {name: layer.augment(key, unit_image) for name, (layer, _) in UNIT.items()},
        )

    # A little above a whole number, which a rounded quotient would otherwise fall short of.
    return jax.jit(run)(IMAGE, IMAGE / 255 + 1e-6)


@pytest.mark.parametrize("name", CASES)
def test_the_image_is_that_of_numpy(computed, name: str) -> None:
    np.testing.assert_allclose(computed[0][name], CASES[name][1], atol=2e-2)


@pytest.mark.parametrize("name", UNIT)
def test_values_may_have_another_range(computed, name: str) -> None:
    np.testing.assert_allclose(computed[1][name], UNIT[name][1], atol=1e-4)


def test_hue_turns_one_way_or_the_other() -> None:
    keys = jax.random.split(jax.random.key(0), 20)
    layer = lp.RandomHue((0.4, 0.4))
    images = np.asarray(jax.jit(jax.vmap(layer.augment, (0, None)))(keys, IMAGE))
    ways = [oracle.turn_hue(IMAGE, turn) for turn in (0.2, -0.2)]
    hits = [[np.allclose(image, way, atol=0.02) for image in images] for way in ways]
    assert np.all(np.sum(hits, 0) == 1)
    assert all(3 < sum(row) < 17 for row in hits)


def test_numbers_draw_from_the_ranges_that_keras_documents() -> None:
    assert lp.RandomSaturation(0.3).factor == (0, 0.3)
    assert lp.RandomHue(0.3).factor == (0, 0.3)
    assert lp.RandomSharpness((0.6, 0.2)).factor == (0.2, 0.6)
    assert lp.RandomPosterization(5).factor == (1, 5)
    assert lp.RandomShear(0.2, (0.1, 0.3)).x_factor == (-0.2, 0.2)
    assert lp.RandomShear(0.2, (0.1, 0.3)).y_factor == (0.1, 0.3)


def test_erasing_writes_a_box_of_the_scale() -> None:
    layer = lp.RandomErasing((1, 1), (0.25, 0.25), (1, 2, 3))
    noise = lp.RandomErasing((1, 1), (0.25, 0.25), value_range=(0, 1))
    often = lp.RandomErasing((0.4, 0.4), (1, 1), 0)

    def run(keys, image):
        return [jax.vmap(kind.augment, (0, None))(keys, image) for kind in (layer, noise, often)]

    image = np.full((6, 8, 3), 0.5, np.float32)
    boxes, noisy, some = map(
        np.asarray, jax.jit(run)(jax.random.split(jax.random.key(0), 500), image)
    )
    erased = boxes != 0.5
    assert np.all(boxes[erased[..., 0]] == [1, 2, 3])
    sides = {(int(e[..., 0].any(1).sum()), int(e[..., 0].any(0).sum())) for e in erased}
    assert sides == {(3, 4)}
    corners = {tuple(np.argwhere(e[..., 0])[0]) for e in erased}
    assert corners == {(row, column) for row in range(4) for column in range(5)}
    assert np.unique(noisy[0]).size > 10
    assert noisy.min() == 0
    assert noisy.max() == 1
    share = np.mean([np.all(picture == 0) for picture in some])
    assert abs(share - 0.4) < 5 * np.sqrt(0.24 / 500)


def test_wrong_arguments_say_what_is_right() -> None:
    for make, message in [
        (lambda: lp.RandomHue(-0.1), "factor must be a number or a pair of numbers from 0 to 1"),
        (lambda: lp.RandomPosterization(2.5), "number of bits that are kept, 1 to 8, got 2.5"),
        (lambda: lp.RandomPosterization((1, 9)), "numbers from 1 to 8, got"),
        (lambda: lp.RandomGaussianBlur(kernel_size=4), "kernel_size must be an odd number .* 4"),
        (lambda: lp.RandomGaussianBlur(sigma=-1), "sigma must be .* got -1"),
        (lambda: lp.RandomErasing(fill_value="red"), "one for each channel, or None for noise"),
        (lambda: lp.Solarization(value_range=(1, 1)), "value_range must be the smallest"),
        (lambda: lp.Equalization(bins=1), "bins must be an integer of at least 2, got 1"),
        (lambda: lp.RandomShear(-0.2), "x_factor must be .* from 0 to 1, got -0.2"),
        (lambda: lp.RandAugment(num_ops=0), "num_ops must be an integer of at least 1"),
        (lambda: lp.AugMix(alpha=0), "alpha must be above 0"),
        (lambda: lp.MixUp(0), "alpha must be above 0"),
        (lambda: lp.RandomHue(0.1, data_format="channels_first"), "channels are the last axis"),
    ]:
        with pytest.raises(ArgumentError, match=message):
            make()


def test_layers_of_color_need_colors() -> None:
    for layer in (lp.RandomHue(0.1), lp.RandomColorJitter(hue_factor=0.1)):
        with pytest.raises(ShapeError, match=r"images with 3 channels .* \(2, 4, 4, 1\)"):
            layer(np.zeros((2, 4, 4, 1), np.float32))
    with pytest.raises(ShapeError, match=r"images with 1 or 3 channels"):
        lp.RandAugment()(np.zeros((2, 4, 4, 2), np.float32))
    with pytest.raises(ShapeError, match=r"fill_value has 2 numbers, and the images have 3"):
        lp.RandomErasing(fill_value=(1, 2))(np.zeros((2, 4, 4, 3), np.float32))


class Doubled(ImageAugmentation):
    def augment(self, key, image):
        return 2 * image.astype(jnp.float32)


def test_images_keep_their_dtype_and_a_layer_of_ones_own_is_short() -> None:
    with lp.forward_pass(training=True, key=jax.random.key(0), dtype=jnp.bfloat16):
        assert Doubled()(BYTES).dtype == jnp.bfloat16
    assert Doubled()(BYTES).dtype == jnp.float32
    with pytest.raises(NotImplementedError, match=r"ImageAugmentation needs a method augment"):
        ImageAugmentation()(BYTES)
