"""Load a folder of labelled audio files into arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ..dataset import OnError, broken_examples_error, check_on_error, warn_of_conflicts
from ..labels import FileIndex, value_or_reason
from ..system import cpu_count, physical_memory
from .dataset import Sounds
from .decode import AudioFormat, Waveform, duration, read_waveform, require_soundfile
from .folder import Labels, list_audio_files

MAX_SECONDS = 10.0
"""Longest duration that is chosen if none is given."""


def sound(
    folder: str | os.PathLike[str],
    rate: int = 16000,
    seconds: float | None = None,
    *,
    labels: Labels = "folder",
    classes: Sequence[str] | None = None,
    shortest: float = 0.0,
    on_error: OnError = "raise",
) -> Sounds:
    """Load labelled audio files, converted to one sampling rate and length.

    WAV, FLAC, Ogg, MP3, AIFF, AU and CAF files are read. Channels are averaged, other sampling
    rates are converted, and recordings shorter than ``seconds`` are padded with silence. Use
    `Sounds.split` to hold some out; it keeps copies of a recording in one split. A recording that
    occurs with more than one label causes a warning.

    Args:
        folder: is searched with all its sub-folders.
        rate: sampling rate in hertz.
        seconds: length of all recordings: longer ones are cut, shorter ones padded; None for the
            longest recording, at most 10.
        labels: where the class is found: ``"folder"``, the sub-folder that the file lies in;
            ``"prefix"``, the file name up to the first ``_`` or ``-``; or a function of the path
            within the folder, a ``PurePosixPath``, that returns the class.
        classes: class names in label order; None for those of the files, sorted.
        shortest: minimum duration in seconds; a shorter file counts as broken.
        on_error: ``"raise"`` if files are broken, after all have been tried; or ``"skip"`` them.

    Raises:
        FileError: if the folder does not exist.
        DataError: if there are no audio files, fewer than two classes, broken files, more data than
            fits into memory, or soundfile is not installed.
        ArgumentError: if an argument is invalid.
    """
    _check_arguments(rate, seconds, labels)
    check_on_error(on_error)
    require_soundfile()
    index = list_audio_files(Path(folder).expanduser(), labels, classes)
    with ThreadPoolExecutor(cpu_count(), "lampas-audio") as pool:
        if seconds is None:
            seconds = min(MAX_SECONDS, max(pool.map(duration, index.files)))
        audio_format = AudioFormat(rate, max(1, round(seconds * rate)), shortest)
        _check_memory(len(index.names), audio_format)
        read = partial(value_or_reason, read_waveform)
        results = list(pool.map(read, index.files, repeat(audio_format)))
    outcomes = list(zip(index.files, results, strict=True))
    broken = tuple((path, reason) for path, reason in outcomes if isinstance(reason, str))
    waveforms = {i: result for i, result in enumerate(results) if not isinstance(result, str)}
    if broken and (on_error == "raise" or not waveforms):
        raise broken_examples_error(broken, len(index.names), Sounds.noun)
    sounds = _collect(index, waveforms, audio_format, broken)
    warn_of_conflicts(sounds, "sounds", stacklevel=2)
    return sounds


def _check_arguments(rate: int, seconds: float | None, labels: Labels) -> None:
    if isinstance(labels, str) and labels not in ("folder", "prefix"):
        raise unknown_name("labels", labels, ("folder", "prefix"))
    if rate < 1:
        raise ArgumentError(f"rate must be 1 hertz or more, got {rate}.")
    if seconds is not None and not 0 < seconds < float("inf"):
        raise ArgumentError(f"seconds must be finite and above 0, got {seconds}.")


def _check_memory(number: int, audio_format: AudioFormat) -> None:
    needed, available = 4 * number * audio_format.samples, physical_memory() / 2
    if needed > available:
        seconds = audio_format.samples / audio_format.rate
        raise DataError(
            f"{number:,} recordings of {seconds:g} seconds at {audio_format.rate:,} hertz take "
            f"{needed / 1e9:,.1f} GB, more than half of this machine's memory. Reduce seconds or "
            "rate."
        )


def _collect(
    index: FileIndex,
    waveforms: dict[int, Waveform],
    audio_format: AudioFormat,
    broken: tuple[tuple[Path, str], ...],
) -> Sounds:
    x = np.zeros((len(waveforms), audio_format.samples), np.float32)
    for row, waveform in zip(x, waveforms.values(), strict=True):
        row[: len(waveform)] = waveform
    y, files = index.labels[list(waveforms)], tuple(index.files[i] for i in waveforms)
    lengths = np.array([len(waveform) for waveform in waveforms.values()], np.intp)
    numbers: dict[bytes, int] = {}
    groups = np.array([numbers.setdefault(w.tobytes(), len(numbers)) for w in waveforms.values()])
    return Sounds(x, y, index.classes, audio_format.rate, files, lengths, groups, broken)
