"""What likely made a step leave the finite numbers, told from the sizes of what met there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import show_shape
from ..core.module import Module
from .step import Batch, Tree
from .trainer import Trainer

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
