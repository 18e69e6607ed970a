"""Grids of spectrograms."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.core.errors import DataError, ShapeError
from lampas.plots.spectrograms import spectrogram_pixels, spectrograms


def test_every_spectrogram_is_there_upright_with_its_caption() -> None:
    figure = spectrograms(np.random.default_rng(0).normal(size=(4, 10, 6)), list("abcd"), seconds=2)
    key, *panels = figure.axes
    assert [ax.texts[0].get_text() for ax in panels] == list("abcd")
    assert all(ax.images[0].get_array().shape == (6, 10, 4) for ax in panels)
    assert all(ax.images[0].origin == "lower" for ax in panels)
    assert len(key.images) == 1
    assert figure.texts[0].get_text().startswith("time to the right (2 s), frequency upwards")
    assert panels[3].get_position().y0 >= 0


def test_loud_is_light_over_its_own_range_and_nan_is_dark() -> None:
    light = (
        spectrogram_pixels(np.array([[-80.0, -40.0], [-120.0, np.nan]]))[..., :3]
        .sum(-1)
        .astype(int)
    )
    assert light.shape == (2, 2)
    assert light[1, 0] > light[0, 0] > light[0, 1] == light[1, 1]
    assert spectrogram_pixels(np.full((2, 2), 3.0)).shape == (2, 2, 4)


def test_what_is_not_a_spectrogram_is_reported() -> None:
    with pytest.raises(DataError, match="no spectrogram to draw"):
        spectrograms([])
    with pytest.raises(ShapeError, match=r"is \(steps, bands\); number 1 is \(5,\)"):
        spectrograms([np.zeros((5, 5)), np.zeros(5)])
    with pytest.raises(ShapeError, match="2 spectrograms need as many captions, got 1"):
        spectrograms(np.zeros((2, 5, 5)), ["a"])
