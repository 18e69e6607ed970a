from __future__ import annotations

import numpy as np
import pytest

from lampas import Activation, Dense, Flatten, Input, Rescaling, Reshape, Sequential, ShapeError

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
        ShapeError, match=r"can not reshape \(3, 4\) \(12 elements\) to .* may be -1"
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
    with pytest.raises(ShapeError, match=r"takes inputs of shape \(\*, 3, 4\), got \(2, 4, 3\)"):
        model(X.reshape(2, 4, 3))
