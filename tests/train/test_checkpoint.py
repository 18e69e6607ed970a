"""Interrupted fits resume with the same results."""

import errno
import signal

import numpy as np
import pytest

import lampas as lp
from lampas.train.checkpoint_file import pack, unpack
from tests.train.small_nets import SPARSE, class_examples, same_bits, weights_of

EPOCHS = 6


class StopError(Exception):
    """Ends a fit from a callback."""


class StopAt(lp.Callback):
    """Ends a fit at the end of an epoch, or after a batch of it."""

    def __init__(self, epoch, batch=None, press=False):
        self.epoch, self.batch, self.press = epoch, batch, press
        self.at = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.at = epoch

    def on_epoch_end(self, epoch, logs=None):
        if self.batch is None and epoch == self.epoch:
            self._stop()

    def _stop(self):
        if self.press:
            signal.raise_signal(signal.SIGINT)
        else:
            raise StopError


class StopAfterBatch(StopAt):
    def on_train_batch_end(self, batch, logs=None):
        if (self.at, batch) == (self.epoch, self.batch):
            self._stop()


def new_model():
    lp.set_seed(0)
    layers = [lp.Dense(5, "relu"), lp.BatchNormalization(), lp.Dropout(0.4), lp.Dense(3, "softmax")]
    model = lp.Sequential(layers)
    model.compile(lp.Adam(0.01), SPARSE, metrics=["accuracy"])
    return model


def new_model_without_seed():
    model = lp.Sequential([lp.Dense(3, "softmax", input_shape=(4,))])
    model.compile("adam", SPARSE)
    return model


@pytest.fixture(scope="module")
def model():
    """One model for all tests, with its compiled programs."""
    model = new_model()
    model.build((4,))
    return model


@pytest.fixture
def fit(model):
    """A fit of the model from its first weights, in a folder."""

    def run(folder, *callbacks, epochs=EPOCHS, seed=3, every_seconds=0.0, **options):
        lp.set_seed(0)
        first = new_model()
        first.build((4,))
        model.set_weights(first.get_weights())
        model.optimizer.opt_state = None
        model.optimizer.learning_rate = 0.01
        watching = [
            lp.EarlyStopping("loss", patience=99, restore_best_weights=True),
            lp.ReduceLROnPlateau("loss", patience=2),
            lp.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
            *callbacks,
        ]
        where = None if folder is None else lp.Checkpoint(folder, every_seconds)
        history = model.fit(
            *class_examples(), 8, epochs, 0, watching, seed=seed, checkpoint=where, **options
        )
        return weights_of(model), history

    return run


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.long
@pytest.mark.parametrize("press", [False, True])
@pytest.mark.parametrize("stop", [(0, None), (3, None), (0, 0), (2, 1), (2, 2)])
def test_what_was_stopped_goes_on_to_the_same_end(fit, tmp_path, stop, press):
    whole, history = fit(None)
    stopping = (StopAt if stop[1] is None else StopAfterBatch)(*stop, press=press)
    if press:
        fit(tmp_path / "run", stopping)
    else:
        with pytest.raises(StopError):
            fit(tmp_path / "run", stopping)
    resumed, after = fit(tmp_path / "run")
    assert same_bits(whole, resumed)
    assert after.history == history.history
    assert after.epoch == list(range(EPOCHS))


@pytest.mark.long
def test_what_was_done_is_not_done_again(fit, tmp_path):
    whole, history = fit(tmp_path)
    counted = lp.LambdaCallback(on_epoch_begin=lambda epoch, logs=None: pytest.fail("a new epoch"))
    again, after = fit(tmp_path, counted)
    assert same_bits(whole, again)
    assert after.history == history.history


@pytest.mark.long
def test_more_epochs_go_on_from_the_end(fit, tmp_path):
    whole, history = fit(None)
    fit(tmp_path, epochs=2)
    longer, after = fit(tmp_path)
    assert same_bits(whole, longer)
    assert after.history == history.history


def test_an_early_stop_is_remembered(fit, tmp_path):
    class Enough(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch >= 1

    stopped, history = fit(tmp_path, Enough())
    again, after = fit(tmp_path, Enough())
    assert same_bits(stopped, again)
    assert after.epoch == history.epoch == [0, 1]


@pytest.mark.long
def test_streamed_data_goes_on_too(tmp_path):
    x, y = class_examples()
    np.save(tmp_path / "x.npy", x)
    model = new_model()

    def run(*callbacks):
        memory = np.load(tmp_path / "x.npy", mmap_mode="r")
        model.fit(
            memory, y, 8, EPOCHS, 0, callbacks, seed=3, checkpoint=lp.Checkpoint(tmp_path, 0.0)
        )
        return weights_of(model)

    resident = new_model()
    resident.fit(x, y, 8, EPOCHS, 0, seed=3)
    with pytest.raises(StopError):
        run(StopAfterBatch(2, 1))
    assert same_bits(run(), weights_of(resident))


@pytest.mark.long
@pytest.mark.parametrize("steps", [None, 2])
def test_batches_in_an_order_of_their_own_go_on_too(tmp_path, steps):
    x, y = class_examples()

    def batches():
        for start in range(0, len(x), 8):
            yield x[start : start + 8], y[start : start + 8]

    def run(folder, *callbacks):
        model = new_model()
        where = None if folder is None else lp.Checkpoint(folder, 0.0)
        model.fit(
            batches, epochs=EPOCHS, verbose=0, callbacks=callbacks, seed=3,
            steps_per_epoch=steps, checkpoint=where,
        )  # fmt: skip
        return weights_of(model)

    with pytest.raises(StopError):
        run(tmp_path, StopAfterBatch(2, 1))
    with pytest.raises(StopError):
        run(tmp_path, StopAt(4))
    assert same_bits(run(tmp_path), run(None))


@pytest.mark.long
def test_a_seed_that_was_not_given_is_that_of_the_checkpoint(fit, tmp_path):
    whole, _ = fit(None, seed=None)
    with pytest.raises(StopError):
        fit(tmp_path, StopAt(2), seed=None)
    lp.set_seed(0)
    model = new_model()
    for _ in range(3):  # in another process there may have been other draws before
        lp.core.random.next_seed()
    watching = [
        lp.EarlyStopping("loss", patience=99, restore_best_weights=True),
        lp.ReduceLROnPlateau("loss", patience=2),
        lp.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
    ]
    model.fit(*class_examples(), 8, EPOCHS, 0, watching, checkpoint=tmp_path)
    assert same_bits(weights_of(model), whole)


def test_the_newest_two_are_kept(fit, tmp_path):
    fit(tmp_path, epochs=4)
    assert files(tmp_path) == [
        "checkpoint-000000000011.safetensors",
        "checkpoint-000000000012.safetensors",
    ]


@pytest.mark.long
@pytest.mark.parametrize("damage", [b"", b"half of a file", None])
def test_before_a_damaged_one_there_is_a_whole_one(fit, tmp_path, damage):
    whole, _ = fit(None)
    fit(tmp_path, epochs=4)
    newest = tmp_path / files(tmp_path)[-1]
    content = bytearray(newest.read_bytes())
    content[-3] ^= 1  # one bit of an array
    newest.write_bytes(bytes(content) if damage is None else damage)
    with pytest.warns(
        UserWarning, match=r"000012.safetensors is damaged .* resuming from .*11.saf"
    ):
        resumed, _ = fit(tmp_path)
    assert same_bits(whole, resumed)


def test_when_all_are_damaged_nothing_is_trained(fit, tmp_path):
    fit(tmp_path, epochs=2)
    for path in tmp_path.iterdir():
        path.write_bytes(b"nothing")
    with pytest.raises(lp.FileError, match="Delete the folder to start again"):
        fit(tmp_path)


@pytest.mark.long
def test_a_full_disk_is_an_error_that_keeps_the_last_good_one(fit, tmp_path, monkeypatch):
    import safetensors.numpy

    whole, _ = fit(None)
    fit(tmp_path, epochs=2)
    before = files(tmp_path)

    def full(arrays, path, metadata):
        path.write_bytes(b"as much as there was room for")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(safetensors.numpy, "save_file", full)
        with pytest.raises(lp.FileError, match="No space left on device") as caught:
            fit(tmp_path)
    assert f"{before[-1]} is complete: free some space, and the fit resumes there" in str(
        caught.value
    )
    assert files(tmp_path) == before
    resumed, _ = fit(tmp_path)
    assert same_bits(whole, resumed)


def test_a_folder_that_cannot_be_made(fit, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(lp.FileError, match=r"cannot create the checkpoint folder .*run: Not"):
        fit(tmp_path / "file" / "run")


@pytest.mark.long
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 4}, "seed was 3, is 4"),
        ({"shuffle": False}, "shuffle was True, is False"),
        ({"sample_weight": np.ones(21)}, "data was"),
    ],
)
def test_a_checkpoint_of_another_training(fit, tmp_path, change, said):
    fit(tmp_path, epochs=1)
    with pytest.raises(lp.ArgumentError, match=said) as caught:
        fit(tmp_path, **change)
    assert "is of another training run" in str(caught.value)
    assert "Choose another folder" in str(caught.value)


def test_a_checkpoint_of_another_model(fit, tmp_path):
    fit(tmp_path, epochs=1)
    model = lp.Sequential([lp.Dense(5, "tanh"), *new_model().layers[1:]])
    model.compile(lp.Adam(0.01, ema_momentum=0.9), SPARSE)
    with pytest.raises(
        lp.ArgumentError, match=r"model was 'Sequential .*, is 'Sequential"
    ) as caught:
        model.fit(*class_examples(), 8, 1, 0, seed=3, checkpoint=tmp_path)
    assert "optimizer was 'Adam(0.01)', is 'Adam(0.01, ema_momentum=0.9)'" in str(caught.value)
    assert "logged values was ['loss', 'accuracy'], is ['loss']" in str(caught.value)


@pytest.mark.long
@pytest.mark.parametrize(
    ("optimizer", "loss", "said"),
    [
        (lp.SGD(0.1), "mse", r"optimizer was 'SGD\(0.01\)', is 'SGD\(0.1\)'"),
        (lp.SGD(0.01, momentum=0.9), "mse", "momentum=0.9"),
        (lp.SGD(0.01), "mae", "loss was 'MeanSquaredError.*', is 'MeanAbsoluteError"),
    ],
)
def test_a_checkpoint_of_another_optimizer_or_loss(tmp_path, optimizer, loss, said):
    x, _ = class_examples()
    for choice in ((lp.SGD(0.01), "mse"), (optimizer, loss)):
        model = lp.Sequential([lp.Dense(4)])
        model.compile(*choice)
        if choice[0] is optimizer:
            with pytest.raises(lp.ArgumentError, match=said):
                model.fit(x, x, 8, 1, 0, seed=3, checkpoint=tmp_path)
        else:
            model.fit(x, x, 8, 1, 0, seed=3, checkpoint=tmp_path)


@pytest.mark.long
def test_what_follows_a_resumed_fit_is_the_same(tmp_path):
    def script():
        lp.set_seed(5)
        new = new_model_without_seed()
        new.fit(*class_examples(), 8, 1, 0, checkpoint=tmp_path)
        other = new_model_without_seed()
        other.fit(*class_examples(), 8, 1, 0)
        return weights_of(other)

    assert same_bits(script(), script())


@pytest.mark.long
def test_damaged_files_do_not_count_among_those_kept(fit, tmp_path):
    fit(tmp_path, epochs=4)
    newest = tmp_path / files(tmp_path)[-1]
    newest.write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="is damaged"):
        fit(tmp_path, epochs=5)
    assert len(files(tmp_path)) == 2
    fit(tmp_path, epochs=5)  # without a warning


def test_values_that_a_callback_logs_are_kept(fit, tmp_path):
    class Logging(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = np.float32(epoch)

    fit(tmp_path, Logging(), epochs=2)
    fit(tmp_path, Logging(), epochs=3)


@pytest.mark.long
def test_a_callback_keeps_what_it_names(fit, tmp_path):
    class Counting(lp.Callback):
        state_attributes = ("seen", "table")

        def on_train_begin(self, logs=None):
            self.seen, self.table = 0, {}

        def on_epoch_end(self, epoch, logs=None):
            self.seen += 1
            self.table[epoch] = (np.arange(epoch), [logs["loss"], None, "text"])

    fit(tmp_path, Counting(), epochs=3)
    counting = Counting()
    fit(tmp_path, counting, epochs=5)
    assert counting.seen == 5
    assert list(counting.table) == list(range(5))
    assert counting.table[3][0].tolist() == [0, 1, 2]


def test_what_cannot_be_kept_is_named(fit, tmp_path):
    class Odd(lp.Callback):
        state_attributes = ("thing",)

        def __init__(self):
            self.thing = [object()]

    with pytest.raises(lp.ArgumentError, match=r"callbacks/.*/0, a object"):
        fit(tmp_path, Odd())


def test_plain_data_comes_back_as_it_was():
    arrays: dict[str, np.ndarray] = {}
    value = {"a": [1, 2.5, None, True], 3: ("x", np.arange(4)), "nan": float("inf")}
    back = unpack(pack(value, "it", arrays), arrays)
    assert back["a"] == value["a"]
    assert back[3][0] == "x"
    assert np.array_equal(back[3][1], np.arange(4))
    assert back["nan"] == float("inf")


@pytest.mark.filterwarnings("error")
@pytest.mark.long
def test_a_resume_on_another_number_of_cores_is_a_warning(tmp_path, monkeypatch):
    """Sums over other numbers of threads round differently: the same bits are not promised."""
    x, y = class_examples(20)
    new_model().fit(x, y, epochs=1, verbose=0, checkpoint=tmp_path)
    new_model().fit(x, y, epochs=2, verbose=0, checkpoint=tmp_path)  # no warning here
    monkeypatch.setattr("lampas.train.checkpoint.compute_device", lambda: "64 CPU cores")
    with pytest.warns(UserWarning, match=r"written on \d+ CPU cores, this fit resumes on 64 CPU"):
        new_model().fit(x, y, epochs=3, verbose=0, checkpoint=tmp_path)
