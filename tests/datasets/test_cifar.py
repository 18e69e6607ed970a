"""CIFAR-10 in the layout of its publishers, a few images per file."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest

import lampas as lp
from lampas.datasets import cifar10

NAMES = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]


def batch(seed, count=3):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3072), np.uint8), rng.integers(0, 10, count)


def write_binary(folder):
    for seed, name in enumerate(NAMES):
        pixels, labels = batch(seed)
        records = np.concatenate([labels[:, None].astype(np.uint8), pixels], 1)
        (folder / f"{name}.bin").write_bytes(records.tobytes())


def python_two(pixels, labels):
    """A pickle as Python 2 wrote it: texts of bytes, and NumPy where it was then."""
    data = pixels.tobytes()
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR"
        b"(I1\n(I%d\nI3072\ntcnumpy\ndtype\n(U\x02u1I0\nI1\ntR(I3\nU\x01|NNNI-1\nI-1\nI0\ntbI00\n"
        % len(pixels)
        + b"T" + len(data).to_bytes(4, "little") + data + b"tb"
    )  # fmt: skip
    numbers = b"(l" + b"".join(b"I%d\na" % label for label in labels)
    return b"\x80\x02}(U\x04data" + array + b"U\x06labels" + numbers + b"u."


def write_python(folder, protocol=None):
    for seed, name in enumerate(NAMES):
        pixels, labels = batch(seed)
        content = python_two(pixels, labels)
        if protocol is not None:
            result = {b"data": pixels, b"labels": labels.tolist(), b"batch_label": b"1 of 5"}
            content = pickle.dumps(result, protocol)
        (folder / name).write_bytes(content)


def write_new_python(folder):
    write_python(folder, 4)


def write_old_python(folder):
    write_python(folder, 2)


@pytest.mark.parametrize("write", [write_binary, write_python, write_new_python, write_old_python])
def test_the_pixels_and_labels_are_those_of_the_files(tmp_path, write):
    write(tmp_path)
    result = cifar10(tmp_path)
    pixels, labels = batch(1)
    # Pixel (row 2, column 5) of the second image of the second file, in its three planes.
    red, green, blue = (pixels[1, plane * 1024 + 2 * 32 + 5] for plane in range(3))
    assert result.train[0].shape == (15, 32, 32, 3)
    assert result.train[0][4, 2, 5].tolist() == [red, green, blue]
    np.testing.assert_array_equal(result.train[1][3:6], labels)
    np.testing.assert_array_equal(result.test[1], batch(5)[1])
    assert (result.train[0].dtype, result.test[1].dtype) == (np.uint8, np.int32)
    assert result.classes[:2] == ("airplane", "automobile")
    assert len(result.classes) == 10


@pytest.mark.parametrize("name", ["cifar-10-batches-py", "cifar-10-batches-bin"])
def test_the_folder_above_will_do(tmp_path, name):
    (tmp_path / name).mkdir()
    (write_binary if name.endswith("bin") else write_new_python)(tmp_path / name)
    assert len(cifar10(tmp_path).test[1]) == 3


class Evil:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def test_a_pickle_that_would_run_something_is_refused(tmp_path):
    write_new_python(tmp_path)
    mark = tmp_path / "mark"
    for call in [(os.mkdir, (str(mark),)), (eval, (f"__import__('os').mkdir({str(mark)!r})",))]:
        (tmp_path / "data_batch_3").write_bytes(pickle.dumps(Evil(*call)))
        with pytest.raises(
            lp.DataError, match=r"data_batch_3 is not a .* it asks for .*arrays do not need"
        ):
            cifar10(tmp_path)
    assert not mark.exists()


def test_no_codec_is_run_either(tmp_path):
    import codecs

    write_new_python(tmp_path)
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(Evil(codecs.encode, ("a", "rot13")), 2))
    with pytest.raises(lp.DataError, match="asks for the codec 'rot13'"):
        cifar10(tmp_path)


def dumped(**fields):
    return pickle.dumps(fields, 4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a Python file of CIFAR-10"),
        (b"no pickle", "is not a Python file of CIFAR-10"),
        (pickle.dumps([1]), "lacks data, an array of bytes, or labels"),
        (dumped(data=batch(0)[0]), "lacks data, an array of bytes, or labels"),
        (dumped(data=batch(0)[0], labels=[1]), r"data of shape \(3, 3072\) and 1 labels"),
        (dumped(data=batch(0)[0], labels=["a"] * 3), "an integer label per image"),
        (dumped(data=batch(0)[0], labels=[0, 5, 10]), "labels from 0 to 10, not 0 to 9"),
    ],
)
def test_a_damaged_python_file_is_reported(tmp_path, content, message):
    write_new_python(tmp_path)
    (tmp_path / "test_batch").write_bytes(content)
    with pytest.raises(lp.DataError, match=rf"test_batch.*{message}"):
        cifar10(tmp_path)


@pytest.mark.parametrize("size", [0, 3072, 3074])
def test_a_cut_binary_file_is_reported(tmp_path, size):
    write_binary(tmp_path)
    (tmp_path / "data_batch_2.bin").write_bytes(bytes(size))
    with pytest.raises(
        lp.DataError, match=rf"data_batch_2.bin has {size:,} bytes.*records of 3,073"
    ):
        cifar10(tmp_path)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(
        lp.FileError, match=r"does not contain CIFAR-10: .* Unpack cifar-10-binary.tar.gz"
    ):
        cifar10(tmp_path)
    write_binary(tmp_path)
    (tmp_path / "data_batch_4.bin").unlink()
    with pytest.raises(lp.FileError, match=r"lacks data_batch_4.bin of CIFAR-10"):
        cifar10(tmp_path)
