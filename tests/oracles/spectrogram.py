"""Spectrograms, one frame of one signal at a time, in double precision."""

from __future__ import annotations

import cmath
import math

import numpy as np


def hann(length: int) -> np.ndarray:
    return np.array([math.sin(math.pi * t / length) ** 2 for t in range(length)])


def power_spectrum(wave: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    """``(pieces, bins)`` by the definition of the Fourier transform."""
    length, half = len(weights), len(weights) // 2
    rows = []
    for middle in range(0, len(wave) + 1, stride):
        piece = [weights[t] * wave[mirrored(middle - half + t, len(wave))] for t in range(length)]
        rows.append([abs(coefficient(piece, k)) ** 2 for k in range(half + 1)])
    return np.array(rows)


def coefficient(piece: list[float], k: int) -> complex:
    turn = -2j * math.pi * k / len(piece)
    return sum(value * cmath.exp(turn * t) for t, value in enumerate(piece))


def mirrored(place: int, samples: int) -> int:
    """Where a sample beyond an end lies inside; the end itself is not repeated."""
    place = abs(place)
    return place if place < samples else 2 * (samples - 1) - place


def mel_weight(hertz: float, low: float, middle: float, high: float) -> float:
    """Height of a triangle in mel over a frequency; all in hertz."""
    at, low, middle, high = (1127 * math.log1p(f / 700) for f in (hertz, low, middle, high))
    return max(0.0, min((at - low) / (middle - low), (high - at) / (high - middle)))
