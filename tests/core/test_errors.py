"""Errors for data and arguments that are invalid: their messages say what to change."""

import numpy as np
import pytest

import lampas as lp

SPARSE = "sparse_categorical_crossentropy"
X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
Y = np.array([0, 1, 2, 0, 1, 2])


def net(units=3, loss=SPARSE, metrics=()):
    model = lp.Sequential([lp.Dense(units, input_shape=(4,))])
    model.compile("sgd", loss, metrics=metrics)
    return model


@pytest.fixture(scope="module")
def compiled():
    return net()


@pytest.fixture
def classifier(compiled):
    """A compiled model whose weights are restored even after a failing test."""
    start = compiled.get_weights()
    yield compiled
    compiled.set_weights(start)


def spoilt(value, row=2, column=1, dtype=np.float32):
    x = X.astype(dtype)
    x[row, column] = value
    return x


BAD = {
    "empty": ((X[:0], Y[:0]), {}, r"no examples: x and y is empty|no examples"),
    "empty list": (([], []), {}, "no examples"),
    "nan": ((spoilt(np.nan), Y), {}, r"x\[2, 1\] of the data is nan \(1 of the 6 rows"),
    "inf": ((spoilt(-np.inf), Y), {}, r"x\[2, 1\] of the data is -inf"),
    "too large for 32 bits": ((spoilt(1e300, dtype=np.float64), Y), {}, r"x\[2, 1\]"),
    "nan target": ((X, np.where(Y == 1, np.nan, Y)), {}, r"y\[1\] of the data is nan \(2 of the 6"),
    "nan weight": ((X, Y), {"sample_weight": np.full(6, np.nan)}, r"sample_weight\[0\]"),
    "lengths differ": ((X, Y[:4]), {}, "x has 6, y has 4"),
    "weights differ": ((X, Y), {"sample_weight": np.ones(5)}, "sample_weight has 5"),
    "weights of two axes": ((X, Y), {"sample_weight": np.ones((6, 2))}, r"got shape \(6, 2\)"),
    "strings": ((X, np.array(list("abcabc"))), {}, "must be numbers, got an array of dtype <U1"),
    "objects": ((X, np.array([None] * 6)), {}, "must be numbers, got an array of dtype object"),
    "dates": ((np.full((6, 4), "2020-01-01", "M8[D]"), Y), {}, "must be numbers"),
    "ragged lists": (([[1.0], [1.0, 2.0]], [0, 1]), {}, "different lengths"),
    "no targets": ((X, None), {}, "has no targets: y is None"),
    "single number": ((np.float32(1), 1), {}, "is a single number; a batch axis is needed"),
    "class too large": ((X, Y + 1), {}, r"labels must be 0 to 2 .* got 3 in row 2 .* 4 units"),
    "class negative": ((X, Y - 1), {}, r"labels must be 0 to 2 .* got -1 in row 0"),
    "class beyond 32 bits": ((X, np.where(Y == 2, 2**32, Y)), {}, "labels must be 0 to 2"),
    "class is no whole number": ((X, Y + 0.5), {}, "integer class labels"),
    "unknown class weight": ((X, Y), {"class_weight": {7: 2.0}}, r"names the classes \[7\]"),
    "odd class weight": ((X, Y), {"class_weight": "even"}, "'even'"),
    "nan validation": (
        (X, Y),
        {"validation_data": (spoilt(np.nan), Y)},
        r"x\[2, 1\] of validation_data is nan",
    ),
    "validation lengths": ((X, Y), {"validation_data": (X, Y[:2])}, "validation_data must have"),
    "validation classes": ((X, Y), {"validation_data": (X, Y + 1)}, "labels must be 0 to 2"),
    "validation without targets": ((X, Y), {"validation_data": (X,)}, "validation_data"),
}


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.parametrize("kind", BAD)
def test_invalid_data_is_an_error_before_training(classifier, kind):
    arguments, options, match = BAD[kind]
    before = classifier.get_weights()
    with pytest.raises(lp.DataError, match=match):
        classifier.fit(*arguments, verbose=0, **options)
    for a, b in zip(classifier.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", ["empty", "nan", "lengths differ", "class too large"])
def test_evaluate_says_the_same_of_its_data(classifier, kind):
    arguments, _, match = BAD[kind]
    with pytest.raises(lp.DataError, match=match):
        classifier.evaluate(*arguments)


@pytest.mark.parametrize(
    ("x", "match"), [(X[:0], "no examples"), (spoilt(np.nan), r"x\[2, 1\]"), (["a"], "numbers")]
)
def test_predict_says_the_same_of_its_data(classifier, x, match):
    with pytest.raises(lp.DataError, match=match):
        classifier.predict(x)


def test_a_part_of_the_inputs_is_named_by_its_place():
    model = net()
    with pytest.raises(lp.DataError, match=r"x\['b'\]\[2, 1\] of the data is nan"):
        model.fit({"a": X, "b": spoilt(np.nan)}, Y, verbose=0)
    with pytest.raises(lp.DataError, match=r"x\[0\] has 6, x\[1\] has 4, y has 6"):
        model.fit((X, X[:4]), Y, verbose=0)


@pytest.mark.parametrize("metrics", [(), ["mae"]])
def test_targets_that_would_broadcast_are_an_error(metrics):
    with pytest.raises(lp.ShapeError, match=r"targets \(6, 2\) and predictions \(6, 1\)"):
        net(1, "mse", metrics).fit(X, X[:, :2], verbose=0)


def test_one_hot_targets_of_a_sparse_loss_are_an_error_with_the_fix(classifier):
    with pytest.raises(lp.ShapeError, match="use categorical_crossentropy"):
        classifier.fit(X, np.eye(3)[Y], verbose=0)


def test_class_numbers_for_a_one_hot_loss_are_an_error_with_the_fix():
    with pytest.raises(lp.ShapeError, match='begins with "sparse_"'):
        net(3, "categorical_crossentropy").fit(X, Y, verbose=0)


def test_targets_beyond_0_and_1_are_an_error_for_binary_crossentropy():
    with pytest.raises(lp.DataError, match="between 0 and 1, got -1"):
        net(1, "binary_crossentropy").fit(X, np.full((6, 1), -1.0), verbose=0)


@pytest.mark.parametrize(
    ("x", "match"),
    [(X[:, :3], r"dense_1 \(Dense\): was built for inputs with 4 .*\(1, 3\)|\(\*, 3\)|\(6, 3\)")],
)
def test_inputs_of_another_width_are_an_error_that_names_the_layer(classifier, x, match):
    with pytest.raises(lp.ShapeError, match=match):
        classifier.fit(x, Y, verbose=0)
    with pytest.raises(lp.ShapeError, match=match):
        classifier.predict(x)


def test_weights_need_a_loss_per_example():
    model = net(3, lambda y_true, y_pred: y_pred.mean())
    with pytest.raises(lp.ShapeError, match="one number for each example"):
        model.fit(X, Y, verbose=0, sample_weight=np.ones(6))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"batch_size": 0}, "fit: batch_size must be an integer of at least 1, got 0"),
        ({"batch_size": -3}, "batch_size must be an integer of at least 1, got -3"),
        ({"batch_size": 8.0}, "batch_size"),
        ({"epochs": 0}, "epochs must be an integer of at least 1, got 0"),
        ({"initial_epoch": -1}, "initial_epoch must be an integer of at least 0, got -1"),
    ],
)
def test_counts_that_are_invalid_are_an_error(classifier, options, match):
    with pytest.raises(lp.ArgumentError, match=match):
        classifier.fit(X, Y, verbose=0, **options)


def test_before_compile_the_error_says_what_to_write():
    model = lp.Sequential([lp.Dense(3)])
    for use in (
        lambda: model.fit(X, Y, verbose=0),
        lambda: model.evaluate(X, Y),
        lambda: model.optimizer,
    ):
        with pytest.raises(lp.NotBuiltError, match=r'model\.compile\("adam", loss="mse"\)'):
            use()


def test_a_fit_without_a_loss_asks_for_one():
    model = lp.Sequential([lp.Dense(3)])
    model.compile("adam")
    with pytest.raises(lp.ArgumentError, match=r'no layer adds one; write compile\(loss="mse"\)'):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"optimizer": "adem"}, "Unknown optimizer 'adem'. Did you mean 'adam'"),
        ({"loss": "sparse_categorical_crossentrpy"}, f"Did you mean '{SPARSE}'"),
        ({"metrics": ["acuracy"]}, "Unknown metric 'acuracy'. Did you mean 'accuracy'"),
        ({"metrics": "acuracy"}, "Did you mean 'accuracy'"),
        ({"penalty": "l3"}, "Unknown regularizer 'l3'. Did you mean 'l"),
        ({"optimizer": "zzzzzz"}, "Unknown optimizer 'zzzzzz'. Known: adadelta, "),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(options, match):
    model = lp.Sequential([lp.Dense(3)])
    with pytest.raises(lp.UnknownNameError, match=match):
        model.compile(**({"optimizer": "sgd", "loss": "mse"} | options))


def test_an_optimizer_that_is_none_is_an_error():
    with pytest.raises(lp.ArgumentError, match="An optimizer is a name"):
        lp.Sequential([lp.Dense(3)]).compile(3, "mse")


@pytest.mark.parametrize("option", ["loss", "metrics", "penalty"])
def test_what_cannot_be_called_is_no_loss_metric_or_penalty(option):
    model = lp.Sequential([lp.Dense(3)])
    value = [5] if option == "metrics" else 5
    with pytest.raises(lp.ArgumentError):
        model.compile(**({"optimizer": "sgd", "loss": "mse"} | {option: value}))


def test_an_unknown_option_of_a_layer_is_answered_with_the_nearest():
    with pytest.raises(lp.UnknownNameError, match=r"'input_shap'\. Did you mean 'input_shape'"):
        lp.Dense(3, input_shap=(4,))


@pytest.mark.parametrize("activation", [5, "rulu"])
def test_an_activation_that_is_none_is_an_error_when_the_layer_is_made(activation):
    with pytest.raises(lp.ArgumentError):
        lp.Dense(3, activation)


@pytest.mark.parametrize("rate", [0, -0.1, float("nan")])
def test_a_learning_rate_must_be_positive(rate):
    with pytest.raises(lp.ArgumentError, match=r"learning_rate must be .*above 0"):
        lp.SGD(rate)


def test_a_rate_that_follows_a_schedule_cannot_be_assigned():
    optimizer = lp.SGD(lp.schedules.ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(lp.ArgumentError, match="follows a schedule"):
        optimizer.learning_rate = 0.1


def test_errors_are_also_of_the_kinds_that_python_has():
    assert issubclass(lp.ShapeError, ValueError)
    assert issubclass(lp.DataError, ValueError)
    assert issubclass(lp.ArgumentError, ValueError)
    assert issubclass(lp.NotBuiltError, RuntimeError)
    assert issubclass(lp.FileError, OSError)
    assert issubclass(lp.DivergedError, ArithmeticError)


def test_a_good_fit_after_an_error_works():
    model = net()
    with pytest.raises(lp.DataError):
        model.fit(spoilt(np.nan), Y, verbose=0)
    assert len(model.fit(X, Y, verbose=0).epoch) == 1
