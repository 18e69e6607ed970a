"""Spectrograms: short-time power spectra, mel bands and decibels."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ..core.errors import ShapeError
from ..core.variable import Array

Floats = npt.NDArray[np.float32]

WINDOWS = {"hann": 0.5, "hamming": 0.54}
"""``a`` of a raised cosine, ``a - (1 - a) cos(2 pi t / length)``."""


def window(kind: str | None, length: int, fft_length: int) -> Floats:
    """A periodic window of ``length`` samples, padded with zeros to ``fft_length``.

    Args:
        kind: "hann", "hamming", or None for ones.
        length: samples of the window, which is centered.
        fft_length: samples in all.
    """
    mean = 1.0 if kind is None else WINDOWS[kind]
    values = mean - (1 - mean) * np.cos(2 * np.pi * np.arange(length) / length)
    before = (fft_length - length) // 2
    return np.pad(values, (before, fft_length - length - before)).astype(np.float32)


def power_spectrum(x: Array, weights: Floats, stride: int) -> Array:
    """Squared magnitudes of the short-time Fourier transform.

    Frame ``i`` is centered at sample ``i * stride``; the signal is mirrored at its ends.

    Args:
        x: signals, ``(..., samples)``, longer than half a frame.
        weights: the window, ``(fft_length,)``; see :func:`window`.
        stride: samples from one frame to the next.

    Shape: ``(..., samples) -> (..., 1 + samples // stride, 1 + fft_length // 2)``.

    Raises:
        ShapeError: when the signals are too short to be mirrored.
    """
    samples, length = x.shape[-1], len(weights)
    if samples <= length // 2:
        raise ShapeError(
            f"recordings of {samples:,} samples are too short for frames of {length:,}: at least "
            f"{length // 2 + 1:,} are needed. Use a smaller fft_length, or longer recordings."
        )
    batch_axes = [(0, 0)] * (x.ndim - 1)
    mirrored = jnp.pad(x, [*batch_axes, (length // 2, length - length // 2)], mode="reflect")
    starts = np.arange(1 + samples // stride) * stride
    transform = jnp.fft.rfft(mirrored[..., starts[:, None] + np.arange(length)] * weights)
    return transform.real**2 + transform.imag**2


def hertz_to_mel(hertz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Frequencies on the mel scale: ``2595 log10(1 + f / 700)`` (O'Shaughnessy, 1987)."""
    return 2595.0 * np.log10(1.0 + np.asarray(hertz, np.float64) / 700.0)


def mel_matrix(bands: int, fft_length: int, rate: float, low: float, high: float) -> Floats:
    """Weights that sum a spectrum into bands of equal width in mel.

    Each band is a triangle, 1 at its center and 0 at the centers of its neighbours; the first
    begins at ``low`` and the last ends at ``high``, in hertz. Frequency 0 has no weight.

    Shape: ``(1 + fft_length // 2, bands)``.
    """
    bins = hertz_to_mel(np.linspace(0, rate / 2, 1 + fft_length // 2))[:, None]
    edges = np.linspace(hertz_to_mel(low), hertz_to_mel(high), bands + 2)
    width = edges[1] - edges[0]
    weights = np.maximum(0, 1 - np.abs(bins - edges[1:-1]) / width)
    weights[0] = 0
    return weights.astype(np.float32)


def decibels(power: Array, reference: float, minimum: float, range_db: float | None) -> Array:
    """``10 log10(power / reference)``, with ``power`` clipped to at least ``minimum``.

    With ``range_db`` values are clipped to that distance below the largest of their own example.

    Shape: ``(batch, ...)``, unchanged.
    """
    level = 10.0 * jnp.log10(jnp.maximum(power, minimum) / max(abs(reference), minimum))
    if range_db is None:
        return level
    return jnp.maximum(level, level.max(tuple(range(1, level.ndim)), keepdims=True) - range_db)
