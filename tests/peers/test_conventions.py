"""Whoever carries Keras's name gives Keras's number: a table of all of them beside installed Keras.

What differs on purpose is listed in docs/differences-from-keras.md, and is not in these tables.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core.lookup import snake_case

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:keras"),
]


def numbers(keras: ModuleType, tensor: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor))


# Optimizers: ten steps with gradients that are tiny, zero, large, and zero after a few steps.

START = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -1.0]], np.float32)
GRADIENTS = np.random.default_rng(0).normal(size=(10, 2, 3)).astype(np.float32)
GRADIENTS[:, 0, 0] = 1e-6
GRADIENTS[:, 0, 1] = 0.0
GRADIENTS[::2, 0, 2] = 1e3
GRADIENTS[1::3, 1, 0] = -1e3
GRADIENTS[5:, 1, 1] = 0.0

OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("Adam", {}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.8, "epsilon": 1e-3}),
    ("Adam", {"beta_1": 0.0}),
    ("Adam", {"amsgrad": True, "beta_2": 0.5}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.3, "amsgrad": True}),
    ("Adamax", {}),
    ("Adamax", {"epsilon": 1e-3, "beta_2": 0.5}),
    ("Nadam", {}),
    ("Nadam", {"beta_1": 0.5, "epsilon": 1e-3}),
    ("Lamb", {}),
    ("Lamb", {"beta_2": 0.5, "epsilon": 1e-3}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.5, "momentum": 0.9, "epsilon": 1e-3}),
    ("Adagrad", {}),
    ("Adagrad", {"initial_accumulator_value": 0.0, "epsilon": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"rho": 0.5, "epsilon": 1e-3}),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.7}),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.2},
    {"global_clipnorm": 1.0},
    {"gradient_accumulation_steps": 3},
    {"learning_rate": "decays"},  # velocities remember the learning rates of earlier steps
    {"learning_rate": "decays", "gradient_accumulation_steps": 2, "weight_decay": 0.1},
]


def our_steps(optimizer: lp.Optimizer) -> np.ndarray:
    def step(carry: Any, gradient: Any) -> Any:
        params, opt_state = optimizer.update_params(carry[0], {"w": gradient}, carry[1])
        return (params, opt_state), params["w"]

    params = {"w": jnp.asarray(START)}
    return np.asarray(jax.lax.scan(step, (params, optimizer.init(params)), GRADIENTS)[1])


def their_steps(keras: ModuleType, optimizer: Any) -> np.ndarray:
    variable, path = keras.Variable(START), []
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        path.append(numbers(keras, variable.value).copy())
    return np.stack(path)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(options) or "plain")
@pytest.mark.parametrize(("name", "variant"), OPTIMIZERS, ids=str)
def test_ten_steps_of_every_optimizer(keras, name, variant, options) -> None:
    mine, theirs = (
        getattr(kit, name)(**variant | options | {"learning_rate": _learning_rate(kit, options)})
        for kit in (lp.optimizers, keras.optimizers)
    )
    expected = their_steps(keras, theirs)
    np.testing.assert_allclose(our_steps(mine), expected, rtol=3e-5, atol=3e-6)


def _learning_rate(kit: Any, options: dict[str, Any]) -> Any:
    if "learning_rate" not in options:
        return 0.1
    return kit.schedules.ExponentialDecay(0.1, 2, 0.5, staircase=True)


def test_defaults_of_optimizers(keras) -> None:
    """Names, order and defaults of the arguments that Keras has, too."""
    for name in dict(OPTIMIZERS):
        mine, theirs = (
            inspect.signature(getattr(kit, name).__init__).parameters
            for kit in (lp.optimizers, keras.optimizers)
        )
        shared = [argument for argument in mine if argument in theirs and argument != "self"]
        assert list(theirs)[1 : len(shared) + 1] == shared or name == "RMSprop"
        for argument in shared:
            assert mine[argument].default == theirs[argument].default, (name, argument)


# Schedules: every step from 0 to beyond the end.

SCHEDULES: list[tuple[str, tuple, dict[str, Any]]] = [
    ("ExponentialDecay", (0.5, 4, 0.7), {}),
    ("ExponentialDecay", (0.5, 4, 0.7), {"staircase": True}),
    ("InverseTimeDecay", (0.5, 4, 0.7), {}),
    ("InverseTimeDecay", (0.5, 4, 0.7), {"staircase": True}),
    ("PolynomialDecay", (0.5, 20), {}),
    ("PolynomialDecay", (0.5, 20, 0.1), {"power": 0.5}),
    ("PolynomialDecay", (0.5, 7, 0.1, 2.0), {}),
    ("PiecewiseConstantDecay", ([3, 10], [1.0, 0.5, 0.1]), {}),
    ("CosineDecay", (0.5, 20), {}),
    ("CosineDecay", (0.5, 20, 0.1), {}),
    ("CosineDecay", (0.1, 15, 0.1), {"warmup_target": 0.5, "warmup_steps": 5}),
    ("CosineDecay", (0.1, 15), {"warmup_target": 0.5, "warmup_steps": 0}),
]


@pytest.mark.parametrize(("name", "arguments", "options"), SCHEDULES, ids=str)
def test_every_schedule(keras, name, arguments, options) -> None:
    theirs = getattr(keras.optimizers.schedules, name)(*arguments, **options)
    mine = getattr(lp.schedules, name)(*arguments, **options)
    expected = [float(theirs(step)) for step in range(30)]
    found = [float(mine(jnp.int32(step))) for step in range(30)]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-8)


# Losses: odd values, options, weights; masks and weights together in ``evaluate`` below.

RNG = np.random.default_rng(1)
ODD = np.array(
    [[0.0, -1e-9, 1e9, 3.0], [1e-8, 1.0, -2.5, 100.0], [-1e4, 0.5, 0.0, 7.0]], np.float32
)
NEAR = (ODD * [[1.0, 0.5, 1.001, 0.0]] + [[0.0, 1e-9, 0.0, 1e-3]]).astype(np.float32)
BITS = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [0.0, 0.25, 1, 0.5]], np.float32)
ONE_HOT = np.eye(4, dtype=np.float32)[[2, 0, 3]]
PROBABILITIES = np.array(
    [[0.0, 1.0, 0.5, 1e-9], [1.0, 0.0, 0.25, 0.75], [1e-8, 1 - 1e-8, 0.3, 0.0]], np.float32
)
SHARES = np.array([[0.1, 0.2, 0.3, 0.4], [1, 0, 0, 0], [2.0, 1.0, 1.0, 0.0]], np.float32)
LOGITS = np.array([[-100.0, 100, 0, 2], [0.3, -0.4, 50, -50], [1e-9, 3, -3, 88]], np.float32)
LABELS = np.array([2, 0, 3])
POSITIVE = np.abs(ODD)

LOSSES: list[tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = [
    ("MeanSquaredError", {}, ODD, NEAR),
    ("MeanAbsoluteError", {}, ODD, NEAR),
    ("MeanAbsolutePercentageError", {}, ODD, NEAR),
    ("MeanSquaredLogarithmicError", {}, ODD, NEAR),
    ("Huber", {}, ODD, NEAR),
    ("Huber", {"delta": 0.25}, BITS, PROBABILITIES),
    ("LogCosh", {}, ODD, NEAR),
    ("LogCosh", {}, BITS, LOGITS),
    ("Poisson", {}, POSITIVE, np.abs(NEAR)),
    ("CosineSimilarity", {}, ODD, NEAR),
    ("CosineSimilarity", {}, np.zeros((2, 3), np.float32), np.ones((2, 3), np.float32)),
    ("Hinge", {}, 2 * np.round(BITS) - 1, LOGITS),
    ("Hinge", {}, np.round(BITS), LOGITS),
    ("Hinge", {}, BITS, LOGITS),
    ("SquaredHinge", {}, np.round(BITS), LOGITS),
    ("CategoricalHinge", {}, ONE_HOT, LOGITS),
    ("KLDivergence", {}, PROBABILITIES, SHARES),
    ("BinaryCrossentropy", {}, BITS, PROBABILITIES),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, BITS, PROBABILITIES),
    ("BinaryCrossentropy", {"from_logits": True}, BITS, LOGITS),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, BITS, LOGITS),
    ("CategoricalCrossentropy", {}, ONE_HOT, SHARES),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, ONE_HOT, SHARES),
    ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, SHARES, LOGITS),
    ("SparseCategoricalCrossentropy", {}, LABELS, SHARES),
    ("SparseCategoricalCrossentropy", {}, LABELS[:, None], SHARES),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, LOGITS),
]


@pytest.mark.parametrize(("name", "options", "y_true", "y_pred"), LOSSES, ids=lambda v: str(v)[:30])
def test_every_loss(keras, name, options, y_true, y_pred) -> None:
    mine = getattr(lp.losses, name)(**options)
    weights = np.array([0.0, 2.0, 0.5], np.float32)[: len(y_true)]
    losses = np.asarray(mine(y_true, y_pred))
    for reduction, found in [
        ("none", losses),
        ("sum", losses.sum()),
        ("sum_over_batch_size", losses.mean()),
    ]:
        theirs = getattr(keras.losses, name)(**options, reduction=reduction)
        np.testing.assert_allclose(
            found, numbers(keras, theirs(y_true, y_pred)), rtol=2e-5, atol=1e-6
        )
    weighted = getattr(keras.losses, name)(**options)(y_true, y_pred, sample_weight=weights)
    found = np.mean(mine(y_true, y_pred, weights))
    np.testing.assert_allclose(found, numbers(keras, weighted), rtol=2e-5, atol=1e-6)


def test_every_loss_is_in_the_table(keras) -> None:
    shared = set(lp.losses.__all__) & set(dir(keras.losses)) - {"Loss"}
    assert {name for name, *_ in LOSSES} == shared


# Metrics: in one call, and over batches.

ROWS = RNG.integers(0, 2, (40, 3)).astype(np.float32)
SCORES = np.round(RNG.uniform(size=(40, 3)), 2).astype(np.float32)
SCORES[:5] = [[0.5, 0.5, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.3, 0.3, 0.1]]
CLASSES = RNG.integers(0, 3, 40)
CODES = np.eye(3, dtype=np.float32)[CLASSES]
VALUES = RNG.normal(5, 3, (40, 3)).astype(np.float32)
CONSTANT = np.concatenate([np.ones((40, 1)), VALUES], 1).astype(np.float32)

METRICS: list[tuple[str, dict[str, Any], dict[str, Any], np.ndarray, np.ndarray]] = [
    ("BinaryAccuracy", {}, {}, ROWS, SCORES),
    ("BinaryAccuracy", {"threshold": 0.3}, {"threshold": 0.3}, ROWS, SCORES),
    ("CategoricalAccuracy", {}, {}, CODES, SCORES),
    ("SparseCategoricalAccuracy", {}, {}, CLASSES, SCORES),
    ("SparseCategoricalAccuracy", {}, {}, CLASSES[:, None], SCORES),
    ("TopKCategoricalAccuracy", {"k": 2}, {"k": 2}, CODES, SCORES),
    ("Precision", {}, {}, ROWS, SCORES),
    ("Recall", {}, {}, ROWS, SCORES),
    ("F1Score", {}, {"average": "macro"}, ROWS, SCORES),
    ("F1Score", {"average": "micro"}, {"average": "micro"}, ROWS, SCORES),
    ("F1Score", {"average": "weighted"}, {"average": "weighted"}, CODES, SCORES),
    (
        "F1Score",
        {"average": "macro", "threshold": 0.4},
        {"average": "macro", "threshold": 0.4},
        ROWS,
        SCORES,
    ),
    ("AUC", {}, {}, ROWS, SCORES),
    ("AUC", {"num_thresholds": 7}, {"num_thresholds": 7}, ROWS, SCORES),
    ("RootMeanSquaredError", {}, {}, ODD, NEAR),
    ("CosineSimilarity", {}, {}, ODD, NEAR),
    ("R2Score", {}, {}, VALUES, VALUES[::-1]),
    (
        "R2Score",
        {"class_aggregation": "variance_weighted_average"},
        {"class_aggregation": "variance_weighted_average"},
        VALUES,
        VALUES[::-1] / 2,
    ),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("name", "options", "their_options", "y_true", "y_pred"), METRICS, ids=lambda v: str(v)[:30]
)
def test_every_metric(keras, name, options, their_options, y_true, y_pred, weighted) -> None:
    mine = getattr(lp.metrics, name)(**options)
    theirs = getattr(keras.metrics, name)(**their_options)
    weights = np.random.default_rng(2).choice(np.float32([0.0, 0.01, 0.5, 3.0]), len(y_true))
    sums = 0.0
    for rows in (slice(0, 7), slice(7, 40)):
        batch, sample_weight = (y_true[rows], y_pred[rows]), weights[rows] if weighted else None
        if not len(batch[0]):
            continue
        sums = sums + np.asarray(mine.update(*batch, sample_weight), np.float64)
        if weighted and name in ("Precision", "Recall", "AUC"):  # Keras takes a weight per element
            sample_weight = np.broadcast_to(weights[rows, None], y_pred[rows].shape)
        theirs.update_state(*batch, sample_weight=sample_weight)
    expected = float(np.mean(numbers(keras, theirs.result())))
    assert mine.result(sums) == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert mine(y_true, y_pred, weights if weighted else None) == pytest.approx(
        expected, rel=1e-5, abs=1e-6
    )
    assert theirs.name.startswith(mine.name) or name == "TopKCategoricalAccuracy"


NO_METRICS = {"huber", "log_cosh", "cosine_similarity"}  # the last one is in the table above


@pytest.mark.parametrize("name", sorted(set(lp.losses.LOSSES) - NO_METRICS))
def test_every_loss_as_a_metric(keras, name) -> None:
    kinds = {snake_case(kind): case for kind, *case in LOSSES if not case[0]}
    full = {"mae": "mean_absolute_error", "mse": "mean_squared_error"}
    full |= {"mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error"}
    _, y_true, y_pred = kinds[full.get(name, name)]
    theirs = keras.metrics.get(name)
    if not isinstance(theirs, keras.metrics.Metric):
        theirs = keras.metrics.MeanMetricWrapper(theirs)
    theirs.update_state(y_true, y_pred)
    expected = float(numbers(keras, theirs.result()))
    assert lp.metrics.get(name)(y_true, y_pred) == pytest.approx(expected, rel=1e-5, abs=1e-6)


# Initializers: the distribution, not the random numbers.

INITIALIZERS: list[tuple[str, dict[str, Any]]] = [
    ("Zeros", {}),
    ("Ones", {}),
    ("Constant", {"value": 0.3}),
    ("RandomNormal", {}),
    ("RandomNormal", {"mean": 1.0, "stddev": 2.0}),
    ("TruncatedNormal", {}),
    ("TruncatedNormal", {"mean": 1.0, "stddev": 2.0}),
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": 1.0, "maxval": 3.0}),
    ("GlorotUniform", {}),
    ("GlorotNormal", {}),
    ("HeUniform", {}),
    ("HeNormal", {}),
    ("LecunUniform", {}),
    ("LecunNormal", {}),
    ("VarianceScaling", {}),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_out", "distribution": "uniform"}),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_avg", "distribution": "untruncated_normal"}),
    ("Orthogonal", {"gain": 2.0}),
]
SHAPES = [(300, 200), (5, 5, 40, 20), (60_000,)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "options"), INITIALIZERS, ids=str)
def test_every_initializer(keras, name, options, shape) -> None:
    if name == "Orthogonal" and len(shape) == 1:
        return
    mine = np.asarray(
        getattr(lp.initializers, name)(**options)(jax.random.key(0), shape, "float32")
    )
    keras.utils.set_random_seed(0)
    theirs = numbers(keras, getattr(keras.initializers, name)(**options)(shape))
    spread = max(float(theirs.std()), 1e-6)
    # Five standard errors of a difference; the quantile of 1 % of a normal is the least precise.
    error = 5 * np.sqrt(2 / mine.size)
    assert mine.mean() == pytest.approx(theirs.mean(), abs=error * spread)
    assert mine.std() == pytest.approx(theirs.std(), rel=error)
    # Not the ends: Keras on PyTorch draws some values of a truncated distribution from outside.
    shares = [0.01, 0.25, 0.75, 0.99]
    np.testing.assert_allclose(
        np.quantile(mine, shares), np.quantile(theirs, shares), atol=3.8 * error * spread
    )
    if name == "Orthogonal":
        rows = [value.reshape(-1, value.shape[-1]) for value in (mine, theirs)]
        np.testing.assert_allclose(rows[0].T @ rows[0], rows[1].T @ rows[1], atol=1e-3)


# Activations and regularizers.


def test_every_activation(keras) -> None:
    x = np.array([[-200.0, -5, -3, -1, -1e-8, 0, 1e-8, 0.5, 1, 3, 5.9, 6.1, 80]], np.float32)
    names = [name for name in lp.activations.ACTIVATIONS if hasattr(keras.activations, name)]
    assert len(names) >= 22
    for name in names:
        expected = numbers(keras, keras.activations.get(name)(keras.ops.convert_to_tensor(x)))
        found = np.asarray(lp.activations.get(name)(jnp.asarray(x)))
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    ("name", "options"),
    [("L1", {}), ("L2", {}), ("L1", {"l1": 0.3}), ("L2", {"l2": 0.3}), ("L1L2", {}),
     ("L1L2", {"l1": 0.3, "l2": 0.7})],
)  # fmt: skip
def test_every_regularizer(keras, name, options) -> None:
    expected = getattr(keras.regularizers, name)(**options)(keras.ops.convert_to_tensor(NEAR / 1e6))
    found = getattr(lp, name)(**options)(jnp.asarray(NEAR / 1e6))
    np.testing.assert_allclose(found, numbers(keras, expected), rtol=1e-5)


# Hooks of callbacks, with their logs.

X = RNG.normal(size=(10, 3)).astype(np.float32)
Y = RNG.normal(size=(10, 1)).astype(np.float32)


def recorded_hooks(kit: Any, record: list) -> Any:
    def hook(name: str) -> Any:
        def call(self: Any, *arguments: Any, logs: Any = None) -> None:
            if arguments and isinstance(arguments[-1], dict | None):
                *arguments, logs = arguments
            record.append((name, *arguments, None if logs is None else dict(logs)))

        return call

    names = [name for name in dir(lp.Callback) if name.startswith("on_")]
    names = [name for name in names if name not in ("on_progress", "on_diverged")]
    return type("Recorder", (kit.Callback,), {name: hook(name) for name in names})()


def test_every_hook_of_callbacks(keras) -> None:
    records: list[list] = [[], []]
    weights = [np.array([[0.3], [-0.2], [0.5]], np.float32), np.zeros(1, np.float32)]
    for kit, record in zip((lp, keras), records, strict=True):
        layers = lp if kit is lp else keras.layers
        model = kit.Sequential([layers.Input((3,)), layers.Dense(1)])
        model.set_weights(weights)
        model.compile(kit.optimizers.SGD(0.1), "mse", metrics=["mae"])
        callback = recorded_hooks(lp if kit is lp else keras.callbacks, record)
        options = {"verbose": 0, "batch_size": 4, "callbacks": [callback]}
        model.fit(X, Y, epochs=2, shuffle=False, validation_data=(X[:6], Y[:6]), **options)
        model.evaluate(X, Y, **options)
        model.predict(X, **options)
    mine, theirs = records
    # Recorders override both names of the hooks of batches, so on_batch is not called for them.
    assert [call[:-1] for call in mine] == [call[:-1] for call in theirs]
    for (name, *_, found), (*_, expected) in zip(mine, theirs, strict=True):
        found, expected = found or {}, expected or {}
        assert found.keys() == expected.keys(), name
        for key, value in expected.items():
            np.testing.assert_allclose(
                found[key], numbers(keras, value), rtol=1e-4, atol=1e-6, err_msg=f"{name} {key}"
            )


@pytest.mark.parametrize(
    "options",
    [{}, {"patience": 2, "min_delta": 0.3}, {"mode": "max"},
     {"patience": 1, "baseline": 0.5, "start_from_epoch": 3}],
)  # fmt: skip
def test_early_stopping_stops_at_the_same_epoch(keras, options) -> None:
    for seed in range(5):
        values, stops = np.random.default_rng(seed).normal(size=20).cumsum(), []
        for kind in (lp.EarlyStopping, keras.callbacks.EarlyStopping):
            callback = kind("loss", **options)
            model = type("FakeModel", (), {"stop_training": False})()
            callback.set_model(model)
            callback.on_train_begin({})
            epochs = []
            for epoch, value in enumerate(values):
                if model.stop_training:
                    break
                callback.on_epoch_end(epoch, {"loss": value})
                epochs.append(epoch)
            stops.append(epochs)
        assert stops[0] == stops[1]


# Masks, weights and bidirectional layers.

STEPS = RNG.normal(size=(4, 5, 3)).astype(np.float32)
STEPS[0, 3:] = STEPS[1, 1:] = STEPS[3] = 0.0
GAPS = STEPS.copy()
GAPS[2, [0, 2]] = 0.0


@pytest.mark.parametrize("inputs", [STEPS, GAPS], ids=["at the end", "gaps"])
@pytest.mark.parametrize("loss", ["mse", "binary_crossentropy", "categorical_crossentropy"])
@pytest.mark.parametrize("weights", [None, np.linspace(0, 3, 20, dtype=np.float32).reshape(4, 5)])
def test_losses_and_metrics_of_masked_steps(keras, inputs, loss, weights) -> None:
    y = RNG.integers(0, 2, (4, 5, 2)).astype(np.float32)
    results, start = [], None
    for kit, layers in ((lp, lp), (keras, keras.layers)):
        model = kit.Sequential(
            [layers.Input((5, 3)), layers.Masking(0.0), layers.Dense(2, "sigmoid")]
        )
        start = model.get_weights() if start is None else start
        model.set_weights(start)
        model.compile(kit.optimizers.SGD(0.5), loss, metrics=["mae", "binary_accuracy"])
        model.fit(inputs, y, epochs=2, batch_size=4, shuffle=False, verbose=0,
                  sample_weight=weights)  # fmt: skip
        options = {"return_dict": True} if kit is keras else {}
        results.append(
            (model.get_weights(), model.evaluate(inputs, y, batch_size=4, verbose=0, **options))
        )
    for value, expected in zip(results[0][0], results[1][0], strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-6)
    assert results[0][1] == pytest.approx(results[1][1], rel=1e-4)


@pytest.mark.parametrize("batch_size", [3, 4])
def test_weighted_metrics_of_masked_steps(keras, batch_size) -> None:
    """The names, too; the loss of uneven batches differs on purpose."""
    y = RNG.integers(0, 2, (4, 5, 2)).astype(np.float32)
    weights = np.linspace(0, 3, 20, dtype=np.float32).reshape(4, 5)
    results, start = [], None
    for kit, layers in ((lp, lp), (keras, keras.layers)):
        model = kit.Sequential(
            [layers.Input((5, 3)), layers.Masking(0.0), layers.Dense(2, "sigmoid")]
        )
        start = model.get_weights() if start is None else start
        model.set_weights(start)
        model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mae", "binary_accuracy"])
        options = {"return_dict": True} if kit is keras else {}
        found = model.evaluate(
            GAPS, y, batch_size=batch_size, verbose=0, sample_weight=weights, **options
        )
        results.append({name: value for name, value in found.items() if name != "loss"})
    assert results[0] == pytest.approx(results[1], rel=1e-4)
    assert results[0]["mae"] != pytest.approx(results[0]["weighted_mae"], rel=1e-3)


def test_weights_of_several_outputs_in_uneven_batches(keras) -> None:
    x = RNG.normal(size=(10, 3)).astype(np.float32)
    y = {"a": RNG.normal(size=(10, 1)), "b": RNG.integers(0, 2, (10, 1))}
    y = {name: values.astype(np.float32) for name, values in y.items()}
    weights = np.linspace(0, 3, 10, dtype=np.float32)
    kernels = [RNG.normal(size=shape).astype(np.float32) for shape in ((3, 1), (1,), (3, 1), (1,))]

    class Two(lp.Model):
        def __init__(self) -> None:
            self.a, self.b = lp.Dense(1), lp.Dense(1, "sigmoid")

        def forward(self, x: Any) -> Any:
            return {"a": self.a(x), "b": self.b(x)}

    inputs = keras.Input((3,))
    outputs = {
        "a": keras.layers.Dense(1, name="a")(inputs),
        "b": keras.layers.Dense(1, "sigmoid", name="b")(inputs),
    }
    mine, theirs = Two(), keras.Model(inputs, outputs)
    mine.build((3,))
    results = []
    for kit, model in ((lp, mine), (keras, theirs)):
        model.set_weights(kernels)
        model.compile(
            kit.optimizers.SGD(0.1),
            {"a": "mse", "b": "binary_crossentropy"},
            {"a": 0.5, "b": 2.0},
            {"a": ["mae"], "b": ["accuracy"]},
            {"a": ["mae", "mse"], "b": ["accuracy"]},
        )
        options = {"batch_size": 4, "shuffle": False, "verbose": 0, "sample_weight": weights}
        fit = model.fit(x, y, epochs=2, validation_data=(x, y, weights), **options)
        results.append(fit.history)
    assert results[0].keys() == results[1].keys()
    for name, expected in results[1].items():
        np.testing.assert_allclose(results[0][name], expected, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("inputs", [STEPS, GAPS], ids=["at the end", "gaps"])
@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_bidirectional_layers_of_masked_steps(keras, kind, sequences, inputs) -> None:
    results, start = [], None
    for kit, layers in ((lp, lp), (keras, keras.layers)):
        recurrent = getattr(layers, kind)(4, return_sequences=sequences)
        model = kit.Sequential(
            [layers.Input((5, 3)), layers.Masking(0.0), layers.Bidirectional(recurrent)]
        )
        start = model.get_weights() if start is None else start
        model.set_weights(start)
        results.append(model.predict(inputs, verbose=0))
    np.testing.assert_allclose(*results, rtol=1e-4, atol=1e-5)
