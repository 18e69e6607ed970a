"""Read the examples of a prediction request into the arrays that the model takes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException

from ...core.errors import LampasError
from ...layers.preprocessing.base import convert_inputs
from ...train.inputs.adapter import as_arrays
from ..automl.predictor import Predictor
from ..automl.task import InputFile, PredictionBatch
from .limits import Limits
from .upload_checks import check_upload

_MAX_MESSAGE_LENGTH = 1000


class Failure(NamedTuple):
    """Name of a file that cannot be predicted, and the reason."""

    name: str
    message: str


@dataclass(frozen=True)
class JsonRequest:
    """A request for predictions, with examples as JSON: ``{"items": [...]}``."""

    body: bytes
    limits: Limits

    def batches(self, predictor: Predictor) -> Iterator[PredictionBatch | Failure]:
        """Yield the examples in batches of arrays, and the files that cannot be predicted.

        Raises:
            HTTPException: if the request is malformed or too large.
            LampasError: if the examples do not fit the model.
        """
        items = _parse_items(self.body)
        _check_count(len(items), self.limits)
        batch = predictor.kind.parse_items(items, predictor.manifest.settings)
        yield _as_arrays(predictor, batch)


@dataclass(frozen=True)
class FilesRequest:
    """A request for predictions, with examples in uploaded files, which are held in memory."""

    files: tuple[InputFile, ...]
    limits: Limits

    def batches(self, predictor: Predictor) -> Iterator[PredictionBatch | Failure]:
        """See `JsonRequest.batches`."""
        count = 0
        for file in self.files:
            try:
                for batch in self._read(file, predictor):
                    count += len(batch.names)
                    _check_count(count, self.limits)
                    yield _as_arrays(predictor, batch)
            except LampasError as error:
                yield Failure(file.name, truncate_message(error))

    def _read(self, file: InputFile, predictor: Predictor) -> Iterator[PredictionBatch]:
        assert isinstance(file.content, bytes)
        check_upload(file.name, file.content, predictor.kind, self.limits)
        return predictor.kind.read_batches([file], predictor.manifest.settings)


PredictRequest = JsonRequest | FilesRequest


def truncate_message(error: LampasError) -> str:
    """Return the error's message, cut to a length that is safe to send."""
    text = str(error)
    return text if len(text) <= _MAX_MESSAGE_LENGTH else text[:_MAX_MESSAGE_LENGTH] + " …"


def _as_arrays(predictor: Predictor, batch: PredictionBatch) -> PredictionBatch:
    return batch._replace(x=as_arrays(convert_inputs(predictor.model, batch.x)))


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.examples:
        raise HTTPException(
            413,
            f"at most {limits.examples:,} examples per request are accepted. Send several "
            "requests, or use lampas predict.",
        )


def _parse_items(body: bytes) -> list[Any]:
    """The list in ``{"items": [...]}``. Raises HTTPException for anything else."""
    try:
        content = json.loads(body.decode(), parse_constant=_finite, parse_float=_finite)
        # JSON allows half a surrogate pair, but UTF-8 does not.
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not valid JSON: {_reason(error)}") from error
    items = content.get("items") if isinstance(content, dict) else None
    if not isinstance(items, list) or not items:
        raise HTTPException(400, 'the body must be {"items": [...]} with at least one example.')
    return items


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is not a finite number; use null for a missing value")
    return number


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply."
    if isinstance(error, UnicodeError):
        return "it is not valid UTF-8."
    return f"{error}."
