"""The values of one training step, stage by stage, formatted for printing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..core.errors import format_shape
from ..core.terminal import plain

WIDTH = 78
"""Characters per line, for terminals of 80 columns."""
INDENT = "    "


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer.

    Args:
        path: path of the layer.
        kind: class name of the layer.
        formula: what the layer computes.
        inputs: its first input array.
        output: its first output array.
        output_gradient: gradient of the loss with respect to ``output``; None if backpropagation
            does not pass through it.
        z: value of a dense layer before its activation; None for other layers and without an
            activation.
        z_gradient: gradient of the loss with respect to ``z``.
    """

    path: str
    kind: str
    formula: str
    inputs: np.ndarray
    output: np.ndarray
    output_gradient: np.ndarray | None = None
    z: np.ndarray | None = None
    z_gradient: np.ndarray | None = None

    def gradient_formula(self, weight: str) -> str:
        """Formula of the gradient of a dense layer's weight; empty for other layers."""
        if self.kind != "Dense" or self.inputs.ndim != 2:
            return ""
        upstream = f"dL/d{' ' + self.path if self.z is None else 'z'}"
        return f"x.T @ {upstream}" if weight == "kernel" else f"the sum of {upstream} over the rows"


@dataclass(frozen=True)
class Explanation:
    """The values of one training step, stage by stage, and the losses of the following steps.

    Args:
        name: class name of the model.
        x: the inputs.
        y: the targets; None if there are several arrays, or none.
        initialization: stage 1, the weights before the step, by path.
        calls: stage 2, forward propagation, the calls of the layers in order; with the gradients
            of stage 4.
        loss_formula: formula of the loss function, or its name.
        row_losses: stage 3, the loss of each row; None if the model computes only their mean.
        loss: mean of the row losses.
        penalty: sum of the regularization terms and of what layers add to the loss.
        gradients: stage 4, backpropagation, the gradient of each weight, by path.
        optimizer: description of the optimizer, in one line.
        learning_rate: learning rate of this step.
        update: stage 5, the weights after the step, by path.
        losses: stage 6, iterate: loss and penalty before step 1, 2, 3, ...
    """

    name: str
    x: np.ndarray
    y: np.ndarray | None
    initialization: dict[str, np.ndarray]
    calls: tuple[LayerCall, ...]
    loss_formula: str
    row_losses: np.ndarray | None
    loss: float
    penalty: float
    gradients: dict[str, np.ndarray]
    optimizer: str
    learning_rate: float
    update: dict[str, np.ndarray]
    losses: np.ndarray

    def __str__(self) -> str:
        update = f"against the gradient, learning rate {self.learning_rate:g}"
        stages = (
            ("Initialization: the weights before the step", self._format_weights()),
            ("Forward propagation: the output of each layer", self._format_forward()),
            ("Loss function: how wrong the predictions are", self._format_loss()),
            ("Backpropagation: dL/d..., the gradients of the loss L", self._format_backward()),
            (f"Weight update: {update}", self._format_update()),
            ("Iterate: repeat the step, and the loss falls", self._format_losses()),
        )
        lines = [f"{self.name}, one step on {len(self.x)} rows"]
        for number, (title, content) in enumerate(stages, 1):
            lines += ["", f"{number}  {title}", "─" * WIDTH, *content]
        return plain("\n".join(lines))

    __repr__ = __str__

    def _format_weights(self) -> Iterator[str]:
        for path, weight in self.initialization.items():
            yield from _block(path, weight)

    def _format_forward(self) -> Iterator[str]:
        yield from _block("x", self.x)
        for call in self.calls:
            if call.z is not None:
                yield from _block(f"{call.path}: z", call.z)
            yield from _block(call.path, call.output, call.formula)

    def _format_loss(self) -> Iterator[str]:
        yield from _wrap(self.loss_formula, "  ")
        if self.y is not None:
            yield from _block("y", self.y, "the targets")
        if self.row_losses is not None:
            yield from _block("loss of each row", self.row_losses)
        yield f"  mean loss L = {self.loss:.6g}"
        if self.penalty:
            total = self.loss + self.penalty
            yield f"  penalties {self.penalty:.6g}, total loss {total:.6g}"

    def _format_backward(self) -> Iterator[str]:
        remaining = dict(self.gradients)
        for call in reversed(self.calls):
            if call.output_gradient is not None:
                yield from _block(f"dL/d {call.path}", call.output_gradient, "its output")
            if call.z_gradient is not None:
                yield from _block(f"{call.path}: dL/dz", call.z_gradient)
            for path in [path for path in remaining if path.startswith(f"{call.path}/")]:
                formula = call.gradient_formula(path.removeprefix(f"{call.path}/"))
                yield from _block(f"dL/d {path}", remaining.pop(path), formula)
        for path, gradient in remaining.items():
            yield from _block(f"dL/d {path}", gradient)

    def _format_update(self) -> Iterator[str]:
        yield from _wrap(self.optimizer, "  ")
        for path, after in self.update.items():
            before = self.initialization[path]
            change = float(after.flat[0]) - float(before.flat[0])
            yield from _block(path, after)
            change_text = f"{'-' if change < 0 else '+'} {abs(change):.6f}"
            yield f"{INDENT}first value: {before.flat[0]:.6f} {change_text} = {after.flat[0]:.6f}"

    def _format_losses(self) -> Iterator[str]:
        largest = float(self.losses.max()) or 1.0
        for step in _steps_to_show(len(self.losses)):
            loss = float(self.losses[step - 1])
            bar = "█" * round(48 * max(loss, 0.0) / largest)
            yield f"  step {step:>6}  {loss:10.6f}  {bar}".rstrip()


def _block(name: str, array: np.ndarray, description: str = "") -> Iterator[str]:
    """Lines with a name, its shape and a description, and the values below them."""
    head = f"  {name} {format_shape(array.shape)}"
    if len(head) + len(description) + 2 <= WIDTH:
        yield f"{head}  {description}".rstrip()
    else:
        yield from (head, *_wrap(description, INDENT))
    for line in format_array(array).splitlines():
        yield f"{INDENT}{line}"


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def format_array(array: np.ndarray) -> str:
    """Format an array with four digits, in lines of at most ``WIDTH``; long axes are elided."""
    if not np.issubdtype(array.dtype, np.floating):
        return np.array2string(array, max_line_width=WIDTH - 4, threshold=200)
    largest = np.abs(array).max(initial=0.0)
    pattern = "{:8.4f}" if largest == 0 or 1e-2 <= largest < 1e3 else "{:10.2e}"
    return np.array2string(
        array, max_line_width=WIDTH - 4, threshold=200, formatter={"float_kind": pattern.format}
    )


def _steps_to_show(count: int) -> list[int]:
    """Steps to print, at rising intervals: 1, 2, 5, 10, 20, ... and the last."""
    rounds = [lead * 10**power for power in range(len(str(count))) for lead in (1, 2, 5)]
    return [*(step for step in rounds if step < count), count]
