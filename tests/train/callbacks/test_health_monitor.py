"""HealthMonitor measures correctly and changes nothing."""

import re
from types import SimpleNamespace

import jax
import numpy as np
import pytest

import lampas as lp
from lampas.train.callbacks import health_monitor as module
from lampas.train.callbacks.health_monitor import MAX_SAMPLES, HealthMonitor
from lampas.train.checkpoint_file import pack, unpack
from lampas.train.diagnostics.health_samples import HealthSample, LayerHealth, ParameterHealth
from tests.train.small_nets import numpy_twin, restart, same_bits, weights_of


def looked(model, x, y, **options):
    """The health of a model as it is at the end of a short fit."""
    monitor = HealthMonitor(share=1.0)
    model.fit(x, y, callbacks=[monitor], **({"verbose": 0, "shuffle": False} | options))
    (*_, last) = monitor.samples
    layers = {layer.path: layer for layer in last.layers}
    return layers, {parameter.path: parameter for parameter in last.parameters}, monitor


@pytest.mark.long
def test_numbers_are_those_of_numpy(examples):
    x, y = examples
    model, twin = numpy_twin(0.1)
    layers, parameters, monitor = looked(model, x, y, batch_size=21)
    ones = np.ones(len(y))
    loss = twin.learn(x, y, ones)
    w, b, *_ = before = [array.copy() for array in twin.arrays]
    twin.learn(x, y, ones)
    hidden = np.tanh(x @ w + b)
    said = layers["dense_1"]
    assert said.rms == pytest.approx(np.sqrt((hidden**2).mean()), rel=1e-5)
    assert said.mean == pytest.approx(hidden.mean(), rel=1e-4)
    assert said.saturated == pytest.approx((1 - hidden**2 < 0.05).mean())
    assert said.dead is None
    assert layers["dense_2"].mean == pytest.approx(1 / 3, rel=1e-5)
    for found, old, new in zip(parameters.values(), before, twin.arrays, strict=True):
        change = np.linalg.norm(new - old)
        assert found.weight == pytest.approx(np.linalg.norm(old), rel=1e-5)
        assert found.update == pytest.approx(change, rel=1e-4)
        assert found.gradient == pytest.approx(change / 0.1, rel=1e-4)
        assert found.update_ratio == pytest.approx(found.update / found.weight)
    assert [p.kernel for p in parameters.values()] == [True, False, True, False]
    (sample,) = monitor.samples
    assert (sample.step, sample.epoch) == (1, 0)
    assert sample.loss == pytest.approx(loss, rel=1e-5)


@pytest.mark.long
def test_training_is_the_same_bit_for_bit(examples):
    layers = [lp.Dense(6, "relu", input_shape=(4,)), lp.BatchNormalization(), lp.Dropout(0.5)]
    model = lp.Sequential([*layers, lp.Dense(3)])
    model.compile("adam", lp.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = weights_of(model)

    def trained(*callbacks):
        restart(model, before)
        history = model.fit(*examples, 8, 12, 0, callbacks=callbacks, seed=3)
        slots = enumerate(jax.tree.leaves(model.optimizer.opt_state.value))
        return weights_of(model), {i: np.asarray(slot) for i, slot in slots}, history.history

    monitor = HealthMonitor(share=1.0)
    plain, watched = trained(), trained(monitor)
    assert not same_bits(before, plain[0])
    assert same_bits(plain[0], watched[0])
    assert same_bits(plain[1], watched[1])
    assert plain[2] == watched[2]
    steps = [sample.step for sample in monitor.samples]
    assert len(steps) > 3
    assert steps == sorted(set(steps))
    assert steps[-1] == 36


class Branches(lp.Model):
    """Steps with gaps, a layer used twice, unused weights, whole numbers among the outputs."""

    def __init__(self):
        self.gaps = lp.Masking()
        self.steps = lp.Dense(3, "relu")
        self.gate = lp.Dense(3, "sigmoid")
        self.unused = lp.Dense(1, input_shape=(3,))
        self.both = Both()
        self.out = lp.Dense(1, "sigmoid")

    def forward(self, x):
        self.unused(x[:, 0])
        first = self.steps(self.gaps(x))
        second = self.steps(x + 1)
        many = self.both((first * self.gate(first)).sum(1) + second.sum(1))
        return self.out(many["scores"])


class Both(lp.Layer):
    def forward(self, x):
        return {"scores": x, "best": x.argmax(-1), "more": (2 * x,)}


@pytest.mark.long
def test_gaps_shared_layers_and_all_kinds_of_outputs():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(6, 4, 3)).astype(np.float32)
    x[:, 2:] = 0
    model = Branches()
    model.compile("sgd", "binary_crossentropy")
    model.build((4, 3))
    # Unit 0 is dead, unit 1 works in the second call only, unit 2 in both.
    x[..., 1] = -np.abs(x[..., 1]) / 10
    model.steps.kernel.value = np.diag(np.array([0, 1, 1e-3], np.float32))
    model.steps.bias.value = np.array([-1, 0, 1], np.float32)
    layers, parameters, monitor = looked(model, x, rng.integers(0, 2, (6, 1)), batch_size=6)
    w, b = (model.steps.kernel.numpy(), model.steps.bias.numpy())
    outputs = [np.maximum(x[:, :2] @ w + b, 0), np.maximum((x + 1) @ w + b, 0)]
    every = np.concatenate([out.ravel() for out in outputs])
    assert layers["steps"].rms == pytest.approx(np.sqrt((every**2).mean()), rel=1e-4)
    assert [(out == 0).all((0, 1)).tolist() for out in outputs] == [
        [True, True, False],
        [True, False, False],
    ]
    assert layers["steps"].dead == pytest.approx(1 / 3)
    gate = 1 / (1 + np.exp(-outputs[0] @ model.gate.kernel.numpy() - model.gate.bias.numpy()))
    assert layers["gate"].mean == pytest.approx(gate.mean(), rel=1e-4)
    assert layers["gate"].saturated == 0
    assert layers["out"].saturated is None
    assert layers["both"].rms > 0
    assert parameters["unused/kernel"].gradient == 0
    assert "No gradient reaches unused/kernel, unused/bias." in monitor.hints()[0]


class Mapped(lp.Model):
    def __init__(self):
        self.dense = lp.Dense(3, input_shape=(4,))

    def forward(self, x):
        self.dense(x)
        return jax.vmap(lambda row: self.dense(row[None])[0])(x)


def test_a_model_that_cannot_be_inspected_is_trained_all_the_same(examples):
    model = Mapped()
    model.compile("sgd", lp.losses.SparseCategoricalCrossentropy(from_logits=True))
    monitor = HealthMonitor()
    with pytest.warns(UserWarning, match=r"cannot measure Mapped: .* inside jax\.vmap"):
        history = model.fit(*examples, 21, 3, 0, callbacks=[monitor])
    assert len(history.epoch) == 3
    assert monitor.samples == []
    assert monitor.hints() == []


def test_a_probe_that_fails_ends_the_looking_not_the_training(clockwork, monkeypatch):
    run, _ = clockwork

    def fail(self, batch, draw):
        raise lp.ShapeError("only batches of 300.\nmore")

    monkeypatch.setattr(module.HealthProbe, "__call__", fail)
    monitor = HealthMonitor()
    monitor.set_model(lp.Sequential())
    text = (
        "HealthMonitor cannot measure Sequential: ShapeError: only batches of 300. "
        "Training continues."
    )
    with pytest.warns(UserWarning, match=f"^{re.escape(text)}$") as caught:
        assert run(monitor, 9) == []
    assert len(caught) == 1


@pytest.fixture
def clockwork(monkeypatch):
    """A monitor on a clock of its own: compiling takes 50 s, a sample 1 s, a chunk ``chunk``."""
    clock = SimpleNamespace(now=0.0, chunk=0.5)

    class Slow:
        def __init__(self, trainer):
            self.apply = trainer.apply
            clock.now += 50

        def __call__(self, batch, draw):
            clock.now += 1
            return (), ()

    monkeypatch.setattr(module, "HealthProbe", Slow)
    monkeypatch.setattr(module.time, "perf_counter", lambda: clock.now)
    position = SimpleNamespace(step=0)

    def run(monitor, chunks):
        monitor.set_fit_state(
            SimpleNamespace(
                ended=False,
                position=position,
                trainer=SimpleNamespace(apply=None),
                source=SimpleNamespace(layout=SimpleNamespace(batch_size=2)),
                next_batch=lambda: (lp.train.step.Batch(np.zeros(2), np.zeros(2)), None),
            )
        )
        monitor.on_train_begin()
        for chunk in range(chunks):
            clock.now, position.step = clock.now + clock.chunk, position.step + 10
            monitor.fit_state.ended = chunk == chunks - 1
            monitor.on_progress(0, position.step, {"loss": 1.0})
        return [sample.step for sample in monitor.samples]

    return run, clock


@pytest.mark.parametrize("share", [0.04, 0.5])
def test_samples_take_their_share_of_the_time(clockwork, share):
    run, clock = clockwork
    steps = run(HealthMonitor(share), 400)
    # The first one pays for the program and is not counted, nor is that of the end.
    counted = len(steps) - 2
    training = 400 * clock.chunk
    assert counted <= share * (training + counted)
    assert counted >= 0.5 * share * training or share == 0.5
    assert steps[0] == 20
    assert steps[-1] == 4000


def test_long_fits_keep_evenly_spread_samples(clockwork):
    run, clock = clockwork
    clock.chunk = 1000.0
    steps = np.array(run(HealthMonitor(), 5000))
    assert MAX_SAMPLES // 3 < len(steps) <= MAX_SAMPLES
    assert steps[-1] == 50_000
    assert np.diff(steps).max() < 50_000 / 10


@pytest.mark.parametrize("share", [0, -1, 1.5, float("nan")])
def test_a_share_is_a_part_of_the_time(share):
    with pytest.raises(lp.ArgumentError, match=r"share must be .*above 0 and at most 1, got"):
        HealthMonitor(share)


def test_samples_go_into_a_checkpoint_and_come_back():
    sample = HealthSample(
        3,
        1,
        0.5,
        (LayerHealth("a", 1.0, 0.0, None, 0.5),),
        (ParameterHealth("a/k", 1, 2, 3, True),),
    )
    monitor, again = HealthMonitor(), HealthMonitor()
    monitor.samples = [sample]
    (name,) = HealthMonitor.state_attributes
    setattr(again, name, unpack(pack(getattr(monitor, name), name, {}), {}))
    assert again.samples == [sample]
    assert again.samples[0].parameters[0].gradient_ratio == 2


@pytest.mark.long
def test_curves_have_a_line_for_each_layer_that_learns(examples):
    model, _ = numpy_twin()
    *_, monitor = looked(model, *examples, batch_size=8, epochs=3)
    curves, count = monitor.curves(), len(monitor.samples)
    assert list(curves["activations"]) == ["dense_1", "dense_2"]
    assert list(curves["silent"]) == ["dense_1"]
    assert (
        list(curves["updates"]) == list(curves["gradients"]) == ["dense_1/kernel", "dense_2/kernel"]
    )
    assert {
        line.shape for name in ("activations", "updates") for line in curves[name].values()
    } == {(count,)}
    assert curves["steps"][-1] == 9
