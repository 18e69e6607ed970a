"""Operations in a graph: rows that are apart, masks, and functions that take no symbolic tensor."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import ops
from lampas.train.row_padding import has_independent_rows

ROWS = np.random.default_rng(0).normal(size=(7, 4, 4)).astype(np.float32)

APART: dict[str, Callable[[Any], Any]] = {
    "elementwise": lambda x: 2 * x + ops.exp(x),
    "activation": lp.activations.relu,
    "lambda": lp.Lambda(ops.square),
    "dense": lp.Dense(3, "softmax"),
    "constant": lambda x: x + np.ones((4, 4), np.float32),
    "reduction": lambda x: ops.mean(x, axis=-1),
    "axes": lambda x: ops.sum(x, axis=(1, 2)),
    "softmax": ops.softmax,
    "get_item": lambda x: x[:, 0],
    "columns": lambda x: x[:, :, None],
    "reshape": lambda x: ops.reshape(x, (-1, 16)),
    "transpose": lambda x: ops.transpose(x, (0, 2, 1)),
    "concatenate": lambda x: ops.concatenate([x, x], axis=1),
    "split": lambda x: ops.split(x, 2, axis=1)[0],
    "matmul": lambda x: ops.matmul(x, x),
    "weights": lambda x: x @ np.ones((4, 2), np.float32),
}
MIXED: dict[str, Callable[[Any], Any]] = {
    "reduction": lambda x: x - ops.mean(x, axis=0),
    "kept": lambda x: x - ops.mean(x, 0, True),
    "all": lambda x: x / ops.max(x),
    "negative axis": lambda x: ops.cumsum(x, axis=-3),
    "flat": lambda x: x * ops.sort(ops.ravel(x))[0],
    "get_item": lambda x: x[::-1],
    "one row": lambda x: x + x[0],
    "softmax": lambda x: ops.softmax(x, axis=0),
    "gram": lambda x: ops.sum(ops.matmul(x[:, 0], ops.transpose(x[:, 0])), axis=1),
    "broadcast": lambda x: ops.sum(x[:, 0, 0] + x[:, 0, :1], axis=1),
    "lambda": lp.Lambda(ops.softmax, arguments={"axis": 0}),
    "einsum": lambda x: ops.einsum("bij,cij->b", x, x),
    "transpose": lambda x: ops.transpose(ops.cumsum(ops.transpose(x), axis=-1)),
}


@pytest.mark.parametrize("name", APART)
def test_rows_that_are_apart_are_padded(name: str) -> None:
    x = lp.Input((4, 4))
    assert has_independent_rows(lp.Model(x, APART[name](x)))


@pytest.mark.parametrize("name", MIXED)
def test_rows_that_are_mixed_are_not_padded(name: str) -> None:
    x = lp.Input((4, 4))
    model = lp.Model(x, MIXED[name](x))
    assert not has_independent_rows(model)
    assert not has_independent_rows(copy.deepcopy(model))


@pytest.mark.parametrize("count", [5, 7])
def test_prediction_of_any_number_of_rows_is_the_definition(count: int) -> None:
    x, rows = lp.Input((4, 4)), ROWS[:count]
    model = lp.Model(x, x - ops.mean(x, axis=0))
    np.testing.assert_allclose(model.predict(rows), rows - rows.mean(0), atol=1e-6)
    np.testing.assert_allclose(model(rows), rows - rows.mean(0), atol=1e-6)


MASK = jnp.array([[True, True, False], [True, False, False]])
OTHER = jnp.array([[True, False, False], [True, False, True]])
STEPS = np.random.default_rng(1).normal(size=(2, 3, 4)).astype(np.float32)


def mask_after(function: Callable[[Any, Any], Any], first: Any, second: Any) -> Any:
    a, b = lp.Input((3, 4), name="a"), lp.Input((3, 4), name="b")
    model = lp.Model([a, b], function(a, b))
    arrays = [lp.set_mask(jnp.array(STEPS), mask) for mask in (first, second)]
    return lp.get_mask(model(arrays))


@pytest.mark.parametrize(
    ("function", "first", "second", "expected"),
    [
        (lambda a, b: ops.exp(a), MASK, None, MASK),
        (lambda a, b: a + b, MASK, None, MASK),
        (lambda a, b: a + b, None, MASK, MASK),
        (lambda a, b: a + b, MASK, OTHER, MASK | OTHER),
        (lambda a, b: ops.where(a > 0, a, b), None, MASK, MASK),
        (lambda a, b: 1.0 - a, MASK, None, MASK),
        (lambda a, b: a[:, :2], MASK, None, None),
        (lambda a, b: ops.concatenate([a, b], axis=-1), MASK, MASK, None),
        (lambda a, b: ops.reshape(a, (-1, 3, 2, 2)), MASK, None, None),
        (lambda a, b: ops.mean(a, axis=-1), MASK, None, None),
    ],
)
def test_masks(function: Any, first: Any, second: Any, expected: Any) -> None:
    mask = mask_after(function, first, second)
    assert (mask is None) == (expected is None)
    if expected is not None:
        np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (jnp.exp, r"jax\.numpy\.exp needs values.*Write lampas\.ops\.exp\(\.\.\.\)\.$"),
        (jnp.unwrap, r"jax\.numpy\.unwrap needs.*or Lambda\(function\)\(x\) for any other one\.$"),
        (
            lambda x: np.concatenate([x, x]),
            r"numpy\.concatenate needs.*Write lampas\.ops\.concatenate\(\.\.\.\)\.$",
        ),
        (np.unwrap, r"numpy\.unwrap needs.*Write a function of lampas\.ops, or Lambda"),
        (np.asarray, r"NumPy needs.*Write a function of lampas\.ops, or Lambda"),
    ],
)
def test_other_libraries_name_the_function_to_write(call: Any, text: str) -> None:
    with pytest.raises(lp.LampasError, match=text):
        call(lp.Input((4,)))


def test_numpys_elementwise_functions_and_shapes_work() -> None:
    x = lp.Input((4,))
    np.testing.assert_allclose(lp.Model(x, np.exp(x))(STEPS[0]), np.exp(STEPS[0]), rtol=1e-5)
    assert np.shape(x) == (None, 4)
    assert np.ndim(x) == 2


def test_operations_are_saved_by_name(tmp_path) -> None:
    x = lp.Input((4, 4))
    y = ops.concatenate([ops.exp(x)[:, 0], ops.mean(x, axis=(1,)) + np.ones(4)], axis=-1)
    model = lp.Model(x, ops.image.resize(ops.cast(y, x.dtype)[:, None, :, None], (2, 4)))
    model.save(tmp_path / "model")
    loaded = lp.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded(ROWS), model(ROWS))


def test_inputs_without_names_are_numbered() -> None:
    first, second = lp.Input((4,)), lp.Input((4,))
    model = lp.Model([first, second], first - 2 * second)
    assert model.input_names == ["input_layer_1", "input_layer_2"]
    rows = {"input_layer_2": STEPS[0], "input_layer_1": STEPS[1]}
    np.testing.assert_allclose(model(rows), STEPS[1] - 2 * STEPS[0], rtol=1e-6)
    named = lp.Input((4,), name="a"), lp.Input((4,), name="a")
    with pytest.raises(lp.ArgumentError, match=r"two inputs are named 'a'\. Name each one"):
        lp.Model(named, named[0] + named[1])


def test_shapes_that_do_not_fit_are_told_at_the_line() -> None:
    with pytest.raises(TypeError, match=r"add got incompatible shapes.*\(\*, 4\), \(\*, 5\)"):
        lp.Input((4,)) + lp.Input((5,))
