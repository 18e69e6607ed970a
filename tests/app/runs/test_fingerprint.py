"""Data is identified by its content."""

from pathlib import Path

import numpy as np
import pytest

import lampas as lp
from lampas.app.runs.fingerprint import MAX_FULL_READ, fingerprint, name_or_path
from lampas.data import LazyRows


def files(folder, contents):
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return fingerprint(folder)


def test_folders_are_told_apart_by_names_and_contents(tmp_path):
    contents = {"a/1.png": b"one", "b/2.png": b"two"}
    known = files(tmp_path / "x", contents)
    assert (known["files"], known["bytes"]) == (2, 6)
    same = files(tmp_path / "y", dict(reversed(contents.items())) | {".hidden": b"", "c/.x": b"9"})
    assert same["sha256"] == known["sha256"]
    others = [
        {"a/1.png": b"one", "b/2.png": b"twO"},
        {"a/1.png": b"one", "b/3.png": b"two"},
        {"a/1.png": b"onet", "b/2.png": b"wo"},
        {"a/1.png": b"one"},
    ]
    found = [files(tmp_path / str(i), other)["sha256"] for i, other in enumerate(others)]
    assert len({known["sha256"], *found}) == 5


def test_of_large_files_the_ends_count(tmp_path):
    content = bytes(2 * MAX_FULL_READ)
    known = files(tmp_path / "x", {"long": content})["sha256"]
    middle, end = bytearray(content), bytearray(content)
    middle[MAX_FULL_READ], end[-1] = 1, 1
    assert files(tmp_path / "y", {"long": bytes(middle)})["sha256"] == known
    assert files(tmp_path / "z", {"long": bytes(end)})["sha256"] != known


def test_a_file_is_told_by_its_content(tmp_path):
    path = tmp_path / "series.csv"
    path.write_bytes(b"a\n1\n")
    found = fingerprint(path)
    assert found["bytes"] == 4
    # As sha256sum says.
    assert found["sha256"] == "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc"
    with pytest.raises(lp.FileError, match=r"cannot read .*absent"):
        fingerprint(tmp_path / "absent")


def test_named_data_is_told_by_forms_and_contents():
    x = np.arange(3000, dtype=np.int16).reshape(1500, 2)
    known = fingerprint("set", x)["sha256"]
    assert fingerprint("set", LazyRows(x[::-1], np.arange(1500)[::-1]))["sha256"] == known
    others = [x[::-1], x.T, x.astype(np.int32), x.reshape(3000)]
    assert len({known, *(fingerprint("set", other)["sha256"] for other in others)}) == 5
    texts = fingerprint("texts", ["ab", "c"])
    assert texts["parts"] == ["2 texts"]
    assert texts["sha256"] != fingerprint("texts", ["a", "bc"])["sha256"]


def test_a_name_is_no_path_even_if_there_is_such_a_folder():
    assert name_or_path("samples", ("samples",)) == "samples"
    assert name_or_path("mine", ("samples",)) == Path("mine")
    assert name_or_path(Path("reviews"), ("reviews",)) == "reviews"
