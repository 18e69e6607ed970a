"""A trained run, asked: raw files or items in, answers out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import FileError
from ..files import load
from .handover import MODEL, Handover, read_handover
from .kind import Asked, Kind, Said, Source
from .outputs import outputs


@dataclass(frozen=True)
class Answer:
    """What the model says of one example.

    Args:
        name: of the example: its file, or its row.
        prediction: the class, the value in the target's units, or the values that follow.
        probabilities: of each class; empty unless it classifies.
        times: of the values that follow, where they are known.
    """

    name: str
    prediction: str | float | list[float]
    probabilities: dict[str, float] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """A dict of plain values."""
        return {name: value for name, value in asdict(self).items() if value not in ({}, [])}


class Predictor:
    """The model in a run's folder, with what is needed to ask it.

    Raises FileError when the folder has no run, or its model can not be read.
    """

    def __init__(self, folder: Path) -> None:
        from .kinds.known import kind_of

        self.handover: Handover = read_handover(folder)
        self.kind: Kind = kind_of(self.handover.kind)
        if not (folder / MODEL).is_file():
            raise FileError(
                f"the run in {folder} has not ended and has no model yet. The same lampas train "
                "goes on with it."
            )
        self.model = load(folder / MODEL)

    def files(self, sources: Iterable[Source]) -> Iterator[list[Answer]]:
        """Answers to what is in files, some at a time.

        Raises DataError or FileError, which name file and row, when one can not be read.
        """
        for asked in self.kind.read(sources, self.handover.settings):
            yield self.answers(asked)

    def items(self, items: Sequence[Any]) -> list[Answer]:
        """Answers to rows or texts. Raises DataError for what is no such example."""
        return self.answers(self.kind.items(items, self.handover.settings))

    def answers(self, asked: Asked) -> list[Answer]:
        """Answers to raw examples."""
        said = outputs(self.model, self.handover.task, asked.x)
        times = asked.times or [[]] * len(asked.names)
        return [self._answer(*one) for one in zip(asked.names, said, times, strict=True)]

    def _answer(self, name: str, said: Said, times: Sequence[str]) -> Answer:
        task, classes = self.handover.task, self.handover.classes
        if task == "classify":
            shares = dict(zip(classes, said.astype(float).tolist(), strict=True))
            return Answer(name, classes[int(said.argmax())], shares)
        if task == "regress":
            return Answer(name, float(said))
        return Answer(name, said.astype(float).tolist(), times=list(times))
