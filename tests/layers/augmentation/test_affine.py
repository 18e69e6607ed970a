"""Consecutive geometric layers are composed and resample once."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

import lampas
from lampas import RandomFlip, RandomRotation, RandomTranslation, RandomZoom
from lampas.core.random import fold_in_name
from lampas.kernels.affine import Sampling
from lampas.layers.augmentation.affine import (
    PendingAffine,
    apply_affine,
    group_consecutive,
    start_affine,
)
from tests.layers.augmentation.images import BYTES, IMAGES, Chain, trained
from tests.oracles import affine as oracle

GEOMETRIC = [
    RandomFlip(),
    RandomRotation(0.1, "nearest"),
    RandomTranslation(0.2, 0.2, "nearest"),
    RandomZoom(0.2, fill_mode="nearest"),
]


def test_layers_in_a_row_are_one_resampling_by_the_product_of_their_maps() -> None:
    found = trained(Chain(GEOMETRIC), BYTES)
    product = np.tile(np.eye(3), (8, 1, 1))
    with lampas.forward_pass(training=True, key=jax.random.key(0)):
        for i, layer in enumerate(GEOMETRIC):
            key = fold_in_name(jax.random.key(0), f"layers/{i}")
            keys = jax.vmap(jax.random.fold_in, (None, 0))(
                jax.random.fold_in(key, 0), jnp.arange(8)
            )
            product = product @ np.asarray(jax.vmap(lambda k: layer.random_matrix(k, 6, 9))(keys))  # noqa: B023
    expected = oracle.affine_transform(IMAGES, product, "nearest")
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_exact_maps_give_the_same_together_and_one_by_one() -> None:
    layers = [RandomFlip(), RandomTranslation((0.5, 0.5), (1 / 3, 1 / 3), "wrap"), RandomFlip()]
    apart = trained(Chain(layers, together=False))
    np.testing.assert_allclose(trained(Chain(layers)), apart, atol=0.01)


def test_flips_alone_move_pixels_unchanged() -> None:
    layers = [RandomFlip(), RandomFlip("vertical")]
    np.testing.assert_array_equal(
        trained(Chain(layers), BYTES), trained(Chain(layers, together=False), BYTES)
    )


def test_a_chain_is_cut_where_layers_sample_otherwise_or_are_no_geometry() -> None:
    flip, turn, dense = RandomFlip(), RandomRotation(0.1), lampas.Rescaling(1 / 255)
    other = RandomZoom(0.1, fill_mode="wrap")
    assert group_consecutive([]) == []
    assert group_consecutive([flip, turn, other, flip, dense, dense]) == [
        [flip, turn], [other, flip], [dense], [dense],
    ]  # fmt: skip


def test_a_pending_map_that_meets_another_sampling_is_applied_first() -> None:
    maps = jnp.tile(jnp.eye(3).at[0, 2].set(4.0), (8, 1, 1))
    wrapped = PendingAffine.identity(jnp.asarray(BYTES)).compose(maps, Sampling("wrap"))
    both = wrapped.compose(maps, Sampling("constant"))
    np.testing.assert_array_equal(both.images, np.roll(IMAGES, -4, axis=2))
    expected = np.zeros(IMAGES.shape)
    expected[:, :, :5] = np.roll(IMAGES, -4, axis=2)[:, :, 4:]
    np.testing.assert_array_equal(both.apply(), expected)


def test_a_pending_map_is_begun_for_batches_of_pictures_in_training_alone() -> None:
    assert start_affine(IMAGES) is IMAGES
    assert apply_affine(IMAGES) is IMAGES
    with lampas.forward_pass(training=True):
        assert isinstance(start_affine(IMAGES), PendingAffine)
        assert start_affine(IMAGES[0]).shape == (6, 9, 3)
        assert start_affine({"a": 1}) == {"a": 1}


def test_a_pending_map_passes_through_compiled_code() -> None:
    matrices = jnp.tile(jnp.eye(3), (8, 1, 1))
    pending = PendingAffine.identity(jnp.asarray(IMAGES)).compose(matrices, Sampling("wrap"))
    again = jax.jit(lambda x: x)(pending)
    assert again.sampling == Sampling("wrap")
    np.testing.assert_array_equal(again.apply(), IMAGES)
