"""Evaluating and using a model; validation during training."""

from typing import ClassVar

import jax
import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import SPARSE, class_examples, compilations, numpy_twin


@pytest.fixture(scope="module")
def pair():
    lp.set_seed(0)
    return numpy_twin()


@pytest.mark.parametrize("batch_size", [1, 8, 21, 100])
def test_evaluate_is_exact_for_any_batch_size(pair, examples, batch_size):
    model, net = pair
    x, y = examples
    measured = model.evaluate(x, y, batch_size)
    assert list(measured.keys()) == ["loss", "accuracy"]
    assert measured["loss"] == pytest.approx(net.errors(x, y).mean(), rel=1e-5)
    assert measured["accuracy"] == pytest.approx((net.predict(x).argmax(1) == y).mean())


@pytest.mark.long
def test_evaluate_weighs_the_errors(pair, examples):
    model, net = pair
    weights = np.linspace(0, 2, 21)
    measured = model.evaluate(*examples, 8, sample_weight=weights)
    assert measured["loss"] == pytest.approx(np.mean(weights * net.errors(*examples)), rel=1e-5)


@pytest.mark.long
def test_evaluate_changes_nothing(examples):
    model = lp.Sequential([lp.BatchNormalization(), lp.Dropout(0.5), lp.Dense(3, "softmax")])
    model.compile("sgd", SPARSE)
    first = model.evaluate(*examples, 8)
    assert model.evaluate(*examples, 8) == first


METRICS = ["precision", "recall", "f1_score", "auc", "rmse", "r2_score", "mae"]


@pytest.mark.long
def test_metrics_over_ragged_batches_are_those_of_the_whole(examples):
    x, y = examples
    targets = (y > 0).astype(np.float32)[:, None]
    model = lp.Sequential([lp.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=METRICS)
    ragged = model.evaluate(x, targets, 8)
    predicted = model.predict(x)
    assert list(ragged) == pytest.approx(list(model.evaluate(x, targets, 21)), rel=1e-5)
    for name in METRICS:
        assert ragged[name] == pytest.approx(lp.metrics.get(name)(targets, predicted), rel=1e-5)


@pytest.mark.long
def test_a_metric_of_ones_own_is_the_mean_over_all_examples(examples):
    def largest(y_true, y_pred):
        return y_pred.max(-1)

    model = lp.Sequential([lp.Dense(3, "softmax")])
    model.compile("sgd", SPARSE, metrics=[largest])
    measured = model.evaluate(*examples, 8)
    assert measured["largest"] == pytest.approx(model.predict(examples[0]).max(1).mean(), rel=1e-5)


@pytest.mark.parametrize(("count", "batch_size"), [(21, 8), (5, 8), (16, 8), (1, 256), (21, 1)])
def test_predict_is_the_model_for_any_number_of_examples(pair, count, batch_size):
    model, net = pair
    x = class_examples(21)[0][:count]
    predicted = model.predict(x, batch_size)
    assert isinstance(predicted, np.ndarray)
    assert predicted.shape == (count, 3)
    np.testing.assert_allclose(predicted, net.predict(x), atol=1e-5)


def test_predict_works_without_compile_and_on_lists():
    model = lp.Sequential([lp.Dense(2, kernel_initializer="ones")])
    np.testing.assert_array_equal(model.predict([[1, 2], [3, 4]]), [[3, 3], [7, 7]])


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.uint8, bool])
def test_predict_takes_the_usual_number_types(dtype):
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones")])
    np.testing.assert_array_equal(model.predict(np.array([[1, 1], [0, 1]], dtype)), [[2], [1]])


def test_predict_gives_tuples_and_dicts_where_the_model_does():
    class Heads(lp.Model):
        def forward(self, pair):
            a, b = pair
            return {"sum": a + b, "both": (a, b)}

    a, b = np.ones((5, 2), np.float32), np.full((5, 2), 2, np.float32)
    predicted = Heads().predict((a, b), batch_size=2)
    np.testing.assert_array_equal(predicted["sum"], a + b)
    np.testing.assert_array_equal(predicted["both"][1], b)


@pytest.mark.long
def test_several_inputs_are_trained_on(examples):
    class Sum(lp.Model):
        def __init__(self):
            self.left, self.right = lp.Dense(3), lp.Dense(3)

        def forward(self, x):
            return jax.nn.softmax(self.left(x["a"]) + self.right(x["b"]))

    x, y = examples
    data = {"a": x, "b": x[:, :2]}
    model = Sum()
    model.compile(lp.SGD(0.5), SPARSE, metrics=["accuracy"])
    losses = model.fit(data, y, batch_size=8, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert model.predict(data).shape == (21, 3)


def test_predict_sees_new_weights_without_compiling(pair, examples):
    model, _ = pair
    before = model.get_weights()
    first = model.predict(examples[0])
    with compilations() as compiled:
        model.set_weights([np.zeros_like(w) for w in before])
        flat = model.predict(examples[0])
    model.set_weights(before)
    assert not [name for name in compiled if "lambda" in name]
    np.testing.assert_allclose(flat, 1 / 3, atol=1e-6)
    np.testing.assert_array_equal(model.predict(examples[0]), first)


def classifier():
    model = lp.Sequential([lp.Dense(4, "tanh"), lp.Dropout(0.2), lp.Dense(3, "softmax")])
    model.compile(lp.SGD(0.1), SPARSE, metrics=["accuracy"])
    return model


def last(history):
    """What the validation of the last epoch measured."""
    return {
        name.removeprefix("val_"): values[-1]
        for name, values in history.history.items()
        if name.startswith("val_")
    }


@pytest.mark.long
def test_validation_is_what_evaluate_measures(examples):
    held = class_examples(13)
    model = classifier()
    history = model.fit(*examples, 8, epochs=2, verbose=0, validation_data=held)
    assert list(history.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert last(history) == pytest.approx(model.evaluate(*held, 8, return_dict=True))


@pytest.mark.long
def test_validation_split_holds_back_the_last_examples(examples):
    x, y = examples
    seen = []

    class Watch(lp.Callback):
        def on_train_begin(self, logs=None):
            seen.append(self.params["steps"])

    model = classifier()
    history = model.fit(x, y, 4, epochs=2, verbose=0, validation_split=1 / 3, callbacks=[Watch()])
    assert last(history) == pytest.approx(model.evaluate(x[14:], y[14:], return_dict=True))
    assert seen == [4]


@pytest.mark.long
def test_the_part_held_back_is_not_learned_from(examples):
    x, y = examples
    spoilt = np.where(np.arange(21)[:, None] < 14, x, 100.0)

    def weights(x):
        lp.set_seed(0)
        model = classifier()
        model.fit(x, y, 8, verbose=0, validation_split=1 / 3)
        return model.get_weights()

    for clean, other in zip(weights(x), weights(spoilt), strict=True):
        np.testing.assert_array_equal(clean, other)


@pytest.mark.long
def test_class_weights_do_not_touch_the_validation(examples):
    x, y = examples
    model = classifier()
    history = model.fit(
        x, y, 8, verbose=0, validation_split=1 / 3, class_weight={0: 10.0, 1: 0.1, 2: 3.0}
    )
    assert last(history) == pytest.approx(model.evaluate(x[14:], y[14:], return_dict=True))


@pytest.mark.long
def test_balanced_class_weights_count_only_what_is_learned_from():
    x, _ = class_examples(12)
    y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    order = [0, 1, 2, 3, 6, 7, 4, 5, 8, 9, 10, 11]
    losses = []
    for weight in ("balanced", {0: 6 / 8, 1: 6 / 4}):
        lp.set_seed(0)
        model = classifier()
        history = model.fit(
            x[order], y[order], 6, verbose=0, validation_split=0.5, class_weight=weight
        )
        losses += history.history["loss"]
    assert losses[0] == pytest.approx(losses[1])


@pytest.mark.long
def test_weights_of_validation_data_are_used(examples):
    x, y = examples
    weights = np.linspace(0, 2, 21)
    model = classifier()
    history = model.fit(x, y, 8, verbose=0, validation_data=(x, y, weights))
    assert last(history)["loss"] == pytest.approx(
        model.evaluate(x, y, sample_weight=weights)["loss"]
    )


@pytest.mark.parametrize("fraction", [-0.5, 0.99, 1.0, 1.5])
def test_a_split_that_leaves_nothing_is_an_error(examples, fraction):
    error = lp.DataError if fraction == 0.99 else lp.ArgumentError
    with pytest.raises(error, match="validation_split"):
        classifier().fit(*examples, verbose=0, validation_split=fraction)


@pytest.mark.long
def test_prediction_goes_on_after_layers_are_frozen_and_unfrozen() -> None:
    model, x = lp.Sequential([lp.Dense(2), lp.Dense(1)]), np.ones((3, 2))
    expected = model.predict(x)
    model.layers[0].freeze()
    np.testing.assert_array_equal(model.predict(x), expected)
    model.unfreeze()
    np.testing.assert_array_equal(model.predict(x), expected)


@pytest.mark.long
def test_a_model_may_create_its_layers_in_build():
    class Built(lp.Model):
        shapes: ClassVar[list] = []

        def build(self, input_shape):
            self.shapes.append(input_shape[1:])
            self.dense = lp.Dense(input_shape[-1])
            super().build(input_shape)

        def call(self, x):
            return self.dense(x)

    model = Built()
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 3)), verbose=0)
    assert model.predict(np.ones((2, 3))).shape == (2, 3)
    model = Built()
    model.build((None, 5))
    assert model(np.ones((2, 5))).shape == (2, 5)
    assert Built.shapes == [(3,), (5,)]
