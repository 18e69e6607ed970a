"""Images and random layers for the tests of augmentation."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest

import lampas
from lampas import (
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from lampas.layers.augmentation.affine import apply_affine, group_consecutive, start_affine

BYTES = np.random.default_rng(0).integers(0, 256, (8, 6, 9, 3), dtype=np.uint8)
IMAGES = BYTES.astype(np.float32)
RANDOM: dict[str, Callable[[], lampas.Layer]] = {
    "flip": RandomFlip,
    "rotation": lambda: RandomRotation(0.1),
    "translation": lambda: RandomTranslation(0.3, 0.3, fill_mode="wrap"),
    "zoom": lambda: RandomZoom(0.5, fill_mode="constant", fill_value=7.0),
    "nearest": lambda: RandomRotation(0.2, "nearest", "nearest"),
    "brightness": lambda: RandomBrightness(0.3),
    "contrast": lambda: RandomContrast(0.5),
    "crop": lambda: RandomCrop(4, 5),
}
every = pytest.mark.parametrize("make", RANDOM.values(), ids=list(RANDOM))


def trained(module: Callable, x: np.ndarray = IMAGES, seed: int = 0) -> np.ndarray:
    with lampas.forward_pass(training=True, key=jax.random.key(seed)):
        return np.asarray(module(x))


class Chain(lampas.Module):
    """Layers one after another, in one resampling where they can share one."""

    def __init__(self, layers: list[lampas.Module], together: bool = True) -> None:
        self.layers = layers
        self.together = together

    def forward(self, x):
        for run in group_consecutive(self.layers):
            x = start_affine(x) if self.together and len(run) > 1 else x
            for layer in run:
                x = layer(x)
            x = apply_affine(x)
        return x


def drawn(layer: lampas.Layer, count: int = 500) -> np.ndarray:
    """The maps that a layer draws for pictures of 6 x 9."""
    keys = jax.random.split(jax.random.key(0), count)
    return np.asarray(jax.vmap(lambda key: layer.random_matrix(key, 6, 9))(keys))


def assert_fills(values: np.ndarray, low: float, high: float) -> None:
    assert low - 1e-4 <= values.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < values.max() <= high + 1e-4
