"""RandomCrop, CenterCrop and Resizing."""

from __future__ import annotations

import numpy as np
import pytest

import lampas
from lampas import ArgumentError, CenterCrop, RandomCrop, Resizing, ShapeError
from tests.layers.augmentation.images import BYTES, IMAGES, trained


@pytest.mark.long
def test_random_crop_takes_every_window() -> None:
    image = np.arange(6 * 9, dtype=np.float32).reshape(1, 6, 9, 1)
    found = trained(RandomCrop(4, 7), np.tile(image, (300, 1, 1, 1)))
    tops, lefts = np.divmod(found[:, 0, 0, 0].astype(int), 9)
    for picture, top, left in zip(found, tops, lefts, strict=True):
        np.testing.assert_array_equal(picture, image[0, top : top + 4, left : left + 7])
    assert {*zip(tops.tolist(), lefts.tolist(), strict=True)} == {
        (top, left) for top in range(3) for left in range(3)
    }


def test_outside_training_random_crop_resizes_the_largest_window_of_its_proportions() -> None:
    with lampas.forward_pass(training=False):
        found = RandomCrop(3, 3)(BYTES)
        np.testing.assert_array_equal(RandomCrop(6, 9)(BYTES), BYTES)
    np.testing.assert_allclose(found, Resizing(3, 3)(BYTES[:, :, 1:7]), atol=1e-4)


@pytest.mark.long
def test_center_crop_and_resizing_are_the_same_in_training() -> None:
    for layer in (CenterCrop(4, 5), Resizing(4, 5), Resizing(12, 5, "bicubic")):
        np.testing.assert_array_equal(trained(layer, BYTES), layer(IMAGES))
    np.testing.assert_array_equal(CenterCrop(4, 4)(BYTES), BYTES[:, 1:5, 2:6])


def test_resizing_keeps_proportions_when_asked() -> None:
    found = Resizing(3, 3, crop_to_aspect_ratio=True)(IMAGES)
    np.testing.assert_array_equal(found, Resizing(3, 3)(IMAGES[:, :, 1:7]))


@pytest.mark.parametrize("kind", [RandomCrop, CenterCrop, Resizing])
@pytest.mark.parametrize("size", [(0, 2), (2, -1), (2, 2.5)], ids=str)
def test_sizes_are_positive_whole_numbers(kind, size) -> None:
    with pytest.raises(ArgumentError, match=r"(height|width) must be an integer of at least 1"):
        kind(*size)


@pytest.mark.parametrize("kind", [RandomCrop, CenterCrop])
def test_crop_larger_than_the_picture_is_an_error(kind) -> None:
    with pytest.raises(ShapeError, match=r"cannot crop 7 x 2 pixels from images of 6 x 9"):
        kind(7, 2)(IMAGES)
    layer = kind(6, 9)
    layer(IMAGES)
    with pytest.raises(ShapeError, match=r"6 x 9 pixels from images of 6 x 8.*Resizing"):
        layer(IMAGES[:, :, :8])
