"""What the tool must know of a kind of data, so that all kinds are trained and told alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError

if TYPE_CHECKING:
    from ...train.model import Model
    from ..report import Report

Task = Literal["classify", "regress", "forecast"]
Said = npt.NDArray[np.floating[Any]]
"""What a model or a yardstick says: probabilities ``(n, classes)``, values ``(n,)``, or the steps
that follow ``(n, horizon)``."""
Settings = dict[str, Any]
"""Everything decided, by name, as JSON can hold it: what ``train.py`` and predictions need."""


@dataclass(frozen=True)
class Wishes:
    """What the person asks for; None where the tool is to decide.

    Args:
        path: of the data.
        target: the column to learn; of images and sounds there is none.
        task: what to do with it.
        model: name of a network, one of the kind's ``networks``.
        group: column whose equal values stay in one part of the split.
        time: column with the time, to split by or to order a series by.
        text: column with the texts.
        columns: kinds of columns by name, where the guess is wrong.
        size: pixels a side of images.
        seconds: that sounds are cut or filled up to.
        length: steps of a series that are looked at.
        horizon: steps of a series that are forecast.
        seed: decides everything random.
    """

    path: Path
    target: str | None = None
    task: Task | None = None
    model: str | None = None
    group: str | None = None
    time: str | None = None
    text: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None
    seconds: float | None = None
    length: int | None = None
    horizon: int | None = None
    seed: int = 0


class Reason(NamedTuple):
    """A decision, ``what`` for the eye, and what it was made from."""

    what: str
    why: str


@dataclass(frozen=True)
class Found:
    """What a look at the data has found.

    Args:
        task: what there is to do.
        target: what is asked for, in a word or two: the column, ``"class"``.
        classes: names by label; none unless the task is to classify.
        reasons: what was found and decided, for the terminal and the report, in order.
        warnings: what the person should look into: leakage, imbalance, broken files.
        settings: what ``script`` needs; together with the common ones it makes the model.
    """

    task: Task
    target: str
    classes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...]
    settings: Settings


class Parts(NamedTuple):
    """The examples, parted; what a part is depends on the kind."""

    train: Any
    validation: Any
    test: Any


class Yardstick(NamedTuple):
    """A simple method, asked the same test questions as the network.

    Args:
        name: in words, as "gradient boosting".
        said: its answers on the test part.
        strong: whether it is the field's usual answer to such data, not only a floor.
        seconds: it took to learn.
    """

    name: str
    said: Said
    strong: bool
    seconds: float


class Source(NamedTuple):
    """A file to predict: its name, and where it is or what is in it."""

    name: str
    content: Path | bytes


class Asked(NamedTuple):
    """Some raw examples as the model takes them, and what each is called in answers.

    ``times`` are those of the steps that a forecast says, for each example, where they are known.
    """

    names: Sequence[str]
    x: Any
    times: Sequence[Sequence[str]] = ()


class Script(NamedTuple):
    """The parts of ``train.py`` that a kind writes; each is Python code with no indentation.

    Args:
        imports: names from ``lampas.layers`` and such, whole lines.
        data: the body of ``data()``, which returns train, validation and test part.
        network: the body of ``network(train)``, which returns the model, not compiled.
        x: the inputs of a part named ``part``, an expression: ``"part.x"``.
        y: its targets, likewise.
        loss: an expression for ``compile``; ``train`` is the part that is learnt from.
        metrics: names for ``compile``.
    """

    imports: str
    data: str
    network: str
    x: str
    y: str
    loss: str
    metrics: tuple[str, ...]


class Kind(ABC):
    """A kind of data. What it learns from one run is in the settings; it holds nothing itself."""

    name: ClassVar[str]
    """As ``--kind`` takes it: ``"table"``."""
    networks: ClassVar[tuple[str, ...]]
    """Names of the networks that ``--model`` chooses from, the usual one first."""
    uploads: ClassVar[tuple[str, ...]]
    """Suffixes of the files that can be predicted, ``".csv"``."""

    @abstractmethod
    def look(self, wishes: Wishes) -> Found:
        """What there is at the path, and what to make of it.

        Raises DataError, FileError or ArgumentError when it can not be learnt from.
        """

    @abstractmethod
    def script(self, found: Found, settings: Settings) -> Script:
        """The code that loads the data, parts it and makes the network.

        ``settings`` has what was found and the common ones: ``path``, ``seed``, ``model``.
        """

    @abstractmethod
    def examples(self, part: Any) -> int:
        """How many examples a part has."""

    @abstractmethod
    def inputs(self, part: Any) -> Any:
        """A part's inputs, as ``model.predict`` takes them."""

    @abstractmethod
    def targets(self, part: Any) -> np.ndarray:
        """A part's targets: labels ``(n,)``, values ``(n,)`` or what follows ``(n, horizon)``."""

    @abstractmethod
    def yardsticks(self, parts: Parts, found: Found, settings: Settings) -> list[Yardstick]:
        """Simple methods that have learnt from the same part and answer the same test part."""

    @abstractmethod
    def read(self, sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
        """Raw examples from files, some at a time.

        Raises DataError or FileError that names the file, and the row, at fault.
        """

    @abstractmethod
    def labelled(self, path: Path, settings: Settings, classes: Sequence[str]) -> Any:
        """A part with targets from other data of the same form, for ``lampas evaluate``."""

    @abstractmethod
    def add_data(self, report: Report, found: Found, settings: Settings, parts: Parts) -> None:
        """Figures and tables of the data, within the report's section on it."""

    @abstractmethod
    def add_mistakes(
        self, report: Report, found: Found, settings: Settings, test: Any, said: Said
    ) -> None:
        """The surest mistakes, or the largest errors, as a person would look at them."""

    def add_insight(  # noqa: B027
        self, report: Report, found: Found, settings: Settings, model: Model, parts: Parts
    ) -> None:
        """What the model goes by: importance of columns, places in pictures. By default nothing."""

    def advice(self, found: Found, settings: Settings, parts: Parts) -> list[str]:
        """What to try next with such data, a sentence each. By default nothing."""
        return []

    def schema(self, settings: Settings) -> dict[str, Any] | None:
        """The form of one example that comes as JSON, as a JSON Schema; None where all are files.

        A text is ``{"type": "string"}``, a row an object whose ``properties`` are its columns.
        """
        return None

    def items(self, items: Sequence[Any], settings: Settings) -> Asked:
        """Examples that came as JSON: rows as dicts, texts.

        Raises DataError for what is no such example, and by default for all: files come as files.
        """
        raise DataError(f"{self.name} come as files ({', '.join(self.uploads)}), not as JSON.")
