"""Augmentation beside PyTorch's ``grid_sample`` and Keras's layers."""

from __future__ import annotations

from types import ModuleType

import jax
import numpy as np
import pytest

import lampas
from lampas.kernels.affine import Sampling, affine_transform

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

IMAGES = np.random.default_rng(0).uniform(0, 255, (4, 7, 10, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    return pytest.importorskip("torch")


def random_maps(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    maps = np.zeros((len(IMAGES), 2, 3), np.float32)
    maps[:, :, :2] = random.normal(0, 1.0, (len(IMAGES), 2, 2))
    maps[:, :, 2] = random.uniform(-8, 8, (len(IMAGES), 2))
    return maps


def to_torch(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """The same maps between places counted from -1 to 1, from edge to edge."""
    pixels = np.array([[width / 2, 0, (width - 1) / 2], [0, height / 2, (height - 1) / 2],
                       [0, 0, 1]])  # fmt: skip
    whole = np.concatenate([maps, np.tile([[[0, 0, 1]]], (len(maps), 1, 1))], axis=1)
    return (np.linalg.inv(pixels) @ whole @ pixels)[:, :2].astype(np.float32)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize(
    ("fill_mode", "padding"),
    [("constant", "zeros"), ("nearest", "border"), ("reflect", "reflection")],
)
def test_resampling_is_torchs_grid_sample(torch, fill_mode, padding, interpolation) -> None:
    for seed in range(3):
        maps = random_maps(seed)
        batch, height, width, channels = IMAGES.shape
        grid = torch.nn.functional.affine_grid(
            torch.tensor(to_torch(maps, height, width)),
            [batch, channels, height, width],
            align_corners=False,
        )
        theirs = torch.nn.functional.grid_sample(
            torch.tensor(np.ascontiguousarray(np.moveaxis(IMAGES, -1, 1))),
            grid,
            mode=interpolation,
            padding_mode=padding,
            align_corners=False,
        )
        found = affine_transform(IMAGES, maps, Sampling(fill_mode, interpolation))
        off = np.abs(found - np.moveaxis(theirs.numpy(), 1, -1)) > 0.05
        # A place that is off by rounding may take the neighbour in "nearest".
        assert np.mean(off) <= (0.01 if interpolation == "nearest" else 0)


def trained(layer: lampas.Layer) -> np.ndarray:
    with lampas.forward_pass(training=True, key=jax.random.key(0)):
        return np.asarray(layer(IMAGES))


@pytest.mark.parametrize("fill", [("nearest", 0.0), ("constant", 30.0)], ids=str)
@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("RandomRotation", [(0.07, 0.07)]),
        ("RandomRotation", [(-0.2, -0.2)]),
        ("RandomTranslation", [(0.22, 0.22), (-0.31, -0.31)]),
        ("RandomZoom", [(0.3, 0.3)]),
        ("RandomZoom", [(-0.4, -0.4), (0.2, 0.2)]),
    ],
)
def test_factors_mean_what_they_mean_in_keras(keras, name: str, factors: list, fill) -> None:
    options = {"fill_mode": fill[0], "fill_value": fill[1]}
    theirs = getattr(keras.layers, name)(*factors, **options)(IMAGES, training=True)
    found = trained(getattr(lampas, name)(*factors, **options))
    np.testing.assert_allclose(found, keras.ops.convert_to_numpy(theirs), atol=0.05)


def test_brightness_is_kerass(keras) -> None:
    for options in [{"factor": (0.2, 0.2)}, {"factor": (-0.5, -0.5), "value_range": (0, 200)}]:
        theirs = keras.layers.RandomBrightness(**options)(IMAGES, training=True)
        found = trained(lampas.RandomBrightness(**options))
        np.testing.assert_allclose(found, keras.ops.convert_to_numpy(theirs), atol=1e-3)


def test_contrast_is_kerass(keras) -> None:
    layer = lampas.RandomContrast(0.0)
    layer.contrast = (1.4, 1.4)
    theirs = keras.layers.RandomContrast(0.4)
    expected = theirs.transform_images(
        keras.ops.convert_to_tensor(IMAGES), {"contrast_factor": 1.4}, training=True
    )
    np.testing.assert_allclose(trained(layer), keras.ops.convert_to_numpy(expected), atol=1e-3)


@pytest.mark.parametrize("size", [(14, 20), (3, 4), (9, 5)], ids=str)
@pytest.mark.parametrize("options", [{}, {"crop_to_aspect_ratio": True}], ids=str)
def test_resizing_is_kerass(keras, size: tuple[int, int], options: dict) -> None:
    theirs = keras.layers.Resizing(*size, **options)(IMAGES)
    found = lampas.Resizing(*size, **options)(IMAGES)
    np.testing.assert_allclose(found, keras.ops.convert_to_numpy(theirs), atol=0.01)


@pytest.mark.parametrize("size", [(7, 10), (4, 5), (3, 3)], ids=str)
def test_center_crop_is_kerass(keras, size: tuple[int, int]) -> None:
    theirs = keras.layers.CenterCrop(*size)(IMAGES)
    np.testing.assert_array_equal(
        lampas.CenterCrop(*size)(IMAGES), keras.ops.convert_to_numpy(theirs)
    )


@pytest.mark.parametrize("size", [(4, 5), (3, 3), (2, 7)], ids=str)
def test_random_crop_outside_training_is_kerass_smart_resize(keras, size) -> None:
    theirs = keras.preprocessing.image.smart_resize(IMAGES, size)
    with lampas.forward_pass(training=False):
        np.testing.assert_allclose(lampas.RandomCrop(*size)(IMAGES), theirs, atol=0.01)
