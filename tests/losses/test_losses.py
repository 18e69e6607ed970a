from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas import (
    ArgumentError,
    DataError,
    Dense,
    Loss,
    Sequential,
    ShapeError,
    UnknownNameError,
    losses,
)
from tests.oracles import losses as oracle
from tests.oracles.differences import gradient
from tests.scale import examples

ROWS, CLASSES = 6, 4
ABBREVIATED = {
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
NAMES = sorted(set(losses.LOSSES) - set(ABBREVIATED))


def example(name: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions that the loss is made for."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(ROWS, CLASSES)), random.normal(size=(ROWS, CLASSES))
    labels = random.integers(0, CLASSES, ROWS)
    probabilities = oracle.softmax(values[1])
    if name.startswith("sparse"):
        return labels, probabilities
    if name.startswith("categorical"):
        return np.eye(CLASSES)[labels], probabilities
    if name.startswith("binary"):
        return (values[0] > 0).astype(float), oracle.sigmoid(values[1])
    if "hinge" in name:
        return np.sign(values[0]), values[1]
    if name == "kl_divergence":
        return oracle.softmax(values[0]), probabilities
    if name in ("poisson", "mean_squared_logarithmic_error"):
        return np.abs(values[0]), np.abs(values[1]) + 0.1
    return values


@pytest.mark.parametrize("name", NAMES)
def test_loss_and_its_gradient_are_those_of_the_definition(name: str) -> None:
    y, p = example(name)
    define, loss = getattr(oracle, name), losses.get(name)

    def run(y, p):
        return loss(y, p), jax.grad(lambda p: loss(y, p).sum())(p)

    with jax.enable_x64(True):
        values, grad = jax.jit(run)(y, p)
    assert values.shape == (ROWS,)
    np.testing.assert_allclose(values, define(y, p), rtol=1e-9)
    np.testing.assert_allclose(grad, gradient(lambda p: define(y, p).sum(), p), atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_loss_in_float32_is_close_to_the_definition(name: str) -> None:
    y, p = example(name, seed=1)
    y = y if y.ndim == 1 else y.astype(np.float32)
    errors = losses.get(name)(jnp.asarray(y), jnp.float32(p))
    assert errors.dtype == jnp.float32
    np.testing.assert_allclose(errors, getattr(oracle, name)(y, p), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(("short", "long"), ABBREVIATED.items())
def test_abbreviation_is_the_same_loss(short: str, long: str) -> None:
    assert losses.get(short) == losses.get(long)


DISTANCES = ["mse", "mae", "mape", "msle", "huber", "log_cosh", "kl_divergence"]


@pytest.mark.parametrize("name", DISTANCES)
@given(seed=st.integers(0, 2**32 - 1))
@examples(15)
def test_distance_is_never_negative_and_nothing_at_equality(name: str, seed: int) -> None:
    y, p = (jnp.float32(a) for a in example(ABBREVIATED.get(name, name), seed))
    loss = losses.get(name)
    assert np.all(np.asarray(loss(y, p)) >= -1e-6)
    np.testing.assert_allclose(loss(y, y), 0, atol=1e-6)


@pytest.mark.parametrize("name", DISTANCES[:-1])
def test_exact_prediction_is_pulled_nowhere(name: str) -> None:
    y = jnp.float32(example(ABBREVIATED.get(name, name))[0])
    grad = jax.grad(lambda p: losses.get(name)(y, p).sum())(y)
    np.testing.assert_allclose(grad, 0, atol=1e-6)


@pytest.mark.parametrize("name", ["binary", "categorical", "sparse_categorical"])
def test_crossentropy_of_logits_is_that_of_their_probabilities(name: str) -> None:
    kind = {"binary": losses.BinaryCrossentropy, "categorical": losses.CategoricalCrossentropy,
            "sparse_categorical": losses.SparseCategoricalCrossentropy}[name]  # fmt: skip
    y, _ = example(name)
    logits = 3 * np.random.default_rng(2).normal(size=(ROWS, CLASSES))
    squash = oracle.sigmoid if name == "binary" else oracle.softmax
    define = getattr(oracle, f"{name}_crossentropy")
    for smoothing in (0.0, 0.2):
        loss = kind(from_logits=True, label_smoothing=smoothing)
        errors = loss(jnp.asarray(y), jnp.float32(logits))
        np.testing.assert_allclose(errors, define(y, squash(logits), smoothing), rtol=1e-4)
        errors = kind(label_smoothing=smoothing)(jnp.asarray(y), jnp.float32(squash(logits)))
        np.testing.assert_allclose(errors, define(y, squash(logits), smoothing), rtol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize(
    "loss",
    [
        losses.BinaryCrossentropy(from_logits=True),
        losses.CategoricalCrossentropy(from_logits=True),
    ],
    ids=["binary", "categorical"],
)
def test_crossentropy_of_extreme_logits_is_finite_with_a_finite_gradient(loss: Loss) -> None:
    y = jnp.array([[1.0, 0.0], [0.0, 1.0]])
    logits = jnp.array([[-1e4, 1e4], [-1e4, 1e4]])
    value, grad = jax.value_and_grad(lambda p: loss(y, p).sum())(logits)
    assert value >= 1e4
    assert np.all(np.isfinite(grad))


def test_probabilities_are_kept_a_ten_millionth_from_0_and_1() -> None:
    y = jnp.array([[1.0, 0.0]])
    wrong = jnp.array([[0.0, 1.0]])
    furthest = -np.log(1e-7)
    assert float(losses.BinaryCrossentropy()(y, wrong)[0]) == pytest.approx(furthest, rel=0.02)
    assert float(losses.CategoricalCrossentropy()(y, wrong)[0]) == pytest.approx(furthest, rel=1e-5)


def test_probabilities_that_do_not_sum_to_1_are_made_to() -> None:
    y, p = example("categorical")
    loss = losses.CategoricalCrossentropy()
    np.testing.assert_allclose(loss(y, jnp.float32(p)), loss(y, jnp.float32(5 * p)), rtol=1e-5)


def test_class_numbers_and_one_hot_rows_give_the_same_error() -> None:
    labels, p = example("sparse")
    one_hot, p = np.eye(CLASSES)[labels], jnp.float32(p)
    expected = losses.CategoricalCrossentropy()(one_hot, p)
    for y in (labels, labels[:, None], labels.astype(np.uint8), labels.astype(np.float32)):
        np.testing.assert_allclose(losses.SparseCategoricalCrossentropy()(y, p), expected)


@pytest.mark.parametrize("name", NAMES)
def test_arrays_of_numpy_are_taken_whatever_their_type(name: str) -> None:
    y, p = example(name)
    np.testing.assert_allclose(losses.get(name)(y, p), getattr(oracle, name)(y, p), rtol=1e-4)


def test_huber_is_straight_beyond_delta() -> None:
    y, p = jnp.zeros((3, 1)), jnp.array([[0.5], [2.0], [-10.0]])
    np.testing.assert_allclose(losses.Huber(delta=2.0)(y, p), [0.125, 2, 18])


def test_log_cosh_does_not_overflow_far_away() -> None:
    errors = losses.LogCosh()(jnp.zeros((2, 1)), jnp.array([[1e4], [-1e4]]))
    np.testing.assert_allclose(errors, 1e4 - np.log(2), rtol=1e-6)


@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_hinge_reads_targets_0_and_1_as_minus_1_and_1(name: str) -> None:
    y, p = (jnp.float32(a) for a in example(name))
    loss = losses.get(name)
    np.testing.assert_array_equal(loss((y + 1) / 2, p), loss(y, p))


def test_cosine_ignores_lengths_and_survives_zero() -> None:
    y, p = example("cosine_similarity")
    loss = losses.CosineSimilarity()
    np.testing.assert_allclose(loss(y, p), loss(3 * y, 0.1 * p), rtol=1e-5)
    np.testing.assert_allclose(loss(y, y), -1, rtol=1e-6)
    value, grad = jax.value_and_grad(lambda p: loss(y, p).sum())(jnp.zeros(p.shape))
    assert value == 0
    assert np.all(np.isfinite(grad))


def test_axes_after_the_batch_are_averaged() -> None:
    y, p = np.zeros((2, 3, 4)), np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_allclose(losses.get("mae")(y, p), [5.5, 17.5])
    np.testing.assert_allclose(losses.get("mae")(y[:, 0, 0], p[:, 0, 0]), [0, 12])


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "binary_crossentropy", "hinge"])
def test_a_column_and_a_vector_are_compared_row_by_row(name: str) -> None:
    vector, column = np.array([0.0, 1.0, 1.0]), np.array([[0.2], [0.9], [0.4]])
    expected = losses.get(name)(vector[:, None], column)
    np.testing.assert_array_equal(losses.get(name)(vector, column), expected)
    np.testing.assert_array_equal(losses.get(name)(vector[:, None], column[:, 0]), expected)
    weighted = losses.MeanSquaredError()(vector, column, np.array([1.0, 0.0, 2.0]))
    np.testing.assert_allclose(weighted, [0.04, 0.0, 0.72], rtol=1e-5)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"sparse_categorical_crossentropy"}))
def test_shapes_that_would_broadcast_silently_are_an_error(name: str) -> None:
    flat, column = np.ones((4, 5)), np.ones((4, 5, 1))
    with pytest.raises(ShapeError, match=r"targets \(4, 5\) and predictions.*y\[\.\.\., None\]"):
        losses.get(name)(flat, column)
    with pytest.raises(ShapeError, match=r"predictions \(4, 5\)\..*y\[\.\.\., 0\]"):
        losses.get(name)(column, flat)
    for targets, predictions in [
        ((4,), (4, 5)),
        ((4, 1), (4, 5)),
        ((4, 5), (4, 1)),
        ((3,), (4, 1)),
    ]:
        with pytest.raises(ShapeError, match="compares targets and predictions of the same shape"):
            losses.get(name)(np.ones(targets), np.ones(predictions))


def test_wrong_kind_of_class_targets_points_to_the_other_crossentropy() -> None:
    with pytest.raises(ShapeError, match='begins with "sparse_"'):
        losses.CategoricalCrossentropy()(np.ones(5), np.ones((5, 3)))
    with pytest.raises(ShapeError, match="use categorical_crossentropy"):
        losses.SparseCategoricalCrossentropy()(np.ones((5, 3)), np.ones((5, 3)))


@pytest.mark.parametrize("wrong", [-1, 3, 7])
def test_label_out_of_range_names_it_its_row_and_the_range(wrong: int) -> None:
    labels = np.array([0, 2, wrong, 1])
    with pytest.raises(DataError, match=rf"must be 0 to 2 .* got {wrong} in row 2 \(1 such"):
        losses.SparseCategoricalCrossentropy().check_targets(labels, (4, 3))
    losses.SparseCategoricalCrossentropy().check_targets(labels[:2], (2, 3))
    with pytest.raises(DataError, match=rf"got {wrong} in row 1 \(1 such"):
        losses.SparseCategoricalCrossentropy().check_targets(labels.reshape(2, 2), (2, 2, 3))


def test_label_that_is_not_a_whole_number_is_an_error() -> None:
    with pytest.raises(DataError, match=r"integer class labels .* got 1\.5 in row 1\. .* mse"):
        losses.SparseCategoricalCrossentropy().check_targets(np.array([0, 1.5]), (2, 3))


@pytest.mark.parametrize("wrong", [-1.0, 2.0])
def test_binary_target_out_of_range_is_an_error(wrong: float) -> None:
    with pytest.raises(DataError, match=r"targets between 0 and 1, .* Label the two classes"):
        losses.BinaryCrossentropy().check_targets(np.array([0, 1, wrong]), (3,))


@pytest.mark.parametrize(
    ("loss", "y", "error", "message"),
    [
        ("mse", np.ones((4, 2)), ShapeError, r"targets \(4, 2\) and predictions \(4, 1\)"),
        ("sparse_categorical_crossentropy", [0, 0, 1, 0], DataError, "labels must be 0 to 0"),
        ("binary_crossentropy", [[0], [1], [2], [1]], DataError, "targets between 0 and 1"),
    ],
)
def test_fit_rejects_targets_that_do_not_fit_the_loss(loss, y, error, message: str) -> None:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", loss)
    with pytest.raises(error, match=message):
        model.fit(np.ones((4, 3)), y, verbose=0)


def test_custom_loss_needs_only_a_call() -> None:
    class Cubic(Loss):
        def call(self, y_true, y_pred):
            return jnp.abs(y_true - y_pred) ** 3

    np.testing.assert_allclose(Cubic()(np.zeros((2, 2)), np.array([[1, 2], [0, 2]])), [4.5, 4])
    with pytest.raises(NotImplementedError, match="Loss needs a method call"):
        Loss()(np.zeros(2), np.zeros(2))


def test_own_class_passes_its_name_on() -> None:
    class Distance(Loss):
        def __init__(self, **options: str) -> None:
            super().__init__(**options)

        def call(self, y_true, y_pred):
            return jnp.abs(y_true - y_pred)

    assert (Distance().name, Distance(name="far").name) == ("distance", "far")
    with pytest.raises(ArgumentError, match=r"'sum': a loss .* override compute_loss"):
        Distance(reduction="sum")


@pytest.mark.parametrize("name", sorted(set(losses.__all__) - {"Loss"}))
def test_class_name_stands_for_its_defaults(name: str) -> None:
    assert losses.get(name) == getattr(losses, name)()


def test_unknown_name_offers_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"'crossentropy'. Did you mean '\w+_crossentropy'"):
        losses.get("crossentropy")
