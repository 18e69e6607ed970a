"""Frozen modules are unchanged, cost no gradient work, and train again when asked to."""

import jax
import numpy as np
import pytest

import lampas as lp

X = np.random.default_rng(0).normal(size=(32, 8, 8, 3)).astype(np.float32)
Y = np.arange(32) % 2


def network():
    lp.set_seed(0)
    layers = [lp.Conv2D(4, 5, activation="relu"), lp.BatchNormalization(), lp.Conv2D(4, 3)]
    base = lp.Sequential(layers)
    model = lp.Sequential([base, lp.GlobalAveragePool2D(), lp.Dense(2, "softmax")])
    model.build((8, 8, 3))
    return base, model


def compiled(model):
    model.compile(lp.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
    return model


@pytest.mark.long
def test_only_what_is_not_frozen_moves():
    base, model = network()
    base.freeze()
    before = {path: v.numpy() for path, v in model.variables().items()}
    compiled(model).fit(X, Y, 8, 2, verbose=0)
    moved = {path for path, v in model.variables().items() if (v.numpy() != before[path]).any()}
    assert moved == {"dense_1/kernel", "dense_1/bias"}
    assert set(model.parameters()) == moved


def test_trainable_is_assigned_as_in_keras():
    base, model = network()
    base.trainable = False
    assert (base.trainable, base.layers[0].trainable, model.trainable) == (False, False, True)
    assert set(model.parameters()) == {"dense_1/kernel", "dense_1/bias"}
    base.trainable = True
    assert len(model.parameters()) == 8


@pytest.mark.long
def test_unfrozen_parts_train_again_within_the_same_compile():
    base, model = network()
    base.freeze()
    compiled(model).fit(X, Y, 8, verbose=0)
    base.unfreeze()
    before = base.layers[0].kernel.numpy()
    model.fit(X, Y, 8, verbose=0)
    assert (base.layers[0].kernel.numpy() != before).any()


def test_a_module_frozen_before_it_is_built_makes_frozen_parameters():
    layer = lp.Dense(3)
    layer.freeze()
    model = lp.Sequential([layer, lp.Dense(2)])
    model.build((4,))
    assert set(model.parameters()) == {"dense_2/kernel", "dense_2/bias"}
    assert set(model.state_variables()) == {"dense_1/kernel", "dense_1/bias"}


def convolutions(model):
    """How many convolutions the gradient of the model holds once compiled."""
    (params, state), apply = lp.functional(model)

    def loss(params, state, x):
        return apply(params, state, x, training=True)[0].sum()

    text = jax.jit(jax.grad(loss)).lower(params, state, X).compile().as_text()
    return text.count(" convolution(")


@pytest.mark.long
def test_frozen_layers_cost_no_gradient_work():
    base, model = network()
    # Two forward, two kernel gradients, one input gradient: the data need none.
    assert convolutions(model) == 5
    base.layers[0].freeze()
    base.layers[1].freeze()
    assert convolutions(model) == 3
    base.freeze()
    assert convolutions(model) == 2


@pytest.mark.long
def test_an_own_compiled_loop_honours_a_later_freeze():
    base, model = network()
    optimizer = lp.SGD(0.1)
    grad = lp.value_and_grad(model, lambda x: (model(x) ** 2).sum())

    def step(x):
        loss_value, gradients = grad(x)
        optimizer.update(model, gradients)
        return loss_value

    step = lp.jit(step, state=(model, optimizer))
    step(X)
    base.freeze()
    kernel, head = base.layers[0].kernel.numpy(), model.layers[-1].kernel.numpy()
    with pytest.raises(lp.ArgumentError, match=r"SGD has begun to train other .* Make a new"):
        step(X)
    optimizer.opt_state = None
    assert step(X) > 0
    assert (base.layers[0].kernel.numpy() == kernel).all()
    assert (model.layers[-1].kernel.numpy() != head).any()


def test_being_frozen_is_saved(tmp_path):
    base, model = network()
    base.freeze()
    model.save(tmp_path / "model.safetensors")
    again = lp.load(tmp_path / "model.safetensors")
    assert list(again.parameters()) == list(model.parameters())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_the_summary_counts_frozen_parameters_as_not_trained():
    base, model = network()
    total = model.summary_table().parameters
    base.freeze()
    assert model.summary_table().parameters == 4 * 2 + 2
    assert model.summary_table().parameters + model.summary_table().states == total + 8


class FrozenFirst(lp.Layer):
    """Is frozen before it has parts."""

    def __init__(self):
        super().__init__()
        self.trainable = False
        self.dense = lp.Dense(3)

    def forward(self, x):
        return self.dense(x)


def frozen_sequential():
    model = lp.Sequential()
    model.trainable = False
    model.add(lp.Dense(3))
    return model


def frozen_graph():
    inputs = lp.Input((4, 3))
    return lp.Model(inputs, lp.Dense(2)(inputs), trainable=False)


@pytest.mark.long
@pytest.mark.parametrize(
    "make",
    [
        lambda: lp.Dense(3, trainable=False),
        lambda: lp.LSTM(3, trainable=False),
        lambda: lp.Bidirectional(lp.GRU(3), trainable=False),
        lambda: lp.TimeDistributed(lp.Dense(3), trainable=False),
        lambda: lp.Sequential([lp.Dense(3)], trainable=False),
        FrozenFirst,
        frozen_sequential,
        frozen_graph,
    ],
)
def test_parts_that_come_later_are_frozen_with_the_whole(make, tmp_path):
    part = make()
    model = lp.Sequential([lp.Input((4, 3)), part, lp.Flatten(), lp.Dense(1, name="out")])
    assert set(model.parameters()) == {"out/kernel", "out/bias"}
    model.save(tmp_path / "model")
    loaded = lp.load(tmp_path / "model", FrozenFirst)
    assert set(loaded.parameters()) == {"out/kernel", "out/bias"}
    part.trainable = True
    assert len(model.parameters()) == len(model.variables())


def test_a_part_of_a_frozen_whole_can_be_trained():
    base = lp.Sequential([lp.Input((3,)), lp.Dense(3), lp.Dense(2, name="last")])
    base.trainable = False
    base.layers[-1].trainable = True
    assert set(base.parameters()) == {"last/kernel", "last/bias"}
