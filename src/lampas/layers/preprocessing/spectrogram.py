"""MelSpectrogram: from the waveform of a recording to its mel spectrogram."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax import lax

from ...core.arguments import NonNegativeFloat, PositiveFloat, PositiveInt
from ...core.build import is_restoring
from ...core.errors import ArgumentError, unknown_name
from ...core.variable import Array
from ...kernels.spectrogram import WINDOWS, decibels, mel_matrix, power_spectrum, window
from ..base import Layer, LayerOptions


class MelSpectrogram(Layer):
    """Power of a waveform in bands of the mel scale, frame by frame.

    The short-time Fourier transform is summed over ``num_mel_bins`` bands whose widths follow the
    mel scale (Stevens, Volkmann and Newman, 1937), and converted to decibels.

    Two things differ from Keras's layer. Time precedes the bands, as ``Conv1D`` and the recurrent
    layers expect it, and ``top_db`` is applied per example, so that a prediction does not depend on
    the other examples of the batch.

    Args:
        fft_length: number of samples in a Fourier transform.
        sequence_stride: number of samples from one frame to the next.
        sequence_length: number of samples in a frame, at most ``fft_length``; None for equal.
        window: window function of a frame, ``"hann"``, ``"hamming"`` or None.
        sampling_rate: sampling rate of the waveforms, in hertz.
        num_mel_bins: number of bands.
        min_freq: lower end of the first band, in hertz.
        max_freq: upper end of the last band, in hertz; None for half the sampling rate.
        power_to_db: whether to return decibels instead of the power.
        top_db: range in decibels below the largest value of an example; None for no limit.
        mag_exp: exponent of the magnitude, 2 for the power.
        min_power: smaller values are replaced by this one.
        ref_power: the power that corresponds to 0 decibels.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, samples) -> (batch, 1 + samples // sequence_stride, num_mel_bins)``.

    Raises:
        ArgumentError: when an argument is out of range, or a band would contain no frequency of
            the transform and would therefore always be silent.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> layer = lp.MelSpectrogram(512, 256, num_mel_bins=20)
        >>> layer(np.zeros((2, 2560))).shape
        (2, 11, 20)
    """

    axes = ("batch", "samples")

    def __init__(
        self,
        fft_length: PositiveInt = 2048,
        sequence_stride: PositiveInt = 512,
        sequence_length: PositiveInt | None = None,
        window: str | None = "hann",
        sampling_rate: PositiveInt = 16000,
        num_mel_bins: PositiveInt = 128,
        min_freq: NonNegativeFloat = 20.0,
        max_freq: PositiveFloat | None = None,
        power_to_db: bool = True,
        top_db: NonNegativeFloat | None = 80.0,
        mag_exp: PositiveFloat = 2.0,
        min_power: PositiveFloat = 1e-10,
        ref_power: PositiveFloat = 1.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.fft_length = fft_length
        self.sequence_stride = sequence_stride
        self.sequence_length = fft_length if sequence_length is None else sequence_length
        self.window = window
        self.sampling_rate = sampling_rate
        self.num_mel_bins = num_mel_bins
        self.min_freq = min_freq
        self.max_freq = sampling_rate / 2 if max_freq is None else max_freq
        self.power_to_db = power_to_db
        self.top_db = top_db
        self.mag_exp = mag_exp
        self.min_power = min_power
        self.ref_power = ref_power
        self._check_arguments()

    def _check_arguments(self) -> None:
        if self.sequence_length > self.fft_length:
            raise ArgumentError(
                f"sequence_length must be at most fft_length={self.fft_length} samples, got "
                f"{self.sequence_length}."
            )
        if self.window is not None and self.window not in WINDOWS:
            raise unknown_name("window", self.window, WINDOWS)
        if not self.min_freq < self.max_freq <= self.sampling_rate / 2:
            raise ArgumentError(
                f"the bands must lie between 0 and sampling_rate / 2 = {self.sampling_rate / 2:g} "
                f"hertz, got min_freq={self.min_freq:g} and max_freq={self.max_freq:g}."
            )
        # Not for a file, whose numbers may be huge, and were checked when it was written.
        if not is_restoring() and (silent := int((self.bands().max(0) == 0).sum())):
            raise ArgumentError(
                f"{silent} of {self.num_mel_bins} bands lie between two frequencies of the "
                "transform and would always be silent. Use fewer num_mel_bins or a larger "
                f"fft_length than {self.fft_length}."
            )

    def forward(self, x: Array) -> Array:
        weights = window(self.window, self.sequence_length, self.fft_length)
        power = power_spectrum(x, weights, self.sequence_stride)
        if self.mag_exp != 2:
            # The derivative of a root is infinite at 0.
            power = jnp.maximum(power, self.min_power) ** (self.mag_exp / 2)
        # Full precision: products rounded to fewer bits would corrupt the quiet bands.
        bands = jnp.matmul(power, self.bands(), precision=lax.Precision.HIGHEST)
        if not self.power_to_db:
            return bands
        return decibels(bands, self.ref_power, self.min_power, self.top_db)

    def bands(self) -> npt.NDArray[np.float32]:
        """The weight of each frequency in each band, ``(1 + fft_length // 2, num_mel_bins)``."""
        return mel_matrix(
            self.num_mel_bins, self.fft_length, self.sampling_rate, self.min_freq, self.max_freq
        )
