"""One file of sound: read no further than needed, mixed to mono, at one rate, of one length."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError

SUFFIXES = frozenset(
    {".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf"}
)

Wave = npt.NDArray[np.float32]


class BrokenSoundError(Exception):
    """Why one file could not be read; never leaves this package."""


class Form(NamedTuple):
    """What every sound is brought to.

    Args:
        rate: samples a second.
        samples: the length; what is longer is cut, what is shorter ends in silence.
        shortest: seconds that a sound must have.
    """

    rate: int
    samples: int
    shortest: float


def require_soundfile() -> None:
    """Raise DataError, which says how to install them, when a library is not there."""
    try:
        import scipy.signal  # noqa: F401
        import soundfile  # noqa: F401
    except ImportError as error:
        raise DataError(
            f"sounds are read with soundfile and scipy, and {error.name} is not installed: "
            "pip install 'lampas[app]'"
        ) from error


def duration(path: Path) -> float:
    """Seconds that the file says it lasts; 0 where its beginning or its end can not be read."""
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            file.seek(max(0, file.frames - 1))
            whole = len(file.read(1)) > 0
            return file.frames / file.samplerate if whole else 0.0
    except (OSError, RuntimeError):
        return 0.0


def read_wave(path: Path, form: Form) -> Wave:
    """The beginning of a sound, at most ``form.samples`` long.

    Channels are averaged; another rate is changed by a polyphase filter, which keeps out what the
    new rate can not hold.

    Raises BrokenSoundError.
    """
    frames, rate = _read(path, form)
    if len(frames) == 0:
        raise BrokenSoundError("it is empty")
    if len(frames) < form.shortest * rate:
        raise BrokenSoundError(
            f"it lasts {len(frames) / rate:.3g} seconds, less than shortest={form.shortest:g}"
        )
    if not np.isfinite(frames).all():
        raise BrokenSoundError("it has samples that are not finite")
    return resampled(frames.mean(1), rate, form.rate)[: form.samples]


def _read(path: Path, form: Form) -> tuple[Wave, int]:
    """Frames ``(n, channels)``, no more than the form needs, and their rate."""
    import soundfile

    try:
        # The file is opened here, since the library's own message for one that is missing is vague.
        with path.open("rb") as raw, soundfile.SoundFile(raw) as file:
            rate = int(file.samplerate)
            # A filter that changes the rate looks a little ahead.
            wanted = min(file.frames, math.ceil((form.samples / form.rate + 0.1) * rate))
            frames = file.read(wanted, "float32", always_2d=True)
    except OSError as error:
        raise BrokenSoundError(error.strerror or str(error)) from error
    except RuntimeError as error:
        raise BrokenSoundError(_gist(error)) from error
    if len(frames) < wanted:
        raise BrokenSoundError(f"it ends after {len(frames):,} of {file.frames:,} frames")
    return frames, rate


def _gist(error: RuntimeError) -> str:
    return str(getattr(error, "error_string", error)).rstrip(".").lower()


def resampled(wave: Wave, rate: int, wanted: int) -> Wave:
    """A wave ``(n,)`` at another number of samples a second."""
    if rate == wanted:
        return wave
    from scipy.signal import resample_poly

    common = math.gcd(rate, wanted)
    return np.asarray(resample_poly(wave, wanted // common, rate // common), np.float32)
