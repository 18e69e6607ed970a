"""RandomBrightness and RandomContrast."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import RandomBrightness, RandomContrast
from tests.layers.augmentation.images import IMAGES, assert_fills, trained


@pytest.mark.long
def test_brightness_adds_a_part_of_the_range_and_clips() -> None:
    grey = np.full((300, 1, 1, 1), 100, np.uint8)
    assert_fills(trained(RandomBrightness(0.2), grey) - 100, -51, 51)
    assert_fills(trained(RandomBrightness((0.4, 1.0)), grey), 202, 255)
    unit = trained(RandomBrightness((-0.5, -0.5), value_range=(0, 1)), np.float32([[[[0.8, 0.2]]]]))
    np.testing.assert_allclose(unit, [[[[0.3, 0.0]]]], atol=1e-6)


def test_contrast_spreads_about_the_mean_of_each_channel_and_clips() -> None:
    small = 100 + IMAGES / 10
    found, mean = trained(RandomContrast((0.5, 0.25)), small), small.mean((1, 2), keepdims=True)
    ratio = (found - mean) / (small - mean)
    each = np.median(ratio, axis=(1, 2, 3))
    np.testing.assert_allclose(ratio, np.broadcast_to(each[:, None, None, None], ratio.shape), 0.02)
    assert 0.5 <= each.min() < each.max() <= 1.25
    hard = trained(RandomContrast((0, 1)))
    assert hard.min() == 0
    assert hard.max() == 255
