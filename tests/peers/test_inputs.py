"""The loaders of PyTorch, Hugging Face and Grain are taken as they are."""

from __future__ import annotations

import gc
import threading
import time
import traceback
from collections.abc import Callable

import numpy as np
import pytest

import lampas as lp
from lampas.train.inputs.batch_adapter import BatchAdapter
from lampas.train.inputs.frames import batches_of, split_target, to_arrays
from lampas.train.inputs.iterable_source import PrefetchLoader

pytestmark = [
    pytest.mark.peer,
    # PyTorch's workers begin as forks, which JAX warns of.
    pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def from_tables(x, y=None):
    x, y = split_target(x, y)
    return to_arrays(x, "x"), to_arrays(y, "y")


X = np.random.default_rng(0).normal(size=(22, 3)).astype(np.float32)
Y = (X.sum(1) > 0).astype(np.int64)


class Examples:
    """A map-style data set of PyTorch, and a source of Grain."""

    def __init__(self, broken: int | None = None) -> None:
        self.broken = broken

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, row: int) -> tuple[np.ndarray, np.int64]:
        if row == self.broken:
            raise OSError(f"row {row} is broken")
        return X[row], Y[row]


OPTIONS = {"epochs": 2, "verbose": 0, "seed": 1}


def assert_same_fits(fit: Callable[[lp.Model], lp.History], shuffle: bool) -> None:
    """A fit must have the numbers of one on the arrays, to the last bit."""
    model = lp.Sequential([lp.Dropout(0.2), lp.Dense(2, "softmax")])
    model.compile(lp.SGD(0.1), "sparse_categorical_crossentropy")
    model.build((3,))
    start, found = model.get_weights(), []
    for one in (fit, lambda model: model.fit(X, Y, 4, shuffle=shuffle, **OPTIONS)):
        model.set_weights(start)
        model.optimizer.opt_state = None
        found.append((one(model).history, model.get_weights()))
    assert found[0][0] == found[1][0]
    for ours, wanted in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_array_equal(ours, wanted)


def epoch_of(feed: PrefetchLoader, epoch: int = 0) -> tuple[np.ndarray, np.ndarray]:
    pieces = list(feed.chunks(epoch))
    rows = [piece.steps * piece.batch_size for piece in pieces]
    x, y = (
        np.concatenate([piece.data[part][:n] for piece, n in zip(pieces, rows, strict=True)])
        for part in (0, 1)
    )
    return x, y


def assert_no_thread_stays() -> None:
    gc.collect()
    until = time.monotonic() + 5
    while "lampas-feed" in (names := [t.name for t in threading.enumerate()]):
        assert time.monotonic() < until, names


@pytest.mark.parametrize("workers", [0, 2])
def test_pytorch_s_loader_gives_its_batches(workers: int) -> None:
    data = pytest.importorskip("torch.utils.data")
    feed = PrefetchLoader(data.DataLoader(Examples(), 4, num_workers=workers))
    assert feed.steps == 6
    for epoch in range(2):
        x, y = epoch_of(feed, epoch)
        np.testing.assert_array_equal(x, X)
        np.testing.assert_array_equal(y, Y)
    feed.close()
    assert_no_thread_stays()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_fit_on_pytorch_s_loader_is_that_on_arrays(workers: int) -> None:
    data = pytest.importorskip("torch.utils.data")
    loader = data.DataLoader(Examples(), 4, num_workers=workers)
    assert_same_fits(lambda model: model.fit(loader, **OPTIONS), shuffle=False)


def test_pytorch_s_order_is_kept() -> None:
    torch = pytest.importorskip("torch")
    data = pytest.importorskip("torch.utils.data")

    def loader() -> data.DataLoader:
        seeded = torch.Generator().manual_seed(3)
        return data.DataLoader(Examples(), 4, shuffle=True, generator=seeded)

    feed, wanted = PrefetchLoader(loader()), loader()
    for epoch in range(2):
        np.testing.assert_array_equal(epoch_of(feed, epoch)[0], torch.cat([x for x, _ in wanted]))
    feed.close()


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_in_a_worker_keeps_its_traceback(workers: int) -> None:
    data = pytest.importorskip("torch.utils.data")
    feed = PrefetchLoader(data.DataLoader(Examples(broken=9), 4, num_workers=workers))
    with pytest.raises(OSError, match="row 9 is broken") as caught:
        list(feed.chunks(0))
    feed.close()
    assert "in __getitem__" in "".join(traceback.format_exception(caught.value))
    assert caught.value.__notes__ == ["Raised by the data while producing batch 2 of epoch 0."]


def test_tensors_are_not_copied_and_lists_of_them_are_several_inputs() -> None:
    torch = pytest.importorskip("torch")
    x, y = torch.ones(4, 2), torch.ones(4, requires_grad=True)
    batch = BatchAdapter().batch(([x, x], y), "batch")
    assert isinstance(batch.x, tuple)
    assert np.shares_memory(batch.x[1], x.numpy())
    half = BatchAdapter().batch((x.bfloat16(), y), "batch")
    np.testing.assert_array_equal(np.asarray(half.x, np.float32), np.ones((4, 2)))


def test_examples_that_are_no_batches_are_told() -> None:
    with pytest.raises(lp.DataError, match=r"y is a single number, so .*DataLoader\(dataset"):
        PrefetchLoader(Examples()).example()


def test_grain_s_loaders_give_their_batches() -> None:
    grain = pytest.importorskip("grain")
    batched = grain.MapDataset.source(Examples()).seed(3).shuffle().batch(4)
    for source in (batched, batched.to_iter_dataset()):
        feed = PrefetchLoader(source)
        for epoch in range(2):
            wanted = np.concatenate([x for x, _ in source])
            np.testing.assert_array_equal(epoch_of(feed, epoch)[0], wanted)
        feed.close()
    feed = PrefetchLoader(batched.repeat(), steps=4)
    assert len(epoch_of(feed)[0]) == 16
    feed.close()
    assert_no_thread_stays()


@pytest.fixture
def data_set():
    datasets = pytest.importorskip("datasets")
    return datasets.Dataset.from_dict({"x": X.tolist(), "label": Y.tolist()})


def test_hugging_face_s_rows_are_read_by_number(data_set) -> None:
    x, y = from_tables(data_set, "label")
    assert (x.shape, x.dtype, len(x)) == (X.shape, X.dtype, 22)
    np.testing.assert_array_equal(y, Y)
    np.testing.assert_array_equal(x[np.array([3, 5])], X[[3, 5]])
    np.testing.assert_array_equal(x[4:8], X[4:8])
    both = data_set.add_column("more", [0.5] * 22)
    assert list(from_tables(both, "label")[0]) == ["x", "more"]


def test_hugging_face_s_rows_are_learnt_from_as_arrays_are(data_set) -> None:
    x, y = from_tables(data_set, "label")
    assert_same_fits(lambda model: model.fit(x, y, 4, **OPTIONS), shuffle=True)


def test_hugging_face_s_transforms_are_told(data_set) -> None:
    with pytest.raises(lp.DataError, match="y changes its rows by a transform"):
        from_tables(data_set.with_transform(lambda rows: rows), "label")


def test_hugging_face_s_columns_without_numbers_are_named(data_set) -> None:
    texts = data_set.add_column("text", ["a"] * 22)
    with pytest.raises(lp.DataError, match=r"column 'text' of x has no numbers \(dtype <U1\)"):
        from_tables(texts, "label")
    ragged = data_set.add_column("some", [[1.0] * (row % 3 + 1) for row in range(22)])
    with pytest.raises(lp.DataError, match="column 'some' of x has rows of different shapes"):
        from_tables(ragged, "label")
    with pytest.raises(lp.DataError, match=r"x has the parts train, test; give one, \['train'\]"):
        from_tables(data_set.train_test_split(0.5), "label")


def test_hugging_face_s_rows_that_come_one_by_one_are_batched(data_set) -> None:
    streamed = data_set.to_iterable_dataset()
    feed = PrefetchLoader(batches_of(streamed, 4), BatchAdapter(target="label"))
    x, y = epoch_of(feed)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    rows = streamed.shuffle(seed=1, buffer_size=22)
    shuffled = PrefetchLoader(batches_of(rows, 4), BatchAdapter(target="label"))
    first, second = (epoch_of(shuffled, epoch)[1] for epoch in (0, 1))
    assert sorted(first) == sorted(Y)
    assert first.tolist() != second.tolist()
    feed.close()
    shuffled.close()


def test_other_frames_are_tables_too() -> None:
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table({"a": [1, 2], "b": [True, False], "y": [0, 1]})
    x, y = from_tables(table, "y")
    np.testing.assert_array_equal(x, [[1, 1], [2, 0]])
    np.testing.assert_array_equal(y, [0, 1])
    with pytest.raises(lp.DataError, match="column 'b' of x has no value in 1 of 2 rows"):
        from_tables(arrow.table({"b": [True, None]}))
