"""Layers that change the shape: reshape, pad, crop, enlarge."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from lampas import (
    Activation,
    ArgumentError,
    Cropping2D,
    Dense,
    Flatten,
    Input,
    Rescaling,
    Reshape,
    Sequential,
    ShapeError,
    UnknownNameError,
    UpSampling2D,
)
from lampas import ZeroPadding2D as Zeros

X = np.arange(24).reshape(2, 3, 4)


def test_flatten_keeps_batch_order_and_type() -> None:
    np.testing.assert_array_equal(Flatten()(X), X.reshape(2, 12))
    assert Flatten()(X.astype(np.uint8)).dtype == np.uint8
    assert Flatten()(np.ones(3)).shape == (3, 1)


@pytest.mark.parametrize("target", [(12,), (4, 3), (2, -1), (-1, 1)], ids=str)
def test_reshape_keeps_the_order_of_each_input(target: tuple[int, ...]) -> None:
    np.testing.assert_array_equal(Reshape(target)(X), X.reshape(2, *target))


@pytest.mark.parametrize("target", [(5,), (5, -1), (-1, -1)], ids=str)
def test_reshape_to_another_count_names_both_shapes(target: tuple[int, ...]) -> None:
    with pytest.raises(
        ShapeError, match=r"cannot reshape \(3, 4\) \(12 elements\) to .* may be -1"
    ):
        Reshape(target)(X)


def test_rescaling_maps_bytes_to_numbers() -> None:
    y = Rescaling(1 / 127.5, offset=-1)(np.array([[0, 255]], np.uint8))
    np.testing.assert_allclose(y, [[-1, 1]], atol=1e-6)


def test_activation_layer_applies_a_name_or_a_function() -> None:
    x = np.array([[-2.0, 3.0]])
    np.testing.assert_array_equal(Activation("relu")(x), [[0, 3]])
    np.testing.assert_array_equal(Activation(lambda x: x * 2)(x), [[-4, 6]])


def test_input_passes_what_fits_and_names_what_does_not() -> None:
    model = Sequential([Input((3, 4)), Flatten(), Dense(2)])
    assert set(model.parameters()) == {"dense_1/kernel", "dense_1/bias"}
    assert model(X).shape == (2, 2)
    with pytest.raises(ShapeError, match=r"for inputs of shape \(\*, 3, 4\), got \(2, 4, 3\)"):
        model(X.reshape(2, 4, 3))


IMAGES = np.random.default_rng(0).normal(size=(2, 3, 4, 2)).astype(np.float32)


def between(rows: np.ndarray, factor: int) -> np.ndarray:
    """Linear interpolation along the first axis, pixel centres at halves, ends held."""
    at = (np.arange(len(rows) * factor) + 0.5) / factor - 0.5
    flat = rows.reshape(len(rows), -1)
    found = [np.interp(at, np.arange(len(rows)), column) for column in flat.T]
    return np.stack(found, 1).reshape(-1, *rows.shape[1:])


@pytest.mark.parametrize("size", [1, 2, (1, 3), (3, 2)], ids=str)
def test_nearest_repeats_rows_and_columns(size) -> None:
    rows, columns = (size, size) if isinstance(size, int) else size
    np.testing.assert_array_equal(
        UpSampling2D(size)(IMAGES), IMAGES.repeat(rows, 1).repeat(columns, 2)
    )


@pytest.mark.parametrize("size", [2, (1, 3)], ids=str)
def test_bilinear_interpolates_between_centres(size) -> None:
    rows, columns = (size, size) if isinstance(size, int) else size
    expected = np.moveaxis(between(np.moveaxis(IMAGES, 1, 0), rows), 0, 1)
    expected = np.moveaxis(between(np.moveaxis(expected, 2, 0), columns), 0, 2)
    y = UpSampling2D(size, interpolation="bilinear")(IMAGES)
    np.testing.assert_allclose(y, expected, atol=1e-6)


def test_gradient_of_repetition_is_the_sum_over_the_copies() -> None:
    dy = np.random.default_rng(1).normal(size=(2, 6, 12, 2)).astype(np.float32)
    dx = jax.grad(lambda x: (dy * UpSampling2D((2, 3))(x)).sum())(IMAGES)
    np.testing.assert_allclose(dx, dy.reshape(2, 3, 2, 4, 3, 2).sum((2, 4)), rtol=1e-5, atol=1e-6)


def test_unknown_interpolation_offers_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match=r"interpolation 'bilinar'. Did you mean 'bilinear'"):
        UpSampling2D(interpolation="bilinar")


def test_upsampling_by_nothing_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="size must be a positive integer or 2 of them"):
        UpSampling2D(0)


SIDES = {"1": (1, ((1, 1), (1, 1))), "pair": ((1, 0), ((1, 1), (0, 0))),
         "four": (((0, 1), (2, 1)), ((0, 1), (2, 1)))}  # fmt: skip


@pytest.mark.parametrize("way", SIDES)
def test_border_is_given_in_three_ways(way: str) -> None:
    given, ((above, below), (left, right)) = SIDES[way]
    padded = Zeros(given)(IMAGES)
    np.testing.assert_array_equal(
        padded, np.pad(IMAGES, ((0, 0), (above, below), (left, right), (0, 0)))
    )
    np.testing.assert_array_equal(Cropping2D(given)(padded), IMAGES)
    np.testing.assert_array_equal(
        Cropping2D(given)(IMAGES), IMAGES[:, above : 3 - below, left : 4 - right]
    )


def test_defaults_are_one_row_of_zeros_and_no_cut() -> None:
    assert Zeros()(IMAGES).shape == (2, 5, 6, 2)
    assert Cropping2D()(IMAGES).shape == IMAGES.shape


@pytest.mark.parametrize("kind", [Zeros, Cropping2D])
def test_bytes_stay_bytes(kind: type) -> None:
    assert kind(1)(np.ones((1, 5, 5, 1), np.uint8)).dtype == np.uint8


@pytest.mark.parametrize(
    "wrong", [-1, (1, -1), (1, 2, 3), ((1, 2), (3,)), 1.5, "1", None, ((1, 2), (0, -1))], ids=str
)
@pytest.mark.parametrize(("kind", "name"), [(Zeros, "padding"), (Cropping2D, "cropping")])
def test_impossible_borders_name_the_argument(kind: type, name: str, wrong: object) -> None:
    with pytest.raises(ArgumentError, match=f"{name} must be an integer of 0 or more"):
        kind(wrong)


@pytest.mark.parametrize("cut", [2, ((1, 2), (0, 0)), ((0, 0), (4, 0))], ids=str)
def test_cut_of_everything_is_an_error_with_the_size(cut) -> None:
    with pytest.raises(ShapeError, match=r"leaves nothing of images of \(3, 4\); crop less"):
        Cropping2D(cut)(IMAGES)


@pytest.mark.parametrize("kind", [Zeros, Cropping2D, UpSampling2D])
def test_wrong_number_of_axes_is_an_error(kind: type) -> None:
    with pytest.raises(ShapeError, match="expects 4 axes"):
        kind()(IMAGES[0])
