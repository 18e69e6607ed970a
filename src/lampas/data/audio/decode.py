"""Decode an audio file to a mono waveform with a given sampling rate and maximum length."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ..labels import UnreadableFileError

if TYPE_CHECKING:
    import soundfile

SUFFIXES = frozenset(
    {".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf"}
)
UNSUPPORTED_SUFFIXES = frozenset(
    {".m4a", ".aac", ".wma", ".amr", ".3gp", ".mp4", ".m4b", ".webm", ".mka", ".ape", ".wv"}
    | {".mov", ".mkv", ".avi", ".ac3", ".dsf", ".mid", ".midi"}
)
"""Suffixes of other files with audio, which are to be converted first."""

Waveform = npt.NDArray[np.float32]

BLOCK = 2**16
"""Frames that are read at a time to find the length of a recording."""
MIN_READ = 0.9
"""Minimum share of an MP3 file that its announced frames take; the rest may be tags."""


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
    """Return the seconds of a recording; 0 if it cannot be read to its end."""
    import soundfile

    try:
        with path.open("rb") as raw, soundfile.SoundFile(raw) as file:
            if _length_is_exact(file):
                file.seek(max(0, file.frames - 1))
                frames = file.frames if len(file.read(1)) else 0
            else:
                frames = sum(len(block) for block in _blocks(file))
                _check_end(file, raw)
            return frames / file.samplerate
    except (OSError, RuntimeError, UnreadableAudioError):
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
            if _length_is_exact(file) and len(frames) < expected:
                raise UnreadableAudioError(
                    f"it ends after {len(frames):,} of {file.frames:,} frames"
                )
            if needed > file.frames:
                _check_end(file, raw)
    except OSError as error:
        raise UnreadableAudioError(error.strerror or str(error)) from error
    except RuntimeError as error:
        raise UnreadableAudioError(_short_message(error)) from error
    return frames, rate


def _length_is_exact(file: soundfile.SoundFile) -> bool:
    """Whether the header knows the length; that of MP3 files is often an estimate."""
    return file.seekable() and file.format != "MP3"


def _blocks(file: soundfile.SoundFile) -> Iterator[Waveform]:
    """All frames of a file, from where it is."""
    while len(block := file.read(BLOCK, "float32", always_2d=True)):
        yield block


def _check_end(file: soundfile.SoundFile, raw: BinaryIO) -> None:
    """Raise UnreadableAudioError if an MP3 file continues after the frames that it announces."""
    share = raw.tell() / raw.seek(0, os.SEEK_END)
    if file.format == "MP3" and share < MIN_READ:
        raise UnreadableAudioError(
            f"its header announces {file.frames:,} frames, which are only {share:.0%} of the file; "
            "convert it to .wav or .flac"
        )


def _short_message(error: RuntimeError) -> str:
    return str(getattr(error, "error_string", error)).rstrip(".").lower()


def resample(waveform: Waveform, rate: int, new_rate: int) -> Waveform:
    """Convert a waveform ``(n,)`` from one sampling rate to another."""
    if rate == new_rate:
        return waveform
    from scipy.signal import resample_poly

    common = math.gcd(rate, new_rate)
    return np.asarray(resample_poly(waveform, new_rate // common, rate // common), np.float32)
