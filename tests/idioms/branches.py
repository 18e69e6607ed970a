"""Several inputs, several outputs, by position, list and name."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    LABELS,
    WORDS,
    X,
    Y,
    Z,
    close,
    fill,
    idiom,
    linear_descent,
    long_idiom,
    relu,
    softmax,
)

BOTH = np.concatenate([X, Z], 1)


def two_inputs(kit: Any) -> Any:
    left, right = kit.Input((3,), name="left"), kit.Input((3,), name="right")
    joined = kit.layers.Concatenate()([left, right])
    return kit.Model([left, right], kit.layers.Dense(1, name="out")(joined))


def two_outputs(kit: Any) -> Any:
    inputs = kit.Input((3,))
    price = kit.layers.Dense(1, name="price")(inputs)
    kind = kit.layers.Dense(3, activation="softmax", name="kind")(inputs)
    return kit.Model(inputs, [price, kind])


def truths(weights: list[np.ndarray]) -> tuple[Any, Any]:
    """Squared error of the first output and cross-entropy of the second one."""
    w1, b1, w2, b2 = weights
    probabilities = softmax(X @ w2 + b2)[np.arange(8), LABELS]
    return np.mean((X @ w1 + b1 - Y) ** 2), -np.log(probabilities).mean()


@long_idiom
def inputs_in_a_list(kit: Any) -> Any:
    model = two_inputs(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit([X, Z], Y, epochs=2, shuffle=False, verbose=0)
    losses, (w, b) = linear_descent(weights, 0.1, 2, x=BOTH)
    close(history.history["loss"], losses)
    close(model.predict([X, Z], verbose=0), BOTH @ w + b)
    close(model.evaluate([X, Z], Y, verbose=0), np.mean((BOTH @ w + b - Y) ** 2))
    return history.history["loss"], model.get_weights()


@long_idiom
def inputs_by_name(kit: Any) -> Any:
    model = two_inputs(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    data = {"right": Z, "left": X}
    history = model.fit(data, Y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    close(history.history["loss"], linear_descent(weights, 0.1, 2, 4, x=BOTH)[0])
    return model.predict(data, verbose=0)


@idiom
def inputs_in_a_dict(kit: Any) -> Any:
    """The structure of the inputs is a dict itself."""
    inputs = {"left": kit.Input((3,), name="left"), "right": kit.Input((3,), name="right")}
    x = kit.layers.Concatenate()([inputs["left"], inputs["right"]])
    model = kit.Model(inputs, kit.layers.Dense(1)(x))
    w, b = fill(model)
    close(model.predict({"left": X, "right": Z}, verbose=0), BOTH @ w + b)
    return model.predict({"left": X, "right": Z}, verbose=0)


@long_idiom
def validation_of_several_inputs(kit: Any) -> Any:
    model = two_inputs(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit([X, Z], Y, validation_data=([Z, X], Y), verbose=0)
    _, (w, b) = linear_descent(weights, 0.1, x=BOTH)
    swapped = np.concatenate([Z, X], 1)
    close(history.history["val_loss"], [np.mean((swapped @ w + b - Y) ** 2)])
    return history.history["val_loss"]


@long_idiom
def outputs_in_a_list(kit: Any) -> Any:
    model = two_outputs(kit)
    weights = fill(model)
    model.compile("sgd", loss=["mse", "sparse_categorical_crossentropy"])
    price, kind = truths(weights)
    history = model.fit(X, [Y, LABELS], verbose=0)
    close(history.history["loss"], [price + kind])
    close(history.history["price_loss"], [price])
    close(history.history["kind_loss"], [kind])
    first, second = model.predict(X, verbose=0)
    assert (first.shape, second.shape) == ((8, 1), (8, 3))
    return history.history["loss"], first, second


@long_idiom
def outputs_by_name(kit: Any) -> Any:
    model = two_outputs(kit)
    weights = fill(model)
    model.compile(
        "sgd",
        loss={"price": "mse", "kind": "sparse_categorical_crossentropy"},
        metrics={"price": ["mae"], "kind": ["accuracy"]},
    )
    results = model.evaluate(X, {"price": Y, "kind": LABELS}, return_dict=True, verbose=0)
    close(results["loss"], sum(truths(weights)))
    close(results["price_mae"], np.mean(np.abs(X @ weights[0] + weights[1] - Y)))
    predicted = (X @ weights[2] + weights[3]).argmax(1)
    close(results["kind_accuracy"], np.mean(predicted == LABELS))
    return [results[name] for name in sorted(results)]


@long_idiom
def weights_of_losses(kit: Any) -> Any:
    model = two_outputs(kit)
    weights = fill(model)
    model.compile(
        kit.optimizers.SGD(0.1),
        loss=["mse", "sparse_categorical_crossentropy"],
        loss_weights=[0.5, 2.0],
    )
    price, kind = truths(weights)
    history = model.fit(X, [Y, LABELS], verbose=0)
    close(history.history["loss"], [0.5 * price + 2 * kind])
    _, (w, _) = linear_descent(weights[:2], 0.05)
    close(model.get_layer("price").get_weights()[0], w)
    return model.get_weights()


@long_idiom
def outputs_in_a_dict(kit: Any) -> Any:
    inputs = kit.Input((3,))
    outputs = {"a": kit.layers.Dense(1)(inputs), "b": kit.layers.Dense(3)(inputs)}
    model = kit.Model(inputs, outputs)
    w1, b1, w2, b2 = fill(model)
    predicted = model.predict(X, verbose=0)
    close(predicted["a"], X @ w1 + b1)
    close(predicted["b"], X @ w2 + b2)
    model.compile("sgd", loss={"a": "mse", "b": "mae"})
    loss = model.evaluate(X, {"a": Y, "b": Z}, return_dict=True, verbose=0)["loss"]
    close(loss, np.mean((X @ w1 + b1 - Y) ** 2) + np.mean(np.abs(X @ w2 + b2 - Z)))
    return loss, predicted["a"]


@long_idiom
def output_inside_of_the_network(kit: Any) -> Any:
    """A hidden layer is an output too, of which no loss is taken."""
    inputs = kit.Input((3,))
    hidden = kit.layers.Dense(2, activation="relu", name="hidden")(inputs)
    model = kit.Model(inputs, [kit.layers.Dense(1, name="out")(hidden), hidden])
    w1, b1, w2, b2 = fill(model)
    model.compile("sgd", loss=["mse", None])
    codes = relu(X @ w1 + b1)
    loss = model.evaluate(X, [Y, codes], return_dict=True, verbose=0)["loss"]
    close(loss, np.mean((codes @ w2 + b2 - Y) ** 2))
    close(model.predict(X, verbose=0)[1], codes)
    return model.predict(X, verbose=0)


@long_idiom
def text_and_numbers(kit: Any) -> Any:
    """Words with a mask beside a table."""
    words = kit.Input((4,), dtype="int32", name="words")
    numbers = kit.Input((3,), name="numbers")
    x = kit.layers.Embedding(5, 2, mask_zero=True)(words)
    x = kit.layers.GlobalAveragePooling1D()(x)
    x = kit.layers.Concatenate()([x, numbers])
    model = kit.Model([words, numbers], kit.layers.Dense(1)(x))
    table, w, b = fill(model)
    means = np.stack([table[row[row > 0]].mean(0) for row in WORDS])
    features = np.concatenate([means, X[:4]], 1)
    close(model.predict([WORDS, X[:4]], verbose=0), features @ w + b)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    model.fit([WORDS, X[:4]], Y[:4], verbose=0)
    _, (expected, _) = linear_descent([w, b], 0.1, x=features, y=Y[:4])
    close(model.layers[-1].get_weights()[0], expected)
    return model.predict([WORDS, X[:4]], verbose=0)


@long_idiom
def autoencoder_in_two_parts(kit: Any) -> Any:
    """Encoder and decoder are models of the same layers as the whole."""
    inputs, code = kit.Input((3,)), kit.Input((2,))
    encoder = kit.Model(inputs, kit.layers.Dense(2, activation="relu")(inputs))
    decoder = kit.Model(code, kit.layers.Dense(3)(code))
    model = kit.Model(inputs, decoder(encoder(inputs)))
    w1, b1, w2, b2 = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    model.fit(X, X, verbose=0)
    error = 2 * (relu(X @ w1 + b1) @ w2 + b2 - X) / X.size
    close(decoder.get_weights()[1], b2 - 0.1 * error.sum(0))
    codes = encoder.predict(X, verbose=0)
    close(decoder.predict(codes, verbose=0), model.predict(X, verbose=0))
    return codes, model.predict(X, verbose=0)


@long_idiom
def siamese_distance(kit: Any) -> Any:
    ops = kit.ops
    encoder = kit.Sequential([kit.Input((3,)), kit.layers.Dense(2)])
    left, right = kit.Input((3,)), kit.Input((3,))
    difference = encoder(left) - encoder(right)
    distance = ops.sqrt(ops.sum(ops.square(difference), axis=-1, keepdims=True))
    model = kit.Model([left, right], distance)
    w, _ = fill(encoder)
    close(model.predict([X, Z], verbose=0)[:, 0], np.linalg.norm((X - Z) @ w, axis=1))
    return model.predict([X, Z], verbose=0)


@long_idiom
def masked_sequences(kit: Any) -> Any:
    """A recurrent layer stops at the end of each sequence."""
    model = kit.Sequential([
        kit.Input((None, 3)),
        kit.layers.Masking(),
        kit.layers.SimpleRNN(2),
    ])  # fmt: skip
    kernel, recurrent, bias = fill(model)
    steps = np.stack([X, Z], 1)
    steps[:4, 1] = 0
    first = np.tanh(X @ kernel + bias)
    second = np.tanh(Z @ kernel + first @ recurrent + bias)
    close(model.predict(steps, verbose=0), np.concatenate([first[:4], second[4:]]))
    return model.predict(steps, verbose=0)
