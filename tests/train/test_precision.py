"""Computing in half precision, while weights and errors stay in single."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import SPARSE

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 16)
PICTURES = RNG.normal(size=(16, 8, 8, 3)).astype(np.float32)
SEQUENCES = RNG.normal(size=(16, 5, 3)).astype(np.float32)
IDS = RNG.integers(0, 9, (16, 5))


def softmax():
    return lp.Dense(3, "softmax")


NETS = {
    "dense": (SEQUENCES[:, 0], lambda: [lp.Dense(8, "gelu"), lp.BatchNormalization(), softmax()]),
    "conv": (PICTURES, lambda: [lp.Conv2D(4, 3, activation="relu"), lp.MaxPool2D(),
                                lp.SeparableConv2D(4, 2), lp.LayerNormalization(),
                                lp.GlobalAveragePool2D(), softmax()]),
    "bytes": ((PICTURES * 20 + 90).astype(np.uint8),
              lambda: [lp.Rescaling(1 / 255), lp.Conv2D(4, 3), lp.Flatten(), softmax()]),
    "many channels": (np.tile(PICTURES, 11), lambda: [lp.Conv2D(32, 3), lp.Flatten(), softmax()]),
    "recurrent": (SEQUENCES, lambda: [lp.GRU(4, return_sequences=True),
                                      lp.Bidirectional(lp.LSTM(3)), softmax()]),
    "masked": (IDS, lambda: [lp.Embedding(9, 4, mask_zero=True), lp.SimpleRNN(4), softmax()]),
}  # fmt: skip


class Seen(lp.Layer):
    """Notes the dtype it is called with."""

    def forward(self, x):
        Seen.dtype = x.dtype
        return x


@pytest.mark.long
@pytest.mark.parametrize("name", NETS)
def test_bfloat16_learns_nearly_what_float32_does(name):
    x, layers = NETS[name]

    def trained(precision):
        lp.set_seed(0)
        model = lp.Sequential([*layers()[:-1], Seen(), softmax()])
        model.compile(lp.SGD(0.05), SPARSE, precision=precision)
        model.fit(x, Y, 8, 2, verbose=0, seed=0)
        assert Seen.dtype == jnp.dtype(precision)
        assert {v.value.dtype for v in model.variables().values()} == {jnp.dtype("float32")}
        return model.evaluate(x, Y)["loss"], model

    exact, _ = trained("float32")
    rough, model = trained("bfloat16")
    assert rough == pytest.approx(exact, rel=0.02)
    assert rough != exact
    assert model.predict(x).dtype == np.float32


@pytest.mark.long
def test_frozen_layers_compute_in_it_too():
    model = lp.Sequential([lp.Conv2D(4, 3), Seen(), lp.Flatten(), softmax()])
    model.build((8, 8, 3))
    model.layers[0].freeze()
    kernel = model.layers[0].kernel.numpy()
    model.compile("adam", SPARSE, precision="bfloat16")
    model.fit(PICTURES, Y, 8, verbose=0)
    assert Seen.dtype == jnp.bfloat16
    assert np.array_equal(model.layers[0].kernel.numpy(), kernel)


@pytest.mark.long
def test_the_loss_is_computed_in_single_precision():
    seen = []

    def loss(y_true, y_pred):
        seen.append(y_pred.dtype)
        return jnp.mean(jnp.square(y_true - y_pred), -1)

    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", loss, precision="bfloat16")
    model.fit(SEQUENCES[:, 0], SEQUENCES[:, 0, :1], 8, verbose=0)
    assert set(seen) == {jnp.dtype("float32")}


def test_an_unknown_precision_is_reported():
    model = lp.Sequential([lp.Dense(1)])
    message = "compile: precision must be 'float32' or 'bfloat16' or 'float16', got 'bfloat'"
    with pytest.raises(lp.ArgumentError, match=message):
        model.compile("sgd", "mse", precision="bfloat")


@pytest.mark.long
def test_layers_that_remember_do_so_in_single_precision():
    x = SEQUENCES.repeat(2, 0)
    model = lp.Sequential([lp.LSTM(4, stateful=True, batch_size=16), lp.Dense(1)])
    model.compile("adam", "mse", precision="bfloat16")
    model.fit(x, x[:, 0, :1], 16, 2, verbose=0, shuffle=False)
    assert {v.value.dtype for v in model.variables().values()} == {jnp.dtype("float32")}
