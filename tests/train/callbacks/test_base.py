"""When the hooks of callbacks are called."""

from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import SPARSE, numpy_twin, same_bits, weights_of


class Penalty(lp.Model):
    """Its loss is ``weight``."""

    def __init__(self, weight):
        self.weight, self.dense = weight, lp.Dense(1)

    def forward(self, x):
        return self.dense(x)

    def compute_loss(self, x, y, y_pred, sample_weight=None):
        return getattr(self.weight, "value", self.weight) + 0 * y_pred.mean()


class Annealed(Penalty):
    """Its loss is a number that is no argument; it counts how often it is compiled."""

    def __init__(self):
        super().__init__(0.0)
        self.share, self.count = 0.0, 0

    def compute_loss(self, x, y, y_pred, sample_weight=None):
        self.count += 1
        return self.share + 0 * y_pred.mean()


def losses_of(model, change, **options):
    model.compile("sgd", **options)
    x = np.ones((2, 1), np.float32)
    callback = lp.LambdaCallback(on_epoch_begin=lambda epoch, logs: change(float(epoch)))
    return model.fit(x, epochs=3, verbose=0, callbacks=[callback]).history["loss"]


@pytest.mark.long
def test_a_number_that_a_callback_changes_is_a_variable_or_warned_of():
    model = Penalty(lp.State(jnp.float32(9)))
    assert losses_of(model, lambda w: setattr(model.weight, "value", jnp.float32(w))) == [0, 1, 2]
    plain = Penalty(0.0)
    with pytest.warns(UserWarning, match=r"changed the model .* takes effect in the next fit") as w:
        assert losses_of(plain, lambda w: setattr(plain, "weight", w)) == [0, 0, 0]
    assert len(w) == 1
    annealed = Annealed()
    with pytest.warns(UserWarning, match="takes effect in the next fit"):
        assert losses_of(annealed, lambda w: setattr(annealed, "share", w)) == [0, 0, 0]
    eager = Penalty(0.0)
    change = partial(setattr, eager, "weight")
    assert losses_of(eager, change, run_eagerly=True) == [0, 1, 2]


def test_layers_that_a_callback_freezes_are_warned_of():
    model, x = lp.Sequential([lp.Dense(1)]), np.ones((2, 1), np.float32)
    model.compile("sgd", "mse")
    callback = lp.LambdaCallback(on_epoch_end=lambda epoch, logs: model.freeze())
    with pytest.warns(UserWarning, match="takes effect in the next fit"):
        model.fit(x, x, epochs=2, verbose=0, callbacks=[callback])


class Recorder(lp.Callback):
    """Notes every hook with its number; a subclass a hook, so that others are not listened to."""

    def __init__(self):
        self.calls = []
        self.logs = []

    def note(self, hook, *numbers, logs=None):
        self.calls.append((hook, *numbers))
        self.logs.append(logs)


def hook(name, numbered):
    if numbered:
        return lambda self, number, logs=None: self.note(name, number, logs=logs)
    return lambda self, logs=None: self.note(name, logs=logs)


def recorder(*names):
    numbered = {name for name in names if "batch" in name or "epoch" in name}
    return type("Recording", (Recorder,), {n: hook(n, n in numbered) for n in names})()


HOOKS = ["on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end"]
BATCHES = ["on_train_batch_begin", "on_train_batch_end"]
TESTS = ["on_test_begin", "on_test_end"]
TEST_BATCHES = ["on_test_batch_begin", "on_test_batch_end"]


@pytest.fixture(scope="module")
def model():
    lp.set_seed(0)
    return numpy_twin()[0]


def fit(model, examples, *callbacks, **options):
    options = {"batch_size": 8, "epochs": 2, "verbose": 0} | options
    return model.fit(*examples, callbacks=callbacks, **options)


@pytest.mark.long
def test_hooks_come_in_order(model, examples):
    seen = recorder(*HOOKS, *BATCHES, *TESTS)
    fit(model, examples, seen, validation_data=examples)
    epoch = [(name, batch) for batch in range(3) for name in BATCHES]
    tests = [(name,) for name in TESTS]
    assert seen.calls == [
        ("on_train_begin",),
        ("on_epoch_begin", 0),
        *epoch,
        *tests,
        ("on_epoch_end", 0),
        ("on_epoch_begin", 1),
        *epoch,
        *tests,
        ("on_epoch_end", 1),
        ("on_train_end",),
    ]


@pytest.mark.long
@pytest.mark.parametrize("count", [16, 21])
def test_epoch_hooks_come_once_an_epoch(model, examples, count):
    seen = recorder(*HOOKS)
    x, y = examples
    fit(model, (x[:count], y[:count]), seen, epochs=3, initial_epoch=1)
    assert seen.calls == [
        ("on_train_begin",),
        ("on_epoch_begin", 1),
        ("on_epoch_end", 1),
        ("on_epoch_begin", 2),
        ("on_epoch_end", 2),
        ("on_train_end",),
    ]


def test_a_hook_of_batches_sees_every_batch(model, examples):
    seen = recorder("on_train_batch_end")
    fit(model, examples, seen, epochs=3)
    assert [number for _, number in seen.calls] == [0, 1, 2] * 3


def test_hooks_begin_with_empty_logs(model, examples):
    seen = recorder("on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_test_begin")
    fit(model, examples, seen, epochs=1, validation_data=examples)
    assert seen.logs == [{}] * 6


def test_on_batch_is_another_name_of_on_train_batch(model, examples):
    seen = recorder("on_batch_begin", "on_batch_end")
    fit(model, examples, seen, epochs=1)
    names = ("on_batch_begin", "on_batch_end")
    assert seen.calls == [(name, batch) for batch in range(3) for name in names]
    assert seen.logs[-1] == {name: values[0] for name, values in model.history.history.items()}


def batches_of(examples):
    x, y = examples
    return lambda: ((x[start : start + 8], y[start : start + 8]) for start in range(0, len(x), 8))


@pytest.mark.parametrize("form", [lambda examples: examples, lambda e: (batches_of(e),)])
def test_evaluate_calls_the_hooks_of_tests(model, examples, form):
    seen = recorder(*TESTS, *TEST_BATCHES)
    measure = partial(model.evaluate, return_dict=True)
    results = measure(*form(examples), batch_size=8, callbacks=[seen])
    batches = [(name, batch) for batch in range(3) for name in TEST_BATCHES]
    assert seen.calls == [("on_test_begin",), *batches, ("on_test_end",)]
    x, y = examples
    assert seen.logs[2] == pytest.approx(measure(x[:8], y[:8]), rel=1e-5)
    assert seen.logs[-1] == seen.logs[-2] == results
    assert results == pytest.approx(measure(*examples, batch_size=8), rel=1e-6)


def test_validation_calls_the_hooks_of_tests(model, examples):
    seen = recorder(*TESTS, *TEST_BATCHES)
    history = fit(model, examples, seen, epochs=1, validation_data=examples).history
    batches = [(name, batch) for batch in range(3) for name in TEST_BATCHES]
    assert seen.calls == [("on_test_begin",), *batches, ("on_test_end",)]
    assert seen.logs[-1] == {name: history[f"val_{name}"][0] for name in ("loss", "accuracy")}


@pytest.mark.parametrize("form", [lambda examples: examples[0], batches_of])
def test_predict_calls_its_hooks_with_the_outputs(model, examples, form):
    names = ["on_predict_begin", "on_predict_batch_begin", "on_predict_batch_end"]
    seen = recorder(*names, "on_predict_end")
    outputs = model.predict(form(examples), batch_size=8, callbacks=seen)
    batches = [(name, batch) for batch in range(3) for name in names[1:]]
    assert seen.calls == [("on_predict_begin",), *batches, ("on_predict_end",)]
    found = np.concatenate([logs["outputs"] for logs in seen.logs if logs])
    np.testing.assert_array_equal(found, outputs)


def test_values_that_a_callback_adds_are_in_the_history(model, examples):
    add = lp.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(seconds=float(epoch)))
    assert fit(model, examples, add).history["seconds"] == [0.0, 1.0]


def test_logs_of_batches_are_the_means_of_the_epoch_so_far(model, examples):
    seen = recorder("on_train_batch_end", "on_epoch_end")
    fit(model, examples, seen, epochs=1)
    *batches, last, epoch = seen.logs
    assert all(set(logs) == {"loss", "accuracy"} for logs in batches)
    assert last == epoch


def test_logs_of_an_epoch_have_the_validation(model, examples):
    seen = recorder("on_epoch_end", "on_train_end")
    history = fit(model, examples, seen, epochs=1, validation_data=examples)
    assert list(seen.logs[0]) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert seen.logs[0] == seen.logs[1] == {k: v[0] for k, v in history.history.items()}


def test_a_callback_knows_the_model_and_what_is_planned(model, examples):
    seen = recorder("on_epoch_end")
    fit(model, examples, seen, epochs=5, initial_epoch=4)
    assert seen.model is model
    planned = {"epochs": 5, "steps": 3, "batch_size": 8, "initial_epoch": 4, "verbose": 0}
    assert seen.params == planned


def test_stop_training_ends_the_fit_after_the_running_epoch(model, examples):
    class Stop(lp.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    seen = recorder("on_epoch_begin", "on_epoch_end")
    history = fit(model, examples, Stop(), seen, epochs=9)
    assert history.epoch == [0]
    assert seen.calls == [("on_epoch_begin", 0), ("on_epoch_end", 0)]
    assert len(fit(model, examples).epoch) == 2


@pytest.mark.long
def test_weights_set_by_a_callback_are_learned_on_from(model, examples):
    start = weights_of(model)

    class Reset(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.set_weights(list(start.values()))

    history = fit(model, examples, Reset(), epochs=3, shuffle=False)
    assert len(set(history.history["loss"])) == 1
    assert same_bits(weights_of(model), start)


def test_train_end_is_called_when_a_callback_fails(model, examples):
    class Fail(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("broken callback")

    seen = recorder("on_train_end")
    with pytest.raises(RuntimeError, match="broken callback"):
        fit(model, examples, seen, Fail())
    assert seen.calls == [("on_train_end",)]
    assert model.history.seconds > 0


def test_train_end_is_called_when_another_cannot_begin(model, examples):
    class Fail(lp.Callback):
        def on_train_begin(self, logs=None):
            raise RuntimeError("cannot begin")

    seen = recorder("on_train_begin", "on_train_end")
    with pytest.raises(RuntimeError, match="cannot begin"):
        fit(model, examples, seen, Fail())
    assert seen.calls == [("on_train_begin",), ("on_train_end",)]


def test_one_that_fails_at_the_end_does_not_keep_the_others_from_ending(model, examples):
    class Fail(lp.Callback):
        def on_train_end(self, logs=None):
            raise RuntimeError("cannot end")

    seen = recorder("on_train_end")
    with pytest.raises(RuntimeError, match="cannot end"):
        fit(model, examples, Fail(), seen)
    assert seen.calls == [("on_train_end",)]


def test_the_history_is_returned_and_kept(model, examples):
    history = fit(model, examples, epochs=3)
    assert model.history is history
    assert history.epoch == [0, 1, 2]
    assert {name: len(values) for name, values in history.history.items()} == {
        "loss": 3,
        "accuracy": 3,
    }
    assert not history.interrupted
    assert history.seconds > 0
    assert repr(history).startswith("History(3 epochs, ")


def test_a_history_is_written_as_csv(model, examples, tmp_path):
    history = fit(model, examples)
    history.write_csv(tmp_path / "history.csv")
    header, *rows = (tmp_path / "history.csv").read_text().splitlines()
    assert header == "epoch,loss,accuracy"
    assert [float(row.split(",")[1]) for row in rows] == history.history["loss"]
    with pytest.raises(lp.FileError, match="cannot write"):
        history.write_csv(tmp_path / "missing" / "history.csv")


def test_values_that_were_logged_in_some_epochs_are_written_at_these(model, examples, tmp_path):
    class EveryOther(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch % 2:
                logs["extra"] = 10 * epoch

    history = fit(model, examples, EveryOther(), epochs=4)
    assert history.history["extra"] == [10, 30]
    history.write_csv(tmp_path / "history.csv")
    header, *rows = (tmp_path / "history.csv").read_text().splitlines()
    assert header == "epoch,loss,accuracy,extra"
    assert [row.split(",")[-1] for row in rows] == ["", "10", "", "30"]


def test_the_history_of_a_fit_that_never_began_can_be_shown():
    assert repr(lp.History()).startswith("History(0 epochs")


@pytest.mark.parametrize("verbose", ["auto", 1, 2])
def test_progress_prints_the_last_epoch(model, examples, capsys, verbose):
    history = fit(model, examples, verbose=verbose)
    printed = capsys.readouterr().out
    assert "epoch 2/2" in printed
    assert f"loss {history.history['loss'][-1]:.4g}" in printed
    assert f"accuracy {history.history['accuracy'][-1]:.4g}" in printed


def test_verbose_2_prints_every_epoch_and_0_nothing(model, examples, capsys):
    fit(model, examples, verbose=2, epochs=4)
    assert len(capsys.readouterr().out.splitlines()) == 4
    fit(model, examples, verbose=0)
    assert capsys.readouterr().out == ""


@pytest.mark.long
def test_a_callback_without_hooks_changes_nothing(examples):
    def run(*callbacks):
        lp.set_seed(0)
        model = lp.Sequential([lp.Dense(3, "softmax")])
        model.compile("sgd", SPARSE)
        fit(model, examples, *callbacks)
        return weights_of(model)

    assert same_bits(run(), run(lp.Callback()))


class AddsToLogs(lp.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["score"] = float(epoch)


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (lp.EarlyStopping(), "EarlyStopping monitors 'val_loss', which is not logged.*validation_"),
        (lp.EarlyStopping("acuracy"), "monitors 'acuracy', which is not logged; logged are: loss"),
        (lp.ReduceLROnPlateau(), "ReduceLROnPlateau monitors 'val_loss', which is not logged"),
        (lp.ModelCheckpoint("f", save_best_only=True), "ModelCheckpoint monitors 'val_loss'"),
        (lp.ModelCheckpoint("{val_loss}"), "cannot fill in .*Available: epoch, loss"),
        (lp.LambdaCallback, "callbacks must be Callback objects, .*Write LambdaCallback"),
        ("stop", "callbacks must be Callback objects, got 's'"),
    ],
)
def test_what_a_callback_will_lack_is_reported_before_the_training(callback, message):
    net = lp.Sequential([lp.Dense(1)])
    net.compile("sgd", "mse")
    with pytest.raises(lp.ArgumentError, match=message):
        net.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=9, verbose=0, callbacks=callback)
    assert net.history is None or net.history.epoch == []


@pytest.mark.parametrize("kind", [lp.ReduceLROnPlateau, lp.LearningRateScheduler])
def test_a_rate_of_a_schedule_is_reported_before_the_training(kind):
    net = lp.Sequential([lp.Dense(1)])
    net.compile(lp.SGD(lp.schedules.CosineDecay(0.1, 10)), "mse")
    callback = kind("loss") if kind is lp.ReduceLROnPlateau else kind(lambda epoch: 0.1)
    with pytest.raises(lp.ArgumentError, match=f"{kind.__name__} changes the learning rate"):
        net.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=9, verbose=0, callbacks=callback)
    assert net.history.epoch == []


def test_none_one_or_several_callbacks_and_values_that_another_one_logs():
    net = lp.Sequential([lp.Dense(1)])
    net.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.ones((4, 1))
    assert net.fit(x, y, verbose=0, callbacks=None).epoch == [0]
    rate = lp.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
    net.fit(x, y, epochs=2, verbose=0, callbacks=rate)
    assert net.optimizer.learning_rate == pytest.approx(0.05)
    stopping = lp.EarlyStopping("score", mode="min", patience=1)
    assert net.fit(x, y, epochs=9, verbose=0, callbacks=(AddsToLogs(), stopping)).epoch == [0, 1]
