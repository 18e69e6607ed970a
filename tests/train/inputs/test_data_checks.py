"""Data that can be trained on but is probably not what was meant."""

import warnings

import numpy as np
import pytest

import lampas as lp
from lampas.losses import BinaryCrossentropy, CategoricalCrossentropy, MeanSquaredError
from lampas.losses import SparseCategoricalCrossentropy as Sparse
from lampas.train.inputs.data_checks import check_channels, warn_about_channels, warn_about_classes


@pytest.mark.parametrize(
    ("shape", "built", "fix"),
    [
        ((2, 3, 32, 48), (32, 48, 3), r"channels first. Write x\.transpose\(0, 2, 3, 1\)"),
        ((2, 28, 28, 1), (1, 28, 28), r"channels last. Write x\.transpose\(0, 3, 1, 2\)"),
    ],
)
def test_channels_at_the_other_end_are_refused_with_the_transpose(shape, built, fix):
    x = np.zeros(shape)
    with pytest.raises(lp.ShapeError, match=fix):
        check_channels(x, built)
    axes = [int(n) for n in fix.split("\\(")[1] if n.isdigit()]
    check_channels(x.transpose(axes), built)


@pytest.mark.parametrize("shape", [(2, 3, 32, 40), (2, 2, 8, 8), (2, 4, 2, 4), (2, 3)])
def test_other_shapes_are_left_to_the_layers(shape):
    for built in ((32, 32, 3), (8, 8, 2), (2, 4, 4), None, (5, 5, 5)):
        check_channels(np.zeros(shape), built)


def test_predict_refuses_them():
    model = lp.Sequential([lp.Flatten(input_shape=(8, 8, 3)), lp.Dense(1)])
    with pytest.raises(lp.ShapeError, match=r"pictures of shape \(\*, 8, 8, 3\), got \(5, 3, 8, 8"):
        model.predict(np.zeros((5, 3, 8, 8)))


@pytest.mark.long
def test_a_convolution_over_the_width_of_pictures_warns():
    model = lp.Sequential([lp.Conv2D(2, 1), lp.Flatten(), lp.Dense(1)])
    x = np.zeros((4, 1, 8, 9), np.float32)
    model.build(x.shape[1:])
    with pytest.warns(UserWarning, match=r"take its last axis, of size 9, as the channels"):
        warn_about_channels(model, x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_about_channels(model, x.transpose(0, 2, 3, 1))
        warn_about_channels(lp.Sequential([lp.Flatten()]), x)


def test_an_error_of_pictures_with_channels_first_says_so():
    for call in (lambda m, x: m.predict(x), lambda m, x: m.evaluate(x, np.zeros(2))):
        model = lp.Sequential([lp.Conv2D(2, 5), lp.Flatten(), lp.Dense(1)])
        model.compile("sgd", "mse")
        with pytest.raises(lp.ShapeError) as caught:
            call(model, np.zeros((2, 1, 8, 9)))
        assert "channels first" in "".join(caught.value.__notes__)


SORTED = np.repeat([0, 1, 2], 40)


@pytest.mark.parametrize(
    ("y", "loss"),
    [
        (SORTED, Sparse()),
        (SORTED[:, None], Sparse()),
        (np.eye(3)[SORTED], CategoricalCrossentropy()),
        ((SORTED == 2).astype(np.float32), BinaryCrossentropy()),
        ((SORTED == 2)[:, None], MeanSquaredError()),
    ],
)
def test_classes_that_only_the_held_out_rows_have(y, loss):
    with pytest.warns(UserWarning, match=r"classes \[[12]\] do not .* rows to train on"):
        warn_about_classes(y[:80], y[80:], loss)
    with pytest.warns(UserWarning, match=r"among the rows held out: .*np\.random\.permutation"):
        warn_about_classes(y, y[80:], loss)
    shuffled = np.random.default_rng(0).permutation(len(y))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_about_classes(y[shuffled][:80], y[shuffled][80:], loss)


@pytest.mark.parametrize(
    ("y", "loss"),
    [
        (np.arange(120), MeanSquaredError()),
        (np.arange(120.0), MeanSquaredError()),
        (np.arange(240.0).reshape(-1, 2), MeanSquaredError()),
        (SORTED, lambda y_true, y_pred: y_pred),
        ({"a": SORTED}, Sparse()),
        ((), None),
    ],
)
def test_targets_of_another_kind_are_not_looked_at(y, loss):
    warn_about_classes(y, y, loss)
    if hasattr(y, "shape"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warn_about_classes(y[:80], y[80:], loss)


def test_a_rare_class_may_be_missing_among_the_held_out_rows():
    y = np.array([0] * 95 + [1] * 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_about_classes(y[::-1][:80], y[::-1][80:], Sparse())


@pytest.mark.long
def test_fit_warns():
    model = lp.Sequential([lp.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.warns(UserWarning, match="validation_split holds out the last rows"):
        model.fit(np.zeros((120, 2)), SORTED, validation_split=0.3, verbose=0)
