"""Read the examples of a prediction request into the arrays that the model takes."""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from starlette.exceptions import HTTPException

from ...core.errors import LampasError
from ...layers.preprocessing.base import RawInputLayer
from ...train.inputs.adapter import as_arrays
from ..automl.predictor import Predictor
from ..automl.task import DataKind, PredictionBatch
from .form import parse_form
from .json_items import check_items
from .limits import Limits
from .upload_checks import check_upload

_MAX_MESSAGE_LENGTH, _MAX_WARNINGS = 1000, 20


class Failure(NamedTuple):
    """Name of a file that cannot be predicted, and the reason."""

    name: str
    message: str


class PredictRequest(NamedTuple):
    """A request for predictions: ``{"items": [...]}`` as JSON, or a form with files.

    Args:
        content_type: content type, with its parameters.
        body: the body.
    """

    content_type: str
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without parameters."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the examples are JSON."""
        return self.media_type == "application/json"

    @property
    def is_form(self) -> bool:
        """Whether the examples are in files."""
        return self.media_type == "multipart/form-data"


class Examples(NamedTuple):
    """The examples of a request as arrays, and the files that cannot be predicted.

    Args:
        batch: the examples.
        failures: the files that cannot be predicted.
        warnings: what was read as missing, or may have been read wrongly.
    """

    batch: PredictionBatch
    failures: list[Failure]
    warnings: tuple[str, ...] = ()

    @property
    def num_bytes(self) -> int:
        """Size of the arrays."""
        return sum(array.nbytes for array in jax.tree.leaves(self.batch.x))


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
        batches: list[PredictionBatch] = []
        failures: list[Failure] = []
        if request.is_json:
            items = _parse_items(request.body)
            _check_count(len(items), self.limits)
            schema = self.kind.json_schema(self.settings)
            if schema is not None:
                check_items(items, schema, self.limits)
            self._add(batches, self.kind.parse_items(items, self.settings))
            return Examples(concatenate(batches), failures)
        remaining = self.limits.unpacked
        for file in parse_form(request.content_type, request.body, self.limits.files):
            try:
                remaining -= check_upload(file, self.kind, self.limits, remaining)
                for batch in self.kind.read_batches([file], self.settings):
                    self._add(batches, batch)
            except LampasError as error:
                failures.append(Failure(file.name, truncate_message(error)))
        return Examples(concatenate(batches), failures)

    def _add(self, batches: list[PredictionBatch], batch: PredictionBatch) -> None:
        _check_count(sum(len(b.names) for b in batches) + len(batch.names), self.limits)
        converted = (layer.convert(batch.x) for layer in self.layers if layer.accepts(batch.x))
        batches.append(batch._replace(x=as_arrays(next(converted, batch.x))))


def concatenate(batches: Sequence[PredictionBatch]) -> PredictionBatch:
    """Return the examples of several batches, whose inputs are arrays, as one."""
    if not batches:
        return PredictionBatch([], None)
    names = [name for batch in batches for name in batch.names]
    times = [steps for batch in batches for steps in batch.times or [[]] * len(batch.names)]
    x = jax.tree.map(lambda *parts: np.concatenate(parts), *(batch.x for batch in batches))
    return PredictionBatch(names, x, times)


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
    if str(error).startswith("Exceeds the limit"):
        return f"an integer has more than {sys.get_int_max_str_digits():,} digits."
    return f"{error}."
