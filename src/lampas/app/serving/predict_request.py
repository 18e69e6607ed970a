"""Read the examples of a prediction request into the arrays that the model takes."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.exceptions import HTTPException

from ...core.errors import LampasError
from ...layers.preprocessing.base import RawInputLayer
from ...train.inputs.adapter import as_arrays
from ..automl.predictor import Predictor
from ..automl.task import DataKind, InputFile, PredictionBatch
from .json_items import check_items
from .limits import Limits
from .upload_checks import check_upload

_MAX_MESSAGE_LENGTH, _MAX_WARNINGS = 1000, 20


class Failure(NamedTuple):
    """Name of a file that cannot be predicted, and the reason."""

    name: str
    message: str


@dataclass(frozen=True)
class JsonRequest:
    """A request for predictions, with examples as JSON: ``{"items": [...]}``."""

    body: bytes


@dataclass(frozen=True)
class FilesRequest:
    """A request for predictions, with examples in uploaded files, which are held in memory."""

    files: tuple[InputFile, ...]


PredictRequest = JsonRequest | FilesRequest


class Examples(NamedTuple):
    """The examples of a request in batches of arrays, and the files that cannot be predicted.

    Args:
        batches: the examples.
        failures: the files that cannot be predicted.
        warnings: what was read as missing, or may have been read wrongly.
    """

    batches: list[PredictionBatch]
    failures: list[Failure]
    warnings: tuple[str, ...] = ()


class ExampleReader(NamedTuple):
    """Reads requests into the arrays that a model takes.

    Args:
        kind: kind of data that the model takes.
        settings: settings of its run.
        layers: layers of the model that convert raw inputs.
        limits: limits of the server.
    """

    kind: DataKind[Any]
    settings: Any
    layers: tuple[RawInputLayer, ...]
    limits: Limits

    def read(self, request: PredictRequest) -> Examples:
        """Read the examples of a request.

        Raises:
            HTTPException: if the request is malformed or too large.
            LampasError: if examples in JSON do not fit the model.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            examples = self._read(request)
        messages = dict.fromkeys(
            truncate_message(str(warning.message))
            for warning in caught
            if issubclass(warning.category, UserWarning)
        )
        return examples._replace(warnings=tuple(messages)[:_MAX_WARNINGS])

    def _read(self, request: PredictRequest) -> Examples:
        examples = Examples([], [])
        if isinstance(request, JsonRequest):
            items = _parse_items(request.body)
            _check_count(len(items), self.limits)
            schema = self.kind.json_schema(self.settings)
            if schema is not None:
                check_items(items, schema, self.limits)
            self._add(examples, self.kind.parse_items(items, self.settings))
            return examples
        remaining = self.limits.unpacked
        for file in request.files:
            try:
                remaining -= check_upload(file, self.kind, self.limits, remaining)
                for batch in self.kind.read_batches([file], self.settings):
                    self._add(examples, batch)
            except LampasError as error:
                examples.failures.append(Failure(file.name, truncate_message(error)))
        return examples

    def _add(self, examples: Examples, batch: PredictionBatch) -> None:
        count = sum(len(b.names) for b in examples.batches) + len(batch.names)
        _check_count(count, self.limits)
        converted = (layer.convert(batch.x) for layer in self.layers if layer.accepts(batch.x))
        examples.batches.append(batch._replace(x=as_arrays(next(converted, batch.x))))


def example_reader(predictor: Predictor, limits: Limits) -> ExampleReader:
    """Return what reads requests for a predictor."""
    modules = (module for _, module in predictor.model.modules())
    layers = tuple(module for module in modules if isinstance(module, RawInputLayer))
    return ExampleReader(predictor.kind, predictor.manifest.settings, layers, limits)


def truncate_message(error: LampasError | str) -> str:
    """Return the message of an error or a warning, cut to a length that is safe to send."""
    text = str(error)
    return text if len(text) <= _MAX_MESSAGE_LENGTH else text[:_MAX_MESSAGE_LENGTH] + " …"


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
