"""Training: data in its forms, validation, callbacks, single batches, evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    LABELS,
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
    perceptron,
    sigmoid,
    small,
    softmax,
)


@long_idiom
def fit_by_gradient_descent(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    model.compile(optimizer=kit.optimizers.SGD(learning_rate=0.1), loss="mse")
    history = model.fit(X, Y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    losses, (w, b) = linear_descent(weights, 0.1, epochs=3, batch_size=4)
    close(history.history["loss"], losses)
    close(model.layers[-1].get_weights()[0], w)
    close(model.layers[-1].get_weights()[1], b)
    return history.history["loss"], model.get_weights()


@long_idiom
def fit_with_adam(kit: Any) -> Any:
    """A first step of Adam moves each weight by the rate."""
    model = linear(kit)
    w, _ = fill(model)
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    close(np.abs(model.get_weights()[0] - w), np.full((3, 1), 0.001))
    return model.get_weights()


@long_idiom
def uneven_last_batch(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mean_squared_error")
    history = model.fit(X, Y, epochs=2, batch_size=3, shuffle=False, verbose=0)
    close(history.history["loss"], linear_descent(weights, 0.1, 2, 3)[0])
    return history.history["loss"]


@long_idiom
def targets_without_an_axis(kit: Any) -> Any:
    """Targets (n,) for an output (n, 1)."""
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y[:, 0], epochs=2, shuffle=False, verbose=0)
    close(history.history["loss"], linear_descent(weights, 0.1, 2)[0])
    return history.history["loss"]


@long_idiom
def validation_data(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=1, validation_data=(Z, Y), verbose=0)
    w, b = linear_descent(weights, 0.1)[1]
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    close(history.history["val_loss"], [np.mean((Z @ w + b - Y) ** 2)])
    close(history.history["val_mae"], [np.mean(np.abs(Z @ w + b - Y))])
    return history.history["val_loss"], history.history["val_mae"]


@long_idiom
def validation_split(kit: Any) -> Any:
    """The last rows are held out."""
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, epochs=1, validation_split=0.25, verbose=0)
    losses, (w, b) = linear_descent(weights, 0.1, x=X[:6], y=Y[:6])
    close(history.history["loss"], losses)
    close(history.history["val_loss"], [np.mean((X[6:] @ w + b - Y[6:]) ** 2)])
    return history.history["loss"], history.history["val_loss"]


@long_idiom
def validation_every_second_epoch(kit: Any) -> Any:
    model = linear(kit)
    fill(model)
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=4, validation_data=(Z, Y), validation_freq=2, verbose=0)
    assert len(history.history["loss"]) == 4
    assert len(history.history["val_loss"]) == 2
    return history.history["val_loss"]


@long_idiom
def sample_and_class_weights(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    factors = np.linspace(0, 2, 8).astype(np.float32)
    history = model.fit(X, Y, sample_weight=factors, shuffle=False, verbose=0)
    _, (w, b) = linear_descent(weights, 0.1, sample_weight=factors)
    close(model.get_weights()[0], w)

    classifier = kit.Sequential([kit.Input((3,)), kit.layers.Dense(3, activation="softmax")])
    w, b = fill(classifier)
    classifier.compile(kit.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    counts = {0: 1.0, 1: 2.0, 2: 0.0}
    classifier.fit(X, LABELS, class_weight=counts, shuffle=False, verbose=0)
    error = softmax(X @ w + b) - np.eye(3)[LABELS]
    error *= np.array([counts[label] for label in LABELS])[:, None] / 8
    close(classifier.get_weights()[1], b - 0.1 * error.sum(0))
    return model.get_weights(), classifier.get_weights(), history.history["loss"]


@long_idiom
def one_hot_classes(kit: Any) -> Any:
    model = kit.Sequential([kit.Input((3,)), kit.layers.Dense(3, activation="softmax")])
    w, b = fill(model)
    model.compile(kit.optimizers.SGD(0.5), "categorical_crossentropy", metrics=["accuracy"])
    targets = np.eye(3, dtype=np.float32)[LABELS]
    history = model.fit(X, targets, verbose=0)
    probabilities = softmax(X @ w + b)
    close(history.history["loss"], [-np.log(probabilities[targets > 0]).mean()])
    close(history.history["accuracy"], [np.mean(probabilities.argmax(1) == LABELS)])
    close(model.get_weights()[1], b - 0.5 * (probabilities - targets).mean(0))
    return history.history["loss"], model.get_weights()


@long_idiom
def logits_and_a_loss_object(kit: Any) -> Any:
    model = linear(kit)
    w, b = fill(model)
    loss = kit.losses.BinaryCrossentropy(from_logits=True)
    model.compile(kit.optimizers.SGD(0.5), loss)
    targets = (Y > 0).astype(np.float32)
    history = model.fit(X, targets, verbose=0)
    p = sigmoid(X @ w + b)
    expected = -np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    close(history.history["loss"], [expected])
    close(model.get_weights()[1], b - 0.5 * (p - targets).mean(0))
    return history.history["loss"], model.get_weights()


@long_idiom
def metrics_by_object(kit: Any) -> Any:
    model = kit.Sequential([kit.Input((3,)), kit.layers.Dense(1, activation="sigmoid")])
    w, b = fill(model)
    model.compile(
        "sgd",
        "binary_crossentropy",
        metrics=[
            kit.metrics.BinaryAccuracy(name="acc"),
            kit.metrics.Precision(name="precision"),
            kit.metrics.Recall(name="recall"),
        ],
    )
    targets = (Y > 0).astype(np.float32)
    results = model.evaluate(X, targets, return_dict=True, verbose=0)
    predicted = sigmoid(X @ w + b) > 0.5
    hits = np.sum(predicted & (targets > 0))
    close(results["acc"], np.mean(predicted == (targets > 0)))
    close(results["precision"], hits / predicted.sum())
    close(results["recall"], hits / targets.sum())
    return [results[name] for name in sorted(results)]


@long_idiom
def evaluate_in_its_forms(kit: Any) -> Any:
    model = linear(kit)
    w, b = fill(model)
    error = X @ w + b - Y
    model.compile("sgd", "mse")
    loss = model.evaluate(X, Y, verbose=0)
    close(float(loss), np.mean(error**2))
    assert f"{loss:.3f}" == f"{np.mean(error**2):.3f}"
    model.compile("sgd", "mse", metrics=["mae"])
    loss, mae = model.evaluate(X, Y, batch_size=3, verbose=0)
    close([loss, mae], [np.mean(error**2), np.mean(np.abs(error))])
    close(model.evaluate(X, Y, verbose=0)[1], mae)
    results = model.evaluate(X, Y, return_dict=True, verbose=0)
    assert isinstance(results, dict)
    assert list(results) == ["loss", "mae"]
    return loss, mae


@long_idiom
def predict_and_call(kit: Any) -> Any:
    model = small(kit)
    weights = fill(model)
    expected = perceptron(X, weights)
    close(model.predict(X, batch_size=3, verbose=0), expected)
    close(model.predict_on_batch(X), expected)
    close(arrays(kit, model(X)), expected)
    assert isinstance(model.predict(X, verbose=0), np.ndarray)
    return model.predict(X[:1], verbose=0)


@long_idiom
def train_on_batch(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    losses = [float(model.train_on_batch(X, Y)) for _ in range(3)]
    expected, (w, _) = linear_descent(weights, 0.1, epochs=3)
    close(losses[0], expected[0])
    close(model.get_weights()[0], w)
    close(float(model.test_on_batch(X, Y)), linear_descent([*model.get_weights()], 0.0)[0][0])
    return model.get_weights()


@long_idiom
def batches_from_a_generator(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")

    def batches() -> Any:
        while True:
            yield X[:4], Y[:4]
            yield X[4:], Y[4:]

    history = model.fit(batches(), steps_per_epoch=2, epochs=2, shuffle=False, verbose=0)
    losses, (w, _) = linear_descent(weights, 0.1, epochs=2, batch_size=4)
    close(history.history["loss"], losses)
    close(model.get_weights()[0], w)
    return history.history["loss"]


@long_idiom
def training_goes_on(kit: Any) -> Any:
    """A second fit begins where the first has ended, its optimizer too."""
    model, whole = linear(kit), linear(kit)
    for network in (model, whole):
        fill(network)
        network.compile(kit.optimizers.SGD(0.05, momentum=0.9), "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    history = model.fit(X, Y, epochs=4, initial_epoch=2, verbose=0)
    whole.fit(X, Y, epochs=4, verbose=0)
    assert history.epoch == [2, 3]
    close(model.get_weights()[0], whole.get_weights()[0])
    return model.get_weights()


@long_idiom
def learning_rate_schedule(kit: Any) -> Any:
    schedule = kit.optimizers.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(schedule), "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    _, weights = linear_descent(weights, 0.1)
    _, (w, _) = linear_descent(weights, 0.05)
    close(model.get_weights()[0], w)
    return model.get_weights()


@long_idiom
def learning_rate_by_hand(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    model.optimizer.learning_rate = 0.01
    model.fit(X, Y, verbose=0)
    _, weights = linear_descent(weights, 0.1)
    close(model.get_weights()[0], linear_descent(weights, 0.01)[1][0])
    close(float(model.optimizer.learning_rate), 0.01)
    return model.get_weights()


@long_idiom
def clipped_gradients(kit: Any) -> Any:
    model = linear(kit)
    w, _ = fill(model)
    model.compile(kit.optimizers.SGD(1.0, clipvalue=0.01), "mse")
    model.fit(X, 100 * Y, verbose=0)
    close(np.abs(model.get_weights()[0] - w), np.full((3, 1), 0.01))
    return model.get_weights()


@idiom
def early_stopping(kit: Any) -> Any:
    """The rate is too large, so the loss grows from epoch to epoch."""
    model = linear(kit)
    weights = fill(model)
    model.compile(kit.optimizers.SGD(2.0), "mse")
    stopping = kit.callbacks.EarlyStopping(monitor="loss", patience=2, restore_best_weights=True)
    history = model.fit(X, Y, epochs=20, callbacks=[stopping], verbose=0)
    assert len(history.history["loss"]) == 3
    close(model.get_weights()[0], linear_descent(weights, 2.0)[1][0])
    return history.history["loss"]


@long_idiom
def rate_by_callback(kit: Any) -> Any:
    model = linear(kit)
    fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    halve = kit.callbacks.LearningRateScheduler(lambda epoch, lr: lr / 2)
    history = model.fit(X, Y, epochs=3, callbacks=[halve], verbose=0)
    close(float(model.optimizer.learning_rate), 0.0125)
    return history.history["loss"]


@idiom
def reduced_on_a_plateau(kit: Any) -> Any:
    model = linear(kit)
    fill(model)
    model.compile(kit.optimizers.SGD(2.0), "mse")
    reduce = kit.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=1)
    history = model.fit(X, Y, epochs=3, callbacks=[reduce], verbose=0)
    close(float(model.optimizer.learning_rate), 0.02)
    return history.history["loss"]


@idiom
def functions_as_callbacks(kit: Any) -> Any:
    model = linear(kit)
    fill(model)
    model.compile("sgd", "mse")
    epochs: list[int] = []
    losses: list[float] = []

    def remember(epoch: int, logs: Any) -> None:
        epochs.append(epoch)
        losses.append(logs["loss"])

    callback = kit.callbacks.LambdaCallback(on_epoch_end=remember)
    history = model.fit(X, Y, epochs=3, callbacks=[callback], verbose=0)
    assert epochs == [0, 1, 2]
    close(losses, history.history["loss"])
    return losses


@long_idiom
def penalty_for_weights(kit: Any) -> Any:
    model = kit.Sequential([
        kit.Input((3,)),
        kit.layers.Dense(1, kernel_regularizer=kit.regularizers.L2(0.1)),
    ])  # fmt: skip
    w, b = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, verbose=0)
    losses, (expected, _) = linear_descent([w, b], 0.1)
    close(history.history["loss"], [losses[0] + 0.1 * np.sum(w**2)])
    close(model.get_weights()[0], expected - 0.1 * 2 * 0.1 * w)
    return history.history["loss"], model.get_weights()


@long_idiom
def constraint_of_weights(kit: Any) -> Any:
    model = kit.Sequential([
        kit.Input((3,)),
        kit.layers.Dense(1, kernel_constraint=kit.constraints.NonNeg()),
    ])  # fmt: skip
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    close(model.get_weights()[0], np.maximum(linear_descent(weights, 0.1)[1][0], 0))
    return model.get_weights()


@long_idiom
def batch_normalization(kit: Any) -> Any:
    """Statistics of the batch in training, moving averages in prediction."""
    model = kit.Sequential([kit.Input((3,)), kit.layers.BatchNormalization(momentum=0.5)])
    gamma, beta, mean, variance = fill(model, low=0.1)
    normal = (X - mean) / np.sqrt(variance + 1e-3)
    close(model.predict(X, verbose=0), normal * gamma + beta)
    model.compile("sgd", "mse")
    model.fit(X, Z, verbose=0)
    close(model.get_weights()[2], 0.5 * mean + 0.5 * X.mean(0))
    close(model.get_weights()[3], 0.5 * variance + 0.5 * X.var(0))
    return model.get_weights()
