"""What ``evaluate`` returns: values by name, in order, and a single one as a number."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..core.arguments import is_number
from ..core.errors import ArgumentError


def _operator(function: Callable[..., Any]) -> Any:
    """A method that computes with the single value; of two results with both of theirs."""

    def method(self: EvaluationResult, *operands: Any) -> Any:
        return function(float(self), *map(_number, operands))

    return method


def _reflected(function: Callable[[Any, Any], Any]) -> Any:
    return _operator(lambda value, other: function(other, value))


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, EvaluationResult) else value


class EvaluationResult(dict[str, float]):
    """The loss and the metrics of an evaluation.

    - Names, as in a dict: ``result["accuracy"]``, ``keys()``, ``items()``, ``get``, ``in``,
      ``dict(result)``, ``**result``, ``json.dumps(result)``; it is printed as a dict.
    - Positions, as in the list that Keras returns: ``loss, accuracy = result``, ``result[0]``,
      ``result[1:]``, and ``for``, ``list``, ``zip`` and ``np.array`` give values, not names.
    - A number, if the loss is the only value: ``float(result)``, ``f"{result:.4f}"``, ``round``,
      comparison, arithmetic and NumPy functions.

    Example:
        >>> import lampas as lp
        >>> result = lp.EvaluationResult(loss=0.25, accuracy=0.9)
        >>> loss, accuracy = result
        >>> loss, result[1], result["accuracy"]
        (0.25, 0.9, 0.9)
        >>> result
        {'loss': 0.25, 'accuracy': 0.9}
        >>> lp.EvaluationResult(loss=0.25) < 0.5
        True
    """

    def __iter__(self) -> Iterator[float]:  # type: ignore[override]
        return iter(self.values())

    def __reversed__(self) -> Iterator[float]:  # type: ignore[override]
        return reversed(self.values())

    def __getitem__(self, key: str | int | slice) -> Any:
        if isinstance(key, str):
            return super().__getitem__(key)
        return list(self.values())[key]

    def __float__(self) -> float:
        if len(self) != 1:
            raise ArgumentError(
                f"the result of evaluate has {len(self)} values, {', '.join(self.keys())}, and is "
                'no number; take one of them: result["loss"] or result[0].'
            )
        return float(self[0])

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else str(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        values = list(self)
        return np.asarray(values[0] if len(values) == 1 else values, dtype)

    def __eq__(self, other: object) -> bool:
        if len(self) == 1 and is_number(other):
            return bool(self[0] == other)
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __lt__, __le__, __gt__, __ge__ = map(
        _operator, (operator.lt, operator.le, operator.gt, operator.ge)
    )
    __abs__, __neg__, __round__ = _operator(abs), _operator(operator.neg), _operator(round)
    __add__, __sub__, __mul__, __truediv__, __pow__ = map(
        _operator, (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow)
    )
    __radd__, __rsub__, __rmul__, __rtruediv__, __rpow__ = map(
        _reflected, (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow)
    )
