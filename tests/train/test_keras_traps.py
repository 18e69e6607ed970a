"""Lines of Keras that could be taken in silence and do something else, and what they do."""

import warnings

import jax
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


def test_evaluate_unpacks_to_numbers(classifier):
    loss, accuracy = classifier.evaluate(X, Y, verbose=0)
    p = classifier.predict(X, verbose=0)
    expected = -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))
    np.testing.assert_allclose(float(loss), expected, rtol=1e-5)
    assert float(accuracy) == np.mean((p > 0.5) == Y)


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


def test_random_layer_called_by_hand_is_random():
    layer = lp.Dropout(0.5)
    kept = np.asarray(layer(np.ones((1, 100)), training=True))
    assert set(np.unique(kept)) == {0.0, 2.0}
    np.testing.assert_array_equal(layer(np.ones((1, 100)), training=False), np.ones((1, 100)))


@pytest.mark.long
def test_train_step_of_ones_own_is_called():
    class Doubles(lp.Model):
        def __init__(self):
            self.dense = lp.Dense(1)

        def forward(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            loss, gradients = lp.value_and_grad(self, self.double)(x, y)
            self.optimizer.update(self, gradients)
            return {"loss": loss, "one": loss / loss}

        def double(self, x, y):
            return 2 * ((self(x) - y) ** 2).mean()

    model = Doubles()
    model.compile("sgd", "mse")
    history = model.fit(X, Y, verbose=0).history
    assert history["one"] == [1.0]


def test_compute_mask_of_ones_own_is_called():
    class FirstTwo(lp.Layer):
        def forward(self, x):
            return x

        def compute_mask(self, inputs, mask=None):
            return jax.numpy.arange(inputs.shape[1])[None] < 2

    class Counts(lp.Model):
        def __init__(self):
            self.first = FirstTwo()

        def forward(self, x):
            return lp.get_mask(self.first(x)).sum(1)

    assert Counts()(np.ones((1, 4, 3))).tolist() == [2]


def test_summary_prints_in_a_script(classifier, capsys):
    classifier.summary()
    assert "dense_1 (Dense)" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_files_are_not_written_under_the_names_of_other_formats(classifier, tmp_path, name):
    with pytest.raises(lp.FileError, match=r"safetensors|lampas"):
        classifier.save(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_model_of_inputs_and_outputs_is_their_graph():
    inputs = lp.Input((3,))
    outputs = lp.Dense(2)(inputs)
    model = lp.Model(inputs=inputs, outputs=outputs)
    assert model.count_params() == 8
    assert model(X).shape == (8, 2)


def test_third_argument_of_predict_is_verbose(classifier, capsys):
    assert classifier.predict(X, 32, 0).shape == (8, 1)
    assert capsys.readouterr().out == ""


def test_first_argument_of_binary_accuracy_is_its_name():
    metric = lp.metrics.BinaryAccuracy("acc")
    assert metric.name == "acc"
    assert metric.threshold == 0.5


@pytest.mark.long
def test_pictures_with_channels_first_are_told():
    model = lp.Sequential([lp.Conv2D(2, 3), lp.Flatten(), lp.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="transpose"):
        model.fit(RNG.normal(size=(4, 3, 8, 8)), np.zeros((4, 1)), verbose=0)


@pytest.mark.long
def test_class_that_only_the_held_out_rows_have_is_told():
    model = lp.Sequential([lp.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.warns(UserWarning, match="validation_split"):
        model.fit(X, np.repeat([0, 1], 4), validation_split=0.5, verbose=0)


@pytest.mark.long
def test_classes_in_both_parts_are_not_warned_about():
    model = lp.Sequential([lp.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, np.tile([0, 1], 4), validation_split=0.5, verbose=0)


def test_method_call_works_like_forward():
    class Keras(lp.Model):
        def __init__(self):
            super().__init__()
            self.dense = lp.Dense(2)

        def call(self, inputs, training=False):
            return self.dense(inputs)

    assert Keras()(X, training=False).shape == (8, 2)


def test_harmless_keywords_are_taken(classifier):
    assert classifier.predict(X, verbose=0).shape == (8, 1)
    assert "loss" in classifier.evaluate(X, Y, verbose=0).keys()  # noqa: SIM118
    lp.Sequential([lp.Dense(1)]).compile("sgd", "mse", jit_compile=True)


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


@pytest.mark.parametrize(
    ("method", "instead"), [("predict_step", "forward"), ("make_train_function", "train_step")]
)
def test_method_that_is_never_called_is_told(method, instead):
    with pytest.warns(UserWarning, match=rf"Mine\.{method} is never called\. .*{instead}"):
        type("Mine", (lp.Model,), {method: lambda self, data: data})


@pytest.mark.long
def test_augmentation_in_a_model_called_by_hand_follows_training():
    model = lp.Sequential([lp.Input((5, 5, 1)), lp.RandomRotation(0.5), lp.Flatten()])
    x = RNG.random((2, 5, 5, 1)).astype(np.float32)
    np.testing.assert_array_equal(model(x, training=False), x.reshape(2, 25))
    assert not np.array_equal(model(x, training=True), x.reshape(2, 25))


def test_layers_are_frozen_one_by_one_in_a_network_by_name():
    base = lp.LeNet5()
    for layer in base.layers[:-1]:
        layer.trainable = False
    assert set(base.parameters()) == {"head/output/kernel", "head/output/bias"}


def test_old_name_of_the_learning_rate_is_told(classifier):
    with pytest.raises(
        lp.ArgumentError, match=r"SGD has no lr\. Write optimizer\.learning_rate = 0"
    ):
        classifier.optimizer.lr = 0.5


def test_channels_first_that_leave_no_room_for_a_window_are_told():
    with pytest.raises(
        lp.ShapeError, match=r"channels come first, write x\.transpose\(0, 2, 3, 1\)"
    ):
        lp.Conv2D(2, 3)(np.ones((4, 1, 28, 28)))
