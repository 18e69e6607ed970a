"""Symbolic tensors: shapes, operators, and messages where values are needed."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.graph import SymbolicTensor, infer_shape

X = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)


def computed(function, *arrays):
    """The output for arrays of a model whose output is a function of its inputs."""
    inputs = [lp.Input(array.shape[1:], name=f"input_{i}") for i, array in enumerate(arrays)]
    return lp.Model(inputs, function(*inputs)).predict(arrays)


def test_a_layer_returns_a_symbolic_tensor_with_its_shape():
    x = lp.Input((8, 8, 3))
    y = lp.Conv2D(4, 3, strides=2, padding="same")(x)
    assert isinstance(y, SymbolicTensor)
    assert (x.shape, y.shape, y.ndim, y.dtype) == ((None, 8, 8, 3), (None, 4, 4, 4), 4, "float32")
    assert repr(y) == "<SymbolicTensor 'conv2d' float32(*, 4, 4, 4)>"


@pytest.mark.parametrize(
    ("shape", "layer", "expected"),
    [
        ((None, None, 3), lp.Conv2D(2, 3), (None, None, None, 2)),
        ((None, None, 3), lp.GlobalAveragePool2D(), (None, 3)),
        ((None, 5), lp.LSTM(3, return_sequences=True), (None, None, 3)),
        ((None, 5), lp.LSTM(3), (None, 3)),
        ((6, 5), lp.Flatten(), (None, 30)),
        ((6,), lp.Embedding(10, 2), (None, 6, 2)),
        ((), lp.Embedding(10, 2), (None, 2)),
    ],
)
def test_sizes_that_are_not_known_stay_unknown(shape, layer, expected):
    assert layer(lp.Input(shape)).shape == expected


def test_a_weight_cannot_depend_on_a_size_that_is_not_known():
    x = lp.Flatten()(lp.Input((None, 3)))
    with pytest.raises(lp.ShapeError, match=r"dense: the shape of its weights depends on a size"):
        lp.Dense(2)(x)


def test_a_call_leaves_the_layer_without_weights():
    layer = lp.Dense(2)
    layer(lp.Input((3,)))
    assert not layer.built
    assert layer(np.ones((1, 5))).shape == (1, 2)


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b / (b * b + 1),
        lambda a, b: 2 - a + 3 * b,
        lambda a, b: a**2 + (a > b) * 1.0,
        lambda a, b: -abs(a) // 2 + b % 3,
        lambda a, b: (a <= b) * a,
        lambda a, b: np.exp(a) + np.maximum(a, b),
        lambda a, b: np.float32(2) * a + b,
        lambda a, b: np.arange(4, dtype=np.float32) + a - b,
    ],
)
def test_operators_compute_what_arrays_compute(function):
    expected = function(X, X[::-1])
    np.testing.assert_allclose(computed(function, X, X[::-1]), expected, rtol=1e-6)


@pytest.mark.parametrize("key", [np.s_[:, 0], np.s_[:, 1:3], np.s_[..., -1], np.s_[:, None, ::2]])
def test_indexing(key):
    np.testing.assert_array_equal(computed(lambda x: x[key], X), X[key])


def test_several_outputs_unpack():
    output, h, c = lp.LSTM(3, return_state=True)(lp.Input((5, 2)))
    assert [t.shape for t in (output, h, c)] == [(None, 3)] * 3


def test_shapes_are_checked_where_the_layer_is_called():
    with pytest.raises(lp.ShapeError, match=r"expects 4 axes .* got an input of shape \(\*, 4\)"):
        lp.Conv2D(2, 3)(lp.Input((4,)))
    with pytest.raises(TypeError, match=r"shapes for broadcasting: \(\*, 4\), \(\*, 3"):
        lp.Input((4,)) + lp.Input((3,))


def test_a_shared_layer_takes_inputs_of_one_size():
    layer = lp.Dense(2)
    layer(lp.Input((4,)))
    with pytest.raises(lp.ShapeError, match=r"was built for inputs with 4 .* shape \(\*, 3\)"):
        layer(lp.Input((3,)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (jnp.exp, r"jax.numpy.exp needs values.*lampas\.ops\.exp"),
        (jnp.mean, r"jax.numpy.mean needs values.*lampas\.ops\.mean"),
        (lambda x: jnp.concatenate([x, x]), r"lampas\.ops\.concatenate"),
        (np.linalg.norm, r"numpy.norm needs values.*lampas\.ops\.norm"),
        (np.frexp, r"numpy\.frexp needs values"),
        (float, "float.. needs values"),
        (int, "int.. needs values"),
        (len, "len.. needs values.*in its shape"),
        (list, r"a loop needs values.*x\[:, 0\]"),
        (lambda x: 1 if x > 0 else 0, r"`if`.*ops\.where\(condition, a, b\)"),
    ],
)
def test_what_needs_values_says_what_to_write(call, message):
    with pytest.raises(lp.LampasError, match=message):
        call(lp.Input((4,)))


def test_infer_shape_adds_nothing_to_a_graph():
    layer = lp.Dense(7)
    assert infer_shape(layer, (None, 5, 3)) == (None, 5, 7)
    assert layer.nodes == []
    assert lp.Dense(7).compute_output_shape((None, 3)) == (None, 7)
