from __future__ import annotations

import gzip
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from lampas.core.errors import UnknownNameError
from lampas.datasets import Dataset, DatasetError, digits, images, load, names
from lampas.download import bundles
from lampas.download.sources import Mirror
from tests.datasets.support import idx, published

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


def test_digits_is_the_same_each_time_and_one_fifth_of_every_class_is_kept_back():
    data = digits()
    np.testing.assert_array_equal(data.train[0], digits().train[0])
    kept, rest = np.bincount(data.test[1]), np.bincount(data.train[1])
    np.testing.assert_allclose(kept / (kept + rest), 0.2, atol=0.003)


def test_digits_without_scikit_learn_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DatasetError, match=r"pip install 'lampas\[app\]'"):
        digits()


def small(monkeypatch: pytest.MonkeyPatch, bundle: bundles.Bundle, contents: list[bytes]) -> None:
    """Has `images.fetch` give ``contents`` for the bundle's files."""
    found = dict(zip([file.name for file in bundle.files], contents, strict=True))
    monkeypatch.setattr(images, "fetch", lambda asked: found if asked is bundle else None)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_idx_files_become_a_dataset(monkeypatch, name):
    train_x, test_x = rng.integers(0, 256, (6, 28, 28)), rng.integers(0, 256, (2, 28, 28))
    train_y, test_y = rng.integers(0, 10, 6), rng.integers(0, 10, 2)
    bundle = getattr(bundles, name.upper())
    small(monkeypatch, bundle, [idx(array) for array in (train_x, train_y, test_x, test_y)])
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
    small(monkeypatch, bundles.MNIST_5K, [text.encode()])
    data = load("mnist_5k")
    (train_x, train_y), (test_x, test_y) = data.train, data.test
    assert (train_x.shape, test_x.shape) == ((40, 28, 28, 1), (10, 28, 28, 1))
    assert train_x.dtype == np.uint8
    np.testing.assert_array_equal(np.bincount(test_y), [2] * 5)
    found = np.hstack(
        [np.vstack([train_x, test_x]).reshape(50, -1), np.r_[train_y, test_y][:, None]]
    )
    assert {tuple(row) for row in found} == {tuple(row) for row in rows}


def test_a_fetched_set_comes_through_the_whole_chain(monkeypatch, serve):
    row = ",".join(["7"] * 784)
    text = "".join(f"{row},{label}\n" for label in range(10) for _ in range(5)).encode()

    def answer(handler):
        assert handler.path == "/mnist_5k.csv.gz"
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(gzip.compress(text))

    files = (published("mnist_5k.csv.gz", text),)
    toy = bundles.Bundle("mnist_5k", "Toy", 1, files, (Mirror(serve(answer)),))
    monkeypatch.setattr(images, "MNIST_5K", toy)
    assert repr(load("mnist_5k")) == repr(load("mnist_5k"))
    assert len(load("mnist_5k").test[0]) == 10


def test_a_dataset_shows_itself_in_one_line_and_does_not_change():
    data = digits()
    shown = "Dataset(digits: 1,438 train + 359 test, uint8 (8, 8, 1), 10 classes)"
    assert repr(data) == shown
    with pytest.raises(FrozenInstanceError):
        data.name = "other"


def test_every_name_loads_by_name():
    assert names() == ("digits", "mnist_5k", "mnist", "fashion_mnist")
    assert isinstance(load("digits"), Dataset)


@pytest.mark.parametrize(
    ("name", "near"), [("minst", "mnist"), ("Fashion-MNIST", "fashion_mnist"), ("digit", "digits")]
)
def test_an_unknown_name_gets_the_nearest_and_all(name, near):
    with pytest.raises(UnknownNameError) as caught:
        load(name)
    assert f"Did you mean {near!r}?" in str(caught.value)
    assert all(known in str(caught.value) for known in names())


@pytest.mark.parametrize("bundle", [bundles.MNIST, bundles.FASHION_MNIST, bundles.MNIST_5K])
def test_every_bundle_has_a_web_source_and_a_registry(bundle):
    mirrors = [source for source in bundle.sources if isinstance(source, Mirror)]
    assert 0 < len(mirrors) < len(bundle.sources)
    assert all(mirror.address.startswith("https://") for mirror in mirrors)
    assert all(mirror.address.endswith("/") for mirror in mirrors)
    assert all(len(file.sha256) == 64 for file in bundle.files)
    assert all(file.name.endswith(".gz") for file in bundle.files)
