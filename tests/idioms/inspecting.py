"""Looking at models: layers, weights, tensors, summaries; parts of models; freezing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    X,
    Y,
    Z,
    arrays,
    close,
    fill,
    idiom,
    linear,
    linear_descent,
    long_idiom,
    only_here,
    perceptron,
    relu,
    small,
)


def named(kit: Any) -> Any:
    inputs = kit.Input((3,), name="features")
    x = kit.layers.Dense(4, activation="relu", name="hidden")(inputs)
    return kit.Model(inputs, kit.layers.Dense(1, name="out")(x), name="network")


@idiom
def layers_and_names(kit: Any) -> Any:
    model = named(kit)
    assert model.name == "network"
    assert [layer.name for layer in model.layers] == ["features", "hidden", "out"]
    assert model.get_layer("hidden").units == 4
    assert model.get_layer(index=2).name == "out"
    assert len(small(kit).layers) == 2
    assert type(model.layers[0]).__name__ == "InputLayer"
    assert isinstance(model.layers[1], kit.layers.Dense)
    assert model.layers[1].activation is kit.activations.relu
    return [layer.count_params() for layer in model.layers]


@idiom
def shapes_of_tensors(kit: Any) -> Any:
    model = named(kit)
    assert model.output_shape == (None, 1)
    assert tuple(model.input.shape) == (None, 3)
    assert tuple(model.get_layer("hidden").output.shape) == (None, 4)
    assert tuple(model.inputs[0].shape) == (None, 3)
    assert tuple(model.outputs[0].shape) == (None, 1)
    assert tuple(model.get_layer("out").input.shape) == (None, 4)
    return []


@idiom
def weights_of_layers(kit: Any) -> Any:
    model = named(kit)
    weights = fill(model)
    kernel, bias = model.get_layer("hidden").get_weights()
    close(kernel, weights[0])
    close(bias, weights[1])
    assert [w.name for w in model.get_layer("out").weights] == ["kernel", "bias"]
    assert tuple(model.get_layer("out").kernel.shape) == (4, 1)
    assert len(model.trainable_weights) == len(model.trainable_variables) == 4
    assert model.non_trainable_weights == []
    close(arrays(kit, model.weights[0]), weights[0])
    close(model.weights[1].numpy(), weights[1])
    return model.get_weights()


@idiom
def assignment_of_weights(kit: Any) -> Any:
    model = named(kit)
    fill(model)
    ones = [np.ones((3, 4)), np.zeros(4)]
    model.get_layer("hidden").set_weights(ones)
    model.get_layer("out").kernel.assign(np.ones((4, 1)))
    model.layers[2].bias.assign([0.5])
    close(model.predict(X, verbose=0)[:, 0], 4 * relu(X.sum(1)) + 0.5)
    return model.predict(X, verbose=0)


@idiom
def counts_of_weights(kit: Any) -> Any:
    model = kit.Sequential([kit.Input((3,)), kit.layers.Dense(4), kit.layers.BatchNormalization()])
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    kept = sum(int(np.prod(w.shape)) for w in model.non_trainable_weights)
    assert (model.count_params(), trained, kept) == (32, 24, 8)
    assert model.layers[0].count_params() == 16
    return [trained, kept]


@idiom
def text_of_the_summary(kit: Any) -> Any:
    lines: list[str] = []
    assert named(kit).summary(print_fn=lambda text, **_: lines.append(text)) is None
    text = "\n".join(lines)
    for word in ("network", "features", "hidden", "out", "Dense", "16", "5", "21"):
        assert word in text, word
    return []


@idiom
def configuration_of_a_layer(kit: Any) -> Any:
    layer = kit.layers.Dense(4, activation="relu", name="hidden")
    config = layer.get_config()
    assert (config["units"], config["activation"], config["name"]) == (4, "relu", "hidden")
    again = kit.layers.Dense.from_config(config)
    assert (again.units, again.name) == (4, "hidden")
    return []


@long_idiom
def configuration_of_a_model(kit: Any) -> Any:
    model = named(kit)
    again = kit.Model.from_config(model.get_config())
    again.set_weights(fill(model))
    assert [layer.name for layer in again.layers] == ["features", "hidden", "out"]
    close(again.predict(X, verbose=0), model.predict(X, verbose=0))
    return again.predict(X, verbose=0)


@idiom
def outputs_of_a_layer(kit: Any) -> Any:
    """A model of the first part, for features."""
    model = named(kit)
    w, b, *_ = fill(model)
    extractor = kit.Model(model.input, model.get_layer("hidden").output)
    close(extractor.predict(X, verbose=0), relu(X @ w + b))
    return extractor.predict(X, verbose=0)


@idiom
def outputs_of_all_layers(kit: Any) -> Any:
    model = small(kit)
    w1, b1, w2, b2 = fill(model)
    extractor = kit.Model(model.inputs, [layer.output for layer in model.layers])
    hidden, out = extractor.predict(X, verbose=0)
    close(hidden, relu(X @ w1 + b1))
    close(out, relu(X @ w1 + b1) @ w2 + b2)
    return hidden, out


@long_idiom
def features_of_a_fitted_chain(kit: Any) -> Any:
    """A chain without ``Input`` knows its shapes once it was fitted."""
    model = kit.Sequential([kit.layers.Dense(4, activation="relu"), kit.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    w, b, *_ = fill(model)
    extractor = kit.Model(model.inputs, model.layers[-2].output)
    close(extractor.predict(X, verbose=0), relu(X @ w + b))
    return extractor.predict(X, verbose=0)


@only_here
def base_in_inference_mode(kit: Any) -> Any:
    """What the graph says of a part holds in ``fit``, too, where Keras 3 passes its own mode."""
    inputs = kit.Input((3,))
    normalization = kit.layers.BatchNormalization()
    base = kit.Sequential([kit.Input((3,)), normalization])
    model = kit.Model(inputs, kit.layers.Dense(1)(base(inputs, training=False)))
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert np.all(normalization.get_weights()[2] == 0)
    return []


@idiom
def second_half_of_a_model(kit: Any) -> Any:
    """A decoder from the layers of a whole network."""
    model = named(kit)
    *_, w, b = fill(model)
    code = kit.Input((4,))
    decoder = kit.Model(code, model.get_layer("out")(code))
    codes = np.concatenate([X, Y], 1)
    close(decoder.predict(codes, verbose=0), codes @ w + b)
    return decoder.predict(codes, verbose=0)


@long_idiom
def new_head_on_old_layers(kit: Any) -> Any:
    """Transfer: features of a network, another output, trained alone."""
    model = named(kit)
    fill(model)
    base = kit.Model(model.input, model.get_layer("hidden").output)
    base.trainable = False
    head = kit.layers.Dense(1)
    network = kit.Sequential([kit.Input((3,)), base, head])
    w1, b1, w2, b2 = fill(network)
    network.compile(kit.optimizers.SGD(0.1), "mse")
    network.fit(X, Y, verbose=0)
    _, (expected, _) = linear_descent([w2, b2], 0.1, x=relu(X @ w1 + b1))
    close(head.get_weights()[0], expected)
    close(base.get_weights()[0], w1)
    return network.get_weights()


@idiom
def freeze_a_model(kit: Any) -> Any:
    model = small(kit)
    model.trainable = False
    assert model.trainable_weights == []
    assert len(model.non_trainable_weights) == 4
    assert not model.layers[0].trainable
    model.trainable = True
    assert len(model.trainable_weights) == 4
    return []


@long_idiom
def freeze_layers(kit: Any) -> Any:
    model = small(kit)
    w1, b1, w2, b2 = fill(model)
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.compile(kit.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    _, (expected, _) = linear_descent([w2, b2], 0.1, epochs=2, x=relu(X @ w1 + b1))
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], w1)
    close(model.layers[1].get_weights()[0], expected)
    return model.get_weights()


@long_idiom
def thaw_and_tune(kit: Any) -> Any:
    """All layers are trained after the head, at a lower rate."""
    model = small(kit)
    w1, b1, w2, b2 = fill(model)
    model.layers[0].trainable = False
    model.compile(kit.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    _, (w2, b2) = linear_descent([w2, b2], 0.1, x=relu(X @ w1 + b1))
    model.layers[0].trainable = True
    model.compile(kit.optimizers.SGD(0.01), "mse")
    model.fit(X, Y, verbose=0)
    hidden = relu(X @ w1 + b1)
    error = 2 * (hidden @ w2 + b2 - Y) / 8
    close(model.get_weights()[0], w1 - 0.01 * X.T @ (error @ w2.T * (hidden > 0)))
    return model.get_weights()


@long_idiom
def frozen_at_construction(kit: Any) -> Any:
    model = kit.Sequential(
        [kit.Input((3,)), kit.layers.Dense(3, trainable=False), kit.layers.Dense(1)]
    )
    assert len(model.trainable_weights) == 2
    w, *_ = fill(model)
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], w)
    return model.get_weights()


@long_idiom
def frozen_batch_normalization(kit: Any) -> Any:
    """A frozen layer normalizes by its moving averages in training too."""
    inputs = kit.Input((3,))
    normalization = kit.layers.BatchNormalization()
    normalization.trainable = False
    model = kit.Model(inputs, kit.layers.Dense(1)(normalization(inputs)))
    weights = fill(model, low=0.1)
    by_shape = {np.shape(weight): weight for weight in weights}
    gamma, beta, mean, variance = normalization.get_weights()
    normal = (X - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    model.compile(kit.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    expected = linear_descent([by_shape[3, 1], by_shape[1,]], 0.1, x=normal)[1][0]
    close(model.layers[-1].get_weights()[0], expected)
    close(normalization.get_weights()[2], mean)
    return model.layers[-1].get_weights()


@idiom
def dropout_draws_after_training(kit: Any) -> Any:
    """Monte Carlo dropout: a layer that is called with ``training=True`` in the graph."""
    inputs = kit.Input((3,))
    model = kit.Model(inputs, kit.layers.Dropout(0.5)(inputs, training=True))
    draws = arrays(kit, model(X))
    assert np.all((draws == 0) | np.isclose(draws, 2 * X))
    assert np.any(draws == 0)
    return []


@only_here
def dropout_draws_in_predict(kit: Any) -> Any:
    """What the graph says of a layer holds in ``predict``, where Keras 3 passes its own mode."""
    inputs = kit.Input((3,))
    model = kit.Model(inputs, kit.layers.Dropout(0.5)(inputs, training=True))
    assert np.any(model.predict(X, verbose=0) == 0)
    assert np.any(arrays(kit, model(X, training=False)) == 0)
    return []


@idiom
def dropout_by_call(kit: Any) -> Any:
    model = kit.Sequential([kit.Input((3,)), kit.layers.Dropout(0.5)])
    draws = np.stack([arrays(kit, model(X, training=True)) for _ in range(8)])
    assert np.all((draws == 0) | np.isclose(draws, 2 * X))
    assert 0.2 < np.mean(draws == 0) < 0.8
    assert np.any(draws[0] != draws[1])
    close(model.predict(X, verbose=0), X)
    return model.predict(X, verbose=0)


@idiom
def normalization_adapts(kit: Any) -> Any:
    layer = kit.layers.Normalization()
    layer.adapt(X)
    model = kit.Sequential([kit.Input((3,)), layer])
    close(model.predict(X, verbose=0), (X - X.mean(0)) / X.std(0))
    return model.predict(Z, verbose=0)


@long_idiom
def perceptron_by_hand(kit: Any) -> Any:
    """Weights that compute XOR."""
    model = kit.Sequential([
        kit.Input((2,)),
        kit.layers.Dense(2, activation="relu"),
        kit.layers.Dense(1),
    ])  # fmt: skip
    weights = [
        np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0]),
        np.array([[1.0], [-2.0]]), np.array([0.0]),
    ]  # fmt: skip
    model.set_weights(weights)
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    close(model.predict(bits, verbose=0)[:, 0], [0, 1, 1, 0])
    close(perceptron(bits, weights)[:, 0], [0, 1, 1, 0])
    return model.predict(bits, verbose=0)


@idiom
def weights_copied_to_another(kit: Any) -> Any:
    teacher, student = linear(kit), linear(kit)
    w, b = fill(teacher)
    student.set_weights(teacher.get_weights())
    teacher.set_weights([0 * w, 0 * b])
    close(student.predict(X, verbose=0), X @ w + b)
    return student.get_weights()
