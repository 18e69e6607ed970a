"""Faults that make values infinite: the error names layer, step and rows every time."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import same_bits, weights_of

COUNT, BATCH = 24, 8


def inputs() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(COUNT, 4)).astype(np.float32)


def with_value(row: int, value: float) -> np.ndarray:
    x = inputs()
    x[row, 1] = value
    return x


class Root(lp.Layer):
    def forward(self, x):
        return jnp.sqrt(jnp.maximum(x, 0.0))


class Standard(lp.Layer):
    def forward(self, x):
        return (x - x.mean(0)) / x.std(0)


class Power(lp.Layer):
    def forward(self, x):
        return jnp.exp(x)


class Inverse(lp.Layer):
    def forward(self, x):
        return 1.0 / x


class LogIn(lp.Model):
    """Takes a logarithm between its layers, in code of its own."""

    def __init__(self):
        self.inner = lp.Sequential([lp.Dense(3), lp.Dense(2, "relu")])
        self.out = lp.Dense(1)

    def forward(self, x):
        return self.out(jnp.log(self.inner(x)))


class Behind(lp.Model):
    """Code behind the last layer has an infinite derivative at 0."""

    def __init__(self):
        self.out = lp.Dense(1, kernel_initializer="zeros")

    def forward(self, x):
        return jnp.sqrt(self.out(x))


def logarithm(y_true, y_pred):
    return -jnp.mean(y_true * jnp.log(y_pred), -1)


@dataclass
class Fault:
    """A model, its data, and where it breaks: layer, kind of finding, step, rows, a hint."""

    layers: Any
    layer: str
    what: str
    step: int
    hint: str
    rows: list[int] | None = None
    x: np.ndarray = field(default_factory=inputs)
    y: np.ndarray | None = None
    loss: Any = "mse"
    optimizer: Any = "sgd"
    precision: str = "float32"


FAULTS = {
    "log of 0 in a loss of one's own": Fault(
        lambda: lp.Sequential([lp.Dense(3), lp.Dense(1, "relu", kernel_initializer="zeros")]),
        "", "loss", 0, "logarithm or root of 0", list(range(8)), loss=logarithm,
        y=np.ones((COUNT, 1), np.float32),
    ),
    "a learning rate of 1e6": Fault(
        lambda: lp.Sequential([lp.Dense(3), lp.Dense(1)]),
        "dense_2", "output", 2, "learning rate is too large", optimizer=lambda: lp.SGD(1e6),
    ),
    "one row too large for an exponential": Fault(
        lambda: lp.Sequential([Power(), lp.Dense(1)]),
        "power_1", "output", 2, "clip the input with jnp.clip", [21], x=with_value(21, 200.0),
    ),
    "overflow in float16": Fault(
        lambda: lp.Sequential([lp.Rescaling(2.0), lp.Dense(1)]),
        "rescaling_1", "output", 1, 'precision="bfloat16"', [9], x=with_value(9, 65000.0),
        precision="float16",
    ),
    "a variance of 0": Fault(
        lambda: lp.Sequential([Standard(), lp.Dense(1)]),
        "standard_1", "output", 0, "variance is 0", x=np.concatenate([inputs()[:, :3],
        np.ones((COUNT, 1), np.float32)], 1),
    ),
    "the gradient of a root at 0": Fault(
        lambda: lp.Sequential([lp.Dense(3), Root(), lp.Dense(1)]),
        "root_1", "input gradient", 0, "infinite derivative at 0",
    ),
    "a division by 0 in one row": Fault(
        lambda: lp.Sequential([Inverse(), lp.Dense(1)]),
        "inverse_1", "output", 1, "division by 0", [10], x=with_value(10, 0.0),
    ),
    "a logarithm in the model's own code": Fault(
        LogIn, "out", "output", 0, "", optimizer="adam",
    ),
    "a gradient after the last layer": Fault(
        Behind, "out", "output gradient", 0, "infinite derivative at 0",
    ),
    "inputs that are not scaled": Fault(
        lambda: lp.Sequential([lp.Dense(3), lp.Dense(1)]),
        "dense_2", "output", 1, "not scaled", x=inputs() * 1e9,
    ),
    "a target that overflows when squared": Fault(
        lambda: lp.Sequential([lp.Dense(1)]),
        "", "loss", 1, "", [12], y=np.where(np.arange(COUNT) == 12, 3e38, 0.0)[:, None],
    ),
    "a logarithm inside nested layers": Fault(
        lambda: lp.Sequential([lp.Dense(4), lp.Sequential([lp.Dense(1, "relu"), Inverse()])]),
        "sequential_1/inverse_1", "output", 0, "division by 0",
    ),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", FAULTS)
def test_the_error_names_layer_step_and_rows(name):
    fault = FAULTS[name]
    lp.set_seed(0)
    model = fault.layers()
    optimizer = fault.optimizer() if callable(fault.optimizer) else fault.optimizer
    model.compile(optimizer, fault.loss, precision=fault.precision)
    y = inputs()[:, :1] if fault.y is None else fault.y
    with pytest.raises(lp.DivergedError) as caught:
        model.fit(fault.x, y, BATCH, epochs=50, verbose=0, shuffle=False)
    error, message = caught.value, str(caught.value)
    assert (error.layer, error.what) == (fault.layer, fault.what), message
    assert error.step == fault.step, message
    assert error.epoch == fault.step // 3
    if fault.rows is not None:
        assert error.rows == fault.rows, message
    assert set(error.rows) <= {row for row in range(COUNT) if row // BATCH == fault.step % 3}
    assert fault.hint in message, message
    assert f"step {fault.step + 1}," in message
    for path, variable in model.variables().items():
        assert np.isfinite(variable.numpy()).all(), path


@pytest.mark.long
def test_the_weights_are_those_before_the_step():
    def fit(x):
        lp.set_seed(0)
        model = lp.Sequential([Power(), lp.BatchNormalization(), lp.Dropout(0.5), lp.Dense(1)])
        model.compile(lp.Adam(0.01), "mse")
        with suppress(lp.DivergedError):
            model.fit(x, x[:, :1], BATCH, verbose=0, shuffle=False, seed=1)
        return weights_of(model), model.optimizer

    broken, optimizer = fit(with_value(21, 200.0))
    before, its = fit(inputs()[: 2 * BATCH])
    assert same_bits(broken, before)
    assert int(optimizer.opt_state.value["step"]) == int(its.opt_state.value["step"]) == 2


def test_epochs_before_it_in_the_same_chunk_are_in_the_history():
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones", use_bias=False)])
    model.compile(lp.SGD(10.0), "mse")
    x = np.full((4, 1), 2.0, np.float32)
    with pytest.raises(lp.DivergedError) as caught:
        model.fit(x, 3 * x, 4, epochs=1000, verbose=0)
    losses = model.history.history["loss"]
    assert len(losses) == caught.value.epoch > 3
    assert np.isfinite(losses).all()


@pytest.mark.long
def test_nothing_is_watched_after_a_diagnosis():
    model = lp.Sequential([Inverse(), lp.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(lp.DivergedError):
        model.fit(with_value(0, 0.0), inputs()[:, :1], BATCH, verbose=0)
    assert not any("forward" in vars(module) for _, module in model.modules())
    x = np.abs(inputs()) + 1
    model.fit(x, x[:, :1], BATCH, verbose=0)


@pytest.mark.long
def test_line_by_line_too():
    model = lp.Sequential([Inverse(), lp.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.raises(lp.DivergedError, match="inverse_1"):
        model.fit(with_value(10, 0.0), inputs()[:, :1], BATCH, verbose=0, shuffle=False)


@pytest.mark.long
def test_recurrent_layers_can_be_inspected():
    x = np.random.default_rng(0).normal(size=(COUNT, 5, 2)).astype(np.float32)
    model = lp.Sequential([lp.LSTM(3), Root(), lp.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(lp.DivergedError) as caught:
        model.fit(x, x[:, 0, :1], BATCH, verbose=0)
    assert (caught.value.layer, caught.value.what) == ("root_1", "input gradient")


def test_a_callback_can_end_the_fit_quietly():
    class Quiet(lp.Callback):
        handles_divergence = True

        def on_diverged(self, error):
            self.error = error

    quiet, model = Quiet(), lp.Sequential([Inverse(), lp.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(
        with_value(20, 0.0), inputs()[:, :1], BATCH, 5, verbose=0, callbacks=[quiet]
    )
    assert history.epoch == []
    assert quiet.error.layer == "inverse_1"
