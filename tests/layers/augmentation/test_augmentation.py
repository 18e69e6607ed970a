"""Properties that all augmentation layers share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import CenterCrop, RandomFlip, Resizing, ShapeError
from lampas.core import context
from tests.layers.augmentation.images import BYTES, IMAGES, RANDOM, every, trained


@pytest.mark.long
@every
def test_in_training_each_picture_varies_by_itself(make) -> None:
    same = np.tile(IMAGES[:1], (8, 1, 1, 1))
    found = trained(make(), same)
    assert len({picture.tobytes() for picture in found}) >= 3


@pytest.mark.long
@every
def test_the_key_decides_alone(make) -> None:
    layer = make()
    first = trained(layer)
    np.testing.assert_array_equal(trained(make()), first)
    np.testing.assert_array_equal(trained(layer), first)
    assert not np.array_equal(trained(layer, seed=1), first)


@pytest.mark.long
@every
def test_what_is_drawn_for_a_picture_does_not_depend_on_its_batch(make) -> None:
    whole = trained(make())
    np.testing.assert_allclose(trained(make(), IMAGES[:3]), whole[:3], atol=1e-3)
    numbers = jnp.array([5, 2])
    key = jax.random.key(0)
    with lampas.forward_pass(training=True, key=key, examples=context.ExampleIds(key, numbers)):
        found = make()(IMAGES[np.array([5, 2])])
    np.testing.assert_allclose(found, whole[np.array([5, 2])], atol=1e-3)


@pytest.mark.long
@every
def test_compiled_is_as_eager(make) -> None:
    layer = make()
    _, apply = lampas.functional(layer)
    run = jax.jit(lambda x, key: apply({}, {}, x, training=True, rng=key)[0])
    np.testing.assert_allclose(run(IMAGES, jax.random.key(0)), trained(layer), atol=0.05)


@pytest.mark.long
@every
def test_shape_and_type_are_the_same_in_training_and_outside(make) -> None:
    for x in (BYTES, IMAGES):
        inside, outside = trained(make(), x), np.asarray(make()(x))
        assert inside.shape == outside.shape
        assert inside.dtype == outside.dtype == np.float32
    np.testing.assert_array_equal(trained(make(), BYTES), trained(make(), IMAGES))


@pytest.mark.parametrize("name", [name for name in RANDOM if name != "crop"])
def test_outside_training_pictures_stay_as_they_are(name: str) -> None:
    for images in (BYTES, IMAGES):
        with lampas.forward_pass(training=False, key=jax.random.key(0)):
            np.testing.assert_array_equal(RANDOM[name]()(images), images)
        np.testing.assert_array_equal(lampas.Sequential([RANDOM[name]()]).predict(images), images)


@pytest.mark.long
@every
def test_called_by_hand_it_acts_as_in_training(make) -> None:
    """As in Keras: alone, and in a Sequential of layers that prepare images."""
    lampas.set_seed(0)
    same = np.tile(IMAGES[:1], (8, 1, 1, 1))
    for module in (make(), lampas.Sequential([lampas.Rescaling(1.0), make()])):
        first, second = np.asarray(module(same)), np.asarray(module(same))
        assert len({image.tobytes() for image in first}) >= 3
        assert not np.array_equal(first, second)


def test_a_network_that_is_called_by_hand_does_not_augment() -> None:
    network = lampas.Sequential([RandomFlip(), lampas.Flatten(), lampas.Dense(1)])
    for _ in range(2):
        found = network(IMAGES)
        np.testing.assert_allclose(found, network.predict(IMAGES), rtol=1e-4, atol=1e-3)


@pytest.mark.long
@every
def test_gradient_to_the_pictures_is_that_of_finite_differences(make) -> None:
    layer, key = make(), jax.random.key(2)
    _, apply = lampas.functional(layer)
    random = np.random.default_rng(3)
    x = random.uniform(100, 150, (2, 6, 9, 1)).astype(np.float32)
    along = random.normal(size=x.shape).astype(np.float32)

    def out(x):
        y = apply({}, {}, x, training=True, rng=key)[0]
        return jnp.sum(y * jnp.cos(jnp.arange(y.size).reshape(y.shape)))

    value, slope = jax.jit(jax.value_and_grad(out))(x)
    rise = (out(x + along) - out(x - along)) / 2  # linear but for clipping
    assert np.isfinite(value)
    np.testing.assert_allclose(np.sum(slope * along), rise, rtol=0.01, atol=0.02)


def test_training_without_a_key_says_how_to_give_one() -> None:
    with (
        lampas.forward_pass(training=True),
        pytest.raises(lampas.LampasError, match=r"forward_pass\(training=True, key=key\)"),
    ):
        RandomFlip()(IMAGES)


@pytest.mark.parametrize(
    "make", [*RANDOM.values(), lambda: CenterCrop(2, 2), lambda: Resizing(2, 2)]
)
def test_images_need_four_axes(make) -> None:
    with pytest.raises(ShapeError, match=r"expects 4 axes \(batch, height, .* \(6, 9, 3\)"):
        make()(IMAGES[0])
