"""Models with a ``train_step`` or ``test_step`` of their own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.train.checkpoint import CheckpointManager
from tests.train.small_nets import same_bits, weights_of

X = np.linspace(-1, 1, 20, dtype=np.float32).reshape(10, 2)
Y = X[:, :1] ** 2


class Net(lp.Model):
    def __init__(self):
        self.hidden, self.out = lp.Dense(3, "tanh"), lp.Dense(1)

    def forward(self, x):
        return self.out(self.hidden(x))


class SuperNet(Net):
    def train_step(self, data):
        return super().train_step(data)

    def test_step(self, data):
        return super().test_step(data)


def gradient_step(model, optimizer, loss):
    value, gradients = lp.value_and_grad(model, loss)()
    optimizer.update(model, gradients)
    return value


class Own(Net):
    """Its step is ``run(self, x, y)``."""

    def __init__(self, run):
        super().__init__()
        self.run = run

    def train_step(self, data):
        return self.run(self, *data)


def fit(run, epochs=1, run_eagerly=False, **options):
    model = Own(run)
    model.compile("sgd", run_eagerly=run_eagerly)
    history = model.fit(X, Y, 5, epochs, verbose=0, seed=0, **options)
    return model, history.history


def mse_step(model, x, y):
    loss = gradient_step(model, model.optimizer, lambda: jnp.mean((model(x) - y) ** 2))
    return {"loss": loss}


@pytest.mark.long
def test_the_built_in_step_written_out_gives_the_same_bits():
    runs = []
    for kind in (Net, SuperNet):
        model = kind()
        model.compile("adam", "mse", metrics=["mae", "r2_score"])
        weights = np.linspace(1, 2, 10)
        fitted = model.fit(X, Y, 5, 3, 0, sample_weight=weights, validation_data=(X, Y), seed=1)
        runs.append((fitted.history, weights_of(model), model.evaluate(X, Y, return_dict=True)))
    assert same_bits(runs[0][1], runs[1][1])
    for built_in, own in ((runs[0][0], runs[1][0]), (runs[0][2], runs[1][2])):
        assert list(built_in) == list(own)
        for name, values in built_in.items():
            assert own[name] == pytest.approx(values, rel=1e-6)


class Pair(lp.Model):
    """Two parts, each with an optimizer: ``v`` is trained to map x to 1, ``w`` to undo it."""

    def __init__(self):
        self.first = lp.Dense(1, use_bias=False, kernel_initializer="ones")
        self.second = lp.Dense(1, use_bias=False, kernel_initializer="ones")
        self.mean = lp.metrics.Mean(name="mean")

    def compile(self, first_optimizer, second_optimizer):
        super().compile()
        self.optimizers = [first_optimizer, second_optimizer]

    def train_step(self, x):
        a = gradient_step(
            self.first, self.optimizers[0], lambda: jnp.mean((self.first(x) - 1) ** 2)
        )
        b = gradient_step(
            self.second,
            self.optimizers[1],
            lambda: jnp.mean((self.second(self.first(x)) - x) ** 2),
        )
        self.mean.update_state(a)
        return {"a": self.mean.result(), "b": b}


def numpy_pair(x, batch_size, epochs, rate=0.1, momentum=0.9):
    """The training of ``Pair``: the weights, and the logs of each epoch."""
    v = w = 1.0
    velocity, logs = 0.0, []
    for _ in range(epochs):
        losses = []
        for start in range(0, len(x), batch_size):
            batch = x[start : start + batch_size].astype(np.float64)
            losses.append(np.mean((v * batch - 1) ** 2))
            v -= rate * np.mean(2 * (v * batch - 1) * batch)
            error = w * v * batch - batch
            last = np.mean(error**2)
            velocity = momentum * velocity - rate * np.mean(2 * error * v * batch)
            w += velocity
        logs.append((np.mean(losses), last))
    return (v, w), logs


def pair(**options):
    model = Pair()
    model.compile(lp.SGD(0.1), lp.SGD(0.1, momentum=0.9))
    return model, model.fit(X[:, :1], None, 4, verbose=0, shuffle=False, seed=0, **options)


@pytest.mark.long
def test_two_optimizers_train_two_parts_as_numpy_does():
    model, history = pair(epochs=3)
    weights, logs = numpy_pair(X[:, :1], 4, 3)
    assert [w.item() for w in model.get_weights()] == pytest.approx(weights, rel=1e-5)
    # The result of a metric is that of the epoch, other values are those of the last batch.
    assert history.history["a"] == pytest.approx([a for a, _ in logs], rel=1e-5)
    assert history.history["b"] == pytest.approx([b for _, b in logs], rel=1e-5)
    assert model.mean.result() == pytest.approx(logs[-1][0], rel=1e-5)


@pytest.mark.long
def test_optimizers_and_metrics_are_no_weights():
    model, _ = pair(epochs=1)
    assert list(model.variables()) == ["first/kernel", "second/kernel"]
    assert len(model.get_weights()) == 2
    assert [metric.name for metric in model.metrics] == ["loss", "mean"]


class StopError(Exception):
    pass


@pytest.mark.long
@pytest.mark.parametrize("batch", [0, 1, 2])
def test_a_fit_that_was_killed_within_an_epoch_resumes_with_the_same_bits(tmp_path, batch):
    expected, history = pair(epochs=4)

    def stop(number, logs):
        if stop.model.optimizers[0].opt_state.value["step"] >= 4 and number == batch:
            raise StopError

    class Stop(lp.Callback):
        def on_train_batch_end(self, number, logs=None):
            stop.model = self.model
            stop(number, logs)

    checkpoint = lp.Checkpoint(tmp_path, every_seconds=0)
    with pytest.raises(StopError):
        pair(epochs=4, checkpoint=checkpoint, callbacks=[Stop()])
    assert CheckpointManager(checkpoint).newest is not None
    resumed, resumed_history = pair(epochs=4, checkpoint=checkpoint)
    assert same_bits(weights_of(resumed), weights_of(expected))
    assert resumed_history.history == history.history


@pytest.mark.long
def test_a_step_runs_line_by_line_if_it_is_told_so():
    seen = []

    def run(model, x, y):
        logs = mse_step(model, x, y)
        seen.append(float(logs["loss"]))
        return logs

    model, history = fit(run, epochs=2, run_eagerly=True)
    compiled, _ = fit(mse_step, epochs=2)
    assert len(seen) == 4 + 1  # two batches in each epoch, and one to create the weights
    assert history["loss"] == pytest.approx([seen[2], seen[4]])
    for path, value in weights_of(compiled).items():
        np.testing.assert_allclose(value, weights_of(model)[path], rtol=1e-5)


@pytest.mark.long
def test_an_optimizer_may_be_used_several_times_in_a_step():
    def twice(model, x, y):
        mse_step(model, x, y)
        return mse_step(model, x, y)

    model, _ = fit(twice)
    assert model.optimizer.opt_state.value["step"] == 4
    model.fit(X, Y, 5, verbose=0)
    assert model.optimizer.opt_state.value["step"] == 8


@pytest.mark.long
def test_batches_come_with_weights_or_without_targets():
    shapes = []

    class Shapes(Net):
        def train_step(self, data):
            x, y, sample_weight = lp.train.step.unpack_x_y_sample_weight(data)
            shapes.append((type(data), y is not None, sample_weight is not None))
            return mse_step(self, x, 0.0 if y is None else y)

    model = Shapes()
    model.compile("sgd")
    model.fit(X, batch_size=10, verbose=0)
    model.fit(X, Y, 10, verbose=0)
    model.fit(X, Y, 10, verbose=0, sample_weight=np.ones(10))
    model.fit(lambda: iter([(X, Y), (X, Y)]), verbose=0)
    kinds = dict.fromkeys(shapes)
    assert [(kind is tuple, *rest) for kind, *rest in kinds] == [
        (False, False, False),
        (True, True, False),
        (True, True, True),
    ]


@pytest.mark.long
def test_freezing_starts_the_optimizer_anew():
    model, _ = fit(mse_step)
    before = weights_of(model)
    model.hidden.freeze()
    model.fit(X, Y, 5, verbose=0)
    after = weights_of(model)
    assert np.array_equal(before["hidden/kernel"], after["hidden/kernel"])
    assert not np.array_equal(before["out/kernel"], after["out/kernel"])
    assert model.optimizer.opt_state.value["step"] == 2


@pytest.mark.long
def test_batch_statistics_of_another_part_are_updated_too():
    """The loss of the first part runs the batch normalization of the second."""

    class Norm(lp.Model):
        def __init__(self):
            self.first, self.second = lp.Dense(1, use_bias=False), lp.BatchNormalization()

        def train_step(self, data):
            loss = lambda: jnp.mean(self.second(self.first(data)) ** 2)  # noqa: E731
            return {"loss": gradient_step(self.first, self.optimizer, loss)}

    model = Norm()
    model.compile(lp.SGD(1e-9))
    model.fit(X + 1, None, 10, 2, verbose=0, seed=0)
    mean = np.mean((X + 1) @ model.first.kernel.numpy())
    moving = model.second.moving_mean.value.item()
    assert moving == pytest.approx(mean * (1 - 0.99**2), rel=1e-4)


@pytest.mark.long
def test_a_variable_of_the_model_counts_within_the_loss():
    def run(model, x, y):
        def loss():
            model.count.assign_add(1)
            return jnp.mean((model(x) - y) ** 2)

        return {"loss": gradient_step(model, model.optimizer, loss), "count": model.count.value}

    model = Own(run)
    model.count = lp.State(jnp.float32(0))
    model.compile("sgd")
    assert model.fit(X, Y, 5, 3, 0).history["count"] == [2, 4, 6]
    assert model.count.numpy() == 6


def diverges(model, x, y):
    loss = gradient_step(model, model.optimizer, lambda: jnp.mean((model(x) - y) ** 2))
    model.seen.update_state(loss)
    return {"loss": model.seen.result(), "ratio": 1 / jnp.min(jnp.abs(y - Y[5]))}


@pytest.mark.long
def test_a_step_that_is_not_finite_is_not_applied():
    model = Own(diverges)
    model.seen = lp.metrics.Mean()
    model.compile("sgd")
    with pytest.raises(lp.DivergedError) as caught:
        model.fit(X, Y, 2, verbose=0, shuffle=False, seed=0)
    error = caught.value
    assert error.rows == [4, 5]
    assert error.step == 2
    assert str(error).startswith(
        "ratio became inf in epoch 1, batch 3 of 5 (step 3, learning rate of optimizer 0.01).\n"
        "First non-finite value: the value 'ratio' that train_step returned; rows 4, 5 of the data."
    )
    assert model.optimizer.opt_state.value["step"] == 2
    expected = Own(lambda model, x, y: mse_step(model, x, y))
    expected.compile("sgd")
    expected.fit(X[:4], Y[:4], 2, verbose=0, shuffle=False, seed=0)
    assert same_bits(weights_of(model), weights_of(expected))


@pytest.mark.long
def test_the_layer_of_a_divergence_is_found():
    def run(model, x, y):
        loss = lambda: jnp.sqrt(model(x) * 0).mean()  # noqa: E731
        return {"loss": gradient_step(model, model.optimizer, loss)}

    with pytest.raises(lp.DivergedError, match="gradient with respect to the output of Own"):
        fit(run)


def assigns(model, x, y):
    logs = mse_step(model, x, y)
    model.last = logs["loss"]
    return logs


def is_python_number(model, x, y):
    return {"loss": float(mse_step(model, x, y)["loss"])}


def unknown_optimizer(model, x, y):
    optimizer = lp.SGD(0.1)
    return {"loss": gradient_step(model, optimizer, lambda: jnp.mean(model(x)))}


def unknown_metric(model, x, y):
    metric = lp.metrics.Mean(name="error")
    metric.update_state(1.0)
    return {"error": metric.result()}


@pytest.mark.parametrize(
    ("run", "error", "message"),
    [
        (lambda *_: None, lp.ArgumentError, r"Own.train_step must return a dict .* returned None"),
        (lambda *_: {}, lp.ArgumentError, r"it returned \{\}"),
        (lambda m, x, y: {"loss": y}, lp.ShapeError, r"'loss' is shape \(5, 1\). Take its mean"),
        (assigns, lp.ArgumentError, r"Own.train_step assigns self.last, but is run .* only once"),
        (is_python_number, jax.errors.ConcretizationTypeError, "concrete value"),
        (unknown_optimizer, lp.ArgumentError, "SGD is used but was not passed"),
        (unknown_metric, lp.ArgumentError, "Mean is used but was not passed"),
    ],
)
def test_mistakes_in_a_step(run, error, message):
    with pytest.raises(error, match=message):
        fit(run)


def test_a_python_number_gets_a_hint():
    with pytest.raises(jax.errors.ConcretizationTypeError) as caught:
        fit(is_python_number)
    assert any("run_eagerly=True" in note for note in caught.value.__notes__)


def test_what_needs_the_built_in_step_says_so():
    model = SuperNet()
    model.compile("sgd", "mse")
    message = "needs the training step of Lampas, but SuperNet has a train_step of its own"
    with pytest.raises(lp.ArgumentError, match=f"explain {message}"):
        lp.explain(model, X, Y)
    with pytest.raises(lp.ArgumentError, match=f"lr_find {message}"):
        lp.lr_find(model, X, Y)
    with pytest.raises(lp.ArgumentError, match=f"HealthMonitor {message}"):
        model.fit(X, Y, verbose=0, callbacks=[lp.HealthMonitor()])


def test_a_compile_of_ones_own_must_call_that_of_model():
    class Forgetful(Pair):
        def compile(self, optimizer):
            self.optimizers = [optimizer]

    model = Forgetful()
    model.compile(lp.SGD(0.1))
    with pytest.raises(lp.NotBuiltError, match=r"Forgetful.compile must call super\(\).compile"):
        model.fit(X, verbose=0)


def test_evaluation_without_a_loss_says_what_to_write():
    model, _ = fit(mse_step)
    with pytest.raises(lp.ArgumentError, match="or a train_step and test_step of your own"):
        model.evaluate(X, Y)


class Smallest(lp.Metric):
    """A metric with a variable, which is not 0 at the beginning."""

    def __init__(self):
        super().__init__(name="smallest")
        self.value = self.add_weight(name="value")
        self.reset_state()

    def update_state(self, value):
        self.value.assign(jnp.minimum(self.value.value, value))

    def result(self):
        return self.value.value

    def reset_state(self):
        self.value.assign(100.0)


def test_metrics_of_both_steps_are_reset_before_each_epoch():
    class Smallests(lp.Model):
        def __init__(self):
            self.train_smallest, self.test_smallest = Smallest(), Smallest()
            self.test_mean = lp.metrics.Mean()

        def train_step(self, x):
            self.train_smallest.update_state(x.sum() + self.test_mean.result())
            return {"smallest": self.train_smallest.result()}

        def test_step(self, x):
            self.test_smallest.update_state(x.min())
            self.test_mean.update_state(x)
            return {"smallest": self.test_smallest.result(), "mean": self.test_mean.result()}

    model, x = Smallests(), np.arange(6, dtype=np.float32)[:, None]
    model.compile()
    history = model.fit(x, None, 2, 2, 0, validation_data=(x + 1,), shuffle=False).history
    assert history == {
        "smallest": [1, 1],
        "val_smallest": [1, 1],
        "val_mean": [3.5, 3.5],
    }
    assert model.evaluate(x, return_dict=True) == {"smallest": 0, "mean": 2.5}
    assert model.test_mean.result() == 2.5


@pytest.mark.long
def test_compute_metrics_of_ones_own_changes_the_logs():
    class Doubled(Net):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            logs = super().compute_metrics(x, y, y_pred, sample_weight)
            return {**logs, "bias": jnp.mean(y_pred - y)}

    model = Doubled()
    model.compile(lp.SGD(1e-9), "mse", metrics=["mae"])
    history = model.fit(X, Y, 5, 1, 0, shuffle=False, seed=0).history
    assert list(history) == ["loss", "mae", "bias"]
    assert history["bias"] == pytest.approx([np.mean(model.predict(X[5:]) - Y[5:])], rel=1e-4)


def test_an_optimizer_is_assigned_after_compile():
    class Assigned(Own):
        def compile(self, optimizer):
            super().compile()
            self.optimizer = optimizer

    model, optimizer = Assigned(mse_step), lp.SGD(0.1)
    model.compile(optimizer)
    model.fit(X, Y, 5, verbose=0)
    assert model.optimizer is optimizer
    assert optimizer.opt_state.value["step"] == 2


def test_a_penalty_of_compile_is_of_the_built_in_step():
    with pytest.raises(lp.ArgumentError, match=r"SuperNet has its own train_step\. Pass regular"):
        SuperNet().compile("sgd", "mse", penalty="l2")


def test_a_step_with_a_state_is_told_to_take_the_data_alone():
    class Functional(Net):
        def train_step(self, state, data):
            return {}, state

    message = r"it takes \(state, data\)\..*value_and_grad\(self, loss\)"
    with pytest.raises(lp.ArgumentError, match=message):
        Functional().compile("sgd", "mse")


def test_a_step_of_pytorch_is_told_how_to_write_it():
    class Torch(Net):
        def train_step(self, data):
            self.zero_grad()

    model = Torch()
    model.compile("sgd", "mse")
    with pytest.raises(AttributeError) as error:
        model.fit(X, Y, verbose=0)
    assert "lampas.value_and_grad(model, loss)()" in error.value.__notes__[0]
