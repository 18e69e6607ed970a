"""Colors and values of pixels: gray, hue and saturation, histograms."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..core.variable import Array

LUMA = (0.2989, 0.587, 0.114)
"""The parts of red, green and blue in the brightness of a pixel (ITU-R BT.601)."""


def grayscale(images: Array) -> Array:
    """The brightness of each pixel: 3 channels become 1, other images stay as they are.

    Shape: ``(..., 3) -> (..., 1)``.
    """
    if images.shape[-1] != len(LUMA):
        return images
    return jnp.sum(images * jnp.array(LUMA, images.dtype), -1, keepdims=True)


def rgb_to_hsv(images: Array) -> tuple[Array, Array, Array]:
    """Hue, in turns from red over green, and saturation, both in 0 .. 1, and value of each pixel.

    Shape: ``(..., 3) -> (...)``, three times.
    """
    red, green, blue = jnp.moveaxis(images, -1, 0)
    value = jnp.maximum(jnp.maximum(red, green), blue)
    chroma = value - jnp.minimum(jnp.minimum(red, green), blue)
    unit = jnp.where(chroma > 0, chroma, 1)
    sixths = jnp.where(
        value == red,
        (green - blue) / unit,
        jnp.where(value == green, 2 + (blue - red) / unit, 4 + (red - green) / unit),
    )
    return (sixths / 6) % 1, chroma / jnp.where(value > 0, value, 1), value


def hsv_to_rgb(hue: Array, saturation: Array, value: Array) -> Array:
    """The inverse of :func:`rgb_to_hsv`; the hue may be any number of turns.

    Shape: ``(...)``, three times ``-> (..., 3)``.
    """
    sixths = 6 * hue[..., None] + jnp.array([5, 3, 1], hue.dtype)
    distance = jnp.abs(sixths % 6 - 2)  # 2 at the edge of the third that has this color
    lack = jnp.clip(2 - distance, 0, 1)
    return value[..., None] * (1 - saturation[..., None] * lack)


def histograms(values: Array, bins: int) -> Array:
    """How often each integer ``0 .. bins - 1`` occurs along the last axis.

    Shape: ``(..., count) -> (..., bins)``.
    """
    rows = values.reshape(-1, values.shape[-1])
    flat = (rows + bins * jnp.arange(len(rows))[:, None]).ravel()
    counts = jnp.zeros(len(rows) * bins, jnp.float32).at[flat].add(1, mode="promise_in_bounds")
    return counts.reshape(*values.shape[:-1], bins)


def look_up(table: Array, indices: Array) -> Array:
    """The entries of a table, for each channel its own.

    Shape: ``(channels, entries)``, ``(height, width, channels)`` -> that of the indices.
    """
    return jax.vmap(jnp.take, (0, -1), -1)(table, indices)
