from __future__ import annotations

import contextlib
import gzip
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lampas.datasets import DatasetError, digits, images, load
from lampas.datasets.images import read_idx
from lampas.download.fetch import DatasetFiles
from lampas.download.sources import Mirror
from tests.download.support import idx, published

rng = np.random.default_rng(0)


def test_digits_are_scikit_learns_spread_over_a_byte():
    from sklearn.datasets import load_digits

    data = digits()
    (train_x, train_y), (test_x, test_y) = data.train, data.test
    assert train_x.shape == (1438, 8, 8, 1)
    assert test_x.shape == (359, 8, 8, 1)
    assert train_x.dtype == test_x.dtype == np.uint8
    assert train_y.dtype == test_y.dtype == np.int32
    assert data.classes == tuple("0123456789")
    back = np.rint(np.concatenate([train_x, test_x])[..., 0] * (16 / 255)).astype(int)
    ours = {(*image.ravel(), label) for image, label in zip(back, [*train_y, *test_y], strict=True)}
    bunch = load_digits()
    theirs = zip(bunch.data.astype(int), bunch.target, strict=True)
    assert ours == {(*image, label) for image, label in theirs}


def test_digits_is_the_same_each_time_and_one_fifth_of_every_class_is_held_out():
    data = digits()
    np.testing.assert_array_equal(data.train[0], digits().train[0])
    kept, rest = np.bincount(data.test[1]), np.bincount(data.train[1])
    np.testing.assert_allclose(kept / (kept + rest), 0.2, atol=0.003)


def test_digits_without_scikit_learn_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DatasetError, match=r"pip install 'lampas\[app\]'"):
        digits()


def small(monkeypatch: pytest.MonkeyPatch, dataset: DatasetFiles, contents: list[bytes]) -> None:
    """Has `images.fetch` give ``contents`` for the dataset's files."""
    result = dict(zip([file.name for file in dataset.files], contents, strict=True))
    monkeypatch.setattr(images, "fetch", lambda asked: result if asked is dataset else None)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_idx_files_become_a_dataset(monkeypatch, name):
    train_x, test_x = rng.integers(0, 256, (6, 28, 28)), rng.integers(0, 256, (2, 28, 28))
    train_y, test_y = rng.integers(0, 10, 6), rng.integers(0, 10, 2)
    dataset = getattr(images, name.upper())
    small(monkeypatch, dataset, [idx(array) for array in (train_x, train_y, test_x, test_y)])
    data = load(name)
    for (x, y), wanted_x, wanted_y in [(data.train, train_x, train_y), (data.test, test_x, test_y)]:
        np.testing.assert_array_equal(x[..., 0], wanted_x)
        np.testing.assert_array_equal(y, wanted_y)
        assert (x.dtype, y.dtype) == (np.uint8, np.int32)
    assert data.name == name
    assert len(data.classes) == 10


def test_rows_of_text_become_a_dataset(monkeypatch):
    rows = np.hstack([rng.integers(0, 256, (50, 784)), np.repeat(np.arange(5), 10)[:, None]])
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    small(monkeypatch, images.MNIST_5K, [text.encode()])
    data = load("mnist_5k")
    (train_x, train_y), (test_x, test_y) = data.train, data.test
    assert (train_x.shape, test_x.shape) == ((40, 28, 28, 1), (10, 28, 28, 1))
    assert train_x.dtype == np.uint8
    np.testing.assert_array_equal(np.bincount(test_y), [2] * 5)
    result = np.hstack(
        [np.vstack([train_x, test_x]).reshape(50, -1), np.r_[train_y, test_y][:, None]]
    )
    assert {tuple(row) for row in result} == {tuple(row) for row in rows}


def test_a_fetched_set_comes_through_the_whole_chain(monkeypatch, serve):
    row = ",".join(["7"] * 784)
    text = "".join(f"{row},{label}\n" for label in range(10) for _ in range(5)).encode()

    def answer(handler):
        assert handler.path == "/mnist_5k.csv.gz"
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(gzip.compress(text))

    files = (published("mnist_5k.csv.gz", text),)
    toy = DatasetFiles("mnist_5k", "Toy", 1, files, (Mirror(serve(answer)),), "")
    monkeypatch.setattr(images, "MNIST_5K", toy)
    assert repr(load("mnist_5k")) == repr(load("mnist_5k"))
    assert len(load("mnist_5k").test[0]) == 10


def test_a_dataset_shows_itself_in_one_line_and_does_not_change():
    data = digits()
    shown = "Dataset(digits: 1,438 train + 359 test, uint8 (8, 8, 1), 10 classes)"
    assert repr(data) == shown
    with pytest.raises(FrozenInstanceError):
        data.name = "other"


@pytest.mark.parametrize("dataset", [images.MNIST, images.FASHION_MNIST, images.MNIST_5K])
def test_every_bundle_has_a_web_source_and_a_registry(dataset):
    mirrors = [source for source in dataset.sources if isinstance(source, Mirror)]
    assert 0 < len(mirrors) < len(dataset.sources)
    assert all(mirror.address.startswith("https://") for mirror in mirrors)
    assert all(mirror.address.endswith("/") for mirror in mirrors)
    assert all(len(file.sha256) == 64 for file in dataset.files)
    assert all(file.name.endswith(".gz") for file in dataset.files)


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=3, min_side=0, max_side=4)))
def test_reads_back_any_array(array):
    np.testing.assert_array_equal(read_idx(idx(array), array.ndim, "a"), array)


def test_the_array_is_the_callers_own():
    array = read_idx(idx(np.zeros((2, 3))), 2, "a")
    assert array.dtype == np.uint8
    array[0, 0] = 1


GOOD = idx(np.arange(12).reshape(3, 2, 2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.gz: begins with nothing, not with 00 00 08 03"),
        (b"\x00\x00\x0d\x03" + GOOD[4:], "a.gz: begins with 00 00 0d 03, not with 00 00 08 03"),
        (idx(np.zeros(5)), "a.gz: begins with 00 00 08 01, not with 00 00 08 03"),
        (GOOD[:9], "a.gz: ends inside its header, after 9 bytes"),
        (GOOD[:-1], r"a.gz: holds 11 values; its header \(3, 2, 2\) promises 12"),
        (GOOD + b"\x00", r"a.gz: holds 13 values; its header \(3, 2, 2\) promises 12"),
    ],
)
def test_anything_else_is_refused_by_name(content, message):
    with pytest.raises(DatasetError, match=message):
        read_idx(content, 3, "a.gz")


@given(st.binary(max_size=40))
def test_no_bytes_make_it_fail_otherwise(content):
    with contextlib.suppress(DatasetError):
        read_idx(content, 2, "a")
