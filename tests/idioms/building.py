"""Building models: lists, ``add``, functions of tensors, and classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    IMAGES,
    LABELS,
    WORDS,
    X,
    Y,
    Z,
    arrays,
    close,
    fill,
    idiom,
    long_idiom,
    perceptron,
    relu,
    sigmoid,
    small,
    softmax,
)


@long_idiom
def sequential_of_a_list(kit: Any) -> Any:
    layers = kit.layers
    model = kit.Sequential([
        kit.Input(shape=(3,)),
        layers.Dense(4, activation="relu"),
        layers.Dense(1),
    ])  # fmt: skip
    weights = fill(model)
    assert model.count_params() == 3 * 4 + 4 + 4 + 1
    close(model.predict(X, verbose=0), perceptron(X, weights))
    return model.predict(X, verbose=0)


@idiom
def sequential_by_add(kit: Any) -> Any:
    model = kit.Sequential()
    model.add(kit.Input(shape=(3,)))
    model.add(kit.layers.Dense(4))
    model.add(kit.layers.Activation("relu"))
    model.add(kit.layers.Dense(1))
    weights = fill(model)
    close(model.predict(X, verbose=0), perceptron(X, weights))
    return model.predict(X, verbose=0)


@idiom
def functional(kit: Any) -> Any:
    inputs = kit.Input(shape=(3,))
    x = kit.layers.Dense(4, activation="relu")(inputs)
    outputs = kit.layers.Dense(1)(x)
    model = kit.Model(inputs=inputs, outputs=outputs)
    weights = fill(model)
    close(model.predict(X, verbose=0), perceptron(X, weights))
    return model.predict(X, verbose=0)


@long_idiom
def subclass(kit: Any) -> Any:
    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = kit.layers.Dense(4, activation="relu")
            self.out = kit.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.out(self.hidden(inputs))

    model = Network()
    model(X)
    weights = fill(model)
    close(model.predict(X, verbose=0), perceptron(X, weights))
    return model.predict(X, verbose=0)


@long_idiom
def subclass_with_training(kit: Any) -> Any:
    """A class that hands ``training`` on to the layers that need it."""

    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self, units: int = 4, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.dense = kit.layers.Dense(units)
            self.dropout = kit.layers.Dropout(0.999)

        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.dropout(self.dense(inputs), training=training)

    model = Network(name="noisy")
    model(X)
    w, b = fill(model)
    assert model.name == "noisy"
    close(arrays(kit, model(X)), X @ w + b)
    close(arrays(kit, model(X, training=False)), X @ w + b)
    # With a rate of 0.999 not one of the 32 values is probably left.
    assert np.count_nonzero(arrays(kit, model(X, training=True))) < 4
    return model.predict(X, verbose=0)


@idiom
def sizes_in_the_first_layer(kit: Any) -> Any:
    layers = kit.layers
    by_shape = kit.Sequential([layers.Dense(2, input_shape=(3,))])
    by_number = kit.Sequential([layers.Dense(2, input_dim=3)])
    w, b = fill(by_shape)
    fill(by_number)
    close(by_shape.predict(X, verbose=0), X @ w + b)
    close(by_number.predict(X, verbose=0), X @ w + b)
    return by_number.predict(X, verbose=0)


@idiom
def build_before_the_data(kit: Any) -> Any:
    model = kit.Sequential([kit.layers.Dense(2)])
    model.build((None, 3))
    w, b = fill(model)
    assert [tuple(weight.shape) for weight in model.weights] == [(3, 2), (2,)]
    close(model.predict(X, verbose=0), X @ w + b)
    return model.predict(X, verbose=0)


@long_idiom
def activations_by_name_function_and_layer(kit: Any) -> Any:
    layers = kit.layers
    model = kit.Sequential([
        kit.Input((3,)),
        layers.Dense(3, activation="tanh"),
        layers.Dense(3, activation=kit.activations.sigmoid),
        layers.Dense(3),
        layers.Activation("softmax"),
    ])  # fmt: skip
    w1, b1, w2, b2, w3, b3 = fill(model)
    hidden = sigmoid(np.tanh(X @ w1 + b1) @ w2 + b2)
    close(model.predict(X, verbose=0), softmax(hidden @ w3 + b3))
    return model.predict(X, verbose=0)


@idiom
def convolutional_network(kit: Any) -> Any:
    layers = kit.layers
    model = kit.Sequential([
        kit.Input((4, 4, 1)),
        layers.Conv2D(1, (2, 2), kernel_initializer="ones", padding="same"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(1, kernel_initializer="ones"),
    ])  # fmt: skip
    padded = np.pad(IMAGES[..., 0], [(0, 0), (0, 1), (0, 1)])
    sums = padded[:, :-1, :-1] + padded[:, 1:, :-1] + padded[:, :-1, 1:] + padded[:, 1:, 1:]
    pooled = sums.reshape(4, 2, 2, 2, 2).max((2, 4))
    close(model.predict(IMAGES, verbose=0)[:, 0], pooled.sum((1, 2)))
    return model.predict(IMAGES, verbose=0)


@idiom
def shared_layer(kit: Any) -> Any:
    left, right = kit.Input((3,)), kit.Input((3,))
    encoder = kit.layers.Dense(2)
    model = kit.Model([left, right], kit.layers.concatenate([encoder(left), encoder(right)]))
    w, b = fill(model)
    assert model.count_params() == 3 * 2 + 2
    close(model.predict([X, Z], verbose=0), np.concatenate([X @ w + b, Z @ w + b], 1))
    return model.predict([X, Z], verbose=0)


@idiom
def model_in_a_model(kit: Any) -> Any:
    inner = small(kit)
    inputs = kit.Input((3,))
    model = kit.Model(inputs, kit.layers.Activation("sigmoid")(inner(inputs)))
    weights = fill(inner)
    close(model.predict(X, verbose=0), sigmoid(perceptron(X, weights)))
    return model.predict(X, verbose=0)


@idiom
def sequential_in_a_sequential(kit: Any) -> Any:
    base = kit.Sequential([kit.layers.Dense(4, activation="relu")], name="base")
    model = kit.Sequential([kit.Input((3,)), base, kit.layers.Dense(1)])
    weights = fill(model)
    assert model.layers[0].name == "base"
    assert [tuple(weight.shape) for weight in base.weights] == [(3, 4), (4,)]
    close(model.predict(X, verbose=0), perceptron(X, weights))
    return model.predict(X, verbose=0)


@idiom
def residual_connection(kit: Any) -> Any:
    inputs = kit.Input((3,))
    x = kit.layers.Dense(3, activation="relu")(inputs)
    model = kit.Model(inputs, kit.layers.add([inputs, x]))
    w, b = fill(model)
    close(model.predict(X, verbose=0), X + relu(X @ w + b))
    return model.predict(X, verbose=0)


@idiom
def merge_layers(kit: Any) -> Any:
    layers = kit.layers
    a, b = kit.Input((3,)), kit.Input((3,))
    merged = [
        layers.Add()([a, b]),
        layers.Subtract()([a, b]),
        layers.Multiply()([a, b]),
        layers.Average()([a, b]),
        layers.Maximum()([a, b]),
        layers.Minimum()([a, b]),
        layers.Concatenate()([a, b]),
        layers.Dot(axes=1)([a, b]),
    ]
    results = kit.Model([a, b], merged).predict([X, Z], verbose=0)
    expected = [
        X + Z, X - Z, X * Z, (X + Z) / 2, np.maximum(X, Z), np.minimum(X, Z),
        np.concatenate([X, Z], 1), (X * Z).sum(1, keepdims=True),
    ]  # fmt: skip
    for result, truth in zip(results, expected, strict=True):
        close(result, truth)
    return results


@idiom
def arithmetic_on_tensors(kit: Any) -> Any:
    a, b = kit.Input((3,)), kit.Input((3,))
    outputs = [2 * a + b / 4 - 1, a[:, :2], -a * b, a**2]
    results = kit.Model([a, b], outputs).predict([X, Z], verbose=0)
    for result, truth in zip(results, [2 * X + Z / 4 - 1, X[:, :2], -X * Z, X**2], strict=True):
        close(result, truth)
    return results


@idiom
def functions_of_ops(kit: Any) -> Any:
    ops = kit.ops
    a, b = kit.Input((3,)), kit.Input((3,))
    outputs = [
        ops.concatenate([a, b], axis=-1),
        ops.exp(a) * ops.sigmoid(b),
        ops.mean(a, axis=-1, keepdims=True),
        ops.sqrt(ops.sum(ops.square(a - b), axis=1)),
        ops.expand_dims(a, 1),
        ops.matmul(ops.reshape(a, (-1, 3, 1)), ops.reshape(b, (-1, 1, 3))),
        ops.where(a > 0, a, ops.zeros_like(a)),
        ops.maximum(a, b),
    ]
    results = kit.Model([a, b], outputs).predict([X, Z], verbose=0)
    expected = [
        np.concatenate([X, Z], 1), np.exp(X) * sigmoid(Z), X.mean(1, keepdims=True),
        np.linalg.norm(X - Z, axis=1), X[:, None], X[:, :, None] * Z[:, None], relu(X),
        np.maximum(X, Z),
    ]  # fmt: skip
    for result, truth in zip(results, expected, strict=True):
        close(result, truth)
    return results


@idiom
def lambda_layer(kit: Any) -> Any:
    model = kit.Sequential(
        [kit.Input((3,)), kit.layers.Lambda(lambda x: x * 255.0), kit.layers.Dense(1)]
    )
    w, b = fill(model)
    close(model.predict(X, verbose=0), 255 * X @ w + b)
    return model.predict(X, verbose=0)


@long_idiom
def embedding_with_a_mask(kit: Any) -> Any:
    """The mean over the words that are there."""
    model = kit.Sequential([
        kit.Input((4,), dtype="int32"),
        kit.layers.Embedding(5, 3, mask_zero=True),
        kit.layers.GlobalAveragePooling1D(),
    ])  # fmt: skip
    (table,) = fill(model)
    expected = [table[row[row > 0]].mean(0) for row in WORDS]
    close(model.predict(WORDS, verbose=0), expected)
    return model.predict(WORDS, verbose=0)


@idiom
def word_vectors(kit: Any) -> Any:
    """A table of vectors that is given, and not trained."""
    table = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)
    initializer = kit.initializers.Constant(table)
    model = kit.Sequential([
        kit.layers.Embedding(5, 3, embeddings_initializer=initializer, trainable=False),
        kit.layers.GlobalAveragePooling1D(),
    ])  # fmt: skip
    close(model.predict(WORDS, verbose=0), table[WORDS].mean(1))
    assert model.trainable_weights == []
    return model.predict(WORDS, verbose=0)


@long_idiom
def recurrent_network(kit: Any) -> Any:
    model = kit.Sequential([kit.Input((None, 3)), kit.layers.SimpleRNN(2), kit.layers.Dense(1)])
    kernel, recurrent, bias, w, b = fill(model)
    steps = np.stack([X, Z], 1)
    state = np.tanh(X @ kernel + bias)
    state = np.tanh(Z @ kernel + state @ recurrent + bias)
    close(model.predict(steps, verbose=0), state @ w + b)
    return model.predict(steps, verbose=0)


@long_idiom
def lstm_with_states(kit: Any) -> Any:
    """Outputs and states of a layer, which the next one begins with."""
    inputs = kit.Input((None, 3))
    sequence, h, c = kit.layers.LSTM(2, return_sequences=True, return_state=True)(inputs)
    again = kit.layers.LSTM(2)(inputs, initial_state=[h, c])
    model = kit.Model(inputs, [sequence, h, c, again])
    fill(model)
    steps = np.stack([X, Z], 1)
    sequence, h, c, again = model.predict(steps, verbose=0)
    close(sequence[:, -1], h)
    assert [np.shape(x) for x in (sequence, h, c, again)] == [(8, 2, 2), (8, 2), (8, 2), (8, 2)]
    return sequence, h, c, again


@long_idiom
def bidirectional_and_time_distributed(kit: Any) -> Any:
    layers = kit.layers
    model = kit.Sequential([
        kit.Input((2, 3)),
        layers.Bidirectional(layers.SimpleRNN(1, return_sequences=True, use_bias=False)),
        layers.TimeDistributed(layers.Dense(1, use_bias=False)),
    ])  # fmt: skip
    k1, r1, k2, r2, w = fill(model)
    f1 = np.tanh(X @ k1)
    f2 = np.tanh(Z @ k1 + f1 @ r1)
    b2 = np.tanh(Z @ k2)
    b1 = np.tanh(X @ k2 + b2 @ r2)
    first, second = np.concatenate([f1, b1], 1), np.concatenate([f2, b2], 1)
    expected = np.stack([first @ w, second @ w], 1)
    close(model.predict(np.stack([X, Z], 1), verbose=0), expected)
    return model.predict(np.stack([X, Z], 1), verbose=0)


@long_idiom
def pop_and_add(kit: Any) -> Any:
    """Another output in place of the last layer."""
    model = small(kit)
    model.pop()
    model.add(kit.layers.Dense(3, activation="softmax"))
    w1, b1, w2, b2 = fill(model)
    assert model.output_shape == (None, 3)
    close(model.predict(X, verbose=0), softmax(relu(X @ w1 + b1) @ w2 + b2))
    return model.predict(X, verbose=0)


@idiom
def clone_of_a_model(kit: Any) -> Any:
    model = small(kit)
    weights = fill(model)
    clone = kit.models.clone_model(model)
    clone.set_weights(model.get_weights())
    model.set_weights([0 * weight for weight in weights])
    close(clone.predict(X, verbose=0), perceptron(X, weights))
    close(model.predict(X, verbose=0), 0 * Y)
    return clone.predict(X, verbose=0)


@idiom
def classifier_of_integers(kit: Any) -> Any:
    model = kit.Sequential([kit.Input((3,)), kit.layers.Dense(3, activation="softmax")])
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    w, b = fill(model)
    probabilities = softmax(X @ w + b)
    loss, accuracy = model.evaluate(X, LABELS, verbose=0)
    close(loss, -np.log(probabilities[np.arange(8), LABELS]).mean())
    close(accuracy, np.mean(probabilities.argmax(1) == LABELS))
    return loss, accuracy
