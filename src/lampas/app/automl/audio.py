"""Audio files in class folders, classified by a recurrent network on mel spectrograms."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from ...applications.audio_networks import (
    SAMPLING_RATE,
    convolution_and_gru,
    convolutions,
    mel_spectrogram,
)
from ...core.errors import ArgumentError, DataError
from ...data.audio.dataset import Sounds
from ...data.audio.decode import SUFFIXES, duration, require_soundfile
from ...data.audio.folder import list_audio_files
from ...data.audio.load import sound
from ...data.audio.reader import SoundReader
from ...data.labels import FileIndex, format_list, pluralize
from ...data.system import cpu_count
from ...evaluation.baselines import Features, logistic_regression, majority_class
from ...evaluation.types import Baseline, Predictions, Splits
from ..report import Report
from .audio_report import add_mistakes, add_recordings, spectrograms_of
from .duplicates import describe_duplicates, duplicate_groups
from .files import (
    LabelledFiles,
    check_classes,
    check_options,
    read_files,
    refuse_presplit_folder,
    unreadable_warnings,
)
from .script import quoted, sequential
from .settings import TEST, VALIDATION, AudioSettings, training_defaults
from .task import DataKind, DataProfile, Decision, InputFile, PredictionBatch, Script, TrainOptions

SMALL_CLASS = 30
"""Number of training recordings of a class below which more are recommended."""
COVERED = 0.9
"""Share of the recordings that fit into the chosen length."""
SHORTEST, LONGEST = 0.5, 4.0
"""Limits in seconds of the length that is chosen."""
SECONDS_LIMITS = 0.1, 60.0
"""Lengths in seconds that can be requested."""
MAX_SECONDS = 100_000.0
"""Seconds of audio in all epochs, about a minute of training on two processors."""
EPOCHS = 8, 100
"""Minimum and maximum."""
MIN_PER_PREFIX = 3
"""Minimum mean number of files per class if prefixes of file names are to be classes."""
_CHUNK = 256
_NETWORK_REASONS = {
    "rnn": "a recurrent network is the usual network for sequences",
    "cnn": "convolutions, as requested",
}
LabelSource = Literal["folder", "prefix"]


class AudioKind(DataKind[AudioSettings]):
    """Labelled recordings."""

    name: ClassVar[str] = "audio"
    networks: ClassVar[tuple[str, ...]] = ("rnn", "cnn")
    uploads: ClassVar[tuple[str, ...]] = tuple(sorted(SUFFIXES))
    settings_type = AudioSettings

    def profile_data(self, options: TrainOptions) -> DataProfile[AudioSettings]:
        model = check_options(options, "recording", self.networks, "seconds")
        scan = scan_audio(options.path)
        labelled = scan.labelled
        groups = duplicate_groups(labelled.files)
        class_warnings = check_classes(labelled, groups, options.seed)
        copies, conflicts = describe_duplicates(labelled, groups)
        seconds, seconds_decision = choose_seconds(scan.durations, options.seconds)
        num_files = len(labelled.files)
        epochs = choose_epochs(num_files, seconds)
        settings = AudioSettings(
            path=str(options.path.absolute()),
            seed=options.seed,
            model=model,
            **training_defaults(num_files)._asdict(),
            epochs=epochs,
            patience=max(4, epochs // 4),
            seconds=seconds,
            labels=scan.labels,
            num_files=num_files,
        )
        total = num_files + len(scan.unreadable)
        return DataProfile(
            "classify",
            "class",
            tuple(labelled.classes),
            (*_decisions(labelled, settings), seconds_decision, *copies),
            (
                *unreadable_warnings("recording", scan.unreadable, total),
                *conflicts,
                *class_warnings,
            ),
            settings,
        )

    def script(self, profile: DataProfile[AudioSettings]) -> Script:
        settings = profile.settings
        body = convolution_and_gru if settings.model == "rnn" else convolutions
        regularization = f"dropout={settings.dropout}, l2={settings.l2}"
        labels = '    labels="prefix",\n' if settings.labels == "prefix" else ""
        return Script(
            load_data=(
                "recordings = lp.data.sound(\n"
                f"    {quoted(settings.path)},\n"
                f"    rate={SAMPLING_RATE},\n"
                f"    seconds={settings.seconds},\n"
                f"{labels}"
                '    on_error="skip",\n'
                ")\n"
                f"return recordings.split({VALIDATION}, {TEST}, SEED)"
            ),
            build_model=sequential(
                [
                    f"SoundReader({SAMPLING_RATE}, {settings.seconds})",
                    "mel_spectrogram()",
                    f"*{body.__name__}(len(train.classes), {regularization})",
                ]
            ),
            functions=(mel_spectrogram, body),
            names=(SoundReader,),
        )

    def num_examples(self, split: Sounds) -> int:
        return len(split)

    def inputs(self, split: Sounds) -> np.ndarray:
        return split.x

    def targets(self, split: Sounds) -> np.ndarray:
        return split.y

    def baselines(self, splits: Splits, profile: DataProfile[AudioSettings]) -> list[Baseline]:
        train, validation, test = map(band_statistics, splits)
        num_classes = len(profile.classes)
        name, seed = "logistic regression on frequency bands", profile.settings.seed
        return [
            majority_class(train.y, len(test.y), num_classes),
            logistic_regression(name, train, validation, test.x, num_classes, seed),
        ]

    def read_batches(
        self, files: Iterable[InputFile], settings: AudioSettings
    ) -> Iterator[PredictionBatch]:
        return read_files(files, SUFFIXES, SoundReader(SAMPLING_RATE, settings.seconds))

    def load_labelled(self, path: Path, settings: AudioSettings, classes: Sequence[str]) -> Sounds:
        dataset = sound(
            path,
            SAMPLING_RATE,
            settings.seconds,
            labels=settings.labels,
            classes=classes,
            on_error="skip",
        )
        total = len(dataset) + len(dataset.skipped)
        for warning in unreadable_warnings("recording", dataset.skipped, total):
            warnings.warn(warning, stacklevel=2)
        return dataset

    def add_data(self, report: Report, profile: DataProfile[AudioSettings], splits: Splits) -> None:
        add_recordings(report, splits)
        # Whether a whole file can be decoded is known only after it has been read.
        if num_lost := profile.settings.num_files - sum(map(len, splits)):
            report.text(
                f"{pluralize(num_lost, 'more recording')} cannot be read to the end and were "
                "skipped; lampas evaluate names them."
            )

    def add_mistakes(
        self,
        report: Report,
        profile: DataProfile[AudioSettings],
        test: Sounds,
        y_pred: Predictions,
    ) -> None:
        add_mistakes(report, test, y_pred, profile.settings.path)

    def recommendations(self, profile: DataProfile[AudioSettings], splits: Splits) -> list[str]:
        smallest = min(splits.train.counts, key=splits.train.counts.get)
        number = splits.train.counts[smallest]
        if number >= SMALL_CLASS:
            return []
        return [
            f"“{smallest}” has only {pluralize(number, 'training recording')}; recordings from "
            "other places, devices and speakers or objects help most."
        ]


def _decisions(labelled: LabelledFiles, settings: AudioSettings) -> list[Decision]:
    source = "folder" if settings.labels == "folder" else "beginning of the file names"
    return [
        Decision(f"{len(labelled.classes)} classes", f"by {source}; {labelled.describe()}"),
        Decision("mono, 16,000 samples per second", "sufficient for speech and most other sounds"),
        Decision(
            f"network {settings.model}", f"{_NETWORK_REASONS[settings.model]}; on spectrograms"
        ),
        Decision(
            f"dropout {settings.dropout}, l2 {settings.l2}",
            f"for {len(labelled.files):,} recordings; smaller data sets need more regularization",
        ),
    ]


def choose_seconds(durations: Sequence[float], requested: float | None) -> tuple[float, Decision]:
    """Length that recordings are cut or padded to, and the reason for it.

    Args:
        durations: duration of each file in seconds.
        requested: requested length, if any.

    Raises:
        ArgumentError: for a length out of range.
    """
    low, high = SECONDS_LIMITS
    if requested is not None:
        if not low <= requested <= high:
            raise ArgumentError(f"seconds must be {low:g} to {high:g}, got {requested:g}.")
        return float(requested), Decision(f"{requested:g} seconds per recording", "as requested")
    covering = math.ceil(10 * float(np.quantile(durations, COVERED))) / 10
    seconds = min(max(covering, SHORTEST), LONGEST)
    num_cut = int(np.count_nonzero(np.asarray(durations) > seconds))
    reason = (
        f"{len(durations) - num_cut:,} of {len(durations):,} are not longer; shorter ones are "
        "padded with silence (--seconds for another length)"
    )
    return seconds, Decision(f"{seconds:g} seconds per recording", reason)


def choose_epochs(num_files: int, seconds: float) -> int:
    """Maximum number of epochs such that training takes a minute or two."""
    num_training = num_files * (1 - VALIDATION - TEST)
    return int(min(max(MAX_SECONDS / (num_training * seconds), EPOCHS[0]), EPOCHS[1]))


@dataclass(frozen=True)
class AudioScan:
    """Audio files whose headers have been read.

    Args:
        labelled: the readable files.
        durations: duration of each file in seconds.
        unreadable: other files, with the reason.
        labels: where the classes come from, as for `lampas.data.sound`.
    """

    labelled: LabelledFiles
    durations: Sequence[float]
    unreadable: Sequence[tuple[Path, str]]
    labels: LabelSource


def scan_audio(path: Path) -> AudioScan:
    """Read the durations of files in class folders, or whose names begin with the class.

    Raises:
        DataError, FileError: when there are no recordings with classes.
    """
    require_soundfile()
    refuse_presplit_folder(path)
    index, labels = _list_files(path)
    with ThreadPoolExecutor(cpu_count(), "lampas-scan") as pool:
        durations = list(pool.map(duration, index.files))
    readable = [i for i, seconds in enumerate(durations) if seconds > 0]
    unreadable = _unreadable_reasons(
        [file for file, seconds in zip(index.files, durations, strict=True) if not seconds]
    )
    if not readable:
        file, reason = unreadable[0]
        raise DataError(
            f"none of the {len(durations):,} recordings in {path} can be read: {file}: {reason}."
        )
    files = [index.files[i] for i in readable]
    labelled = LabelledFiles("recording", path, files, index.labels[readable], index.classes)
    return AudioScan(labelled, [durations[i] for i in readable], unreadable, labels)


def _list_files(path: Path) -> tuple[FileIndex, LabelSource]:
    """The files by sub-folder, or by the beginning of their names where there is none."""
    if any(_has_audio(folder) for folder in path.glob("[!.]*/")):
        return list_audio_files(path, "folder"), "folder"
    index = list_audio_files(path, "prefix")
    if len(index.classes) * MIN_PER_PREFIX > len(index.names):
        raise DataError(
            f"{path} has {pluralize(len(index.names), 'recording')} "
            f"({format_list(index.names, 3)}) and none in a sub-folder. Put the recordings of each "
            "class into a folder of their own, or begin their names with the class, as in "
            "dog_1.wav."
        )
    return index, "prefix"


def _has_audio(folder: Path) -> bool:
    return any(path.suffix.lower() in SUFFIXES for path in folder.rglob("[!.]*"))


def _unreadable_reasons(files: Sequence[Path]) -> list[tuple[Path, str]]:
    results = zip(files, map(SoundReader(1, 1.0).read_one, files), strict=True)
    return [(f, result if isinstance(result, str) else "it is empty") for f, result in results]


def band_statistics(dataset: Sounds) -> Features:
    """Mean and standard deviation over time of each band, for each recording."""
    chunks = []
    for start in range(0, len(dataset), _CHUNK):
        spectra = spectrograms_of(dataset.x[start : start + _CHUNK])
        chunks.append(np.concatenate([spectra.mean(1), spectra.std(1)], 1))
    return Features(np.concatenate(chunks), dataset.y)
