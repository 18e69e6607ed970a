"""Event files, read back with TensorBoard's own reader."""

import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import SPARSE, class_examples

pytest.importorskip("tensorboardX")


def fitted(folder, *, epochs=3, callbacks=(), checkpoint=None, **options):
    lp.set_seed(0)
    model = lp.Sequential([lp.Dense(3, "softmax")])
    model.compile(lp.SGD(lp.schedules.get("linear", 0.1, 100)), SPARSE, metrics=["accuracy"])
    board = lp.TensorBoard(folder, **options)
    return model.fit(
        *class_examples(), 8, epochs, 0, [board, *callbacks], validation_split=0.25, seed=1,
        checkpoint=checkpoint,
    )  # fmt: skip


def scalars(folder):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = reader.EventAccumulator(str(folder), size_guidance={"histograms": 0}).Reload()
    tags = events.Tags()
    found = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in tags["scalars"]}
    return found, {tag: events.Histograms(tag) for tag in tags["histograms"]}


@pytest.mark.long
def test_files_are_written_for_training_and_validation(tmp_path):
    fitted(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["train", "validation"]
    assert all(list(path.glob("events.out.tfevents.*")) for path in tmp_path.iterdir())


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_reads_every_value(tmp_path):
    history = fitted(tmp_path, histogram_freq=2).history
    found, histograms = scalars(tmp_path / "train")
    for name in ("loss", "accuracy"):
        steps, values = zip(*found[f"epoch_{name}"], strict=True)
        assert steps == (0, 1, 2)
        np.testing.assert_allclose(values, history[name], rtol=1e-6)
    rates = [value for _, value in found["epoch_learning_rate"]]
    np.testing.assert_allclose(rates, [0.1 * (1 - s / 100) for s in (2, 4, 6)], rtol=1e-5)
    assert [h.step for h in histograms["dense_1/kernel/histogram"]] == [0, 2]
    assert histograms["dense_1/kernel/histogram"][0].histogram_value.num == 12
    validated, _ = scalars(tmp_path / "validation")
    values = [value for _, value in validated["epoch_loss"]]
    np.testing.assert_allclose(values, history["val_loss"], rtol=1e-6)


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_batches_are_written_where_requested(tmp_path):
    fitted(tmp_path, update_freq=2)
    found, _ = scalars(tmp_path / "batches")
    assert [step for step, _ in found["batch_loss"]] == [2, 4, 6]


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("update_freq", ["epoch", 1])
def test_a_fit_that_goes_on_writes_no_value_twice(tmp_path, update_freq):
    class StopError(Exception):
        pass

    def stop(epoch, logs=None):
        if epoch == 2:
            raise StopError

    with pytest.raises(StopError):
        fitted(
            tmp_path / "logs", epochs=5, callbacks=[lp.LambdaCallback(on_epoch_end=stop)],
            checkpoint=lp.Checkpoint(tmp_path / "run", 0.0), update_freq=update_freq,
        )  # fmt: skip
    again = lp.Checkpoint(tmp_path / "run", 0.0)
    fitted(tmp_path / "logs", epochs=5, checkpoint=again, update_freq=update_freq)
    found, _ = scalars(tmp_path / "logs" / "train")
    assert [step for step, _ in found["epoch_loss"]] == [0, 1, 2, 3, 4]
    if update_freq == 1:
        batches, _ = scalars(tmp_path / "logs" / "batches")
        assert [step for step, _ in batches["batch_loss"]] == list(range(1, 11))


def test_without_batches_the_fit_does_not_stop_at_each(tmp_path):
    from lampas.train.callbacks.base import CallbackList

    uses = CallbackList([lp.TensorBoard(tmp_path)]).uses
    assert uses("on_epoch_end")
    assert not uses("on_train_batch_end")
    assert CallbackList([lp.TensorBoard(tmp_path, update_freq="batch")]).uses("on_train_batch_end")


@pytest.mark.parametrize("options", [{"update_freq": "week"}, {"histogram_freq": -1}])
def test_frequencies_that_are_invalid(options):
    with pytest.raises(
        lp.ArgumentError,
        match=r"TensorBoard: (update|histogram)_freq must be .*integer of at least 0, got",
    ):
        lp.TensorBoard(**options)


@pytest.mark.long
def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(lp.FileError, match="TensorBoard cannot write to"):
        fitted(tmp_path / "file")


def test_a_missing_library_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX", None)
    with pytest.raises(lp.FileError, match=r"pip install 'lampas\[tensorboard\]'"):
        fitted(tmp_path)
