"""Mel spectrograms beside Keras's."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.layers.preprocessing.spectrogram import MelSpectrogram

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"fft_length": 512, "sequence_stride": 128, "sequence_length": 400, "num_mel_bins": 40},
        {"num_mel_bins": 64, "window": "hamming", "top_db": 40.0, "min_freq": 100.0},
        {"num_mel_bins": 64, "mag_exp": 1.0, "max_freq": 6000.0},
        {"num_mel_bins": 32, "power_to_db": False},
    ],
)
def test_mel_spectrogram(keras, options) -> None:
    wave = np.random.default_rng(0).normal(size=(1, 4096)).astype(np.float32)
    wave *= np.linspace(0, 1, 4096, dtype=np.float32) ** 4
    expected = np.asarray(keras.layers.MelSpectrogram(**options)(wave)).swapaxes(1, 2)
    found = np.asarray(MelSpectrogram(**options)(wave))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-3)
