"""Spectra against the definition of the transform, Parseval's theorem and known tones."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from lampas.core.errors import ShapeError
from lampas.kernels.spectrogram import decibels, hertz_to_mel, mel_matrix, power_spectrum, window
from tests.oracles import spectrogram as oracle

RATE, LENGTH = 8000, 256


@pytest.mark.long
@pytest.mark.parametrize(("length", "stride", "samples"), [(16, 4, 40), (12, 5, 31), (7, 3, 20)])
def test_it_is_the_definition(length, stride, samples) -> None:
    wave = np.random.default_rng(0).normal(size=samples)
    weights = oracle.hann(length)
    found = power_spectrum(jnp.asarray(wave, jnp.float32), weights.astype(np.float32), stride)
    expected = oracle.power_spectrum(wave, weights, stride)
    assert found.shape == (1 + samples // stride, 1 + length // 2)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.long
def test_the_energy_of_a_piece_is_that_of_its_spectrum() -> None:
    wave = np.random.default_rng(1).normal(size=1000).astype(np.float32)
    weights = window("hamming", LENGTH, LENGTH)
    power = np.asarray(power_spectrum(wave, weights, 100))
    sides = np.full(power.shape[1], 2.0)
    sides[[0, -1]] = 1  # All others stand for a negative frequency, too.
    piece = weights * wave[500 - LENGTH // 2 : 500 + LENGTH // 2]
    np.testing.assert_allclose(power[5] @ sides / LENGTH, (piece**2).sum(), rtol=1e-5)


@pytest.mark.long
@pytest.mark.parametrize("number", [3, 40, 100])
def test_a_tone_peaks_at_its_frequency(number) -> None:
    tone = np.sin(2 * np.pi * number * np.arange(2000) / LENGTH).astype(np.float32)
    power = np.asarray(power_spectrum(tone, window("hann", LENGTH, LENGTH), 128))
    inner = power[2:-2]
    assert (inner.argmax(1) == number).all()
    # A Hann window sums to length / 2, and half of a sine's amplitude is at negative frequencies.
    np.testing.assert_allclose(inner[:, number], (LENGTH / 4) ** 2, rtol=1e-4)
    far = np.abs(np.arange(power.shape[1]) - number) > 1
    assert inner[:, far].max() < 1e-6 * inner.max()


def test_windows_are_periodic_and_lie_in_the_middle() -> None:
    np.testing.assert_allclose(window("hann", 10, 10), oracle.hann(10), atol=1e-7)
    assert window(None, 3, 6).tolist() == [0, 1, 1, 1, 0, 0]
    shifted = window("hamming", 8, 8) + np.roll(window("hamming", 8, 8), 4)
    np.testing.assert_allclose(shifted, 1.08, rtol=1e-6)


def test_mel_bands_are_triangles_that_sum_to_one() -> None:
    matrix = mel_matrix(10, LENGTH, RATE, 100, 3500)
    hertz = np.arange(1 + LENGTH // 2) * RATE / LENGTH
    middles = 700 * (10 ** (np.linspace(*hertz_to_mel([100, 3500]), 12) / 2595) - 1)
    expected = [
        [oracle.mel_weight(f, *middles[band : band + 3]) for band in range(10)] for f in hertz
    ]
    np.testing.assert_allclose(matrix, expected, atol=1e-6)
    between = (hertz > middles[1]) & (hertz < middles[-2])
    np.testing.assert_allclose(matrix[between].sum(1), 1, rtol=1e-5)
    assert not matrix[(hertz < 100) | (hertz > 3500)].any()
    assert hertz_to_mel(1000) == pytest.approx(1000, abs=0.1)


@pytest.mark.long
def test_decibels_stay_in_range_of_the_loudest_of_each_example() -> None:
    power = jnp.array([[1.0, 0.01, 1e-12], [1e-4, 1e-5, 1e-9]])
    found = decibels(power, 1.0, 1e-10, 30.0)
    np.testing.assert_allclose(found, [[0, -20, -30], [-40, -50, -70]], atol=1e-4)
    np.testing.assert_allclose(decibels(power, 10.0, 1e-10, None)[0], [-10, -30, -110], atol=1e-4)


def test_a_recording_shorter_than_half_a_frame_is_an_error() -> None:
    with pytest.raises(ShapeError, match=r"of 128 samples are too short .* at least 129 are"):
        power_spectrum(jnp.zeros((2, 128)), window("hann", LENGTH, LENGTH), 10)
