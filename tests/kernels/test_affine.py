from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas import ArgumentError, ShapeError, UnknownNameError
from lampas.kernels.affine import FILL_MODES, INTERPOLATIONS, Sampling, affine_transform
from tests.oracles import affine as oracle
from tests.oracles.differences import gradient
from tests.scale import examples

IMAGES = np.random.default_rng(0).uniform(0, 255, (3, 5, 7, 2)).astype(np.float32)
IDENTITY = np.tile(np.eye(3, dtype=np.float32), (3, 1, 1))
BYTES = IMAGES.astype(np.uint8)


def random_maps(seed: int, batch: int = 3) -> np.ndarray:
    """Far enough to leave a small image on every side, several times over."""
    random = np.random.default_rng(seed)
    maps = np.zeros((batch, 2, 3), np.float32)
    maps[:, :, :2] = random.normal(0, 1.2, (batch, 2, 2))
    maps[:, :, 2] = random.uniform(-12, 12, (batch, 2))
    return maps


@pytest.mark.long
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("fill_mode", FILL_MODES)
def test_every_pixel_is_that_of_the_definition(fill_mode: str, interpolation: str) -> None:
    sampling = Sampling(fill_mode, interpolation, 40.0)
    for seed in range(4):
        maps = random_maps(seed)
        expected = oracle.affine_transform(IMAGES, maps, fill_mode, interpolation, 40.0)
        found = affine_transform(IMAGES, maps, sampling)
        # A place that is off by rounding may take the neighbour in "nearest".
        off = np.abs(found - expected) > 0.02
        assert np.mean(off) <= (0.01 if interpolation == "nearest" else 0)


@pytest.mark.long
@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 1, 6, 3), (2, 9, 2, 1)], ids=str)
def test_thin_images(shape: tuple[int, ...], fill_mode: str) -> None:
    images = np.random.default_rng(1).uniform(size=shape).astype(np.float32)
    maps = random_maps(5, shape[0])
    found = affine_transform(images, maps, Sampling(fill_mode))
    np.testing.assert_allclose(found, oracle.affine_transform(images, maps, fill_mode), atol=2e-5)


@pytest.mark.long
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("images", [IMAGES, BYTES], ids=["floats", "bytes"])
def test_identity_and_shifts_by_whole_pixels_are_exact(images, fill_mode, interpolation) -> None:
    sampling = Sampling(fill_mode, interpolation, 3.0)
    found = affine_transform(images, IDENTITY, sampling)
    np.testing.assert_array_equal(found, images)
    assert found.dtype == jnp.float32
    for right, down in [(2, -1), (-9, 12)]:
        maps = np.tile(oracle.shift(right, down).astype(np.float32), (3, 1, 1))
        expected = oracle.affine_transform(images, maps, fill_mode, interpolation, 3.0)
        np.testing.assert_array_equal(affine_transform(images, maps, sampling), expected)


def test_a_last_row_may_be_left_out() -> None:
    short = random_maps(3)
    whole = np.concatenate([short, np.tile([[[0, 0, 1]]], (3, 1, 1))], axis=1).astype(np.float32)
    np.testing.assert_array_equal(affine_transform(IMAGES, short), affine_transform(IMAGES, whole))


def test_half_precision_stays_half_precision() -> None:
    images = IMAGES.astype(jnp.bfloat16)
    found = affine_transform(images, random_maps(0))
    assert found.dtype == jnp.bfloat16
    expected = oracle.affine_transform(images.astype(np.float32), random_maps(0))
    np.testing.assert_allclose(found.astype(np.float32), expected, rtol=2**-7)


@pytest.mark.long
@given(seed=st.integers(0, 2**32 - 1), mode=st.sampled_from(["reflect", "nearest", "wrap"]))
@examples(20)
def test_output_stays_between_the_extremes_of_the_input(seed: int, mode: str) -> None:
    found = np.asarray(affine_transform(IMAGES, random_maps(seed), Sampling(mode)))
    assert found.min() >= IMAGES.min() * (1 - 1e-5)
    assert found.max() <= IMAGES.max() * (1 + 1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_map_that_is_not_finite_spoils_its_own_image_alone(bad: float) -> None:
    maps = random_maps(0)
    expected = np.asarray(affine_transform(BYTES, maps))
    maps[1, 0, 2] = bad
    found = np.asarray(affine_transform(BYTES, maps))
    np.testing.assert_array_equal(found[[0, 2]], expected[[0, 2]])
    assert (np.isnan(found[1]) | ((found[1] >= 0) & (found[1] <= 255))).all()


@pytest.mark.long
def test_places_very_far_away_read_no_foreign_memory() -> None:
    maps = np.full((3, 2, 3), 1e30, np.float32)
    for fill_mode in FILL_MODES:
        found = affine_transform(IMAGES, maps, Sampling(fill_mode, fill_value=5.0))
        assert np.all((found >= 0) & (found <= 255))


@pytest.mark.long
@pytest.mark.parametrize("fill_mode", FILL_MODES)
def test_gradients_for_images_and_maps_are_those_of_finite_differences(fill_mode: str) -> None:
    random = np.random.default_rng(2)
    images, dy = random.normal(size=(2, 3, 4, 1)), random.normal(size=(2, 3, 4, 1))
    maps = random_maps(7, 2).astype(np.float64)
    sampling = Sampling(fill_mode, "bilinear", 2.0)
    define = lambda a, m: np.sum(dy * oracle.affine_transform(a, m, fill_mode, "bilinear", 2.0))  # noqa: E731
    with jax.enable_x64(True):
        found = jax.grad(lambda a, m: jnp.sum(dy * affine_transform(a, m, sampling)), (0, 1))(
            jnp.asarray(images), jnp.asarray(maps)
        )
    np.testing.assert_allclose(found[0], gradient(lambda a: define(a, maps), images), atol=1e-6)
    np.testing.assert_allclose(found[1], gradient(lambda m: define(images, m), maps), atol=1e-5)


def test_images_need_four_axes() -> None:
    with pytest.raises(ShapeError, match=r"\(batch, height, width, channels\), got \(5, 7, 2\)"):
        affine_transform(IMAGES[0], IDENTITY)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (3, 3, 2)], ids=str)
def test_each_image_needs_a_map(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"for each of 3 images, shape \(3, 2, 3\), got"):
        affine_transform(IMAGES, np.zeros(shape, np.float32))


def test_unknown_names_are_met_with_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"fill_mode 'reflct'. Did you mean 'reflect'\?"):
        Sampling("reflct")
    with pytest.raises(UnknownNameError, match=r"interpolation 'cubic'.* Known: bilinear, nearest"):
        Sampling(interpolation="cubic")
    with pytest.raises(ArgumentError, match="fill_value must be a number, got 'black'"):
        Sampling("constant", fill_value="black")
