"""Interface that every kind of data implements for ``lampas train``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ...evaluation.forecast_intervals import ForecastIntervals
from ...evaluation.types import Baseline, Predictions, Splits, Task
from .settings import TEST, VALIDATION, SettingsT, training_defaults

if TYPE_CHECKING:
    from ...train.model import Model
    from ..report import Report


@dataclass(frozen=True)
class TrainOptions:
    """Options of ``lampas train``; None leaves the decision to it.

    Args:
        path: path of the data.
        target: column to predict; folders of images and audio files have none.
        task: task of the network.
        model: name of a network, one of the kind's ``networks``.
        group: column whose groups are not divided between splits.
        time: column with the time, to split by or to order a series by.
        text: column with the texts.
        sheet: name or number of the sheet of an Excel file.
        columns: kinds of columns by name, where the guess is wrong.
        size: height and width of images in pixels.
        seconds: length of audio clips.
        length: steps of the input of a forecast.
        horizon: steps to forecast.
        seed: random seed of the run.
    """

    path: Path
    target: str | None = None
    task: Task | None = None
    model: str | None = None
    group: str | None = None
    time: str | None = None
    text: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None
    seconds: float | None = None
    length: int | None = None
    horizon: int | None = None
    seed: int = 0

    def common_settings(self, model: str, num_examples: int) -> dict[str, Any]:
        """Settings that all kinds of data share, for a network and a number of examples."""
        defaults = training_defaults(num_examples)
        return {"path": str(self.path.absolute()), "seed": self.seed, "model": model, **defaults}

    def check(
        self,
        nouns: str,
        excluded: Sequence[str],
        networks: Sequence[str],
        task: Task = "classify",
        reason: str = "",
    ) -> str:
        """Check the options for a kind of data, and return the name of the network.

        Args:
            nouns: what the data consists of, in the plural.
            excluded: names of the options that do not apply to it.
            networks: names to choose from, the default first.
            task: the only task for such data.
            reason: why the options do not apply, as a clause.

        Raises:
            ArgumentError: for an option that does not apply, or another task.
            UnknownNameError: for another network.
        """
        for name in (*excluded, "sheet"):
            if value := getattr(self, name):
                raise ArgumentError(
                    f"{name}={value!r} does not apply to {nouns}{reason}. Leave it out."
                )
        if self.task not in (None, task):
            verb = "classified" if task == "classify" else task
            raise ArgumentError(f"{nouns} can only be {verb}, got task={self.task!r}.")
        model = self.model or networks[0]
        if model not in networks:
            raise unknown_name("network", model, networks)
        return model


class Decision(NamedTuple):
    """A fact about the data or a decision, and the reason for it."""

    choice: str
    reason: str


@dataclass(frozen=True)
class DataProfile(Generic[SettingsT]):
    """The data of a run and the decisions that follow from it.

    Args:
        task: task of the network.
        target: what is predicted, in a word or two: the column, or ``"class"``.
        classes: names by label; empty unless the task is classification.
        decisions: decisions for the terminal and the report, in order.
        warnings: warnings about the data: leakage, imbalance, unreadable files.
        settings: settings of the run.
    """

    task: Task
    target: str
    classes: tuple[str, ...]
    decisions: tuple[Decision, ...]
    warnings: tuple[str, ...]
    settings: SettingsT


class InputFile(NamedTuple):
    """A file to predict: its name, and its path or content."""

    name: str
    content: Path | bytes


class PredictionBatch(NamedTuple):
    """Examples to predict.

    Args:
        names: names of the examples, for the results.
        x: inputs of the model.
        times: for each example those of the steps to forecast, where they are known.
    """

    names: Sequence[str]
    x: Any
    times: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Script:
    """What a kind of data contributes to ``train.py``.

    Args:
        load_data: body of ``load_data()``, which returns all examples.
        build_model: body of ``build_model(train)``, which returns the model, not compiled.
        functions: those that ``build_model`` calls; their source becomes part of the script.
        names: classes and functions that the bodies use, to be imported.
        x: expression for the inputs of ``split``.
        y: expression for its targets.
        loss: expression for ``compile``; ``train`` is the training split.
        metrics: names for ``compile``.
        split: expression for training, validation and test split of ``examples``.
        refits: whether the network is trained again on all examples after its evaluation: where
            the latest ones are held out, it would otherwise ignore what is most like the future.
    """

    load_data: str
    build_model: str
    functions: tuple[Callable[..., Any], ...] = ()
    names: tuple[Callable[..., Any], ...] = ()
    x: str = "split.x"
    y: str = "split.y"
    loss: str = '"sparse_categorical_crossentropy"'
    metrics: tuple[str, ...] = ("accuracy",)
    split: str = f"examples.split({VALIDATION}, {TEST}, seed=SEED)"
    refits: bool = False


@dataclass(frozen=True)
class Refit:
    """The network that is saved after it was trained again on all examples.

    Args:
        model: the network.
        examples: all examples.
        epochs: number of epochs.
        intervals: prediction intervals of its forecasts, if it forecasts.
    """

    model: Model
    examples: Any
    epochs: int
    intervals: ForecastIntervals | None


class DataKind(ABC, Generic[SettingsT]):
    """A kind of data. It is stateless: what it decides about a run is in the settings."""

    name: ClassVar[str]
    """As ``--kind`` takes it: ``"table"``."""
    networks: ClassVar[tuple[str, ...]]
    """Names of the networks that ``--model`` chooses from, the default first."""
    uploads: ClassVar[tuple[str, ...]]
    """Suffixes of the files that can be predicted, such as ``".csv"``."""
    settings_type: type[SettingsT]
    """Class of its settings."""

    @abstractmethod
    def profile_data(self, options: TrainOptions) -> DataProfile[SettingsT]:
        """Examine the data at the path and decide how to train on it.

        Raises:
            DataError, FileError, ArgumentError: when a network cannot be trained on it.
        """

    @abstractmethod
    def script(self, profile: DataProfile[SettingsT]) -> Script:
        """The code that loads and splits the data and builds the network."""

    def num_examples(self, split: Any) -> int:
        """Number of examples of a split."""
        return len(split)

    def inputs(self, split: Any) -> Any:
        """Inputs of a split, as ``model.predict`` takes them."""
        return split.x

    def targets(self, split: Any) -> np.ndarray:
        """Labels ``(n,)``, values ``(n,)`` or future values ``(n, horizon)`` of a split."""
        return np.asarray(split.y)

    @abstractmethod
    def baselines(self, splits: Splits, profile: DataProfile[SettingsT]) -> list[Baseline]:
        """Simple methods fitted to the training split, with predictions for the test split."""

    @abstractmethod
    def read_batches(
        self, files: Iterable[InputFile], settings: SettingsT
    ) -> Iterator[PredictionBatch]:
        """Read examples to predict from files, a batch at a time.

        Raises:
            DataError, FileError: naming the file and the row that cannot be read.
        """

    @abstractmethod
    def load_labelled(self, path: Path, settings: SettingsT, classes: Sequence[str]) -> Any:
        """Load other data with known targets in the form of a split, for ``lampas evaluate``."""

    @abstractmethod
    def add_data(self, report: Report, profile: DataProfile[SettingsT], splits: Splits) -> None:
        """Add figures and tables of the data to the report's section on it."""

    @abstractmethod
    def add_mistakes(
        self, report: Report, profile: DataProfile[SettingsT], test: Any, y_pred: Predictions
    ) -> None:
        """Add the most confident mistakes, or the largest errors, in a readable form."""

    def add_explanations(
        self, report: Report, profile: DataProfile[SettingsT], model: Model, splits: Splits
    ) -> None:
        """Add what the predictions depend on, such as importances. By default nothing."""

    def back_test(
        self, model: Model, examples: Any, settings: SettingsT
    ) -> ForecastIntervals | None:
        """Prediction intervals from the errors of a model on the examples it was not trained on.

        By default none.
        """
        return None

    def add_forecast(self, report: Report, profile: DataProfile[SettingsT], refit: Refit) -> None:
        """Add what comes next, predicted by the network that is saved. By default nothing."""

    def recommendations(self, profile: DataProfile[SettingsT], splits: Splits) -> list[str]:
        """What to try next with such data, a sentence each. By default nothing."""
        return []

    def json_schema(self, settings: SettingsT) -> dict[str, Any] | None:
        """JSON Schema of an example that is sent as JSON; None where examples are files."""
        return None

    def parse_items(self, items: Sequence[Any], settings: SettingsT) -> PredictionBatch:
        """Examples that were sent as JSON: rows as dicts, or texts.

        Raises:
            DataError: for an item that is not such an example; by default for all.
        """
        raise DataError(f"{self.name} come as files ({', '.join(self.uploads)}), not as JSON.")
