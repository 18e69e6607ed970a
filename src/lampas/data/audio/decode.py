"""Decode an audio file to a mono waveform with a given sampling rate and maximum length."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ..labels import UnreadableFileError

SUFFIXES = frozenset(
    {".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf"}
)

Waveform = npt.NDArray[np.float32]


class UnreadableAudioError(UnreadableFileError):
    """Reason why a file cannot be read; never leaves this package."""


class AudioFormat(NamedTuple):
    """Format that all recordings are converted to.

    Args:
        rate: sampling rate in hertz.
        samples: length; longer recordings are cut, shorter ones padded with silence.
        min_seconds: shortest duration that is accepted.
    """

    rate: int
    samples: int
    min_seconds: float


def require_soundfile() -> None:
    """Raise DataError if soundfile or scipy is not installed."""
    try:
        import scipy.signal  # noqa: F401
        import soundfile  # noqa: F401
    except ImportError as error:
        raise DataError(
            f"audio files are read with soundfile and scipy, and {error.name} is not installed: "
            "pip install 'lampas[app]'"
        ) from error


def duration(path: Path) -> float:
    """Return the seconds in the file's header; 0 if its start or end cannot be read."""
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            file.seek(max(0, file.frames - 1))
            complete = len(file.read(1)) > 0
            return file.frames / file.samplerate if complete else 0.0
    except (OSError, RuntimeError):
        return 0.0


def read_waveform(path: Path, audio_format: AudioFormat) -> Waveform:
    """Return the start of a recording, at most ``audio_format.samples`` long.

    Channels are averaged. Another sampling rate is converted by a polyphase filter, which removes
    the frequencies above half the new rate.

    Raises:
        UnreadableAudioError: if the file cannot be decoded, is empty or too short.
    """
    frames, rate = _read(path, audio_format)
    if len(frames) == 0:
        raise UnreadableAudioError("it is empty")
    if len(frames) < audio_format.min_seconds * rate:
        raise UnreadableAudioError(
            f"it lasts {len(frames) / rate:.3g} seconds, less than "
            f"shortest={audio_format.min_seconds:g}"
        )
    if not np.isfinite(frames).all():
        raise UnreadableAudioError("it has samples that are not finite")
    return resample(frames.mean(1), rate, audio_format.rate)[: audio_format.samples]


def _read(path: Path, audio_format: AudioFormat) -> tuple[Waveform, int]:
    """Frames ``(n, channels)``, no more than the format needs, and their rate."""
    import soundfile

    try:
        # The file is opened here because the library's own message for a missing file is vague.
        with path.open("rb") as raw, soundfile.SoundFile(raw) as file:
            rate = int(file.samplerate)
            # The resampling filter looks slightly ahead.
            needed = math.ceil((audio_format.samples / audio_format.rate + 0.1) * rate)
            expected = min(file.frames, needed)
            frames = file.read(expected, "float32", always_2d=True)
    except OSError as error:
        raise UnreadableAudioError(error.strerror or str(error)) from error
    except RuntimeError as error:
        raise UnreadableAudioError(_short_message(error)) from error
    if len(frames) < expected:
        raise UnreadableAudioError(f"it ends after {len(frames):,} of {file.frames:,} frames")
    return frames, rate


def _short_message(error: RuntimeError) -> str:
    return str(getattr(error, "error_string", error)).rstrip(".").lower()


def resample(waveform: Waveform, rate: int, new_rate: int) -> Waveform:
    """Convert a waveform ``(n,)`` from one sampling rate to another."""
    if rate == new_rate:
        return waveform
    from scipy.signal import resample_poly

    common = math.gcd(rate, new_rate)
    return np.asarray(resample_poly(waveform, new_rate // common, rate // common), np.float32)
