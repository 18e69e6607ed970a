"""Lines of Keras that could be taken in silence and do something else, and what they do."""

import warnings

import numpy as np
import pytest

import lampas as lp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3)).astype(np.float32)
Y = (X.sum(1, keepdims=True) > 0).astype(np.float32)


@pytest.fixture(scope="module")
def classifier():
    model = lp.Sequential([lp.Dense(1, "sigmoid", input_shape=(3,))])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, verbose=0)
    return model


def test_trainable_false_freezes():
    base = lp.Sequential([lp.Dense(4, "relu", input_shape=(3,))])
    base.trainable = False
    model = lp.Sequential([base, lp.Dense(1)])
    model.compile("sgd", "mse")
    model.build((3,))
    before, head = base.get_weights(), model.layers[1].kernel.numpy()
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(base.get_weights()[0], before[0])
    assert not np.array_equal(model.layers[1].kernel.numpy(), head)


def test_summary_prints_in_a_script(classifier, capsys):
    classifier.summary()
    assert "dense_1 (Dense)" in capsys.readouterr().out


def test_third_argument_of_predict_is_verbose(classifier, capsys):
    assert classifier.predict(X, 32, 0).shape == (8, 1)
    assert capsys.readouterr().out == ""


def test_first_argument_of_binary_accuracy_is_its_name():
    metric = lp.metrics.BinaryAccuracy("acc")
    assert metric.name == "acc"
    assert metric.threshold == 0.5


def test_classes_in_both_parts_are_not_warned_about():
    model = lp.Sequential([lp.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, np.tile([0, 1], 4), validation_split=0.5, verbose=0)


@pytest.mark.parametrize("method", ["compile", "fit", "evaluate", "predict"])
def test_unknown_keyword_is_not_called_a_bug(classifier, method):
    with pytest.raises(Exception, match="unknown_option") as caught:
        getattr(classifier, method)(unknown_option=1)
    text = "".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert "bug of Lampas" not in text


def test_summary_of_several_inputs_takes_their_shapes(capsys):
    class Sum(lp.Model):
        def __init__(self):
            self.left, self.right = lp.Dense(2), lp.Dense(2)

        def forward(self, x):
            return self.left(x["left"]) + self.right(x["right"])

    Sum().summary({"left": (3,), "right": (4,)})
    assert "Total: 18 parameters" in capsys.readouterr().out
