"""One step of learning as numbers, in its six stages; print it to read them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..core.errors import show_shape

WIDTH = 78
"""Characters of a line, for terminals of 80 columns."""
INDENT = "    "


@dataclass(frozen=True)
class Call:
    """One run of a layer.

    ``inputs`` and ``output`` are its first array in and out; ``slope`` is the gradient of the error
    with respect to the output, None where backpropagation has no need to go through it. ``z`` and
    ``z_slope`` are the same for what a dense layer has before its activation, None where that is
    its output, or the layer another one.
    """

    path: str
    kind: str
    formula: str
    inputs: np.ndarray
    output: np.ndarray
    slope: np.ndarray | None = None
    z: np.ndarray | None = None
    z_slope: np.ndarray | None = None

    def gradient_of(self, weight: str) -> str:
        """How the gradient of a dense layer's weight comes about; empty for other layers."""
        if self.kind != "Dense" or self.inputs.ndim != 2:
            return ""
        behind = f"dE/d{' ' + self.path if self.z is None else 'z'}"
        return f"x.T @ {behind}" if weight == "kernel" else f"the sum of {behind} over the rows"


@dataclass(frozen=True)
class Explanation:
    """The numbers of one step, stage by stage, and the errors of the steps that follow.

    Args:
        name: of the model.
        x: the inputs.
        y: the targets; None where there are several arrays, or none.
        initialization: stage 1, the weights before the step, by path.
        calls: stage 2, forward propagation, each run of a layer in its order; with the slopes of
            stage 4.
        formula: of the error function, or its name.
        errors: stage 3, the error of each row; None where the model has but one for all.
        error: their mean, which with ``penalty`` becomes small.
        penalty: of regularizers.
        gradients: stage 4, backpropagation, the gradient for each weight, by path.
        optimizer: what it does, in a line.
        learning_rate: of this step.
        update: stage 5, the weights after the step, by path.
        losses: stage 6, iterate: error and penalty before step 1, 2, 3, ...
    """

    name: str
    x: np.ndarray
    y: np.ndarray | None
    initialization: dict[str, np.ndarray]
    calls: tuple[Call, ...]
    formula: str
    errors: np.ndarray | None
    error: float
    penalty: float
    gradients: dict[str, np.ndarray]
    optimizer: str
    learning_rate: float
    update: dict[str, np.ndarray]
    losses: np.ndarray

    def __str__(self) -> str:
        stages = (
            ("Initialization: the weights before the step", self._initialized()),
            ("Forward propagation: what each layer makes of its input", self._forward()),
            ("Error function: how wrong the predictions are", self._error()),
            ("Backpropagation: dE/d..., how the error rises with each number", self._back()),
            (f"Weight update: against the gradient, rate {self.learning_rate:g}", self._updated()),
            ("Iterate: the same again, and the error falls", self._iterated()),
        )
        lines = [f"{self.name}, one step on {len(self.x)} rows"]
        for number, (title, content) in enumerate(stages, 1):
            lines += ["", f"{number}  {title}", "─" * WIDTH, *content]
        return "\n".join(lines)

    __repr__ = __str__

    def _initialized(self) -> Iterator[str]:
        for path, weight in self.initialization.items():
            yield from _block(path, weight)

    def _forward(self) -> Iterator[str]:
        yield from _block("x", self.x)
        for call in self.calls:
            if call.z is not None:
                yield from _block(f"{call.path}: z", call.z)
            yield from _block(call.path, call.output, call.formula)

    def _error(self) -> Iterator[str]:
        yield from _wrapped(self.formula, "  ")
        if self.y is not None:
            yield from _block("y", self.y, "the targets")
        if self.errors is not None:
            yield from _block("error of each row", self.errors)
        yield f"  mean error E = {self.error:.6g}"
        if self.penalty:
            yield f"  penalty of the weights {self.penalty:.6g}, in all {self._whole:.6g}"

    @property
    def _whole(self) -> float:
        return self.error + self.penalty

    def _back(self) -> Iterator[str]:
        left = dict(self.gradients)
        for call in reversed(self.calls):
            if call.slope is not None:
                yield from _block(f"dE/d {call.path}", call.slope, "its output")
            if call.z_slope is not None:
                yield from _block(f"{call.path}: dE/dz", call.z_slope)
            for path in [path for path in left if path.startswith(f"{call.path}/")]:
                said = call.gradient_of(path.removeprefix(f"{call.path}/"))
                yield from _block(f"dE/d {path}", left.pop(path), said)
        for path, gradient in left.items():
            yield from _block(f"dE/d {path}", gradient)

    def _updated(self) -> Iterator[str]:
        yield from _wrapped(self.optimizer, "  ")
        for path, after in self.update.items():
            before = self.initialization[path]
            change = float(after.flat[0]) - float(before.flat[0])
            yield from _block(path, after)
            yield (
                f"{INDENT}the first: {before.flat[0]:.6f} {'-' if change < 0 else '+'} "
                f"{abs(change):.6f} = {after.flat[0]:.6f}"
            )

    def _iterated(self) -> Iterator[str]:
        most = float(self.losses.max()) or 1.0
        for step in _shown(len(self.losses)):
            loss = float(self.losses[step - 1])
            bar = "█" * round(48 * max(loss, 0.0) / most)
            yield f"  step {step:>6}  {loss:10.6f}  {bar}".rstrip()


def _block(name: str, array: np.ndarray, said: str = "") -> Iterator[str]:
    """A name with its shape, and the numbers below it."""
    head = f"  {name} {show_shape(array.shape)}"
    if len(head) + len(said) + 2 <= WIDTH:
        yield f"{head}  {said}".rstrip()
    else:
        yield from (head, *_wrapped(said, INDENT))
    for line in numbers(array).splitlines():
        yield f"{INDENT}{line}"


def _wrapped(said: str, indent: str) -> list[str]:
    return textwrap.wrap(said, WIDTH, initial_indent=indent, subsequent_indent=indent)


def numbers(array: np.ndarray) -> str:
    """An array to read: four digits, no row wider than a line, the middle of long ones left out."""
    if not np.issubdtype(array.dtype, np.floating):
        return np.array2string(array, max_line_width=WIDTH - 4, threshold=200)
    largest = np.abs(array).max(initial=0.0)
    form = "{:8.4f}" if largest == 0 or 1e-2 <= largest < 1e3 else "{:10.2e}"
    return np.array2string(
        array,
        max_line_width=WIDTH - 4,
        threshold=200,
        formatter={"float_kind": form.format},
    )


def _shown(count: int) -> list[int]:
    """Steps to show, closer together at the begin: 1, 2, 5, 10, 20, ... and the last."""
    rounds = [lead * 10**power for power in range(len(str(count))) for lead in (1, 2, 5)]
    return [*(step for step in rounds if step < count), count]
