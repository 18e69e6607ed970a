"""The layer: what a tone looks like, what it does not depend on, and what it refuses."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core.errors import ArgumentError, ShapeError
from lampas.layers.preprocessing.spectrogram import MelSpectrogram

RATE = 8000
SMALL = {"fft_length": 256, "sequence_stride": 64, "sampling_rate": RATE, "num_mel_bins": 16}


def tone(hertz: float, seconds: float = 0.25) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE).astype(np.float32)


@pytest.mark.long
def test_each_tone_is_loudest_in_the_band_around_it() -> None:
    layer = MelSpectrogram(**SMALL)
    middles = 700 * (10 ** (np.linspace(31.7, 2146.1, 18)[1:-1] / 2595) - 1)
    found = np.asarray(layer(np.stack([tone(middles[band]) for band in (4, 9, 13)])))
    assert found.shape == (3, 1 + 2000 // 64, 16)
    assert [row[4:-4].mean(0).argmax() for row in found] == [4, 9, 13]
    assert (found.max((1, 2)) - found.min((1, 2)) <= 80 + 1e-3).all()


@pytest.mark.long
def test_ten_times_the_amplitude_is_twenty_decibels() -> None:
    layer = MelSpectrogram(**SMALL)
    quiet, loud = np.asarray(layer(np.stack([tone(1000) / 10, tone(1000)])))
    np.testing.assert_allclose(loud - quiet, 20, atol=1e-3)


@pytest.mark.long
def test_an_example_does_not_depend_on_its_batch() -> None:
    layer = MelSpectrogram(**SMALL, top_db=20)
    waves = np.stack([tone(300) / 100, tone(1000)])
    np.testing.assert_allclose(layer(waves)[:1], layer(waves[:1]), rtol=1e-5)


@pytest.mark.long
def test_silence_is_finite_and_has_a_slope() -> None:
    for options in ({}, {"mag_exp": 1.0, "power_to_db": False}, {"top_db": None}):
        layer = MelSpectrogram(**SMALL, **options)
        value, slope = jax.value_and_grad(lambda x, layer=layer: layer(x).sum())(
            jnp.zeros((1, 512))
        )
        assert np.isfinite(value)
        assert np.isfinite(slope).all()


def test_a_model_takes_waves_and_is_saved_with_its_layer(tmp_path) -> None:
    model = lp.Sequential([MelSpectrogram(**SMALL), lp.GlobalAveragePool1D(), lp.Dense(2)])
    waves = np.stack([tone(500), tone(2000)])
    said = model.predict(waves)
    model.save(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(lp.load(tmp_path / "m.safetensors").predict(waves), said)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fft_length": 0}, "fft_length must be an integer of at least 1, got 0"),
        (
            {"sequence_length": 300},
            "sequence_length must be at most fft_length=256 samples, got 300",
        ),
        ({"window": "han"}, r"Unknown window 'han'\. Did you mean 'hann'"),
        ({"max_freq": 5000}, "between 0 and sampling_rate / 2 = 4000 hertz, got min_freq=20 and"),
        ({"mag_exp": 0}, "mag_exp must be above 0, got 0"),
        ({"num_mel_bins": 100}, r"\d+ of 100 bands lie between two frequencies .* larger fft_len"),
    ],
)
def test_what_can_not_be_is_told(options, message) -> None:
    with pytest.raises(ArgumentError, match=message):
        MelSpectrogram(**{**SMALL, **options})


def test_sounds_with_an_axis_too_many_or_too_short_are_told() -> None:
    with pytest.raises(ShapeError, match=r"expects 2 axes \(batch, samples\)"):
        MelSpectrogram(**SMALL)(np.zeros((2, 2000, 1), np.float32))
    with pytest.raises(ShapeError, match="recordings of 100 samples are too short"):
        MelSpectrogram(**SMALL)(np.zeros((2, 100), np.float32))
