"""Ranges of random factors and of pixel values."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import (
    ArgumentError,
    RandomBrightness,
    RandomContrast,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from tests.layers.augmentation.images import assert_fills, drawn


@pytest.mark.long
def test_draws_fill_their_ranges_and_stay_inside() -> None:
    turns = drawn(RandomRotation((-0.1, 0.2)))
    assert_fills(np.arctan2(turns[:, 1, 0], turns[:, 0, 0]) / (2 * np.pi), -0.1, 0.2)
    shifts = drawn(RandomTranslation(0.5, (0.1, 0.2)))
    assert_fills(shifts[:, 1, 2], -3.0, 3.0)
    assert_fills(-shifts[:, 0, 2], 0.9, 1.8)
    scales = drawn(RandomZoom((-0.5, 0.1), 0.3))
    assert_fills(scales[:, 1, 1], 0.5, 1.1)
    assert_fills(scales[:, 0, 0], 0.7, 1.3)
    proportional = drawn(RandomZoom((0.3, 0.1)))
    np.testing.assert_array_equal(proportional[:, 0, 0], proportional[:, 1, 1])
    assert_fills(proportional[:, 0, 0], 1.1, 1.3)


@pytest.mark.parametrize("factor", [1.5, -2, (0.1, 1.5), (0.1,), "0.1", None, float("nan")])
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (RandomRotation, "factor"),
        (lambda f: RandomTranslation(f, 0.1), "height_factor"),
        (lambda f: RandomTranslation(0.1, f), "width_factor"),
        (RandomZoom, "height_factor"),
        (RandomBrightness, "factor"),
        (RandomContrast, "factor"),
    ],
)
def test_factor_out_of_range_is_named_as_it_was_given(make, name: str, factor) -> None:
    with pytest.raises(ArgumentError, match=f"^{name} must be a number or a pair .* to 1, got "):
        make(factor)


def test_contrast_can_not_be_negative() -> None:
    with pytest.raises(ArgumentError, match=r"from 0 to 1, got -0\.1"):
        RandomContrast(-0.1)


@pytest.mark.parametrize("value_range", [(0,), (1, 1), 255, "ab", (0, 1, 2)], ids=str)
def test_value_range_needs_two_numbers(value_range) -> None:
    with pytest.raises(
        ArgumentError, match=r"value_range must be (the smallest and the largest|a sequence)"
    ):
        RandomBrightness(0.1, value_range)
