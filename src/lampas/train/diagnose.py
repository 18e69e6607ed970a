"""Why a step left the finite numbers: it is run again, line by line, and looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import DivergedError
from ..core.module import Module
from .epoch import Place
from .likely import Finding, causes, size_of
from .step import Batch, Draw, Tree, gradients_of
from .trainer import Trainer
from .watch import each_forward, through

MOST_ROWS = 5
"""Rows of the data that an error names."""


def diagnose(
    trainer: Trainer, batch: Batch, draw: Draw, place: Place, steps: int | None
) -> DivergedError:
    """The error for the step after ``place``, whose loss or gradients are not finite.

    The model has the weights from before it. ``steps`` is how many an epoch has, if that is known.
    """
    error, finding = _first(trainer, batch, draw)
    rows = np.asarray(draw.examples.numbers)
    found = finding.examples
    if found is not None and found.shape == rows.shape and found.any():
        rows = rows[found]
    of = f" of {steps}" if steps else ""
    became = f"the loss became {error:g}" if not np.isfinite(error) else "a gradient is not finite"
    lines = [
        f"{became} in epoch {place.epoch + 1}, batch {place.done + 1}{of} (step {place.step + 1}, "
        f"learning rate {trainer.optimizer.learning_rate:g}).",
        f"First not finite: {_said(finding)}; {_named(rows)}.",
        *(f"Likely: {cause}" for cause in causes(trainer, batch, finding)),
        "The model has its weights from before this step; model.history the epochs before it.",
    ]
    return DivergedError(
        "\n".join(lines),
        step=place.step,
        epoch=place.epoch,
        rows=rows.tolist(),
        layer=finding.layer,
        what=finding.what,
    )


def _said(finding: Finding) -> str:
    """What was found, and what went in."""
    where = f"{finding.layer} ({finding.kind})" if finding.layer else finding.kind
    went_in = f", whose input is {size_of(finding.inputs)}"
    match finding.what:
        case "output":
            return f"the output of {where}{went_in}"
        case "slope":
            return f"the slope that goes back through {where}{went_in}"
        case "behind":
            return f"the slope that comes back to {where} from the loss or code behind it"
        case "gradient":
            return f"the gradient of {finding.layer}"
        case "loss":
            return f"the loss, for predictions that are {size_of(finding.inputs)}"
    return "nothing when run line by line: a number near the border overflowed in compiled code"


def _named(rows: np.ndarray) -> str:
    shown = ", ".join(map(str, rows[:MOST_ROWS].tolist()))
    more = ", ..." if rows.size > MOST_ROWS else ""
    return f"row{'s' * (rows.size != 1)} {shown}{more} of the data"


@dataclass
class Watch:
    """What passes through the layers of one step, and the first thing that is not finite."""

    inputs: dict[str, Tree] = field(default_factory=dict)
    first: Finding | None = None

    def found(self, finding: Finding) -> None:
        """Keep the first."""
        self.first = self.first or finding


def _first(trainer: Trainer, batch: Batch, draw: Draw) -> tuple[float, Finding]:
    """The error, and the first thing that is not finite: forth, then in the loss, then back."""
    learner, watch = trainer.learner, Watch()
    with jax.disable_jit(), each_forward(trainer.model, partial(_forth, watch)):
        (output, error), _ = trainer.apply(
            learner.params, learner.state, batch, training=True, rng=draw.key,
            examples=draw.examples,
        )  # fmt: skip
    if watch.first is not None:
        return float(error), watch.first
    if not np.isfinite(error):
        return float(error), Finding("loss", inputs=output, examples=_lost(trainer, batch, output))
    with jax.disable_jit(), each_forward(trainer.model, partial(_back, watch)):
        found = gradients_of(trainer.apply, trainer.objective, learner, batch, draw)
    wrong = [path for path, gradient in found[-1].items() if not finite(gradient)]
    behind = Finding("gradient", wrong[-1]) if wrong else Finding("nothing")
    return float(found[0]), watch.first or behind


def _lost(trainer: Trainer, batch: Batch, output: Tree) -> np.ndarray | None:
    """Which examples have an error that is not finite, as far as there is one for each."""
    written = type(trainer.model).compute_loss
    if trainer.loss is None or not written.__module__.startswith("lampas."):
        return None
    return _examples(trainer.loss(batch.y, output))


def _forth(
    watch: Watch,
    forward: Callable[..., Any],
    module: Module,
    path: str,
    *inputs: Any,
    **options: Any,
) -> Any:
    output = forward(*inputs, **options)
    watch.inputs[path] = inputs
    if not finite(output):
        examples = _examples(output)
        watch.found(Finding("output", path, type(module).__name__, module, inputs, examples))
    return output


def _back(
    watch: Watch,
    forward: Callable[..., Any],
    module: Module,
    path: str,
    *inputs: Any,
    **options: Any,
) -> Any:
    def note(what: str, slope: jax.Array) -> None:
        if not finite(slope):
            kind, went_in = type(module).__name__, watch.inputs.get(path, ())
            watch.found(Finding(what, path, kind, module, went_in, _examples(slope)))

    output = forward(*through(partial(note, "slope"), inputs), **options)
    return through(partial(note, "behind"), output)


def finite(tree: Tree) -> bool:
    """Whether all numbers are; what can not be looked at counts as such."""
    return all(
        _looked_at(leaf) is None or np.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)
    )


def _looked_at(leaf: Any) -> np.ndarray | None:
    """A float array's values, in a precision that NumPy knows; None for anything else."""
    known = isinstance(leaf, jax.Array) and not isinstance(leaf, jax.core.Tracer)
    if not known or not jnp.issubdtype(leaf.dtype, jnp.floating):
        return None
    return np.asarray(leaf.astype(jnp.float32) if leaf.dtype == jnp.bfloat16 else leaf)


def _examples(tree: Tree) -> np.ndarray | None:
    """Which examples of a batch are not finite."""
    arrays = [found for leaf in jax.tree.leaves(tree) if (found := _looked_at(leaf)) is not None]
    if not arrays or arrays[0].ndim == 0:
        return None
    first = arrays[0]
    return ~np.isfinite(first.reshape(first.shape[0], -1)).all(1)
