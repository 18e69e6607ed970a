"""Find where a step became NaN or infinite by running it again eagerly, and guess the cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core.errors import DivergedError, format_shape
from ...core.module import Module
from ...optimizers import Optimizer
from ..epoch import Position
from ..step import Batch, StepRng, Tree, compute_gradients
from ..trainer import Trainer
from .layer_hooks import forward_hooks, tap_gradient, tap_value

MAX_ROWS = 5
"""Rows of the data that an error names."""
LARGE_WEIGHT = 1e3
"""Initial weights are below 1 and trained ones seldom above 10; larger ones have diverged."""
LARGE_INPUT = 1e3
"""Standardized inputs are below 10, bytes below 256."""


@dataclass
class NonFinite:
    """The first non-finite value of a step, and the inputs that led to it.

    Args:
        what: the "output", "input gradient" or "output gradient" of a layer, the "gradient" of a
            parameter, the "loss", a "log" of a step of one's own, or "nothing".
        layer: path of the layer or parameter, or name of the log.
        module: the layer.
        inputs: inputs of the layer or of the loss.
        examples: which examples of the batch are not finite.
    """

    what: str
    layer: str = ""
    module: Module | None = None
    inputs: Tree = ()
    examples: np.ndarray | None = None


@dataclass
class NonFiniteWatch:
    """Records the inputs of the layers of one step, and the first non-finite value."""

    inputs: dict[str, Tree] = field(default_factory=dict)
    first: NonFinite | None = None

    def check(self, what: str, path: str, module: Module, value: Tree) -> None:
        """Record ``value`` if it is the first that is not finite."""
        if self.first is None and not is_finite(value):
            inputs = self.inputs.get(path, ())
            self.first = NonFinite(what, path, module, inputs, _non_finite_examples(value))

    def forward_hook(
        self, forward: Callable[..., Any], module: Module, path: str, *inputs: Any, **options: Any
    ) -> Any:
        """Run a layer and check its output."""
        self.inputs[path] = inputs
        output = forward(*inputs, **options)
        self.check("output", path, module, output)
        return output

    def backward_hook(
        self, forward: Callable[..., Any], module: Module, path: str, *inputs: Any, **options: Any
    ) -> Any:
        """Run a layer; the gradients of its inputs and outputs are checked in backpropagation."""
        check_inputs = partial(self.check, "input gradient", path, module)
        output = forward(*tap_gradient(check_inputs, inputs), **options)
        return tap_gradient(partial(self.check, "output gradient", path, module), output)

    def step_hook(
        self, forward: Callable[..., Any], module: Module, path: str, *inputs: Any, **options: Any
    ) -> Any:
        """Run a layer within a step of one's own; its output and its gradient are checked.

        The step differentiates the layer, so the values are known to taps alone.
        """
        values: list[Tree] = []
        self.inputs[path] = values
        output = forward(*tap_value(values.append, inputs), **options)
        output = tap_value(partial(self.check, "output", path, module), output)
        return tap_gradient(partial(self.check, "output gradient", path, module), output)


def diagnose(
    trainer: Trainer, batch: Batch, rng: StepRng, position: Position, steps: int | None
) -> DivergedError:
    """The error for a step whose loss or gradients are not finite.

    Args:
        trainer: the programs of the model, which has the weights from before the step.
        batch: the batch of the step.
        rng: the random numbers of the step.
        position: the position before the step.
        steps: steps per epoch, if known.
    """
    if trainer.own_train_step is not None:
        became, non_finite = _find_first_of_own_step(trainer, batch, rng)
    else:
        loss, non_finite = _find_first(trainer, batch, rng)
        became = "a gradient is not finite"
        if not np.isfinite(loss):
            became = f"the loss became {loss:g}"
    rows = np.asarray(rng.examples.indices)
    wrong = non_finite.examples
    if wrong is not None and wrong.shape == rows.shape and wrong.any():
        rows = rows[wrong]
    of_steps = f" of {steps}" if steps else ""
    rates = {name: optimizer.learning_rate for name, optimizer in _optimizers(trainer).items()}
    listed = ", ".join(f"{name} {rate:g}" for name, rate in rates.items())
    lines = [
        f"{became} in epoch {position.epoch + 1}, batch {position.step_in_epoch + 1}{of_steps} "
        f"(step {position.step + 1}, {listed}).",
        f"First non-finite value: {_describe(non_finite)}; {_format_rows(rows)}.",
        *(f"Likely: {cause}" for cause in likely_causes(trainer, batch, non_finite)),
        "The model has its weights from before this step; model.history the epochs before it.",
    ]
    return DivergedError(
        "\n".join(lines),
        step=position.step,
        epoch=position.epoch,
        rows=rows.tolist(),
        layer=non_finite.layer,
        what=non_finite.what,
    )


def _describe(non_finite: NonFinite) -> str:
    """The value and the inputs of its layer."""
    kind, layer = type(non_finite.module).__name__, non_finite.layer
    where = f"{layer} ({kind})" if layer else kind
    inputs = f", whose input is {describe_arrays(non_finite.inputs)}"
    match non_finite.what:
        case "output":
            return f"the output of {where}{inputs}"
        case "input gradient":
            return f"the gradient with respect to the input of {where}{inputs}"
        case "output gradient":
            return (
                f"the gradient with respect to the output of {where}, from the loss or code after "
                "it"
            )
        case "gradient":
            return f"the gradient of {layer}"
        case "loss":
            return f"the loss, for predictions that are {describe_arrays(non_finite.inputs)}"
        case "log":
            return f"the value {layer!r} that train_step returned"
    return "none when run eagerly: a number close to the limit overflowed in compiled code"


def _format_rows(rows: np.ndarray) -> str:
    listed = ", ".join(map(str, rows[:MAX_ROWS].tolist()))
    more = ", ..." if rows.size > MAX_ROWS else ""
    return f"row{'s' * (rows.size != 1)} {listed}{more} of the data"


def _find_first(trainer: Trainer, batch: Batch, rng: StepRng) -> tuple[float, NonFinite]:
    """The loss, and the first non-finite value: in the forward pass, the loss, the gradients."""
    train_state, watch = trainer.train_state, NonFiniteWatch()
    with jax.disable_jit(), forward_hooks(trainer.model, watch.forward_hook):
        (output, loss), _ = trainer.apply(
            train_state.params, train_state.model_state, batch, training=True, rng=rng.key,
            examples=rng.examples,
        )  # fmt: skip
    if watch.first is not None:
        return float(loss), watch.first
    if not np.isfinite(loss):
        examples = _examples_of_loss(trainer, batch, output)
        return float(loss), NonFinite("loss", inputs=output, examples=examples)
    with jax.disable_jit(), forward_hooks(trainer.model, watch.backward_hook):
        loss, *_, gradients = compute_gradients(
            trainer.apply, trainer.objective, train_state, batch, rng
        )
    wrong = [path for path, gradient in gradients.items() if not is_finite(gradient)]
    in_gradients = NonFinite("gradient", wrong[-1]) if wrong else NonFinite("nothing")
    return float(loss), watch.first or in_gradients


def _find_first_of_own_step(trainer: Trainer, batch: Batch, rng: StepRng) -> tuple[str, NonFinite]:
    """What became of the step, and its first non-finite value."""
    step, watch = trainer.own_train_step, NonFiniteWatch()
    assert step is not None, "the model has a step of its own"
    sums: Any = [jnp.ones(shape) for shape in step.shapes]  # not the first batch of an epoch
    with jax.disable_jit(), forward_hooks(trainer.model, watch.step_hook):
        _, sums, _ = step.train(trainer.train_state, sums, batch, rng)
    logs = step.results([np.asarray(values)[None] for values in sums])[0]
    wrong = {name: value for name, value in logs.items() if not np.isfinite(value)}
    became = " and ".join(f"{name} became {value:g}" for name, value in wrong.items())
    in_logs = NonFinite("log", next(iter(wrong))) if wrong else NonFinite("nothing")
    return became or "a gradient is not finite", watch.first or in_logs


def _optimizers(trainer: Trainer) -> dict[str, Optimizer]:
    """The optimizers that train, by what an error calls their rates."""
    if trainer.own_train_step is None:
        return {"learning rate": trainer.optimizer}
    optimizers = trainer.own_train_step.optimizers()
    return {f"learning rate of {name}": o for name, o in optimizers.items() if o.opt_state}


def _examples_of_loss(trainer: Trainer, batch: Batch, output: Tree) -> np.ndarray | None:
    """Which examples have a non-finite loss; None if there is no loss per example."""
    if trainer.loss is None or not trainer.uses_default_loss:
        return None
    return _non_finite_examples(trainer.loss(batch.y, output))


def is_finite(tree: Tree) -> bool:
    """Whether all float arrays with known values are finite."""
    return all(np.isfinite(array).all() for array in _known_floats(tree))


def _known_floats(tree: Tree) -> list[np.ndarray]:
    """The float arrays of a tree whose values are known."""
    leaves = [x for x in jax.tree.leaves(tree) if isinstance(x, jax.Array)]
    concrete = [x for x in leaves if not isinstance(x, jax.core.Tracer)]
    return _arrays([x for x in concrete if jnp.issubdtype(x.dtype, jnp.floating)])


def _non_finite_examples(tree: Tree) -> np.ndarray | None:
    """Which examples of a batch are not finite."""
    first = next(iter(_known_floats(tree)), None)
    if first is None or first.ndim == 0:
        return None
    return ~np.isfinite(first.reshape(first.shape[0], -1)).all(1)


def likely_causes(trainer: Trainer, batch: Batch, non_finite: NonFinite) -> list[str]:
    """Likely causes in plain words, each with a remedy; the likeliest first."""
    from_sizes = list(_causes_from_sizes(trainer, batch, non_finite))
    is_library_layer = type(non_finite.module) in Module.registered_classes.values()
    # Lampas's own layers never divide by 0.
    if from_sizes and is_library_layer:
        return from_sizes
    return [*from_sizes, *_typical_causes(non_finite)][:2]


def _causes_from_sizes(trainer: Trainer, batch: Batch, non_finite: NonFinite) -> Iterator[str]:
    for name, arrays in (("inputs", batch.x), ("targets", batch.y)):
        if not np.isfinite(_largest(arrays)):
            yield f"the {name} of this batch are not finite: leave such rows out of the data."
            return
    module = non_finite.module
    weights = {path: v.value for path, v in (module or trainer.model).variables().items()}
    optimizer = next(iter(_optimizers(trainer).values()), trainer.optimizer)
    largest, rate = _largest(weights), optimizer.learning_rate
    if not largest <= LARGE_WEIGHT:
        yield (
            f"the learning rate is too large; weights {'there ' * (module is not None)}have "
            f"reached {largest:.3g}. Try {rate / 10:g} or less, or clip the gradients: "
            f"{type(optimizer).__name__}(..., clipnorm=1.0)."
        )
    elif rate >= 1 and non_finite.what != "loss":
        yield f"the learning rate {rate:g} is too large; try 0.001."
    in_backward = non_finite.what not in ("output", "loss")
    if trainer.precision == jnp.float16 and (in_backward or not _largest(non_finite.inputs) < 256):
        yield (
            'float16 overflows above 65504; compile with precision="bfloat16", whose range is '
            "that of float32."
        )
    if (largest_input := _largest(batch.x)) > LARGE_INPUT:
        yield (
            f"the inputs reach {largest_input:.3g} and are not scaled; begin the model with "
            "Normalization(), or scale them to a few units."
        )


def _typical_causes(non_finite: NonFinite) -> Iterator[str]:
    """The usual causes of such a value."""
    zeros, negative = _count(non_finite.inputs, 0), _count(non_finite.inputs, -1)
    counts = f"{zeros:,} zeros and {negative:,} negative numbers"
    match non_finite.what:
        case "loss":
            yield (
                f"the loss takes the logarithm or root of 0 or less, or divides by 0 (predictions: "
                f"{counts}, largest {_largest(non_finite.inputs):.3g}); keep them away from 0: "
                "jnp.log(p + 1e-7), or a loss with from_logits=True."
            )
        case "output" if _has_constant_feature(non_finite.inputs):
            yield (
                "a feature of its input is the same in the whole batch, so that its variance is "
                "0; add a small number before dividing by it."
            )
        case "output":
            yield (
                f"a logarithm or root of 0 or less, a division by 0, or a large exponential (its "
                f"input has {counts}); add a small number, or clip the input with jnp.clip."
            )
        case "input gradient" | "gradient" | "output gradient":
            yield (
                "a root, a logarithm or a division has an infinite derivative at 0 (its input has "
                f"{counts}); add a small number inside: jnp.sqrt(x + 1e-7)."
            )


def describe_arrays(tree: Tree) -> str:
    """Shape and range of arrays: ``float32(32, 8) from -1.5 to 3``."""
    return ", ".join(_describe_array(leaf) for leaf in _arrays(tree)) or "no array"


def _describe_array(array: np.ndarray) -> str:
    text = f"{array.dtype}{format_shape(array.shape)}"
    finite = array[np.isfinite(array)]
    if not finite.size:
        return text
    count = array.size - finite.size
    more = f" ({count:,} of {array.size:,} not finite)" if count else ""
    return f"{text} from {finite.min():.3g} to {finite.max():.3g}{more}"


def _arrays(tree: Tree) -> list[np.ndarray]:
    """The arrays of a tree in a precision that NumPy knows."""
    leaves: list[Any] = [leaf for leaf in jax.tree.leaves(tree) if hasattr(leaf, "dtype")]
    return [np.asarray(x.astype(np.float32) if x.dtype == jnp.bfloat16 else x) for x in leaves]


def _largest(tree: Tree) -> float:
    """The largest absolute value, NaN or infinite if one is."""
    maxima = (np.abs(a.astype(np.float32)).max(initial=0.0) for a in _arrays(tree))
    return float(np.max([0.0, *maxima]))


def _count(tree: Tree, sign: int) -> int:
    return sum(int(np.sum(np.sign(a.astype(np.float32)) == sign)) for a in _arrays(tree))


def _has_constant_feature(tree: Tree) -> bool:
    """Whether a feature has the same value for all examples of the first array."""
    first = next(iter(_arrays(tree)), np.zeros((1,)))
    return first.ndim > 1 and len(first) > 1 and bool((np.ptp(first, axis=0) == 0).any())
