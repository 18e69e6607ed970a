"""Models of a graph: inputs, outputs, shared layers, sub-models, copies."""

import copy
import pickle

import numpy as np
import pytest

import lampas as lp

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
Z = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)


def two_inputs(form):
    """A model of a + dense(b) whose inputs are in a list, tuple or dict."""
    a, b = lp.Input((4,), name="a"), lp.Input((3,), name="b")
    inputs = {"a": a, "b": b} if form is dict else form([a, b])
    return lp.Model(inputs, a + lp.Dense(4, name="dense")(b))


def sum_by_hand(model):
    dense = model.get_layer("dense")
    return X + Z @ dense.kernel.numpy() + dense.bias.numpy()


@pytest.mark.parametrize("form", [list, tuple, dict])
def test_inputs_by_position_or_by_name(form):
    model = two_inputs(form)
    for x in ([X, Z], (X, Z), {"a": X, "b": Z}, {"b": Z, "a": X}):
        np.testing.assert_allclose(model.predict(x), sum_by_hand(model), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(model(x), sum_by_hand(model), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model(X, Z), sum_by_hand(model), rtol=1e-5, atol=1e-6)
    assert model.input_names == ["a", "b"]


def test_inputs_have_the_dtype_of_their_tensor():
    x = lp.Input((2,))
    model = lp.Model(x, x - 127)
    pixels = np.array([[1, 255]], np.uint8)
    for result in (model.predict(pixels), model(pixels), model([[1, 255]])):
        np.testing.assert_array_equal(result, np.float32([[-126, 128]]))
    count = lp.Input((2,), dtype="int32")
    assert lp.Model(count, count // 2).predict([[3.0, 4.0]]).tolist() == [[1, 2]]


def test_a_last_axis_of_size_1_may_be_missing():
    user, item = lp.Input((1,), dtype="int32"), lp.Input((1,), dtype="int32")
    model = lp.Model([user, item], user * 10 + item)
    ids = np.arange(3)
    for result in (model.predict([ids, ids]), model([ids, ids[:, None, None]])):
        np.testing.assert_array_equal(result, 11 * ids[:, None])


@pytest.mark.long
def test_names_are_unique_also_for_layers_of_other_models():
    parts = [lp.Sequential([lp.Input((4,)), lp.Dense(1)]) for _ in range(2)]
    inputs = [lp.Input((4,)), lp.Input((4,))]
    shared = lp.Dense(1, name="shared")
    outputs = [part.output for part in parts] + [shared(x) for x in inputs]
    model = lp.Model([part.input for part in parts] + inputs, outputs)
    assert model.output_names == ["dense_1", "dense_1_1", "shared", "shared_1"]
    assert len(set(model.input_names)) == 4
    by_name = dict(zip(model.input_names, (X, 2 * X, 3 * X, 4 * X), strict=True))
    for a, b in zip(model(by_name), model(list(by_name.values())), strict=True):
        np.testing.assert_array_equal(a, b)


def test_each_output_of_a_shared_layer_is_trained():
    a, b = lp.Input((4,)), lp.Input((4,))
    shared = lp.Dense(1, kernel_initializer="zeros", name="d")
    model = lp.Model([a, b], [shared(a), shared(b)])
    model.compile("sgd", "mse")
    ones = np.ones((6, 1))
    assert model.evaluate([X, X], [ones, 2 * ones], verbose=0) == {
        "loss": 5.0, "d_loss": 1.0, "d_1_loss": 4.0
    }  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("x", [[X, Z], {"a": X, "b": Z}])
def test_several_inputs_are_trained_on(x):
    model = two_inputs(list)
    model.compile("sgd", "mse")
    losses = model.fit(x, X, epochs=3, verbose=0).history["loss"]
    assert losses == sorted(losses, reverse=True)
    assert model.evaluate(x, X, verbose=0)["loss"] < losses[-1]


@pytest.mark.parametrize(
    ("outputs", "structure"),
    [
        (lambda a, b: [a, b], list),
        (lambda a, b: (a, b), tuple),
        (lambda a, b: {"first": a, "second": b}, dict),
    ],
)
def test_outputs_keep_their_form(outputs, structure):
    x = lp.Input((4,))
    model = lp.Model(x, outputs(2 * x, x + 1))
    result = model.predict(X)
    assert type(result) is structure
    first, second = result.values() if structure is dict else result
    np.testing.assert_array_equal(first, 2 * X)
    np.testing.assert_array_equal(second, X + 1)


def test_lists_within_a_list_are_joined():
    """As ``Model([model.inputs], [layer.output, model.output])`` in teaching material."""
    inputs = lp.Input((4,))
    hidden = lp.Dense(2)(inputs)
    model = lp.Model([inputs], [lp.Dense(1)(hidden)])
    both = lp.Model([model.inputs], [hidden, model.outputs])
    first, second = both(X)
    assert (first.shape, second.shape) == ((len(X), 2), (len(X), 1))


def test_a_list_of_one_output_is_that_output():
    inputs = lp.Input((4,))
    model = lp.Model([inputs], [lp.Dense(1)(inputs)])
    outer = lp.Model([inputs], [model(inputs)])
    for output in (model(X), model.predict(X), model.predict_on_batch([X]), outer(X)):
        assert output.shape == (len(X), 1)
    model.compile("sgd", ["mse"])
    assert list(model.fit([X], [X[:, :1]], verbose=0).history) == ["loss"]


def test_a_shared_layer_has_one_set_of_weights():
    layer = lp.Dense(2)
    a, b = lp.Input((4,), name="a"), lp.Input((4,), name="b")
    model = lp.Model([a, b], layer(a) - layer(b))
    assert list(model.variables()) == ["dense_1/kernel", "dense_1/bias"]
    kernel = model.layers[2].kernel.numpy()
    np.testing.assert_allclose(model.predict([X, X[::-1]]), (X - X[::-1]) @ kernel, atol=1e-6)


def test_a_sub_model_shares_the_layers():
    model = lp.Sequential([lp.Input((4,)), lp.Dense(5, "relu", name="hidden"), lp.Dense(2)])
    features = lp.Model(model.inputs, model.get_layer("hidden").output)
    hidden = model.get_layer("hidden")
    expected = np.maximum(X @ hidden.kernel.numpy() + hidden.bias.numpy(), 0)
    np.testing.assert_allclose(features.predict(X), expected, rtol=1e-5, atol=1e-6)
    everything = lp.Model(model.input, [layer.output for layer in model.layers])
    assert [y.shape for y in everything.predict(X)] == [(6, 5), (6, 2)]


def test_a_model_may_begin_in_the_middle_of_another():
    x = lp.Input((4,))
    hidden = lp.Dense(5)(x)
    whole = lp.Model(x, lp.Dense(2)(hidden))
    head = lp.Model(hidden, whole.output)
    encoder = lp.Model(x, hidden)
    np.testing.assert_allclose(head.predict(encoder.predict(X)), whole.predict(X), rtol=1e-5)


def test_nested_models_keep_their_layers_below_their_name():
    x = lp.Input((4,))
    encoder = lp.Model(x, lp.Dense(2, name="code")(x), name="encoder")
    code = lp.Input((2,))
    decoder = lp.Model(code, lp.Dense(4)(code), name="decoder")
    model = lp.Model(x, decoder(encoder(x)))
    assert [layer.name for layer in model.layers[1:]] == ["encoder", "decoder"]
    assert next(iter(model.variables())) == "encoder/code/kernel"
    expected = decoder.predict(encoder.predict(X))
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5)


def test_weights_exist_once_the_model_does():
    x = lp.Input((4,))
    layer = lp.Dense(2)
    model = lp.Model(x, layer(x))
    assert [w.shape for w in layer.get_weights()] == [(4, 2), (2,)]
    layer.set_weights([np.ones((4, 2)), np.zeros(2)])
    np.testing.assert_allclose(model.predict(X)[:, 0], X.sum(1), rtol=1e-5)
    with pytest.raises(lp.ShapeError, match=r"kernel has shape \(4, 2\), got \(2, 4\)"):
        layer.set_weights([np.ones((2, 4)), np.zeros(2)])


@pytest.mark.long
def test_a_graph_gives_the_numbers_of_the_same_sequential():
    def layers():
        return [lp.Dense(8, "relu"), lp.Dropout(0.5), lp.BatchNormalization(), lp.Dense(1)]

    histories = []
    for functional in (False, True):
        lp.set_seed(0)
        if functional:
            x = y = lp.Input((4,))
            for layer in layers():
                y = layer(y)
            model = lp.Model(x, y)
        else:
            model = lp.Sequential([lp.Input((4,)), *layers()])
        model.compile("adam", "mse")
        histories.append(model.fit(X, Z[:, :1], 2, 3, verbose=0, seed=1).history)
    assert histories[0] == histories[1]


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_copies_are_independent(duplicate):
    model = two_inputs(list)
    expected = model.predict([X, Z])
    twin = duplicate(model)
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    np.testing.assert_array_equal(twin.predict([X, Z]), expected)
    assert twin.get_layer("dense") is not model.get_layer("dense")
    assert twin.output.node.module in list(dict(twin.modules()).values())


@pytest.mark.long
def test_a_deep_graph_is_copied_without_recursion():
    x = y = lp.Input((2,))
    layer = lp.Dense(2)
    for _ in range(400):
        y = layer(y)
    model = copy.deepcopy(lp.Model(x, y))
    assert len(model.graph.nodes) == 401


@pytest.mark.long
def test_masks_travel_through_a_graph():
    tokens = lp.Input((5,))
    embedded = lp.Embedding(10, 3, mask_zero=True)(tokens)
    model = lp.Model(tokens, lp.LSTM(2)(2 * embedded))
    short = np.array([[1, 2, 3]])
    padded = np.array([[1, 2, 3, 0, 0]])
    whole = lp.Sequential(model.layers[1:])
    lstm, embedding = model.layers[2], model.layers[1]
    expected = lstm(2 * embedding(short))
    np.testing.assert_allclose(model.predict(padded), expected, rtol=1e-6)
    assert whole is not model


def test_constants_of_a_graph_are_copies():
    x, factor = lp.Input((4,)), np.full(4, 2.0)
    model = lp.Model(x, x * factor)
    factor[:] = 0
    np.testing.assert_array_equal(model.predict(X), 2 * X)


def test_random_layers_draw_in_fit_alone():
    x = lp.Input((4,))
    model = lp.Model(x, lp.Dropout(0.5)(x))
    np.testing.assert_array_equal(model.predict(X), X)
    assert (model(X, training=True) == 0).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lp.Model(lp.Input((2,)), lp.Input((3,), name="b") + 1), "need the input .*'b'"),
        (lambda: lp.Model(lp.Input((2,))), "outputs is missing"),
        (lambda: lp.Model(outputs=lp.Input((2,))), "inputs is missing"),
        (lambda: lp.Model([], []), "inputs is empty"),
        (lambda: lp.Model(np.ones((2, 2)), np.ones(2)), "inputs must be symbolic tensors"),
        (lambda: lp.Model(lp.Input((2,)), lp.Dense(2)), r"got Dense\(2\). Call the layer"),
        (
            lambda: lp.Model(
                x := [lp.Input((2,), name="a"), lp.Input((2,), name="a")], x[0] + x[1]
            ),
            "two inputs are named 'a'. Name each one",
        ),
        (
            lambda: lp.Model(x := lp.Input((2,)), lp.Dense(2, name="d")(lp.Dense(2, name="d")(x))),
            "two layers are named 'd'. Name each one: Dense",
        ),
        (lambda: lp.Input(), "Input needs the shape"),
        (lambda: lp.Input((1,), dtype="string"), r"are numbers, got dtype='string'. Convert texts"),
        (lambda: lp.Input((3,), batch_size=4), "size of the batch cannot be fixed"),
        (lambda: lp.Input(batch_shape=(4, 3)), "size of the batch cannot be fixed"),
    ],
)
def test_what_is_no_graph_says_so(make, message):
    with pytest.raises(lp.ArgumentError, match=message):
        make()


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([X], lp.ArgumentError, r"has 2 inputs, \['a', 'b'\], got 1: float32"),
        ([X, Z, Z], lp.ArgumentError, r"has 2 inputs, \['a', 'b'\], got 3"),
        ({"a": X, "c": Z}, lp.ArgumentError, r"no input named 'c'; its inputs are \['a', 'b'\]"),
        ({"a": X}, lp.ArgumentError, r"the input 'b' is missing; got \['a'\]"),
        ([Z, X], lp.ShapeError, r"the input 'a' has shape \(\*, 4\), got \(\d, 3\)"),
    ],
)
@pytest.mark.parametrize("call", ["predict", "__call__"])
def test_wrong_inputs_say_what_the_model_takes(x, error, message, call):
    with pytest.raises(error, match=message):
        getattr(two_inputs(list), call)(x)


def test_layers_come_in_the_order_of_keras():
    a, b = lp.Input((4,), name="a"), lp.Input((2,), name="b")
    first = lp.Dense(3)(lp.Dense(5)(a))
    second = lp.Dense(3, name="second")(b)
    model = lp.Model([a, b], lp.Dense(1)(first + second))
    names = [layer.name for layer in model.layers]
    assert names == ["a", "dense_1", "b", "dense_2", "second", "dense_4"]


def test_shapes_of_inputs_and_outputs_have_the_batch_axis():
    chain = lp.Sequential([lp.Input((4, None)), lp.Dense(2)])
    assert chain.input_shape == (None, 4, None)
    model = two_inputs(list)
    assert (model.input_shape, model.output_shape) == ([(None, 4), (None, 3)], (None, 4))
