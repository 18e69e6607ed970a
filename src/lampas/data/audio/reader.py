"""The layer that reads audio files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...core.errors import ArgumentError
from ..file_reader import FileReader, as_openable
from ..labels import value_or_reason
from .decode import AudioFormat, read_waveform, require_soundfile

MAX_RATE = 200_000
"""Files with a higher sampling rate are refused: the resampling filter could fill the memory."""


class SoundReader(FileReader):
    """Audio files to waveforms: the first layer of a model that takes audio files.

    It returns the waveforms that `lampas.data.sound` returns. Files are paths or the bytes of a
    file. Arrays pass through unchanged.

    Args:
        rate: sampling rate in hertz.
        seconds: length of all recordings: longer ones are cut, shorter ones padded with silence.
        name: the layer's name in paths and summaries.

    Shape:
        ``n`` files to ``(n, rate * seconds)``, float32.

    Raises:
        ArgumentError: if ``rate`` or ``seconds`` is out of range.
        DataError: when it is called with files that cannot be read.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> lp.data.SoundReader(rate=100, seconds=0.5)(np.zeros((3, 50), np.float32)).shape
        (3, 50)
    """

    noun: ClassVar[str] = "recording"

    def __init__(self, rate: int, seconds: float, *, name: str | None = None) -> None:
        if rate < 1 or not 0 < seconds < float("inf"):
            raise ArgumentError(
                f"rate must be 1 or more and seconds above 0, got {rate} and {seconds}."
            )
        self.format = AudioFormat(rate, max(1, round(seconds * rate)), 0.0)
        self.name = name

    def require(self) -> None:
        require_soundfile()

    def read_one(self, file: Any) -> np.ndarray | str:
        path = as_openable(file)
        if (rate := _header_rate(path)) > MAX_RATE:
            return f"its sampling rate is {rate:,} Hz, more than {MAX_RATE:,}"
        waveform = value_or_reason(read_waveform, path, self.format)
        if isinstance(waveform, str):
            return waveform
        return np.pad(waveform, (0, self.format.samples - len(waveform)))


def _header_rate(file: Path) -> int:
    """The sampling rate in the file's header; 0 if it cannot be read."""
    import soundfile

    try:
        with file.open("rb") as raw:
            return int(soundfile.info(raw).samplerate)
    except (OSError, RuntimeError):
        return 0
