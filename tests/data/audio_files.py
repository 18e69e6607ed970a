"""Small audio files, written for a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def tone(hertz: float, seconds: float, rate: int = 8000, height: float = 0.5) -> np.ndarray:
    return height * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def write(path: Path, wave: np.ndarray, rate: int = 8000) -> Path:
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(str(path), wave, rate)
    return path
