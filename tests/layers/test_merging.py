"""Merge layers: numbers, gradients, masks, and inputs that do not merge."""

from __future__ import annotations

from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import layers
from lampas.train.row_padding import has_independent_rows
from tests.oracles.differences import gradient

RANDOM = np.random.default_rng(0)
A, B, C = (RANDOM.normal(size=(3, 4, 2)).astype(np.float32) for _ in range(3))
ROW = RANDOM.normal(size=(3, 2)).astype(np.float32)
ONE = RANDOM.normal(size=(3, 1, 2)).astype(np.float32)


def cosine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    x, y = (a / np.linalg.norm(a, axis=-1, keepdims=True) for a in (x, y))
    return np.einsum("bij,bkj->bik", x, y)


ELEMENTWISE = {
    "add": lambda *x: reduce(np.add, x),
    "multiply": lambda *x: reduce(np.multiply, x),
    "average": lambda *x: reduce(np.add, x) / len(x),
    "maximum": lambda *x: reduce(np.maximum, x),
    "minimum": lambda *x: reduce(np.minimum, x),
}
CASES = [
    *((name, {}, x, f) for name, f in ELEMENTWISE.items() for x in ([A], [A, B], [A, B, C])),
    *((name, {}, [A, ONE], function) for name, function in ELEMENTWISE.items()),
    ("add", {}, [ROW, A], lambda x, y: x[:, None] + y),
    ("add", {}, [np.array([[1, 2]]), np.array([[3, 4]])], np.add),
    ("average", {}, [np.array([[1, 2]]), np.array([[2, 4]])], lambda x, y: (x + y) / 2),
    ("subtract", {}, [A, B], np.subtract),
    ("concatenate", {}, [A, B, C], lambda *x: np.concatenate(x, -1)),
    ("concatenate", {"axis": 1}, [A, ONE], lambda *x: np.concatenate(x, 1)),
    ("concatenate", {}, [ROW, ROW[:, :1]], lambda *x: np.concatenate(x, -1)),
    ("dot", {"axes": 1}, [ROW, 2 * ROW], lambda x, y: (x * y).sum(1, keepdims=True)),
    ("dot", {"axes": (2, 2)}, [A, B], lambda x, y: np.einsum("bij,bkj->bik", x, y)),
    ("dot", {"axes": (1, -1)}, [ROW, A], lambda x, y: np.einsum("bj,bij->bi", x, y)),
    ("dot", {"axes": (-1, 1)}, [A, ROW], lambda x, y: np.einsum("bij,bj->bi", x, y)),
    ("dot", {"axes": (1, 2)}, [A, A.swapaxes(1, 2)], lambda x, y: np.einsum("bji,bkj->bik", x, y)),
    ("dot", {"axes": -1, "normalize": True}, [A, B], cosine),
]


def layer_of(name: str, options: dict[str, Any]) -> lp.Layer:
    return getattr(lp, name.capitalize())(**options)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "options", "x", "reference"), CASES, ids=[f"{c[0]}-{len(c[2])}" for c in CASES]
)
def test_output_is_that_of_the_definition(name, options, x, reference) -> None:
    expected = reference(*x)
    output = layer_of(name, options)(x)
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)
    assert output.dtype == jnp.asarray(expected).dtype
    np.testing.assert_array_equal(getattr(layers, name)(x, **options), output)
    inputs = [lp.Input(a.shape[1:], dtype=jnp.asarray(a).dtype.name) for a in x]
    merged = getattr(layers, name)(inputs, **options)
    assert merged.shape == (None, *expected.shape[1:])
    np.testing.assert_array_equal(lp.Model(inputs, merged)(x), output)


GRADIENTS = [
    *((name, {}, function) for name, function in ELEMENTWISE.items()),
    ("subtract", {}, np.subtract),
    ("concatenate", {}, lambda *x: np.concatenate(x, -1)),
    ("dot", {"axes": 2}, lambda x, y: np.einsum("bij,bkj->bik", x, y)),
    ("dot", {"axes": 2, "normalize": True}, cosine),
]


@pytest.mark.long
@pytest.mark.parametrize(("name", "options", "reference"), GRADIENTS)
def test_gradient_is_that_of_differences(name, options, reference) -> None:
    layer, weights = layer_of(name, options), RANDOM.normal(size=reference(A, B).shape)
    by_a, by_b = jax.grad(lambda x: (layer(x) * weights).sum())([jnp.array(A), jnp.array(B)])
    expected = gradient(lambda a: np.sum(weights * reference(a, np.float64(B))), A)
    np.testing.assert_allclose(by_a, expected, rtol=1e-4, atol=1e-4)
    expected = gradient(lambda b: np.sum(weights * reference(np.float64(A), b)), B)
    np.testing.assert_allclose(by_b, expected, rtol=1e-4, atol=1e-4)


FIRST = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1]], bool)
SECOND = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 1]], bool)


def merged(layer: lp.Layer, *masks: np.ndarray | None, x: Any = (A, B)) -> Any:
    return layer([lp.set_mask(jnp.array(a), m) for a, m in zip(x, masks, strict=True)])


@pytest.mark.parametrize("name", [*ELEMENTWISE, "subtract", "concatenate"])
def test_a_step_is_data_if_it_is_in_one_of_the_inputs(name: str) -> None:
    mask = lp.get_mask(merged(layer_of(name, {}), FIRST, SECOND))
    np.testing.assert_array_equal(mask, FIRST | SECOND)
    assert lp.get_mask(merged(layer_of(name, {}), FIRST, None)) is None
    assert lp.get_mask(merged(layer_of(name, {}), None, None)) is None


def test_masks_are_joined_along_the_steps() -> None:
    mask = lp.get_mask(merged(lp.Concatenate(axis=1), FIRST, SECOND))
    np.testing.assert_array_equal(mask, np.concatenate([FIRST, SECOND], 1))
    mask = lp.get_mask(merged(lp.Concatenate(axis=-2), FIRST, None))
    np.testing.assert_array_equal(mask, np.concatenate([FIRST, np.ones_like(FIRST)], 1))


def test_scalar_products_have_no_mask() -> None:
    assert lp.get_mask(merged(lp.Dot(axes=2), FIRST, SECOND)) is None


def test_steps_that_are_no_data_do_not_count() -> None:
    a, b, first, second = A, B, FIRST[..., None], SECOND[..., None]
    product = np.where(first, a, 1) * np.where(second, b, 1) * (first | second)
    np.testing.assert_allclose(merged(lp.Multiply(), FIRST, SECOND), product, rtol=1e-6)
    larger = np.where(first, np.where(second, np.maximum(a, b), a), np.where(second, b, a))
    np.testing.assert_array_equal(merged(lp.Maximum(), FIRST, SECOND), larger)
    smaller = np.where(first, np.minimum(a, b), b)
    np.testing.assert_array_equal(merged(lp.Minimum(), FIRST, None), smaller)


def test_a_mask_of_fewer_axes_is_dropped() -> None:
    assert lp.get_mask(merged(lp.Add(), FIRST[:, :2], FIRST, x=(ROW, A))) is None


def test_a_merged_model_is_saved_and_padded(tmp_path) -> None:
    a, b = lp.Input((4, 2)), lp.Input((4, 2))
    rows = layers.concatenate([layers.dot([a, b], axes=2, normalize=True), a], axis=-1)
    model = lp.Model([a, b], rows)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(lp.load(tmp_path / "model")([A, B]), model([A, B]))
    assert has_independent_rows(model)
    assert not has_independent_rows(lp.Model([a, b], layers.concatenate([a, b], axis=0)))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: lp.Add()([lp.Input((4,)), lp.Input((5,))]),
            r"inputs of shapes \(\*, 4\) and \(\*, 5\) cannot be merged: axis 1 has the sizes 4 "
            "and 5, which must be the same",
        ),
        (lambda: lp.Add()([A, B, A[:2]]), r"\(3, 4, 2\) and \(2, 4, 2\).*axis 0 has the sizes 3"),
        (lambda: lp.Add()([ROW, A[..., :1], A.swapaxes(1, 2)]), r"\(3, 4, 1\) and \(3, 2, 4\)"),
        (
            lambda: lp.Concatenate()([A, B[:, :3]]),
            r"\(3, 4, 2\) and \(3, 3, 2\) cannot be merged: axis 1 has the sizes 4 and 3",
        ),
        (
            lambda: lp.Concatenate()([lp.Input((4, 2)), lp.Input((2,))]),
            r"different numbers of axes, \(\*, 4, 2\) and \(\*, 2\), cannot be concatenated",
        ),
        (lambda: lp.Concatenate(axis=3)([A, B]), r"shape \(3, 4, 2\) has no axis 3"),
        (lambda: lp.Dot(axes=1)([A, ONE]), "axis 1 has the sizes 4 and 1"),
        (lambda: lp.Dot(axes=(1, 2))([A, B]), "axes 1 and 2 have the sizes 4 and 2"),
        (lambda: lp.Dot(axes=2)([A, B[:2]]), "axis 0 has the sizes 3 and 2"),
        (lambda: lp.Dot(axes=0), r"axes must be one axis, or two, without 0.*got 0\."),
        (lambda: lp.Dot(axes=(1, 2, 3)), r"got \(1, 2, 3\)"),
        (
            lambda: lp.Add()(lp.Input((4,)), lp.Input((4,))),
            r"Add is called with a list of its inputs: layer\(\[a, b\]\)\. Got float32\(\*, 4\), f",
        ),
        (lambda: lp.Add()(A), r"Got float32\(3, 4, 2\)"),
        (lambda: lp.Add()(), "Got nothing"),
        (lambda: lp.Add()([]), "Add merges some inputs, got 0"),
        (lambda: lp.Subtract()([A, B, C]), "Subtract merges 2 inputs, got 3"),
        (
            lambda: lp.Add()([lp.Input((4,)), np.ones((3, 4))]),
            r"Add merges symbolic tensors.*input 1 is float64\(3, 4\)\. Merge a constant by arith",
        ),
        (lambda: lp.Add()([2.0, A]), "merges batches of inputs, got a single number"),
        (lambda: layers.multiply([2.0, lp.Input((4,))]), r"input 0 is 2\.0"),
    ],
)
def test_messages(call: Any, text: str) -> None:
    with pytest.raises(lp.LampasError, match=text):
        call()
