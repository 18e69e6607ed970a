"""The weights of classes and samples, where an example has one class or one for each step."""

import math

import numpy as np
import pytest

import lampas as lp
from lampas.train.inputs.example_weights import example_weights

LABELS = np.array([[0, 1, 0, 1], [1, 0, 0, 0]])
BY_STEP = np.array([[1.0, 3, 1, 3], [3, 1, 1, 1]])
WEIGHTS = {0: 1.0, 1: 3.0}
SPARSE = lp.losses.SparseCategoricalCrossentropy()
BINARY, ONE_HOT = lp.losses.BinaryCrossentropy(), lp.losses.CategoricalCrossentropy()


@pytest.mark.parametrize(
    ("y", "loss", "expected"),
    [
        (LABELS[0], SPARSE, BY_STEP[0]),
        (LABELS[0][:, None], BINARY, BY_STEP[0]),
        (LABELS[0].astype(np.float32), BINARY, BY_STEP[0]),
        (LABELS[0] > 0, None, BY_STEP[0]),
        (np.eye(2)[LABELS[0]], ONE_HOT, BY_STEP[0]),
        (np.eye(2)[LABELS[0]], None, BY_STEP[0]),
        (LABELS, SPARSE, BY_STEP),
        (LABELS[..., None], SPARSE, BY_STEP),
        (LABELS[..., None], BINARY, BY_STEP),
        (np.eye(2)[LABELS], ONE_HOT, BY_STEP),
        (LABELS.reshape(2, 2, 2), SPARSE, BY_STEP.reshape(2, 2, 2)),
    ],
)
def test_each_label_has_the_weight_of_its_class(y, loss, expected):
    found = example_weights(y, None, WEIGHTS, loss)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32


def test_balanced_weights_count_every_label():
    """3 of the 8 labels are 1: 8 / (2 classes * 3)."""
    found = example_weights(LABELS, None, "balanced", SPARSE)
    np.testing.assert_allclose(found, np.where(LABELS, 8 / 6, 8 / 10), rtol=1e-6)


def test_sample_weights_and_class_weights_are_multiplied_whatever_their_axes():
    rows = np.array([2.0, 0.5])
    found = example_weights(LABELS, rows, WEIGHTS, SPARSE)
    np.testing.assert_array_equal(found, rows[:, None] * BY_STEP)
    found = example_weights(LABELS, BY_STEP, WEIGHTS, SPARSE)
    np.testing.assert_array_equal(found, BY_STEP**2)
    found = example_weights(LABELS[:, 0], BY_STEP[:, :1], None, SPARSE)
    np.testing.assert_array_equal(found, BY_STEP[:, 0])


@pytest.mark.parametrize(
    ("y", "loss", "message"),
    [
        (np.array([[0, 1], [1, 1]]), BINARY, r"one class each, .* got \[1 1\] in row 1.*sample_we"),
        (np.array([[0, 1], [0, 0]]), BINARY, r"\[0 0\] in row 1\. Give sample_weight="),
        (np.array([[0, 1], [0.5, 0.5]]), ONE_HOT, r"\[0.5 0.5\] in row 1.*shape \(2, 2\)"),
        (LABELS[..., None], abs, r"each example has \(4,\) classes, and the loss is not one of"),
        (np.array([0.0, 0.7]), BINARY, "needs integer class labels .* got 0.7 in row 1.*sample_w"),
        ((), None, "there are no targets"),
    ],
)
def test_targets_that_are_not_of_one_class_are_an_error(y, loss, message):
    with pytest.raises(lp.DataError, match=message):
        example_weights(y, None, WEIGHTS, loss)


@pytest.mark.parametrize(
    ("weights", "loss"),
    [(np.ones((2, 3)), SPARSE), (np.ones((2, 4)), abs), (np.ones((2, 4, 2)), SPARSE)],
)
def test_sample_weights_that_do_not_fit_are_an_error(weights, loss):
    with pytest.raises(lp.DataError, match="sample_weight must be one number for each of 2 examp"):
        example_weights(LABELS, weights, None, loss)


X = np.ones((2, 4, 1), np.float32)


@pytest.mark.long
@pytest.mark.parametrize(
    "data",
    [
        lambda: (X, LABELS),
        lambda: (lambda: [(X[:1], LABELS[:1]), (X[1:], LABELS[1:])],),
    ],
    ids=["arrays", "batches"],
)
def test_a_fit_weights_every_step_by_its_class(data):
    """Probabilities of 1/2 have the loss ln 2, and the weights of the 8 steps sum to 14."""
    model = lp.Sequential([lp.Dense(2, "softmax", kernel_initializer="zeros")])
    model.compile(lp.SGD(1e-9), SPARSE)
    history = model.fit(*data(), verbose=0, class_weight=WEIGHTS)
    assert history.history["loss"] == pytest.approx([math.log(2) * 14 / 8])


def test_sample_weights_of_steps_weight_evaluation_too():
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones", use_bias=False)])
    model.compile("sgd", "mse")
    y = np.arange(8.0).reshape(2, 4, 1)
    expected = np.mean(BY_STEP * (y[..., 0] - 1) ** 2)
    assert model.evaluate(X, y, sample_weight=BY_STEP)["loss"] == pytest.approx(expected)


def test_balanced_weights_of_steps_are_refused_where_some_are_padding():
    model = lp.Sequential([lp.Masking(), lp.Dense(2, "softmax")])
    model.compile("sgd", SPARSE)
    with pytest.raises(lp.DataError, match="would count the labels of padded steps too"):
        model.fit(X, LABELS, verbose=0, class_weight="balanced")


@pytest.mark.parametrize("weights", ["bal", [1.0, 2.0], np.array([1.0, 2.0]), 3])
def test_class_weights_that_are_no_dict_are_an_error(weights):
    with pytest.raises(lp.DataError, match='class_weight must be a dict or "balanced", got '):
        example_weights(LABELS[0], None, weights, SPARSE)


@pytest.mark.parametrize("weight", [math.nan, math.inf, 1e39])
def test_class_weights_that_are_not_finite_are_an_error(weight):
    for is_batch in (False, True):
        with pytest.raises(lp.DataError, match="class_weight must have finite numbers"):
            example_weights(LABELS[0], None, {1: weight}, SPARSE, is_batch=is_batch)
