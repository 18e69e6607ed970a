"""The functions of ops: their numbers, the same in a graph, and what they refuse."""

from __future__ import annotations

import doctest
import inspect
from functools import reduce
from typing import Any

import jax
import numpy as np
import pytest

import lampas as lp
from lampas import ops
from lampas.graph.operation import ELEMENTWISE, FUNCTIONS
from tests.oracles.ops import CASES, EAGER, Case, X, Z

BATCH = 3
WITHOUT_CASE = {"eigh", "image.resize", "qr"}


def function_of(name: str) -> Any:
    return reduce(getattr, name.split("."), ops)


def assert_same(actual: Any, expected: Any) -> None:
    actual, expected = jax.tree.leaves(actual), jax.tree.leaves(expected)
    assert len(actual) == len(expected)
    for a, b in zip(actual, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype.kind == np.asarray(b).dtype.kind
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


def is_row_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.shape[:1] == (BATCH,)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_result_is_numpys_and_a_graphs(case: Case) -> None:
    expected = case.reference(*case.args, **case.options)
    if not isinstance(expected, tuple | np.ndarray) and case.name.startswith("segment"):
        expected = np.stack(expected)
    if case.name == "in_top_k":
        expected = np.array(expected)
    eager = function_of(case.name)(*case.args, **case.options)
    assert_same(eager, expected)
    arrays = [leaf for leaf in jax.tree.leaves(case.args) if is_row_array(leaf)]
    inputs = [
        lp.Input(array.shape[1:], dtype=ops.dtype(ops.array(array)), name=f"input_{i}")
        for i, array in enumerate(arrays)
    ]
    tensors = iter(inputs)
    args = jax.tree.map(lambda leaf: next(tensors) if is_row_array(leaf) else leaf, case.args)
    outputs = function_of(case.name)(*args, **case.options)
    assert_same(lp.Model(inputs, outputs)(arrays), eager)


@pytest.mark.parametrize("name", lp.activations.__all__[1:])
def test_activations_take_symbolic_tensors(name: str) -> None:
    x = lp.Input((4,))
    model = lp.Model(x, getattr(lp.activations, name)(x))
    np.testing.assert_array_equal(model(X), lp.activations.get(name)(X))


@pytest.mark.parametrize("case", EAGER, ids=str)
def test_result_is_numpys(case: Case) -> None:
    function = getattr(ops, case.name)
    assert_same(function(*case.args, **case.options), case.reference(*case.args, **case.options))


def test_every_operation_has_a_case_and_is_public() -> None:
    names = [name for name in FUNCTIONS if not name.startswith("activations.")]
    assert {case.name for case in CASES + EAGER} | WITHOUT_CASE >= {*names}
    for name in names:
        assert function_of(name).__wrapped__ is FUNCTIONS[name]
    assert FUNCTIONS.keys() >= ELEMENTWISE


def test_every_function_is_documented() -> None:
    functions = {name: value for name, value in vars(ops).items() if inspect.isfunction(value)}
    assert functions.keys() >= {"exp", "sum", "matmul", "relu", "zeros"}
    assert not functions.keys() & {"operation", "as_array", "Any", "jnp"}
    assert all(inspect.getdoc(value) for value in functions.values())


def test_factors_of_matrices_give_the_matrix() -> None:
    q, r = ops.qr(X.T)
    np.testing.assert_allclose(q @ r, X.T, atol=1e-6)
    values, vectors = ops.eigh(X @ X.T)
    np.testing.assert_allclose(vectors * values @ vectors.T, X @ X.T, atol=1e-6)


def test_images_are_resized_as_the_layer_does() -> None:
    images = np.random.default_rng(0).uniform(size=(2, 6, 4, 3)).astype(np.float32)
    expected = lp.Resizing(3, 8)(images)
    np.testing.assert_array_equal(ops.image.resize(images, (3, 8)), expected)
    np.testing.assert_array_equal(ops.image.resize(images[0], (3, 8)), expected[0])


def test_lists_and_variables_are_arrays() -> None:
    assert ops.add([1, 2], [3, 4]).tolist() == [4, 6]
    assert ops.sum(lp.Parameter(jax.numpy.ones((2, 3))), axis=[0, 1]) == 6
    assert ops.concatenate([[1.0], lp.State(jax.numpy.zeros(1))]).tolist() == [1.0, 0.0]


def test_arguments_have_keras_names() -> None:
    assert ops.subtract(x1=3, x2=1) == 2
    assert ops.clip(x=[5], x_min=0, x_max=2).tolist() == [2]
    assert ops.reshape(X, newshape=(4, 3)).shape == (4, 3)
    assert ops.split(X, indices_or_sections=3)[0].shape == (1, 4)


@pytest.mark.parametrize(
    ("function", "dtype"),
    [
        (lambda x: ops.true_divide(x, 2), "float32"),
        (lambda x: ops.floor_divide(x, 2), "int32"),
        (lambda x: ops.mean(x), "float32"),
        (lambda x: ops.sum(x), "int32"),
        (lambda x: ops.exp(x), "float32"),
        (lambda x: ops.add(x, 0.5), "float32"),
        (lambda x: ops.add(ops.cast(x, "bfloat16"), 0.5), "bfloat16"),
        (lambda x: ops.argmax(x), "int32"),
        (lambda x: ops.one_hot(x, 3), "float32"),
    ],
)
def test_dtypes_are_promoted(function: Any, dtype: str) -> None:
    assert ops.dtype(function(np.array([1, 2]))) == dtype
    assert ops.dtype(function(lp.Input((2,), dtype="int32"))) == dtype


def test_shapes_of_symbolic_tensors_are_known_where_they_are() -> None:
    x = lp.Input((4, 5))
    assert ops.shape(x) == (None, 4, 5)
    assert ops.ndim(x) == 3
    assert ops.is_tensor(x)
    assert ops.convert_to_tensor(x) is x
    assert ops.convert_to_tensor(x, "int32").dtype == "int32"
    assert ops.reshape(x, (ops.shape(x)[0], 20)).shape == (None, 20)
    assert ops.mean(x, axis=[1, 2]).shape == (None,)
    assert [part.shape for part in ops.split(x, 2, axis=1)] == [(None, 2, 5)] * 2


def test_the_gradient_stops() -> None:
    derivative = jax.grad(lambda x: x * ops.stop_gradient(x))(3.0)
    assert derivative == 3.0


def test_the_gradient_of_a_normalized_zero_vector_is_finite() -> None:
    grads = jax.grad(lambda x: ops.normalize(x).sum())(np.zeros(3, np.float32))
    assert np.isfinite(grads).all()


@pytest.mark.parametrize(
    ("function", "kind", "text"),
    [
        (
            lambda: ops.reshape(Z, (None, 5, -1)),
            lp.ShapeError,
            r"reshape to \(\*, 5, -1\) leaves more than one size open\. Write all sizes but that",
        ),
        (
            lambda: ops.binary_crossentropy(X, Z),
            lp.ShapeError,
            r"the target must have shape \(3, 4, 5\), got \(3, 4\)",
        ),
        (
            lambda: ops.categorical_crossentropy(X, X[:, :2]),
            lp.ShapeError,
            r"the target must have shape \(3, 2\), got \(3, 4\)",
        ),
        (
            lambda: ops.zeros((lp.Input((4,)).shape[0], 2)),
            lp.ShapeError,
            r"a size is None, since that of the batch is not known.*Write ones_like\(x\)",
        ),
        (lambda: ops.arange(ops.shape(lp.Input((4,)))[0]), lp.ShapeError, "a size is None"),
    ],
)
def test_messages(function: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        function()


@pytest.mark.parametrize(
    "module", [ops, ops.shaping, ops.image, ops.control], ids=lambda m: m.__name__
)
def test_examples_run(module: Any) -> None:
    assert doctest.testmod(module).failed == 0
