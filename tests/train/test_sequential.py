"""A chain of layers, and the same network as a class."""

import numpy as np
import pytest

import lampas as lp
from lampas import Conv2D, Dense, Flatten, MaxPool2D, Sequential


@pytest.fixture(autouse=True)
def fresh_seed():
    lp.set_seed(0)


def paths_and_shapes(model):
    return {path: variable.shape for path, variable in model.variables().items()}


def test_a_list_and_add_make_the_same_model():
    lp.set_seed(1)
    whole = Sequential([Dense(3, "relu", input_shape=(4,)), Dense(2)])
    first = whole.get_weights()
    lp.set_seed(1)
    grown = Sequential()
    grown.add(Dense(3, "relu", input_shape=(4,)))
    grown.add(Dense(2))
    assert paths_and_shapes(grown) == paths_and_shapes(whole)
    for a, b in zip(first, grown.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "layers",
    [
        [Dense(3, input_shape=(4,)), Dense(2)],
        [lp.Input((4,)), Dense(3), Dense(2)],
        [Sequential([Dense(3, input_shape=[4])]), Dense(2)],
    ],
    ids=["input_shape", "Input", "nested"],
)
def test_a_known_input_shape_gives_weights_at_once(layers):
    model = Sequential(layers)
    assert [v.shape for v in model.variables().values()] == [(4, 3), (3,), (3, 2), (2,)]
    assert model.example_shape == (4,)


def test_without_an_input_shape_the_first_input_decides():
    model = Sequential([Dense(3)])
    assert not model.variables()
    model.predict(np.ones((2, 5), np.float32))
    assert paths_and_shapes(model) == {"dense_1/kernel": (5, 3), "dense_1/bias": (3,)}
    assert model.example_shape == (5,)


def test_layers_are_named_by_kind_and_number_or_by_their_own_name():
    model = Sequential([Dense(3), MaxPool2D(), Dense(3, name="head"), Dense(2), MaxPool2D()])
    assert [name for name, _ in model.children()] == [
        "dense_1",
        "max_pool2d_1",
        "head",
        "dense_3",
        "max_pool2d_2",
    ]


def test_two_layers_of_one_name_are_an_error():
    with pytest.raises(lp.ArgumentError, match="two layers of a Sequential are named 'a'"):
        Sequential([Dense(3, name="a"), Dense(3, name="a")])


def test_a_class_in_place_of_a_layer_is_an_error_with_the_fix():
    with pytest.raises(lp.ArgumentError, match=r"got <class .*Dense'>. Write Dense"):
        Sequential([Dense])


@pytest.mark.parametrize("thing", ["dense", 3, None, lambda x: x])
def test_what_is_not_a_layer_is_an_error(thing):
    with pytest.raises(lp.ArgumentError, match="Sequential takes layers, got"):
        Sequential([thing])


def test_a_wrong_input_after_input_is_an_error_with_both_shapes():
    model = Sequential([lp.Input((4,)), Dense(2)])
    with pytest.raises(lp.ShapeError, match=r"\(\*, 4\), got \(2, 5\)"):
        model(np.ones((2, 5)))


def test_an_empty_sequential_gives_back_its_input():
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(Sequential()(x), x)
    np.testing.assert_array_equal(Sequential().predict(x), x)


def test_a_model_without_weights_predicts():
    x = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    np.testing.assert_array_equal(Sequential([Flatten()]).predict(x), x.reshape(2, 6))


def test_a_layer_added_later_is_built_by_the_next_input():
    x = np.ones((2, 4), np.float32)
    model = Sequential([Dense(3)])
    model.predict(x)
    kernel = model.variables()["dense_1/kernel"].numpy()
    model.add(Dense(2))
    assert model.predict(x).shape == (2, 2)
    np.testing.assert_array_equal(model.variables()["dense_1/kernel"].numpy(), kernel)


class Net(lp.Model):
    """The network of the script below as a class."""

    def __init__(self):
        self.conv1 = Conv2D(32, (3, 3), activation="relu")
        self.conv2 = Conv2D(16, (3, 3), activation="relu")
        self.pool = MaxPool2D()
        self.flatten = Flatten()
        self.fc1 = Dense(10, activation="softmax")

    def forward(self, x):
        x = self.pool(self.conv1(x))
        x = self.pool(self.conv2(x))
        return self.fc1(self.flatten(x))


@pytest.fixture(scope="module")
def script():
    model = Sequential()
    model.add(Conv2D(32, (3, 3), activation="relu", input_shape=(32, 32, 3)))
    model.add(MaxPool2D())
    model.add(Conv2D(16, (3, 3), activation="relu"))
    model.add(MaxPool2D())
    model.add(Flatten())
    model.add(Dense(10, activation="softmax"))
    return model


def test_the_script_has_the_shapes_it_has_in_keras(script):
    assert paths_and_shapes(script) == {
        "conv2d_1/kernel": (3, 3, 3, 32),
        "conv2d_1/bias": (32,),
        "conv2d_2/kernel": (3, 3, 32, 16),
        "conv2d_2/bias": (16,),
        "dense_1/kernel": (576, 10),
        "dense_1/bias": (10,),
    }


@pytest.mark.long
def test_the_script_and_the_class_give_the_same_bits(script):
    x = np.random.default_rng(0).uniform(size=(3, 32, 32, 3)).astype(np.float32)
    short, free = script, Net()
    free.build((32, 32, 3))
    free.set_weights(short.get_weights())
    np.testing.assert_array_equal(short(x), free(x))
    np.testing.assert_array_equal(short.predict(x), free.predict(x))
    np.testing.assert_allclose(short.predict(x).sum(1), 1.0, rtol=1e-5)


def test_weights_of_a_wrong_number_or_shape_change_nothing():
    model = Sequential([Dense(3, input_shape=(4,))])
    before = model.get_weights()
    with pytest.raises(lp.ShapeError, match="has 2 arrays, got 1"):
        model.set_weights(before[:1])
    with pytest.raises(lp.ShapeError, match=r"dense_1/bias has shape \(3,\), got \(4,\)"):
        model.set_weights([before[0] + 1, np.zeros(4)])
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_get_weights_gives_copies():
    model = Sequential([Dense(3, input_shape=(4,))])
    model.get_weights()[0][:] = 7
    assert model.get_weights()[0].max() < 7


def test_a_summary_counts_the_parameters(script):
    printed = str(script.summary_table())
    assert "conv2d_1" in printed
    assert f"{896 + 4624 + 5770:,}" in printed


def test_a_head_behind_a_network_with_variables_is_made_at_the_first_look():
    base = lp.Sequential([lp.Dense(3, input_shape=(2,))])
    base.build((2,))
    model = lp.Sequential([base, lp.Dense(1)])
    model.example_shape = (2,)
    assert len(model.variables()) == 4


@pytest.mark.long
def test_tensors_of_a_chain_that_was_called_on_data():
    """The shape of its input is that of the first call."""
    model = Sequential([Dense(3, "relu"), Dense(1)])
    with pytest.raises(lp.NotBuiltError, match="shape of its input is not known"):
        _ = model.inputs
    model(np.ones((2, 4)))
    features = lp.Model(model.inputs, model.layers[0].output)
    assert features.output_shape == (None, 3)
    words = Sequential([lp.Embedding(5, 2), lp.GlobalAveragePooling1D()])
    words(np.array([[1, 2, 3]]))
    assert words.layers[0].output.shape == (None, 3, 2)
    assert words.input.dtype == "int32"
