"""Resample pictures by affine maps: flip, rotate, shift, scale and shear, in one reading.

A map takes the place of an output pixel to the place in the input that it shows. Places are
``(x, y)``, counted in pixels from the middle of the upper left one, y downward. One gather reads
all channels of a pixel in the input's own type, so pictures as bytes stay bytes until they are
weighted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from numbers import Real

import jax.numpy as jnp

from ..core.errors import ArgumentError, ShapeError, show_shape, unknown_name
from ..core.variable import Array
from .windows import separately

FILL_MODES = ("constant", "nearest", "reflect", "wrap")
INTERPOLATIONS = ("bilinear", "nearest")

Taps = list[tuple[Array, Array]]
"""The pixels of one axis that an output pixel reads, each with its weight."""


@dataclass(frozen=True)
class Sampling:
    """How a picture is read between its pixels and beyond its rim.

    Args:
        fill_mode: what lies outside a row ``a b c d``: "reflect" ``d c b a | a b c d | d c b a``,
            "nearest" ``a a a a | a b c d | d d d d``, "wrap" ``a b c d | a b c d | a b c d``,
            "constant" ``k k k k | a b c d | k k k k``.
        interpolation: "bilinear" weighs the four pixels around a place, "nearest" takes one.
        fill_value: the ``k`` of "constant".

    Raises UnknownNameError for other names, ArgumentError for a fill value that is no number.
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
    """Each picture as its map shows it: ``out[b, y, x] = images[b] at maps[b] @ (x, y, 1)``.

    Args:
        images: floats keep their type, whole numbers give float32.
        maps: one for each picture; a last row ``0 0 1`` may be left out.
        sampling: of pixels between and outside; ``Sampling()`` if not given.

    Shape: ``(batch, height, width, channels)``, ``(batch, 2 or 3, 3)`` -> that of ``images``.
    Raises ShapeError for other shapes.
    """
    images, maps = jnp.asarray(images), jnp.asarray(maps)
    _check(images, maps)
    # Apart from whatever made the pictures, such as a flip or another resampling: XLA would do that
    # anew for each of the four readings of a pixel.
    return separately(partial(_read, sampling=sampling or Sampling()), images, maps)


def _read(images: Array, maps: Array, sampling: Sampling) -> Array:
    batch, height, width, _ = images.shape
    x, y = _places(maps, height, width)
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
    return out.astype(_floating(images).dtype)


def _floating(images: Array) -> Array:
    floats = jnp.issubdtype(images.dtype, jnp.floating)
    return images if floats else images.astype(jnp.float32)


def _total(taps: Taps) -> Array:
    return reduce(jnp.add, (weight for _, weight in taps))


def _check(images: Array, maps: Array) -> None:
    if images.ndim != 4 or 0 in images.shape[1:3]:
        raise ShapeError(
            "expects pictures of shape (batch, height, width, channels), got "
            f"{show_shape(images.shape)}."
        )
    if maps.shape not in ((len(images), 2, 3), (len(images), 3, 3)):
        raise ShapeError(
            f"expects one affine map for each of {len(images)} pictures, shape "
            f"{show_shape((len(images), 2, 3))}, got {show_shape(maps.shape)}."
        )


def _places(maps: Array, height: int, width: int) -> tuple[Array, Array]:
    """Where in the input each output pixel looks: x and y, of shape (batch, height, width)."""
    (a, b, c), (d, e, f) = (maps[:, row, :].T[:, :, None, None] for row in (0, 1))
    x, y = jnp.arange(width, dtype=maps.dtype), jnp.arange(height, dtype=maps.dtype)[:, None]
    return a * x + b * y + c, d * x + e * y + f


def _taps(place: Array, size: int, sampling: Sampling) -> Taps:
    """The pixels that a place along an axis of ``size`` pixels reads, with weights.

    The weights add up to 1 but for "constant", where pixels outside have none.
    """
    place = _fold(place, size, sampling.fill_mode)
    if sampling.interpolation == "nearest":
        low = jnp.floor(place + 0.5)
        taps = [(low, jnp.ones_like(low))]
    else:
        low = jnp.floor(place)
        taps = [(low, 1.0 - (place - low)), (low + 1.0, place - low)]
    return [_pixel(low.astype(jnp.int32), w, size, sampling.fill_mode) for low, w in taps]


def _fold(place: Array, size: int, fill_mode: str) -> Array:
    """Bring a place outside to the place inside that looks the same, or to the rim."""
    if fill_mode == "wrap":
        return place - size * jnp.floor(place * (1 / size))
    if fill_mode == "constant":
        return jnp.clip(place, -1.0, size)
    if fill_mode == "reflect":
        # From edge to edge and back is one period; distance from the nearest period's start.
        edge = place + 0.5
        place = jnp.abs(edge - 2 * size * jnp.round(edge * (0.5 / size))) - 0.5
    return jnp.clip(place, 0.0, size - 1.0)


def _pixel(index: Array, weight: Array, size: int, fill_mode: str) -> tuple[Array, Array]:
    """A pixel's index and weight, also where the index is just outside of a folded axis."""
    if fill_mode == "wrap":
        index = jnp.where(index < 0, index + size, jnp.where(index >= size, index - size, index))
    elif fill_mode == "constant":
        weight = jnp.where((index >= 0) & (index < size), weight, 0.0)
    return jnp.clip(index, 0, size - 1), weight
