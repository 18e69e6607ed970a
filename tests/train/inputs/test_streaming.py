"""Data read from the disk give the same results as data on the device."""

import threading

import numpy as np
import pytest

import lampas as lp
from lampas.train.inputs import streaming as stream

X = np.random.default_rng(0).integers(0, 256, (70, 6, 6, 1), np.uint8)
Y = (X.mean((1, 2, 3)) > 127).astype(np.int32)


class Lazy:
    """Rows that exist only once they are asked for; refuses rows out of order, as HDF5 does."""

    def __init__(self, array, broken=None):
        self.array, self.broken, self.reads = array, broken, 0
        self.shape, self.dtype = array.shape, array.dtype

    def __len__(self):
        return len(self.array)

    def __getitem__(self, rows):
        self.reads += 1
        if self.broken is not None and self.reads > self.broken:
            raise OSError("the disk is gone")
        if isinstance(rows, np.ndarray):
            assert (np.diff(rows) > 0).all()
        return self.array[rows]


@pytest.fixture(params=["memmap", "lazy"])
def streamed(request, tmp_path):
    if request.param == "lazy":
        return Lazy(X)
    np.save(tmp_path / "x.npy", X)
    return np.load(tmp_path / "x.npy", mmap_mode="r")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(stream, "CHUNK_BYTES", 36 * 8 * 3)


def network():
    model = lp.Sequential(
        [lp.Rescaling(1 / 255), lp.Conv2D(4, 3, activation="relu"), lp.Flatten(), lp.Dropout(0.3),
         lp.Dense(2, "softmax")]
    )  # fmt: skip
    model.compile(lp.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fitted(x, **options):
    model = network()
    options = {"batch_size": 8, "epochs": 3, "verbose": 0, "seed": 5} | options
    return model, model.fit(x, Y, **options)


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [{}, {"shuffle": False}, {"class_weight": "balanced"}],
    ids=str,
)
def test_streamed_and_resident_fits_give_the_same_bits(streamed, options):
    resident, expected = fitted(X, **options)
    model, history = fitted(streamed, **options)
    for ours, theirs in zip(model.get_weights(), resident.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert history.history == expected.history


@pytest.mark.long
def test_validation_evaluation_and_prediction_are_streamed_too(streamed):
    resident, expected = fitted(X, validation_data=(X, Y))
    model, history = fitted(X, validation_data=(streamed, Y))
    assert history.history == expected.history
    assert model.evaluate(streamed, Y, 8) == resident.evaluate(X, Y, 8)
    np.testing.assert_array_equal(model.predict(streamed, 16), resident.predict(X, 16))


@pytest.mark.long
def test_a_part_is_held_back_without_reading_it(streamed):
    _, expected = fitted(X, validation_split=0.2)
    _, history = fitted(streamed, validation_split=0.2)
    assert history.history == expected.history


@pytest.mark.long
def test_callbacks_hear_of_every_batch(streamed):
    heard = []

    class Listen(lp.Callback):
        def on_train_batch_end(self, batch, logs):
            heard.append((batch, logs["loss"]))

    _, one = fitted(streamed, callbacks=[Listen()])
    assert [batch for batch, _ in heard] == list(range(9)) * 3
    _, all_at_once = fitted(streamed)
    np.testing.assert_allclose(one.history["loss"], all_at_once.history["loss"], rtol=1e-6)


@pytest.mark.long
def test_an_error_of_the_reader_ends_the_fit_and_no_thread_stays():
    before = threading.active_count()
    with pytest.raises(OSError, match="the disk is gone"):
        fitted(Lazy(X, broken=4))
    assert threading.active_count() == before


@pytest.mark.long
def test_a_fit_leaves_no_thread(streamed):
    before = threading.active_count()
    fitted(streamed, validation_data=(streamed, Y))
    assert threading.active_count() == before


def test_streamed_numbers_are_checked_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("lampas.train.source.ROWS_PER_CHECK", 16)
    values = X.astype(np.float32)
    values[40, 1, 2, 0] = np.nan
    np.save(tmp_path / "x.npy", values)
    with pytest.raises(
        lp.DataError, match=r"x\[40, 1, 2, 0\] of the data is nan \(1 of the 16 rows checked"
    ):
        fitted(np.load(tmp_path / "x.npy", mmap_mode="r"))
