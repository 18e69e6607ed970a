"""Colors, histograms and filters of images, pixel by pixel."""

from __future__ import annotations

import colorsys
from collections import Counter

import numpy as np


def each_pixel(image: np.ndarray, function) -> np.ndarray:
    """``function(red, green, blue)`` of each pixel."""
    out = np.zeros(image.shape)
    for place in np.ndindex(image.shape[:-1]):
        out[place] = function(*map(float, image[place]))
    return out


def turn_hue(image: np.ndarray, turn: float) -> np.ndarray:
    """The hue of each pixel turned, as a fraction of the circle; values from 0 to 255."""

    def turned(*rgb: float) -> np.ndarray:
        hue, saturation, value = colorsys.rgb_to_hsv(*(v / 255 for v in rgb))
        return 255 * np.array(colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value))

    return each_pixel(image, turned)


def scale_saturation(image: np.ndarray, ratio: float) -> np.ndarray:
    def scaled(*rgb: float) -> np.ndarray:
        hue, saturation, value = colorsys.rgb_to_hsv(*(v / 255 for v in rgb))
        return 255 * np.array(colorsys.hsv_to_rgb(hue, min(saturation * ratio, 1), value))

    return each_pixel(image, scaled)


def gray(image: np.ndarray) -> np.ndarray:
    return each_pixel(image, lambda r, g, b: np.full(3, 0.2989 * r + 0.587 * g + 0.114 * b))


def correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Each channel filtered by a kernel ``(rows, columns)``; 0 outside of the image."""
    rows, columns = kernel.shape
    out = np.zeros(image.shape)
    for y, x, i, j in np.ndindex(*image.shape[:2], rows, columns):
        row, column = y + i - rows // 2, x + j - columns // 2
        if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
            out[y, x] += kernel[i, j] * image[row, column]
    return out


def gaussian_kernel(width: int, height: int, across: float, down: float) -> np.ndarray:
    weights = [
        np.exp(-0.5 * ((np.arange(size) - size // 2) / deviation) ** 2)
        for size, deviation in ((height, down), (width, across))
    ]
    kernel = np.outer(*weights)
    return kernel / kernel.sum()


def equalize(channel: np.ndarray, bins: int = 256) -> np.ndarray:
    """A channel of bytes in which all values are about equally frequent."""
    index = np.floor(channel.astype(np.float64) * (bins - 1) / 255).astype(int)
    counts = Counter(index.ravel().tolist())
    if len(counts) == 1:
        return channel.astype(np.float64)
    first = counts[min(counts)]
    table = {
        value: round((sum(n for v, n in counts.items() if v <= value) - first)
                     * 255 / (index.size - first))
        for value in counts
    }  # fmt: skip
    return np.vectorize(lambda i: float(table[i]))(index)


def clahe(channel: np.ndarray, limit: float, grid: tuple[int, int]) -> np.ndarray:
    """Contrast limited adaptive histogram equalization of a channel of bytes."""
    tile = [-(-n // k) for n, k in zip(channel.shape, grid, strict=True)]
    border = [(0, k * t - n) for n, k, t in zip(channel.shape, grid, tile, strict=True)]
    padded = np.pad(channel.astype(int), border, mode="symmetric")
    tables = np.zeros((*grid, 256))
    for r, c in np.ndindex(grid):
        part = padded[r * tile[0] : (r + 1) * tile[0], c * tile[1] : (c + 1) * tile[1]]
        counts = np.bincount(part.ravel(), minlength=256).astype(float)
        if limit:
            most = limit * part.size / 256
            counts = np.minimum(counts, most) + np.maximum(counts - most, 0).sum() / 256
        total = np.cumsum(counts)
        rest = part.size - total[0] or 1
        tables[r, c] = np.clip((total - total[0]) * 255 / rest, 0, 255)
    out = np.zeros(channel.shape)
    for y, x in np.ndindex(channel.shape):
        at = [(p - t / 2) / t for p, t in zip((y, x), tile, strict=True)]
        for i, j in np.ndindex(2, 2):
            low = [int(np.floor(a)) for a in at]
            rest = [a - b for a, b in zip(at, low, strict=True)]
            weight = np.prod([w if k else 1 - w for w, k in zip(rest, (i, j), strict=True)])
            r, c = (min(max(b + k, 0), n - 1) for b, k, n in zip(low, (i, j), grid, strict=True))
            out[y, x] += weight * tables[r, c, int(channel[y, x])]
    return out
