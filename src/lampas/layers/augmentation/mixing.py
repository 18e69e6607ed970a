"""MixUp and CutMix, which mix the rows of a batch, and their targets with them."""

from __future__ import annotations

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.arguments import PositiveFloat
from ...core.arrays import to_device
from ...core.errors import ArgumentError, ShapeError, format_shape
from ...core.mixture import record_mixture
from ...core.variable import Array
from ..base import RandomLayer, RandomLayerOptions
from .erasing import random_box
from .ranges import Factor, draw_uniform, range_from


class _Mixing(RandomLayer):
    """Base of layers that mix each image of a batch with another one.

    Subclasses write ``mix(key, images, partners)``, which returns the images and the part that each
    has kept, at least one half: so the targets of a row stay those of its larger part.
    """

    axes = ("batch", "height", "width", "channels")
    prepares_images = True

    def mix(self, key: Array, images: Array, partners: Array) -> tuple[Array, Array]:
        """The mixed images, and the part of each that is its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method mix.")

    def forward(self, x: Any) -> Any:
        if not context.is_augmenting():
            return x
        images = x["images"] if isinstance(x, dict) else x
        for_order, key = jax.random.split(context.random_key())
        order = jax.random.permutation(for_order, len(images))
        mixed, part = self.mix(key, images, images[order])
        if not isinstance(x, dict):
            record_mixture(order, part)
            return mixed
        if "labels" not in x:
            return {"images": mixed}
        labels = x["labels"]
        part = _per_row(part, labels)
        return {"images": mixed, "labels": part * labels + (1 - part) * labels[order]}

    def _convert(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return super()._convert(value)
        if not {"images"} <= value.keys() <= {"images", "labels"}:
            raise ArgumentError(
                'takes images, or a dict {"images": ..., "labels": ...}, got the keys '
                f"{list(value)}."
            )
        converted = {"images": super()._convert(value["images"])}
        if "labels" in value:
            converted["labels"] = _check_labels(to_device(value["labels"], "the labels"))
        return converted


def _per_row(part: Array, like: Array) -> Array:
    """One number per row in a shape that broadcasts."""
    return part.reshape(-1, *(1,) * (like.ndim - 1)).astype(like.dtype)


def _check_labels(labels: Array) -> Array:
    """Labels that can be mixed, as floating point numbers.

    Raises:
        ShapeError: for indices of classes.
    """
    is_traced = isinstance(labels, jax.core.Tracer)
    is_column = labels.ndim == 2 and labels.shape[1] == 1
    if labels.ndim < 2 or (is_column and not is_traced and bool(jnp.any(labels > 1))):
        raise ShapeError(
            "mixes labels that are one-hot, shape (batch, classes), got class labels of shape "
            f"{format_shape(labels.shape)}. Write np.eye(classes)[labels]; at the head of a model, "
            "fit mixes the losses of class labels too."
        )
    return labels.astype(jnp.promote_types(labels.dtype, jnp.float32))


class MixUp(_Mixing):
    """Blend each image of a batch with another one in training, and their targets (Zhang, 2018).

    As a layer of a model, among those that prepare the images, it acts inside the step of ``fit``:
    the loss of a row is the mean of the losses for the targets of both images, weighted by their
    parts, which for crossentropies is the loss for the mixed target. So targets may be class labels
    or anything else, and class weights and sample weights are those of each target's own row. The
    larger part is the row's own, and metrics compare with the row's own target. ``evaluate`` and
    ``predict`` leave images as they are.

    Called with a dict ``{"images": ..., "labels": ...}``, it returns both mixed, for a
    ``train_step`` or loop of your own; the labels are then one-hot. A direct call of the layer acts
    as in training.

    Args:
        alpha: parameter of the beta distribution that the parts are drawn from: near 0 most images
            stay almost as they are, 1 draws all parts equally often.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when ``alpha`` is not positive, for a dict with other keys, and within a
            ``train_step``, ``compute_loss`` or loop of your own, which would not mix the targets.
        ShapeError: in a dict, for labels that are not one-hot.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> data = {"images": np.ones((4, 8, 8, 3)), "labels": np.eye(4)}
        >>> lp.MixUp(alpha=0.2)(data)["labels"].sum(1).round(3).tolist()
        [1.0, 1.0, 1.0, 1.0]
        >>> model = lp.Sequential([lp.MixUp(), lp.Flatten(), lp.Dense(4, "softmax")])
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> history = model.fit(data["images"], [0, 1, 2, 3], verbose=0)
    """

    def __init__(self, alpha: PositiveFloat = 0.2, **options: Unpack[RandomLayerOptions]) -> None:
        super().__init__(**options)
        self.alpha = alpha

    def mix(self, key: Array, images: Array, partners: Array) -> tuple[Array, Array]:
        part = jax.random.beta(key, self.alpha, self.alpha, (len(images),))
        part = jnp.maximum(part, 1 - part)
        weight = _per_row(part, images)
        return weight * images + (1 - weight) * partners, part


class CutMix(_Mixing):
    """Replace a box of each image by that of another one in training (Yun et al., 2019).

    The targets are mixed by the parts of the area, in the same ways as by :class:`MixUp`. If the
    box is larger than one half of the image, everything around it is replaced instead. A direct
    call of the layer acts as in training.

    Args:
        factor: parameter of the beta distribution that the areas are drawn from. As in Keras it is
            drawn for each batch, from 0 to a number ``f`` or between a pair ``(low, high)``: (1, 1)
            draws all areas equally often.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, and as :class:`MixUp`.
        ShapeError: as :class:`MixUp`.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.CutMix()(np.zeros((4, 8, 8, 3), np.uint8)).shape
        (4, 8, 8, 3)
    """

    def __init__(self, factor: Factor = 1.0, **options: Unpack[RandomLayerOptions]) -> None:
        super().__init__(**options)
        self.factor = range_from(0.0, "factor", factor)

    def mix(self, key: Array, images: Array, partners: Array) -> tuple[Array, Array]:
        for_alpha, for_area, for_place = jax.random.split(key, 3)
        count, height, width, _ = images.shape
        alpha = draw_uniform(for_alpha, self.factor) + 1e-6
        side = jnp.sqrt(jax.random.beta(for_area, alpha, alpha, (count,)))
        keys = jax.random.split(for_place, count)
        boxes = jax.vmap(lambda key, side: random_box(key, height, width, (side, side)))(keys, side)
        replaced = boxes ^ (jnp.mean(boxes, (1, 2), keepdims=True) > 0.5)
        return jnp.where(replaced[..., None], partners, images), 1 - jnp.mean(replaced, (1, 2))
