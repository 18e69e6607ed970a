"""Sound files as the first layer of a model takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...core.errors import ArgumentError
from ..file_reader import FileReader, place
from .decode import BrokenSoundError, Form, read_wave, require_soundfile

HIGHEST_RATE = 200_000
"""Samples a second from which on a file is refused: the filter for it could fill the memory."""


class SoundReader(FileReader):
    """Sound files to waves: the first layer of a model that takes raw sounds.

    It gives the waves that `lampas.data.sound` gives, of paths or of what is in files. Arrays pass
    through.

    Args:
        rate: samples a second.
        seconds: what all sounds are cut or filled up to.
        name: the layer's name in paths and summaries.

    Shape: ``n`` files to ``(n, rate * seconds)``, float32.
    Raises ArgumentError for a rate or length that is none, DataError for what is no sound.
    """

    what: ClassVar[str] = "sound"

    def __init__(self, rate: int, seconds: float, *, name: str | None = None) -> None:
        if rate < 1 or not 0 < seconds < float("inf"):
            raise ArgumentError(
                f"rate must be 1 or more and seconds above 0, got {rate} and {seconds}."
            )
        self.form = Form(rate, max(1, round(seconds * rate)), 0.0)
        self.name = name

    def require(self) -> None:
        require_soundfile()

    def outcome(self, file: Any) -> np.ndarray | str:
        there = place(file)
        if (rate := _rate(there)) > HIGHEST_RATE:
            return f"it has {rate:,} samples a second, more than {HIGHEST_RATE:,}"
        try:
            wave = read_wave(there, self.form)
        except BrokenSoundError as error:
            return str(error)
        return np.pad(wave, (0, self.form.samples - len(wave)))


def _rate(file: Path) -> int:
    """Samples a second that the file says it has; 0 where it can not be read."""
    import soundfile

    try:
        with file.open("rb") as raw:
            return int(soundfile.info(raw).samplerate)
    except (OSError, RuntimeError):
        return 0
