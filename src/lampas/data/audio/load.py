"""A folder of sounds becomes arrays to train on."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ..labels import Listing, count, few
from ..system import physical_memory, processors
from .dataset import Sounds
from .decode import BrokenSoundError, Form, Wave, duration, read_wave, require_soundfile
from .folder import Labels, list_sounds

OnError = Literal["raise", "skip"]
LONGEST = 10.0
"""Seconds at most where no length is given."""


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
    """A person's own sounds, brought to one rate and length, with a label each.

    WAV, FLAC, Ogg, MP3, AIFF, AU and CAF files are read. Channels are mixed to one, other rates are
    resampled, and what is shorter than ``seconds`` ends in silence. Use `Sounds.split` to hold some
    out: it keeps copies of a sound in one part. A sound that is there under two labels is a
    warning.

    Args:
        folder: is searched with all its sub-folders.
        rate: samples a second.
        seconds: what all sounds are cut or filled up to; None for the longest, 10 at most.
        labels: where the class is written: ``"folder"``, the sub-folder that the file lies in;
            ``"prefix"``, its name up to the first ``_`` or ``-``; or a function of its path within
            the folder, a ``PurePosixPath``.
        classes: their names in the order of the labels; None for those found, in order.
        shortest: seconds; a shorter file counts as broken.
        on_error: ``"raise"`` when files are broken, after all have been tried; or ``"skip"`` them.

    Raises:
        FileError: when there is no such folder.
        DataError: when there are no sounds, fewer than two classes, broken files, more than the
            memory holds, or soundfile is not installed.
        ArgumentError: when an argument is not one of the above.
    """
    _check(rate, seconds, labels, on_error)
    require_soundfile()
    listing = list_sounds(Path(folder).expanduser(), labels, classes)
    with ThreadPoolExecutor(processors(), "lampas-sound") as pool:
        if seconds is None:
            seconds = min(LONGEST, max(pool.map(duration, listing.files)))
        form = Form(rate, max(1, round(seconds * rate)), shortest)
        _check_memory(len(listing.names), form)
        read = list(pool.map(lambda path: _outcome(path, form), listing.files))
    broken = tuple(
        (path, wave) for path, wave in zip(listing.files, read, strict=True) if type(wave) is str
    )
    waves = {i: wave for i, wave in enumerate(read) if not isinstance(wave, str)}
    if broken and (on_error == "raise" or not waves):
        raise _broken(listing, broken)
    found = _collected(listing, waves, form, broken)
    _warn_of_conflicts(found)
    return found


def _check(rate: int, seconds: float | None, labels: Labels, on_error: OnError) -> None:
    if on_error not in get_args(OnError):
        raise unknown_name("on_error", on_error, get_args(OnError))
    if isinstance(labels, str) and labels not in ("folder", "prefix"):
        raise unknown_name("labels", labels, ("folder", "prefix"))
    if rate < 1:
        raise ArgumentError(f"rate must be 1 or more samples a second, got {rate}.")
    if seconds is not None and not 0 < seconds < float("inf"):
        raise ArgumentError(f"seconds must be a length above 0, got {seconds}.")


def _check_memory(number: int, form: Form) -> None:
    needed, most = 4 * number * form.samples, physical_memory() / 2
    if needed > most:
        seconds = form.samples / form.rate
        raise DataError(
            f"{number:,} sounds of {seconds:g} seconds at {form.rate:,} hertz take "
            f"{needed / 1e9:,.1f} GB, more than half of this machine's memory. Take fewer seconds= "
            "or a lower rate=."
        )


def _outcome(path: Path, form: Form) -> Wave | str:
    """The wave, or why there is none."""
    try:
        return read_wave(path, form)
    except BrokenSoundError as error:
        return str(error)


def _collected(
    listing: Listing, waves: dict[int, Wave], form: Form, broken: tuple[tuple[Path, str], ...]
) -> Sounds:
    x = np.zeros((len(waves), form.samples), np.float32)
    for row, wave in zip(x, waves.values(), strict=True):
        row[: len(wave)] = wave
    known: dict[bytes, int] = {}
    return Sounds(
        x,
        listing.labels[list(waves)],
        listing.classes,
        form.rate,
        tuple(listing.files[i] for i in waves),
        np.array([len(wave) for wave in waves.values()], np.intp),
        np.array([known.setdefault(wave.tobytes(), len(known)) for wave in waves.values()]),
        broken,
    )


def _broken(listing: Listing, broken: tuple[tuple[Path, str], ...]) -> DataError:
    lines = "".join(f"\n  {path}: {reason}" for path, reason in broken[:5])
    more = f"\n  and {len(broken) - 5:,} more" if len(broken) > 5 else ""
    advice = "\nMend or remove them; in Python, on_error='skip' leaves them out."
    return DataError(
        f"{len(broken):,} of {count(len(listing.names), 'sound')} can not be read:{lines}{more}"
        + (advice if len(broken) < len(listing.names) else "")
    )


def _warn_of_conflicts(found: Sounds) -> None:
    if conflicts := found.conflicts:
        what = f"{count(len(conflicts), 'sound')} {'is' if len(conflicts) == 1 else 'are'}"
        warnings.warn(
            f"{what} there under more than one label: {few(conflicts[0])}. No network can get "
            "them all right; sounds.conflicts has them.",
            stacklevel=3,
        )
