from __future__ import annotations

import numpy as np
import pytest

from lampas.kernels.resize import aspect_window, center_crop, resize

IMAGES = np.random.default_rng(0).uniform(size=(2, 5, 7, 3)).astype(np.float32)


def by_hand(row: np.ndarray, size: int) -> np.ndarray:
    """Bilinear resizing of the first axis: edges stay, places beyond the middles are clamped."""
    places = np.clip((np.arange(size) + 0.5) * len(row) / size - 0.5, 0, len(row) - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, len(row) - 1)
    part = (places - low).reshape(-1, *(1,) * (row.ndim - 1))
    return row[low] * (1 - part) + row[high] * part


@pytest.mark.parametrize("size", [(10, 14), (3, 4), (1, 9), (5, 7)], ids=str)
def test_bilinear_is_that_of_the_definition(size: tuple[int, int]) -> None:
    for image, found in zip(IMAGES, np.asarray(resize(IMAGES, size)), strict=True):
        tall = by_hand(image, size[0])
        expected = by_hand(tall.swapaxes(0, 1), size[1]).swapaxes(0, 1)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_nearest_repeats_pixels() -> None:
    found = resize(IMAGES, (10, 21), "nearest")
    np.testing.assert_array_equal(found, IMAGES.repeat(2, 1).repeat(3, 2))


def test_antialias_keeps_the_mean_of_stripes() -> None:
    stripes = np.tile([0.0, 1.0], 32).reshape(1, 64, 1, 1).astype(np.float32)
    smooth = resize(stripes, (8, 1), antialias=True)
    np.testing.assert_allclose(smooth[0, 1:-1], 0.5, atol=0.01)


def test_middle_cuts_the_odd_row_at_the_end() -> None:
    np.testing.assert_array_equal(center_crop(IMAGES, (2, 4)), IMAGES[:, 1:3, 1:5])
    np.testing.assert_array_equal(center_crop(IMAGES, (5, 7)), IMAGES)


@pytest.mark.parametrize(
    ("size", "window"), [((5, 7), (5, 7)), ((1, 1), (5, 5)), ((2, 7), (2, 7)), ((9, 3), (5, 1))]
)
def test_largest_window_of_an_aspect_ratio(size: tuple[int, int], window: tuple[int, int]) -> None:
    assert aspect_window(IMAGES.shape, size) == window
