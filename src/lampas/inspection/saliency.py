"""Where a network looks: heat maps of what in a picture speaks for a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ArgumentError, ShapeError, show_shape, unknown_name
from ..core.functional import Arrays, functional
from ..core.jit import jit
from ..core.module import Module
from ..core.variable import Array
from ..train.inputs.arrays import as_arrays, check
from ..train.predictor import build_for
from .class_scores import Call, find_evidence, shadowed, trace

Classes = int | Sequence[int] | np.ndarray | None
Score = Callable[[Array], Array]
"""From a batch of pictures to the summed scores of their classes."""


def grad_cam(
    model: Module, x: Any, classes: Classes = None, layer: str | None = None, batch_size: int = 32
) -> np.ndarray:
    """Heat maps of the evidence for a class, by Grad-CAM (Selvaraju et al., 2017).

    The feature maps of a layer are summed, each weighed by the mean slope of the class's score over
    it; what is below zero is dropped, and the sum is resized to the picture by bilinear
    interpolation and scaled so that its largest value is 1. Where nothing speaks for the class, the
    map is 0 everywhere.

    The score of a class is what goes into the last softmax or sigmoid. Outputs of another origin
    are taken as they are, or by their logarithm where they are probabilities. With one output
    there are two classes: 1, for which a high output speaks, and 0.

    Args:
        model: any module that gives ``(batch, classes)``, ``(batch, 1)`` or ``(batch,)``.
        x: pictures, ``(n, height, width, channels)`` or ``(n, height, width)``, as the model
            takes them.
        classes: one for all pictures, or one for each; by default the most probable.
        layer: path of the layer or block to look at, ``"block_2/conv2d_1"``; by default the last
            convolution that ran. Of a layer that runs more than once the last run counts.
        batch_size: pictures that are computed together.

    Returns:
        ``(n, height, width)`` in 0..1, float32.

    Raises:
        ArgumentError: the model has no convolution, or no such class.
        UnknownNameError: no layer of that path ran.
        ShapeError: the layer gives no ``(batch, height, width, channels)``, or the model no score
            for each class.
    """
    look = _Look(model, x, classes, batch_size)
    target = _target(look.calls, layer, look.batch)
    times = sum(call.module is target.module for call in look.calls)

    def heat(score: Score, x: Array) -> Array:
        def tapped(zero: Array) -> tuple[Array, Array]:
            with _tapped(target.module, zero, times) as seen:
                return score(x), seen[-1]

        zero = jnp.zeros(target.output.shape, target.output.dtype)
        slope, maps = jax.grad(tapped, has_aux=True)(zero)
        weights = jnp.mean(slope, (1, 2), jnp.float32, keepdims=True)
        positive = jax.nn.relu(jnp.sum(weights * maps, -1))
        return jax.image.resize(positive, x.shape[:3], "bilinear")

    return look.maps(heat)


def saliency(model: Module, x: Any, classes: Classes = None, batch_size: int = 32) -> np.ndarray:
    """How much each pixel would move the score of a class (Simonyan et al., 2014).

    The absolute slope of the class's score (see :func:`grad_cam`) along the pixel, the largest of
    its channels, scaled so that the largest value of a map is 1.

    Arguments, result and errors are those of :func:`grad_cam`; any layers will do.
    """

    def heat(score: Score, x: Array) -> Array:
        x = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)
        slope = jnp.abs(jax.grad(score)(x))
        return slope if slope.ndim == 3 else jnp.max(slope, -1)

    return _Look(model, x, classes, batch_size).maps(heat)


class _Look:
    """A model, pictures, and the class to explain for each: what both kinds of map share."""

    def __init__(self, model: Module, x: Any, classes: Classes, batch_size: int) -> None:
        self.x = as_arrays(x)
        check(self.x, ())
        if getattr(self.x, "ndim", 0) not in (3, 4):
            raise ShapeError(
                f"Pictures are (n, height, width, channels) or (n, height, width), got "
                f"{show_shape(getattr(self.x, 'shape', ()))}."
            )
        build_for(model, self.x)
        self.model, self.batch = model, min(batch_size, len(self.x))
        self.calls, output = trace(model, self.x, self.batch)
        self.evidence = find_evidence(self.calls, output, self.batch)
        self.wanted = _wanted(classes, len(self.x), self.evidence.classes)

    def maps(self, heat: Callable[[Score, Array], Array]) -> np.ndarray:
        """``heat`` of all pictures, in batches of one compiled program, each scaled to 0..1."""
        (params, state), apply = functional(self.model)

        def batch(params: Arrays, state: Arrays, x: Array, wanted: Array) -> Array:
            def score(x: Array) -> Array:
                scores = self.evidence.of(lambda: apply(params, state, x)[0])
                chosen = jnp.where(wanted < 0, jnp.argmax(scores, -1), wanted)
                return jnp.sum(jnp.take_along_axis(scores, chosen[:, None], -1))

            return _scaled(heat(score, x))

        compiled, count = jit(batch), len(self.x)
        parts = []
        for start in range(0, count, self.batch):
            # The last batch is filled up with copies, so one program serves all.
            rows = np.minimum(np.arange(start, start + self.batch), count - 1)
            wanted = jnp.asarray(self.wanted[rows])
            parts.append(np.asarray(compiled(params, state, self.x[rows], wanted)))
        return np.concatenate(parts)[:count]


def _target(calls: Sequence[Call], layer: str | None, batch: int) -> Call:
    """The run to look at: the last one of that layer, or of a convolution with several places."""
    if layer is None:
        for call in reversed(calls):
            shape = call.output.shape
            if hasattr(call.module, "kernel_size") and len(shape) == 4 and shape[1] * shape[2] > 1:
                return call
        raise ArgumentError(
            "The model has no convolution over height and width, so there are no feature maps to "
            "weigh. Give the path of a layer whose output is (batch, height, width, channels), or "
            "use `saliency`, which needs none."
        )
    found = {call.path: call for call in calls if call.path}
    if layer not in found:
        raise unknown_name("layer", layer, found)
    shape = found[layer].output.shape
    if len(shape) != 4 or shape[0] != batch:
        raise ShapeError(
            f"The output of layer {layer!r} is {show_shape((None, *shape[1:]))}; a heat map needs "
            f"(batch, height, width, channels). Choose a convolution or a pooling."
        )
    return found[layer]


def _wanted(classes: Classes, pictures: int, count: int) -> np.ndarray:
    """The class of each picture, -1 for the most probable."""
    if classes is None:
        return np.full(pictures, -1)
    wanted = np.asarray(classes)
    if wanted.shape not in ((), (pictures,)):
        raise ShapeError(
            f"{pictures} pictures need one class, or one each; got classes of shape "
            f"{show_shape(wanted.shape)}."
        )
    wrong = [c for c in wanted.ravel().tolist() if not (isinstance(c, int) and 0 <= c < count)]
    if wrong:
        raise ArgumentError(
            f"There is no class {wrong[0]!r}: the model tells {count} classes apart, "
            f"0..{count - 1}."
        )
    return np.broadcast_to(wanted, (pictures,))


def _scaled(maps: Array) -> Array:
    """Each map over its largest value; zeros stay."""
    largest = jnp.max(maps, (1, 2), keepdims=True)
    scaled = maps / jnp.where(largest > 0, largest, 1)
    return jnp.clip(scaled, 0, 1).astype(jnp.float32)


@contextmanager
def _tapped(module: Module, zero: Array, times: int) -> Iterator[list[Array]]:
    """Add ``zero`` to what a module gives the last of ``times`` times, to differentiate by.

    The list yielded is then of what it gave.
    """
    forward = module.forward
    seen: list[Array] = []

    def tapped(*inputs: Any, **options: Any) -> Any:
        output = forward(*inputs, **options)
        seen.append(output + zero if len(seen) == times - 1 else output)
        return seen[-1]

    with shadowed(module, forward=tapped):
        yield seen
