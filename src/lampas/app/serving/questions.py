"""What a request asks, read into the arrays that the model takes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from starlette.exceptions import HTTPException

from ...core.errors import LampasError
from ...layers.preprocessing.base import read
from ...train.inputs.arrays import as_arrays
from ..automl.predictor import Predictor
from ..automl.task import Asked, Source
from .limits import Limits
from .upload_checks import check_upload

_LONGEST_MESSAGE = 1000


class Failure(NamedTuple):
    """A file that can not be predicted, and why."""

    name: str
    message: str


class Question(Protocol):
    """What a request asks."""

    def parts(self, predictor: Predictor) -> Iterator[Asked | Failure]:
        """Its examples, some at a time, as arrays; and the files that have none.

        Raises:
            HTTPException: when it is malformed, or too large.
            LampasError: when it is no question to this model.
        """


@dataclass(frozen=True)
class Items:
    """Examples in JSON: ``{"items": [...]}``."""

    body: bytes
    limits: Limits

    def parts(self, predictor: Predictor) -> Iterator[Asked | Failure]:
        items = _items(self.body)
        _check_count(len(items), self.limits)
        asked = predictor.kind.items(items, predictor.handover.settings)
        yield _arrays(predictor, asked)


@dataclass(frozen=True)
class Files:
    """Files, in memory."""

    sources: tuple[Source, ...]
    limits: Limits

    def parts(self, predictor: Predictor) -> Iterator[Asked | Failure]:
        count = 0
        for source in self.sources:
            try:
                for asked in self._read(source, predictor):
                    count += len(asked.names)
                    _check_count(count, self.limits)
                    yield _arrays(predictor, asked)
            except LampasError as error:
                yield Failure(source.name, told(error))

    def _read(self, source: Source, predictor: Predictor) -> Iterator[Asked]:
        assert isinstance(source.content, bytes)
        check_upload(source.name, source.content, predictor.kind, self.limits)
        return predictor.kind.read([source], predictor.handover.settings)


def told(error: LampasError) -> str:
    """The message, which may quote what was sent, but not all of it."""
    text = str(error)
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " …"


def _arrays(predictor: Predictor, asked: Asked) -> Asked:
    return asked._replace(x=as_arrays(read(predictor.model, asked.x)))


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.examples:
        raise HTTPException(
            413,
            f"{limits.examples:,} examples are taken at a time, and here are more. Send them in "
            "parts, or use lampas predict.",
        )


def _items(body: bytes) -> list[Any]:
    """The list in ``{"items": [...]}``. Raises HTTPException for anything else."""
    try:
        found = json.loads(body.decode(), parse_constant=_number, parse_float=_number)
        # A half of a surrogate pair is a letter to JSON, but to nothing else.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not JSON that can be read: {_why(error)}") from error
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list) or not items:
        raise HTTPException(400, 'the body must be {"items": [...]} with one example or more.')
    return items


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number; what is missing is null")
    return number


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply."
    if isinstance(error, UnicodeError):
        return "it is not valid UTF-8."
    return f"{error}."
