"""A picture as it was stored -> a picture that can be shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...core.errors import ShapeError, show_shape

Pixels = npt.NDArray[np.uint8]


def showable(images: Sequence[npt.ArrayLike] | npt.NDArray[np.generic]) -> list[Pixels]:
    """Make every picture ``(height, width, 3 or 4)`` uint8.

    Whole numbers are taken as 0..255 and floats as 0..1. Floats outside 0..1 (standardised
    pictures, say) are stretched, all with the same low and high, so that they stay comparable.

    Raises:
        ShapeError: a picture is neither ``(height, width)`` nor ``(height, width, 1, 3 or 4)``.
    """
    arrays = [_channels_last(np.asarray(image)) for image in images]
    low, high = _range(arrays)
    return [_to_bytes(array, low, high) for array in arrays]


def show_picture(image: npt.ArrayLike) -> Pixels:
    """One picture, as ``showable`` makes it."""
    return showable([image])[0]


def _channels_last(image: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[-1] not in (1, 3, 4):
        raise ShapeError(
            f"A picture is (height, width) or (height, width, 1, 3 or 4 channels); "
            f"this one is {show_shape(image.shape)}."
        )
    return image.repeat(3, axis=-1) if image.shape[-1] == 1 else image


def _range(images: list[npt.NDArray[np.generic]]) -> tuple[float, float]:
    """What is black and what is white, for the float pictures among ``images``."""
    floats = [image for image in images if np.issubdtype(image.dtype, np.floating)]
    known = [image[np.isfinite(image)] for image in floats]
    low = min((float(values.min()) for values in known if values.size), default=0.0)
    high = max((float(values.max()) for values in known if values.size), default=1.0)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, max(high, low + 1e-12))


def _to_bytes(image: npt.NDArray[np.generic], low: float, high: float) -> Pixels:
    if np.issubdtype(image.dtype, np.floating):
        scaled = 255 * (image.astype(np.float64) - low) / (high - low)
        return np.asarray(np.rint(np.nan_to_num(scaled.clip(0, 255))), dtype=np.uint8)
    if image.dtype == np.bool_:
        return image.astype(np.uint8) * np.uint8(255)
    return np.clip(image.astype(np.int64), 0, 255).astype(np.uint8)
