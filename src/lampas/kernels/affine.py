"""Resample images by affine maps: flip, rotate, shift, scale and shear in one interpolation.

A map takes the coordinates of an output pixel to those in the input that it shows. Coordinates are
``(x, y)`` in pixels from the center of the upper left one, y downward. One gather reads all
channels of a pixel in the input's own dtype, so uint8 images stay uint8 until they are weighted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from numbers import Real

import jax.numpy as jnp

from ..core.errors import ArgumentError, ShapeError, format_shape, unknown_name
from ..core.variable import Array
from .windows import call_without_inlining

FILL_MODES = ("constant", "nearest", "reflect", "wrap")
INTERPOLATIONS = ("bilinear", "nearest")

Taps = list[tuple[Array, Array]]
"""Indices along one axis of the pixels that an output pixel reads, each with its weight."""


@dataclass(frozen=True)
class Sampling:
    """How an image is interpolated between its pixels and extended beyond its edges.

    Args:
        fill_mode: values outside a row ``a b c d``: "reflect" ``d c b a | a b c d | d c b a``,
            "nearest" ``a a a a | a b c d | d d d d``, "wrap" ``a b c d | a b c d | a b c d``,
            "constant" ``k k k k | a b c d | k k k k``.
        interpolation: "bilinear" weights the four nearest pixels, "nearest" takes one.
        fill_value: the ``k`` of "constant".

    Raises:
        UnknownNameError: for other names.
        ArgumentError: for a fill value that is not a number.
    """

    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    fill_value: float = 0.0

    def __post_init__(self) -> None:
        if self.fill_mode not in FILL_MODES:
            raise unknown_name("fill_mode", self.fill_mode, FILL_MODES)
        if self.interpolation not in INTERPOLATIONS:
            raise unknown_name("interpolation", self.interpolation, INTERPOLATIONS)
        value: object = self.fill_value
        if not isinstance(value, Real):
            raise ArgumentError(f"fill_value must be a number, got {value!r}.")


def affine_transform(images: Array, maps: Array, sampling: Sampling | None = None) -> Array:
    """Each image transformed by its map: ``out[b, y, x] = images[b] at maps[b] @ (x, y, 1)``.

    Args:
        images: floating point images keep their dtype, integers give float32.
        maps: one per image; a last row ``0 0 1`` may be left out.
        sampling: interpolation and values outside; ``Sampling()`` by default.

    Shape: ``(batch, height, width, channels)``, ``(batch, 2 or 3, 3)`` -> that of ``images``.

    Raises:
        ShapeError: for other shapes.
    """
    images, maps = jnp.asarray(images), jnp.asarray(maps)
    _check(images, maps)
    # Not fused with what computes the images, such as a flip or another resampling: XLA would
    # repeat that for each of the four reads of a pixel.
    return call_without_inlining(partial(_transform, sampling=sampling or Sampling()), images, maps)


def _transform(images: Array, maps: Array, sampling: Sampling) -> Array:
    return sample_at(images, *_source_coordinates(maps, *images.shape[1:3]), sampling)


def sample_at(images: Array, x: Array, y: Array, sampling: Sampling) -> Array:
    """The values of images at any places.

    Args:
        images: floating point images keep their dtype, integers give float32.
        x: the column of each output pixel in its image.
        y: its row.
        sampling: interpolation and values outside.

    Shape: ``(batch, height, width, channels)``, twice ``(batch, rows, columns)`` ->
    ``(batch, rows, columns, channels)``.
    """
    batch, height, width, _ = images.shape
    rows, columns = _taps(y, height, sampling), _taps(x, width, sampling)
    example = jnp.arange(batch)[:, None, None]
    # XLA clamps every index of a gather to the array, so no further check is needed.
    terms = (
        (v * w)[..., None] * images.at[example, i, j].get(mode="promise_in_bounds")
        for i, v in rows
        for j, w in columns
    )
    out = reduce(jnp.add, terms)
    if sampling.fill_mode == "constant" and sampling.fill_value != 0:
        inside = _total(rows) * _total(columns)
        out += sampling.fill_value * (1.0 - inside)[..., None]
    return out.astype(as_float(images).dtype)


def as_float(images: Array) -> Array:
    """Convert integers to float32; floats are returned unchanged."""
    return images if jnp.issubdtype(images.dtype, jnp.floating) else images.astype(jnp.float32)


def _total(taps: Taps) -> Array:
    return reduce(jnp.add, (weight for _, weight in taps))


def _check(images: Array, maps: Array) -> None:
    if images.ndim != 4 or 0 in images.shape[1:3]:
        raise ShapeError(
            "expects images of shape (batch, height, width, channels), got "
            f"{format_shape(images.shape)}."
        )
    if maps.shape not in ((len(images), 2, 3), (len(images), 3, 3)):
        raise ShapeError(
            f"expects one affine map for each of {len(images)} images, shape "
            f"{format_shape((len(images), 2, 3))}, got {format_shape(maps.shape)}."
        )


def _source_coordinates(maps: Array, height: int, width: int) -> tuple[Array, Array]:
    """Coordinates in the input of each output pixel: x and y, (batch, height, width)."""
    (a, b, c), (d, e, f) = (maps[:, row, :].T[:, :, None, None] for row in (0, 1))
    x, y = jnp.arange(width, dtype=maps.dtype), jnp.arange(height, dtype=maps.dtype)[:, None]
    return a * x + b * y + c, d * x + e * y + f


def _taps(position: Array, size: int, sampling: Sampling) -> Taps:
    """The pixels read for a position along an axis of ``size`` pixels, with weights.

    The weights sum to 1 except with "constant", where pixels outside have weight 0.
    """
    position = _extend(position, size, sampling.fill_mode)
    if sampling.interpolation == "nearest":
        low = jnp.floor(position + 0.5)
        taps = [(low, jnp.ones_like(low))]
    else:
        low = jnp.floor(position)
        taps = [(low, 1.0 - (position - low)), (low + 1.0, position - low)]
    return [_pixel(low.astype(jnp.int32), w, size, sampling.fill_mode) for low, w in taps]


def _extend(position: Array, size: int, fill_mode: str) -> Array:
    """Map a position outside to one inside with the same value, or to the edge."""
    if fill_mode == "wrap":
        return position - size * jnp.floor(position * (1 / size))
    if fill_mode == "constant":
        return jnp.clip(position, -1.0, size)
    if fill_mode == "reflect":
        # A period is from edge to edge and back; this is the distance from the nearest one's start.
        edge = position + 0.5
        position = jnp.abs(edge - 2 * size * jnp.round(edge * (0.5 / size))) - 0.5
    return jnp.clip(position, 0.0, size - 1.0)


def _pixel(index: Array, weight: Array, size: int, fill_mode: str) -> tuple[Array, Array]:
    """A pixel's valid index and weight, also for an index just outside of the axis."""
    if fill_mode == "wrap":
        index = jnp.where(index < 0, index + size, jnp.where(index >= size, index - size, index))
    elif fill_mode == "constant":
        weight = jnp.where((index >= 0) & (index < size), weight, 0.0)
    return jnp.clip(index, 0, size - 1), weight
