"""Seasons in a series."""

import numpy as np
import pytest

from lampas.data.series.seasonality import autocorrelation, season_length

RANDOM = np.random.default_rng(0)
STEPS = np.arange(360)


def test_autocorrelation_is_that_of_the_changes():
    values = RANDOM.standard_normal(50).cumsum()
    changes = np.diff(values) - np.diff(values).mean()
    expected = [changes[lag:] @ changes[: len(changes) - lag] for lag in range(6)]
    np.testing.assert_allclose(autocorrelation(values, 5), expected / (changes @ changes))
    np.testing.assert_array_equal(autocorrelation(np.ones(9), 2), 0)


@pytest.mark.parametrize("steps", [7, 12, 24])
def test_a_wave_has_its_season_whatever_the_trend(steps):
    wave = np.sin(2 * np.pi * STEPS / steps) + 0.1 * RANDOM.standard_normal(360)
    assert season_length(wave + 0.5 * STEPS) == steps


def test_what_the_calendar_suggests_is_found_in_more_noise():
    noise = RANDOM.standard_normal(600)
    wave = 3 * np.sin(2 * np.pi * np.arange(600) / 52.18) + noise
    assert season_length(wave) == 0
    assert season_length(wave, (52,)) == 52


def test_noise_and_a_random_walk_have_none():
    for _ in range(10):
        noise = RANDOM.standard_normal(500)
        assert season_length(noise, (7, 52)) == season_length(noise.cumsum(), (7, 52)) == 0
