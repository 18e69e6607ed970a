"""Audio files in class folders, classified by a recurrent network on mel spectrograms."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from ...applications import audio_networks
from ...applications.audio_networks import SAMPLING_RATE, mel_spectrogram
from ...core.errors import ArgumentError, DataError
from ...data.audio.dataset import Sounds
from ...data.audio.decode import SUFFIXES, duration, require_soundfile
from ...data.audio.folder import list_audio_files
from ...data.audio.load import sound
from ...data.audio.reader import SoundReader
from ...data.labels import FileIndex, format_list, pluralize
from ...data.system import is_system_path
from ...evaluation.baselines import Features
from ...evaluation.mistakes import interleave_classes, most_confident_mistakes, prediction_captions
from ...evaluation.types import Predictions, Splits
from ...layers import Input
from ...plots.spectrograms import spectrograms
from ...train.sequential import Sequential
from ..report import Report
from ..report.class_sizes import add_class_sizes
from ..report.mistakes import add_mistake_files
from .files import LabelledFiles, LabelledFilesKind, read_files, warn_of_skipped
from .script import quoted, sequential
from .settings import TEST, VALIDATION, AudioSettings
from .task import DataProfile, Decision, InputFile, PredictionBatch, Script, TrainOptions

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
MAX_SPECTROGRAMS = 12
"""Number of spectrograms in a figure."""
MIN_PER_PREFIX = 3
"""Minimum mean number of files per class if prefixes of file names are to be classes."""
_CHUNK = 256
NETWORKS = {"rnn": audio_networks.convolution_and_gru, "cnn": audio_networks.convolutions}
"""The layers after the spectrogram, the default first."""
_NETWORK_REASONS = {
    "rnn": "a recurrent network is the usual network for sequences",
    "cnn": "convolutions, as requested",
}
LabelSource = Literal["folder", "prefix"]
Profile = DataProfile[AudioSettings]


class AudioKind(LabelledFilesKind[AudioSettings]):
    """Labelled recordings."""

    noun: ClassVar[str] = "recording"
    size_option: ClassVar[str] = "seconds"
    features_name: ClassVar[str] = "frequency bands"
    name: ClassVar[str] = "audio"
    networks: ClassVar[tuple[str, ...]] = tuple(NETWORKS)
    uploads: ClassVar[tuple[str, ...]] = tuple(sorted(SUFFIXES))
    settings_type = AudioSettings

    def scan(self, path: Path) -> LabelledFiles:
        require_soundfile()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            index = _list_files(path)
        return self.scan_files(path, index, _duration, [str(w.message) for w in caught])

    def decide(
        self, labelled: LabelledFiles, options: TrainOptions, model: str
    ) -> tuple[AudioSettings, list[Decision]]:
        number = len(labelled.files)
        seconds, seconds_decision = choose_seconds(labelled.headers, options.seconds)
        epochs = choose_epochs(number, seconds)
        labels = _label_source(options.path)
        settings = AudioSettings(
            **options.common_settings(model, number),
            epochs=epochs,
            patience=max(4, epochs // 4),
            seconds=seconds,
            labels=labels,
            num_files=number,
        )
        source = "folder" if labels == "folder" else "beginning of the file names"
        return settings, [
            Decision(f"{len(labelled.classes)} classes", f"by {source}; {labelled.describe()}"),
            Decision(
                "mono, 16,000 samples per second", "sufficient for speech and most other sounds"
            ),
            Decision(f"network {model}", f"{_NETWORK_REASONS[model]}; on spectrograms"),
            self.describe_regularization(settings, number),
            seconds_decision,
            self.describe_epochs(epochs, EPOCHS[1]),
        ]

    def script(self, profile: Profile) -> Script:
        settings = profile.settings
        body = NETWORKS[settings.model]
        regularization = f"dropout={settings.dropout}, l2={settings.l2}"
        labels = '    labels="prefix",\n' if settings.labels == "prefix" else ""
        return Script(
            load_data=(
                "return lp.data.sound(\n"
                f"    {quoted(settings.path)},\n"
                f"    rate={SAMPLING_RATE},\n"
                f"    seconds={settings.seconds},\n"
                f"{labels}"
                '    on_error="skip",\n'
                ")"
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

    def features(self, split: Sounds) -> Features:
        """Mean and standard deviation over time of each band, for each recording."""
        chunks = []
        for start in range(0, len(split), _CHUNK):
            spectra = spectrograms_of(split.x[start : start + _CHUNK])
            chunks.append(np.concatenate([spectra.mean(1), spectra.std(1)], 1))
        return Features(np.concatenate(chunks), split.y)

    def read_batches(
        self, files: Iterable[InputFile], settings: AudioSettings
    ) -> Iterator[PredictionBatch]:
        return read_files(files, SUFFIXES, SoundReader(SAMPLING_RATE, settings.seconds))

    def load_labelled(self, path: Path, settings: AudioSettings, classes: Sequence[str]) -> Sounds:
        seconds, labels = settings.seconds, settings.labels
        dataset = sound(
            path, SAMPLING_RATE, seconds, labels=labels, classes=classes, on_error="skip"
        )
        warn_of_skipped(dataset)
        return dataset

    def add_data(self, report: Report, profile: Profile, splits: Splits) -> None:
        train: Sounds = splits.train
        indices = interleave_classes(np.arange(len(train)), train.y)[:MAX_SPECTROGRAMS]
        _add_spectrograms(
            report,
            train,
            indices,
            [train.classes[train.y[i]] for i in indices],
            "Mel spectrograms of some training recordings, the output of the network's first "
            "layer.",
        )
        add_class_sizes(report, splits)
        # Whether a whole file can be decoded is known only after it has been read.
        if num_lost := profile.settings.num_files - sum(map(len, splits)):
            report.text(
                f"{pluralize(num_lost, 'more recording')} cannot be read to the end and were "
                "skipped; lampas evaluate names them."
            )

    def add_mistakes(
        self, report: Report, profile: Profile, test: Sounds, y_pred: Predictions
    ) -> None:
        worst = most_confident_mistakes(test.y, y_pred, MAX_SPECTROGRAMS)
        if not len(worst):
            report.text("All test recordings are classified correctly.")
            return
        captions = prediction_captions(worst, test.y, y_pred, test.classes)
        names = [f"{test.files[i].stem}: {text}" for i, text in zip(worst, captions, strict=True)]
        _add_spectrograms(report, test, worst, names, "The most confident mistakes.")
        path = profile.settings.path
        add_mistake_files(report, worst, test.y, y_pred, test.classes, test.files, path)

    def recommendations(self, profile: Profile, splits: Splits) -> list[str]:
        advice = "recordings from other places, devices and speakers or objects"
        return self.small_class_advice(splits.train, SMALL_CLASS, advice)


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


def _label_source(path: Path) -> LabelSource:
    """Where the classes are: in the names of sub-folders or, where there are none, of files."""
    return "folder" if any(_has_audio(folder) for folder in path.glob("[!.]*/")) else "prefix"


def _list_files(path: Path) -> FileIndex:
    source = _label_source(path)
    index = list_audio_files(path, source)
    if source == "prefix" and len(index.classes) * MIN_PER_PREFIX > len(index.names):
        raise DataError(
            f"{path} has {pluralize(len(index.names), 'recording')} "
            f"({format_list(index.names, 3)}) and none in a sub-folder. Put the recordings of each "
            "class into a folder of their own, or begin their names with the class, as in "
            "dog_1.wav."
        )
    return index


def _has_audio(folder: Path) -> bool:
    paths = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return any(not is_system_path(path.relative_to(folder)) for path in paths)


def _duration(path: Path) -> float | str:
    """Seconds of a recording, or the reason why it cannot be read."""
    if seconds := duration(path):
        return seconds
    result = SoundReader(1, 1.0).read_one(path)
    return result if isinstance(result, str) else "it is empty"


def spectrograms_of(x: np.ndarray) -> np.ndarray:
    """Mel spectrograms in decibels of waveforms ``(n, samples)``: ``(n, frames, bands)``."""
    return np.asarray(Sequential([Input(x.shape[1:]), mel_spectrogram()]).predict(x, 32))


def _add_spectrograms(
    report: Report, dataset: Sounds, indices: np.ndarray, names: list[str], caption: str
) -> None:
    seconds = dataset.x.shape[1] / dataset.rate
    images = spectrograms_of(dataset.x[indices])
    report.figure(spectrograms(images, names, seconds=seconds), caption)
