from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import (
    ArgumentError,
    CenterCrop,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Resizing,
    ShapeError,
    UnknownNameError,
)
from lampas.core import context
from lampas.kernels.affine import Sampling
from lampas.layers.augmentation.affine import Warp, begin, resolve, runs
from tests.oracles import affine as oracle

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
        for run in runs(self.layers):
            x = begin(x) if self.together and len(run) > 1 else x
            for layer in run:
                x = layer(x)
            x = resolve(x)
        return x


@every
def test_in_training_each_picture_varies_by_itself(make) -> None:
    same = np.tile(IMAGES[:1], (8, 1, 1, 1))
    found = trained(make(), same)
    assert len({picture.tobytes() for picture in found}) >= 3


@every
def test_the_key_decides_alone(make) -> None:
    layer = make()
    first = trained(layer)
    np.testing.assert_array_equal(trained(make()), first)
    np.testing.assert_array_equal(trained(layer), first)
    assert not np.array_equal(trained(layer, seed=1), first)


@every
def test_what_is_drawn_for_a_picture_does_not_depend_on_its_batch(make) -> None:
    whole = trained(make())
    np.testing.assert_allclose(trained(make(), IMAGES[:3]), whole[:3], atol=1e-3)
    numbers = jnp.array([5, 2])
    key = jax.random.key(0)
    with lampas.forward_pass(training=True, key=key, examples=context.Examples(key, numbers)):
        found = make()(IMAGES[np.array([5, 2])])
    np.testing.assert_allclose(found, whole[np.array([5, 2])], atol=1e-3)


@every
def test_compiled_is_as_eager(make) -> None:
    layer = make()
    _, apply = lampas.functional(layer)
    run = jax.jit(lambda x, key: apply({}, {}, x, training=True, rng=key)[0])
    np.testing.assert_allclose(run(IMAGES, jax.random.key(0)), trained(layer), atol=0.05)


@every
def test_shape_and_type_are_the_same_in_training_and_outside(make) -> None:
    for x in (BYTES, IMAGES):
        inside, outside = trained(make(), x), np.asarray(make()(x))
        assert inside.shape == outside.shape
        assert inside.dtype == outside.dtype == np.float32
    np.testing.assert_array_equal(trained(make(), BYTES), trained(make(), IMAGES))


@pytest.mark.parametrize("name", [name for name in RANDOM if name != "crop"])
def test_outside_training_pictures_stay_as_they_are(name: str) -> None:
    np.testing.assert_array_equal(RANDOM[name]()(BYTES), BYTES)
    with lampas.forward_pass(training=False, key=jax.random.key(0)):
        np.testing.assert_array_equal(RANDOM[name]()(IMAGES), IMAGES)


@pytest.mark.parametrize(
    "layer",
    [RandomRotation(0), RandomTranslation(0, 0), RandomZoom(0), RandomBrightness(0.0),
     RandomContrast(0)],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_factor_0_changes_nothing(layer: lampas.Layer) -> None:
    np.testing.assert_allclose(trained(layer), IMAGES, atol=1e-4)


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flip_gives_each_mirror_image_about_as_often(mode: str) -> None:
    image = IMAGES[:1]
    mirrors = {"horizontal": [image, image[:, :, ::-1]], "vertical": [image, image[:, ::-1]]}
    kinds = mirrors.get(mode) or [m[:, ::s] for m in mirrors["horizontal"] for s in (1, -1)]
    found = trained(RandomFlip(mode), np.tile(image, (400, 1, 1, 1)))
    counts = [int(np.all(found == kind, axis=(1, 2, 3)).sum()) for kind in kinds]
    assert sum(counts) == 400
    share = 1 / len(kinds)
    assert all(abs(n - 400 * share) < 5 * np.sqrt(400 * share * (1 - share)) for n in counts)


@pytest.mark.parametrize("factor", [0.25, -0.25, 0.07])
def test_rotation_is_counter_clockwise(factor: float) -> None:
    found = trained(RandomRotation((factor, factor)), IMAGES[:1])
    expected = oracle.affine_transform(IMAGES[:1], [oracle.rotation(factor, 6, 9)])
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_a_quarter_turn_of_a_square_is_that_of_numpy() -> None:
    square = IMAGES[:2, :, :6]
    found = trained(RandomRotation((0.25, 0.25)), square)
    np.testing.assert_allclose(found, np.rot90(square, axes=(1, 2)), atol=0.01)


def test_translation_is_to_the_right_and_down() -> None:
    layer = RandomTranslation((0.5, 0.5), (1 / 3, 1 / 3), "constant", fill_value=9)
    found = trained(layer)
    expected = np.full(IMAGES.shape, 9.0)
    expected[:, 3:, 3:] = IMAGES[:, :-3, :-3]
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_zoom_out_shows_more_and_zoom_in_less() -> None:
    for factor, extent in [(0.4, 1.4), (-0.4, 0.6)]:
        found = trained(RandomZoom((factor, factor), fill_mode="nearest"), IMAGES[:1])
        maps = [oracle.zoom(extent, extent, 6, 9)]
        expected = oracle.affine_transform(IMAGES[:1], maps, "nearest")
        np.testing.assert_allclose(found, expected, atol=0.02)


def drawn(layer: lampas.Layer, count: int = 500) -> np.ndarray:
    """The maps that a layer draws for pictures of 6 x 9."""
    keys = jax.random.split(jax.random.key(0), count)
    return np.asarray(jax.vmap(lambda key: layer.draw(key, 6, 9))(keys))


def assert_fills(values: np.ndarray, low: float, high: float) -> None:
    assert low - 1e-4 <= values.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < values.max() <= high + 1e-4


def test_draws_fill_their_ranges_and_stay_inside() -> None:
    turns = drawn(RandomRotation((-0.1, 0.2)))
    assert_fills(np.arctan2(turns[:, 1, 0], turns[:, 0, 0]) / (2 * np.pi), -0.1, 0.2)
    shifts = drawn(RandomTranslation(0.5, (0.1, 0.2)))
    assert_fills(shifts[:, 1, 2], -3.0, 3.0)
    assert_fills(-shifts[:, 0, 2], 0.9, 1.8)
    scales = drawn(RandomZoom((-0.5, 0.1), 0.3))
    assert_fills(scales[:, 1, 1], 0.5, 1.1)
    assert_fills(scales[:, 0, 0], 0.7, 1.3)
    proportional = drawn(RandomZoom((0.3, 0.1)))
    np.testing.assert_array_equal(proportional[:, 0, 0], proportional[:, 1, 1])
    assert_fills(proportional[:, 0, 0], 1.1, 1.3)


def test_brightness_adds_a_part_of_the_range_and_clips() -> None:
    grey = np.full((300, 1, 1, 1), 100, np.uint8)
    assert_fills(trained(RandomBrightness(0.2), grey) - 100, -51, 51)
    assert_fills(trained(RandomBrightness((0.4, 1.0)), grey), 202, 255)
    unit = trained(RandomBrightness((-0.5, -0.5), value_range=(0, 1)), np.float32([[[[0.8, 0.2]]]]))
    np.testing.assert_allclose(unit, [[[[0.3, 0.0]]]], atol=1e-6)


def test_contrast_spreads_about_the_mean_of_each_channel_and_clips() -> None:
    small = 100 + IMAGES / 10
    found, mean = trained(RandomContrast((0.5, 0.25)), small), small.mean((1, 2), keepdims=True)
    ratio = (found - mean) / (small - mean)
    each = np.median(ratio, axis=(1, 2, 3))
    np.testing.assert_allclose(ratio, np.broadcast_to(each[:, None, None, None], ratio.shape), 0.02)
    assert 0.5 <= each.min() < each.max() <= 1.25
    hard = trained(RandomContrast((0, 1)))
    assert hard.min() == 0
    assert hard.max() == 255


def test_random_crop_takes_every_window() -> None:
    image = np.arange(6 * 9, dtype=np.float32).reshape(1, 6, 9, 1)
    found = trained(RandomCrop(4, 7), np.tile(image, (300, 1, 1, 1)))
    tops, lefts = np.divmod(found[:, 0, 0, 0].astype(int), 9)
    for picture, top, left in zip(found, tops, lefts, strict=True):
        np.testing.assert_array_equal(picture, image[0, top : top + 4, left : left + 7])
    assert {*zip(tops.tolist(), lefts.tolist(), strict=True)} == {
        (top, left) for top in range(3) for left in range(3)
    }


def test_outside_training_random_crop_resizes_the_largest_window_of_its_proportions() -> None:
    np.testing.assert_allclose(RandomCrop(3, 3)(BYTES), Resizing(3, 3)(BYTES[:, :, 1:7]), atol=1e-4)
    np.testing.assert_array_equal(RandomCrop(6, 9)(BYTES), BYTES)


def test_center_crop_and_resizing_are_the_same_in_training() -> None:
    for layer in (CenterCrop(4, 5), Resizing(4, 5), Resizing(12, 5, "bicubic")):
        np.testing.assert_array_equal(trained(layer, BYTES), layer(IMAGES))
    np.testing.assert_array_equal(CenterCrop(4, 4)(BYTES), BYTES[:, 1:5, 2:6])


def test_resizing_keeps_proportions_when_asked() -> None:
    found = Resizing(3, 3, crop_to_aspect_ratio=True)(IMAGES)
    np.testing.assert_array_equal(found, Resizing(3, 3)(IMAGES[:, :, 1:7]))


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
            key = context.fold_in_name(jax.random.key(0), f"layers/{i}")
            keys = jax.vmap(jax.random.fold_in, (None, 0))(
                jax.random.fold_in(key, 0), jnp.arange(8)
            )
            product = product @ np.asarray(jax.vmap(lambda k: layer.draw(k, 6, 9))(keys))  # noqa: B023
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
    assert runs([]) == []
    assert runs([flip, turn, other, flip, dense, dense]) == [
        [flip, turn], [other, flip], [dense], [dense],
    ]  # fmt: skip


def test_a_warp_that_meets_another_sampling_is_applied_first() -> None:
    maps = jnp.tile(jnp.eye(3).at[0, 2].set(4.0), (8, 1, 1))
    wrapped = Warp.of(jnp.asarray(BYTES)).then(maps, Sampling("wrap"))
    both = wrapped.then(maps, Sampling("constant"))
    np.testing.assert_array_equal(both.images, np.roll(IMAGES, -4, axis=2))
    expected = np.zeros(IMAGES.shape)
    expected[:, :, :5] = np.roll(IMAGES, -4, axis=2)[:, :, 4:]
    np.testing.assert_array_equal(both.resolve(), expected)


def test_a_warp_is_begun_for_batches_of_pictures_in_training_alone() -> None:
    assert begin(IMAGES) is IMAGES
    assert resolve(IMAGES) is IMAGES
    with lampas.forward_pass(training=True):
        assert isinstance(begin(IMAGES), Warp)
        assert begin(IMAGES[0]).shape == (6, 9, 3)
        assert begin({"a": 1}) == {"a": 1}


def test_a_warp_passes_through_compiled_code() -> None:
    warp = Warp.of(jnp.asarray(IMAGES)).then(jnp.tile(jnp.eye(3), (8, 1, 1)), Sampling("wrap"))
    again = jax.jit(lambda warp: warp)(warp)
    assert again.sampling == Sampling("wrap")
    np.testing.assert_array_equal(again.resolve(), IMAGES)


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
def test_pictures_need_four_axes(make) -> None:
    with pytest.raises(ShapeError, match=r"expects 4 axes \(batch, height, .* \(6, 9, 3\)"):
        make()(IMAGES[0])


@pytest.mark.parametrize("factor", [1.5, -2, (0.1, 1.5), (0.1,), "0.1", None, float("nan")])
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (RandomRotation, "factor"),
        (lambda f: RandomTranslation(f, 0.1), "height_factor"),
        (lambda f: RandomTranslation(0.1, f), "width_factor"),
        (RandomZoom, "height_factor"),
        (RandomBrightness, "factor"),
        (RandomContrast, "factor"),
    ],
)
def test_factor_out_of_range_is_named_as_it_was_given(make, name: str, factor) -> None:
    with pytest.raises(ArgumentError, match=f"^{name} must be a number or a pair .* to 1, got "):
        make(factor)


def test_contrast_can_not_be_negative() -> None:
    with pytest.raises(ArgumentError, match=r"from 0 to 1, got -0\.1"):
        RandomContrast(-0.1)


@pytest.mark.parametrize("value_range", [(0,), (1, 1), 255, "ab", (0, 1, 2)], ids=str)
def test_value_range_needs_two_numbers(value_range) -> None:
    with pytest.raises(ArgumentError, match="value_range must be the least and the greatest"):
        RandomBrightness(0.1, value_range)


def test_unknown_names_are_met_with_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"mode 'horizontl'. Did you mean 'horizontal'\?"):
        RandomFlip("horizontl")
    with pytest.raises(UnknownNameError, match=r"fill_mode 'edge'.*constant, nearest, reflect"):
        RandomRotation(0.1, fill_mode="edge")
    with pytest.raises(UnknownNameError, match=r"interpolation 'linear'"):
        RandomZoom(0.1, interpolation="linear")
    with pytest.raises(UnknownNameError, match=r"interpolation 'area'.*bicubic"):
        Resizing(2, 2, "area")


@pytest.mark.parametrize("kind", [RandomCrop, CenterCrop, Resizing])
@pytest.mark.parametrize("size", [(0, 2), (2, -1), (2, 2.5)], ids=str)
def test_sizes_are_positive_whole_numbers(kind, size) -> None:
    with pytest.raises(ArgumentError, match=r"(height|width) must be a positive integer"):
        kind(*size)


@pytest.mark.parametrize("kind", [RandomCrop, CenterCrop])
def test_crop_larger_than_the_picture_is_an_error(kind) -> None:
    with pytest.raises(ShapeError, match=r"can not crop 7 x 2 pixels from pictures of 6 x 9"):
        kind(7, 2)(IMAGES)
    layer = kind(6, 9)
    layer(IMAGES)
    with pytest.raises(ShapeError, match=r"6 x 9 pixels from pictures of 6 x 8.*Resizing"):
        layer(IMAGES[:, :, :8])
