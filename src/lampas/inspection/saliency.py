"""Heat maps of the image regions that support a class: Grad-CAM and saliency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ArgumentError, ShapeError, format_shape, unknown_name
from ..core.functional import Arrays, functional
from ..core.jit import jit
from ..core.module import Module
from ..core.variable import Array
from ..train.inputs.adapter import as_arrays, check_arrays
from ..train.trainer import build_for_inputs
from .class_scores import ModuleCall, find_class_scores, temporary_attributes, trace_calls

Classes = int | Sequence[int] | np.ndarray | None
Score = Callable[[Array], Array]
"""Maps a batch of images to the sum of the scores of their classes."""


def grad_cam(
    model: Module, x: Any, classes: Classes = None, layer: str | None = None, batch_size: int = 32
) -> np.ndarray:
    """Heat maps of the evidence for a class, by Grad-CAM (Selvaraju et al., 2017).

    The feature maps of a layer are summed, each weighted by the mean gradient of the class's score
    with respect to it. Negative values are set to 0; the sum is resized to the image by bilinear
    interpolation and scaled so that its maximum is 1. If nothing speaks for the class, the map is
    0 everywhere.

    The score of a class is the input of the final softmax or sigmoid. Other outputs are used
    directly, or through their logarithm if they are probabilities. A model with one output has
    two classes: 1, whose score is the output, and 0.

    Args:
        model: any module that returns ``(batch, classes)``, ``(batch, 1)`` or ``(batch,)``.
        x: images, ``(n, height, width, channels)`` or ``(n, height, width)``, as the model takes
            them.
        classes: the class to explain, one for all images or one for each; by default the class
            with the highest score.
        layer: path of the layer or block whose feature maps are used, ``"block_2/conv2d_1"``; by
            default the last convolution that ran. If the layer runs more than once, its last run
            is used.
        batch_size: images per batch.

    Returns:
        ``(n, height, width)`` in 0..1, float32.

    Raises:
        ArgumentError: the model has no convolution, or no such class.
        UnknownNameError: no layer of that path ran.
        ShapeError: the layer does not return ``(batch, height, width, channels)``, or the model
            does not return one score per class.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> layers = [lp.Conv2D(4, 3, padding="same"), lp.Flatten(), lp.Dense(2, "softmax")]
        >>> lp.grad_cam(lp.Sequential(layers), np.ones((3, 8, 8, 1)), classes=1).shape
        (3, 8, 8)
    """
    computation = _MapComputation(model, x, classes, batch_size)
    target = _find_call(computation.calls, layer, computation.batch_size)
    runs = sum(call.module is target.module for call in computation.calls)
    forward = target.module.forward

    def heatmap(score: Score, x: Array) -> Array:
        def score_and_maps(zero: Array) -> tuple[Array, Array]:
            outputs: list[Array] = []

            def tapped(*inputs: Any, **options: Any) -> Any:
                output = forward(*inputs, **options)
                # Zero is added to the output of the last run, to differentiate by it.
                outputs.append(output + zero if len(outputs) == runs - 1 else output)
                return outputs[-1]

            with temporary_attributes(target.module, forward=tapped):
                return score(x), outputs[-1]

        zero = jnp.zeros(target.output.shape, target.output.dtype)
        gradients, maps = jax.grad(score_and_maps, has_aux=True)(zero)
        weights = jnp.mean(gradients, (1, 2), jnp.float32, keepdims=True)
        positive = jax.nn.relu(jnp.sum(weights * maps, -1))
        return jax.image.resize(positive, x.shape[:3], "bilinear")

    return computation.run(heatmap)


def saliency(model: Module, x: Any, classes: Classes = None, batch_size: int = 32) -> np.ndarray:
    """Sensitivity of a class's score to each pixel (Simonyan et al., 2014).

    The absolute gradient of the class's score (see :func:`grad_cam`) with respect to the pixel,
    maximized over the channels and scaled so that the maximum of each map is 1.

    Args:
        model: any module, as in :func:`grad_cam`; it needs no convolutions.
        x: images, ``(n, height, width, channels)`` or ``(n, height, width)``.
        classes: the class to explain, one for all images or one for each; by default the class
            with the highest score.
        batch_size: images per batch.

    Returns:
        ``(n, height, width)`` in 0..1, float32.

    Raises:
        ArgumentError: there is no such class.
        ShapeError: ``x`` does not hold images, or the model does not return one score per class.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Flatten(), lp.Dense(2, "softmax")])
        >>> lp.saliency(model, np.ones((3, 8, 8, 1))).shape
        (3, 8, 8)
    """

    def heatmap(score: Score, x: Array) -> Array:
        x = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)
        gradients = jnp.abs(jax.grad(score)(x))
        return gradients if gradients.ndim == 3 else jnp.max(gradients, -1)

    return _MapComputation(model, x, classes, batch_size).run(heatmap)


class _MapComputation:
    """A model, images, and the class to explain for each image."""

    def __init__(self, model: Module, x: Any, classes: Classes, batch_size: int) -> None:
        self.x = as_arrays(x, "x")
        check_arrays(self.x, ())
        if getattr(self.x, "ndim", 0) not in (3, 4):
            raise ShapeError(
                f"Images must be (n, height, width, channels) or (n, height, width), got "
                f"{format_shape(getattr(self.x, 'shape', ()))}."
            )
        build_for_inputs(model, self.x)
        self.model, self.batch_size = model, min(batch_size, len(self.x))
        self.calls, output = trace_calls(model, self.x, self.batch_size)
        self.class_scores = find_class_scores(self.calls, output, self.batch_size)
        self.target_classes = _check_classes(classes, len(self.x), self.class_scores.num_classes)

    def run(self, heatmap: Callable[[Score, Array], Array]) -> np.ndarray:
        """Apply ``heatmap`` to all images, batch by batch, and scale each map to 0..1."""
        (params, state), apply = functional(self.model)

        def compute_maps(params: Arrays, state: Arrays, x: Array, classes: Array) -> Array:
            def score(x: Array) -> Array:
                scores = self.class_scores.compute(lambda: apply(params, state, x)[0])
                explained = jnp.where(classes < 0, jnp.argmax(scores, -1), classes)
                return jnp.sum(jnp.take_along_axis(scores, explained[:, None], -1))

            return _scale(heatmap(score, x))

        compiled, count = jit(compute_maps), len(self.x)
        batches = []
        for start in range(0, count, self.batch_size):
            # The last batch is padded with copies, so one program serves all batches.
            rows = np.minimum(np.arange(start, start + self.batch_size), count - 1)
            classes = jnp.asarray(self.target_classes[rows])
            batches.append(np.asarray(compiled(params, state, self.x[rows], classes)))
        return np.concatenate(batches)[:count]


def _find_call(calls: Sequence[ModuleCall], layer: str | None, batch_size: int) -> ModuleCall:
    """Find the call that provides the feature maps: by path, or the last convolution's."""
    if layer is None:
        for call in reversed(calls):
            shape = call.output.shape
            if hasattr(call.module, "kernel_size") and len(shape) == 4 and shape[1] * shape[2] > 1:
                return call
        raise ArgumentError(
            "The model has no convolution over height and width, so there are no feature maps to "
            "weigh. Pass the path of a layer whose output is (batch, height, width, channels), or "
            "use `saliency`, which needs none."
        )
    by_path = {call.path: call for call in calls if call.path}
    if layer not in by_path:
        raise unknown_name("layer", layer, by_path)
    shape = by_path[layer].output.shape
    if len(shape) != 4 or shape[0] != batch_size:
        raise ShapeError(
            f"The output of layer {layer!r} is {format_shape((None, *shape[1:]))}; a heat map "
            "needs (batch, height, width, channels). Choose a convolution or a pooling layer."
        )
    return by_path[layer]


def _check_classes(classes: Classes, num_images: int, num_classes: int) -> np.ndarray:
    """Return the class to explain for each image; -1 stands for the class of highest score."""
    if classes is None:
        return np.full(num_images, -1)
    target_classes = np.asarray(classes)
    if target_classes.shape not in ((), (num_images,)):
        raise ShapeError(
            f"{num_images} images need one class, or one each; got classes of shape "
            f"{format_shape(target_classes.shape)}."
        )
    labels = target_classes.ravel().tolist()
    wrong = [c for c in labels if not (isinstance(c, int) and 0 <= c < num_classes)]
    if wrong:
        raise ArgumentError(
            f"There is no class {wrong[0]!r}: the model distinguishes {num_classes} classes, "
            f"0..{num_classes - 1}."
        )
    return np.broadcast_to(target_classes, (num_images,))


def _scale(maps: Array) -> Array:
    """Divide each map by its maximum; a map of zeros stays as it is."""
    largest = jnp.max(maps, (1, 2), keepdims=True)
    scaled = maps / jnp.where(largest > 0, largest, 1)
    return jnp.clip(scaled, 0, 1).astype(jnp.float32)
