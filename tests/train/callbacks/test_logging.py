"""ModelCheckpoint and CSVLogger."""

import csv

import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import SPARSE, numpy_twin, same_bits, weights_of


@pytest.fixture(scope="module")
def model():
    lp.set_seed(0)
    return numpy_twin()[0]


def fit(model, examples, *callbacks, **options):
    options = {"batch_size": 8, "epochs": 3, "verbose": 0} | options
    return model.fit(*examples, callbacks=callbacks, **options)


def checkpoints(callback, *logs):
    """The paths where the callback saves the model after epochs with these logs."""
    model, saved = lp.Sequential([lp.Dense(1)]), []
    model.compile("sgd", "mse", metrics=["accuracy"])
    vars(model)["save"] = saved.append
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, values in enumerate(logs):
        callback.on_epoch_end(epoch, values)
    return saved


@pytest.mark.long
def test_a_checkpoint_holds_the_weights_of_the_last_epoch(model, examples, tmp_path):
    path = tmp_path / "net.safetensors"
    fit(model, examples, lp.ModelCheckpoint(path))
    loaded = lp.load(path)
    assert same_bits(weights_of(loaded), weights_of(model))
    np.testing.assert_array_equal(loaded.predict(examples[0]), model.predict(examples[0]))


def test_weights_alone_are_saved_on_request(model, examples, tmp_path):
    fit(model, examples, lp.ModelCheckpoint(tmp_path / "net", save_weights_only=True))
    expected = model.get_weights()
    model.set_weights([0 * weights for weights in expected])
    model.load_weights(tmp_path / "net")
    for a, b in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_name_of_another_framework_is_refused_at_once():
    with pytest.raises(lp.FileError, match=r"best\.weights\.h5: it is the name of a Keras file"):
        lp.ModelCheckpoint("best.weights.h5")


def test_a_checkpoint_of_the_best_epoch_holds_its_weights(model, examples, tmp_path):
    path = tmp_path / "best.safetensors"
    stopping = lp.EarlyStopping("loss", patience=9, restore_best_weights=True)
    fit(model, examples, stopping, lp.ModelCheckpoint(path, "loss", save_best_only=True))
    assert same_bits(weights_of(lp.load(path)), weights_of(model))


def test_names_of_files_may_hold_the_epoch_and_logged_values():
    saved = checkpoints(
        lp.ModelCheckpoint("net-{epoch:03d}-{val_loss:.2f}"), {"val_loss": 0.5}, {"val_loss": 0.25}
    )
    assert saved == ["net-001-0.50", "net-002-0.25"]


def test_save_best_only_writes_improvements_only():
    saved = checkpoints(
        lp.ModelCheckpoint("{epoch}", save_best_only=True),
        *({"val_loss": value} for value in (1.0, float("nan"), 0.5, 0.5, 0.75, 0.25)),
    )
    assert saved == ["1", "3", "6"]


@pytest.mark.parametrize(("monitor", "mode"), [("val_accuracy", "auto"), ("score", "max")])
def test_save_best_only_of_a_score_writes_increases(monitor, mode):
    saved = checkpoints(
        lp.ModelCheckpoint("{epoch}", monitor, save_best_only=True, mode=mode),
        *({monitor: value} for value in (0.5, 0.4, 0.6)),
    )
    assert saved == ["1", "3"]


def test_each_fit_has_a_best_of_its_own():
    callback = lp.ModelCheckpoint("{epoch}", save_best_only=True)
    assert checkpoints(callback, {"val_loss": 0.1}) == ["1"]
    assert checkpoints(callback, {"val_loss": 5.0}) == ["1"]


def test_a_checkpoint_that_watches_nothing_logged_is_an_error():
    with pytest.raises(lp.ArgumentError, match="ModelCheckpoint monitors 'val_loss'"):
        checkpoints(lp.ModelCheckpoint("net", save_best_only=True), {"loss": 1.0})


def test_a_checkpoint_says_what_it_saved(capsys):
    checkpoints(lp.ModelCheckpoint("net", verbose=1), {})
    assert capsys.readouterr().out == "Epoch 1: saved net\n"


def rows(path, separator=","):
    with path.open(newline="") as file:
        return list(csv.reader(file, delimiter=separator))


def test_the_log_has_a_row_for_each_epoch(model, examples, tmp_path):
    path = tmp_path / "log.csv"
    history = fit(model, examples, lp.CSVLogger(path), validation_data=examples).history
    header, *lines = rows(path)
    assert header == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert [int(line[0]) for line in lines] == [0, 1, 2]
    for column, name in enumerate(header[1:], 1):
        assert [float(line[column]) for line in lines] == history[name]


def test_a_log_that_is_appended_to_goes_on_below_its_header(model, examples, tmp_path):
    path = tmp_path / "log.csv"
    for first in (0, 2):
        logger = lp.CSVLogger(path, append=True)
        fit(model, examples, logger, epochs=first + 2, initial_epoch=first)
    assert [line[0] for line in rows(path)] == ["epoch", "0", "1", "2", "3"]


def test_a_log_that_is_appended_to_keeps_its_columns(model, examples, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,val_loss,accuracy,loss\n0,7,1,8\n")
    logged = fit(model, examples, lp.CSVLogger(path, append=True), epochs=1).history
    loss, accuracy = str(logged["loss"][0]), str(logged["accuracy"][0])
    assert rows(path)[1:] == [["0", "7", "1", "8"], ["0", "", accuracy, loss]]


def test_a_log_without_a_column_for_a_value_is_an_error(model, examples, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n0,7\n")
    with pytest.raises(lp.FileError, match=r"has the columns epoch, loss, .*accuracy"):
        fit(model, examples, lp.CSVLogger(path, append=True), epochs=1)
    assert path.read_text() == "epoch,loss\n0,7\n"


def test_without_append_an_old_log_is_replaced(model, examples, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("something old\n" * 9)
    fit(model, examples, lp.CSVLogger(path, separator=";"), epochs=1)
    assert [line[0] for line in rows(path, ";")] == ["epoch", "0"]


def test_a_log_that_cannot_be_written_is_an_error(model, examples, tmp_path):
    with pytest.raises(lp.FileError, match=r"CSVLogger cannot write .*missing"):
        fit(model, examples, lp.CSVLogger(tmp_path / "missing" / "log.csv"))


def test_the_log_is_whole_when_the_fit_fails(model, examples, tmp_path):
    class Fail(lp.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("broken callback")

    path = tmp_path / "log.csv"
    with pytest.raises(RuntimeError, match="broken callback"):
        fit(model, examples, lp.CSVLogger(path), Fail(), epochs=4)
    assert [line[0] for line in rows(path)] == ["epoch", "0", "1"]


def test_a_checkpoint_that_cannot_be_written_ends_the_fit_with_the_error(examples, tmp_path):
    model = lp.Sequential([lp.Dense(3, "softmax")])
    model.compile("sgd", SPARSE)
    with pytest.raises(lp.FileError, match="cannot write"):
        fit(model, examples, lp.ModelCheckpoint(tmp_path / "missing" / "net"))
