"""Why a step left the finite numbers: it is run again, line by line, and looked at.

What likely made a step leave the finite numbers, told from the sizes of what met there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core.errors import DivergedError, show_shape
from ...core.module import Module
from ..epoch import Place
from ..step import Batch, Draw, Tree, gradients_of
from ..trainer import Trainer
from .layer_hooks import each_forward, through

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


LARGE_WEIGHT = 1e3
"""Initial weights are below 1 and trained ones seldom above 10; these have run away."""
LARGE_INPUT = 1e3
"""Standardized inputs are below 10, bytes below 256."""


@dataclass
class Finding:
    """The first thing in a step that is not finite, and what went into it.

    ``what`` is the "output" of a layer, the "loss", the "slope" going back through a layer, the
    slope "behind" a layer, the "gradient" of a parameter, or "nothing". ``layer`` is the path of
    layer or parameter; ``examples`` tells which examples of the batch are not finite.
    """

    what: str
    layer: str = ""
    kind: str = ""
    module: Module | None = None
    inputs: Tree = ()
    examples: np.ndarray | None = None


def causes(trainer: Trainer, batch: Batch, finding: Finding) -> list[str]:
    """Likely causes in plain words, each with what to do; the likeliest first."""
    from_sizes = list(_from_sizes(trainer, batch, finding))
    own = type(finding.module).__name__ in Module.library
    # Lampas's own layers divide by nothing that can be 0.
    return from_sizes if from_sizes and own else [*from_sizes, *_of_its_kind(finding)][:2]


def _from_sizes(trainer: Trainer, batch: Batch, finding: Finding) -> Iterator[str]:
    for name, part in (("inputs", batch.x), ("targets", batch.y)):
        if not np.isfinite(_largest(part)):
            yield f"the {name} of this batch are not finite: leave such rows out of the data."
            return
    weights = {path: v.value for path, v in (finding.module or trainer.model).variables().items()}
    largest, rate = _largest(weights), trainer.optimizer.learning_rate
    if not largest <= LARGE_WEIGHT:
        yield (
            f"the learning rate is too large; weights {'there ' * (finding.module is not None)}"
            f"have reached {largest:.3g}. Try {rate / 10:g} or less, or bound the gradients: "
            f"{type(trainer.optimizer).__name__}(..., clipnorm=1.0)."
        )
    elif rate >= 1 and finding.what != "loss":
        yield f"the learning rate {rate:g} is too large; try 0.001."
    back = finding.what not in ("output", "loss")
    if trainer.precision == jnp.float16 and (back or not _largest(finding.inputs) < 256):
        yield (
            'float16 overflows above 65504; compile with precision="bfloat16", whose range is '
            "that of float32."
        )
    if (reach := _largest(batch.x)) > LARGE_INPUT:
        yield (
            f"the inputs reach {reach:.3g} and are not scaled; begin the model with "
            "Normalization(), or scale them to a few units."
        )


def _of_its_kind(finding: Finding) -> Iterator[str]:
    """What such a finding mostly comes from."""
    zeros, negative = _count(finding.inputs, 0), _count(finding.inputs, -1)
    held = f"{zeros:,} zeros and {negative:,} negative numbers"
    match finding.what:
        case "loss":
            yield (
                f"the loss takes the logarithm or root of 0 or less, or divides by 0 (predictions: "
                f"{held}, largest {_largest(finding.inputs):.3g}); keep them off the border: "
                "jnp.log(p + 1e-7), or a loss with from_logits=True."
            )
        case "output" if _constant(finding.inputs):
            yield (
                "a feature of its input is the same in the whole batch, so that its variance is "
                "0; add a small number before dividing by it."
            )
        case "output":
            yield (
                f"a logarithm or root of 0 or less, a division by 0, or a large exponential (its "
                f"input holds {held}); add a small number, or bound the input with jnp.clip."
            )
        case "slope" | "gradient" | "behind":
            yield (
                "a root, a logarithm or a division has an infinite slope at 0 (its input holds "
                f"{held}); add a small number inside: jnp.sqrt(x + 1e-7)."
            )


def size_of(tree: Tree) -> str:
    """Form and size of arrays: ``float32(32, 8) from -1.5 to 3``."""
    return ", ".join(_described(leaf) for leaf in _arrays(tree)) or "no array"


def _described(array: np.ndarray) -> str:
    shown = f"{array.dtype}{show_shape(array.shape)}"
    kept = array[np.isfinite(array)]
    if not kept.size:
        return shown
    bad = array.size - kept.size
    more = f" ({bad:,} of {array.size:,} not finite)" if bad else ""
    return f"{shown} from {kept.min():.3g} to {kept.max():.3g}{more}"


def _arrays(tree: Tree) -> list[np.ndarray]:
    """The arrays of a tree in a precision that NumPy knows."""
    leaves: list[Any] = [leaf for leaf in jax.tree.leaves(tree) if hasattr(leaf, "dtype")]
    return [np.asarray(x.astype(np.float32) if x.dtype == jnp.bfloat16 else x) for x in leaves]


def _largest(tree: Tree) -> float:
    """The largest absolute value, NaN or infinite if one is."""
    floats = (np.abs(a.astype(np.float32)).max(initial=0.0) for a in _arrays(tree))
    return float(np.max([0.0, *floats]))


def _count(tree: Tree, sign: int) -> int:
    return sum(int(np.sum(np.sign(a.astype(np.float32)) == sign)) for a in _arrays(tree))


def _constant(tree: Tree) -> bool:
    """Whether a feature has the same value for all examples of the first array."""
    first = next(iter(_arrays(tree)), np.zeros((1,)))
    return first.ndim > 1 and len(first) > 1 and bool((np.ptp(first, axis=0) == 0).any())
