"""A pickle of arrays is read, and a pickle that asks for more is refused before it runs."""

from __future__ import annotations

import os
import pickle
import pickletools
from collections import OrderedDict

import numpy as np
import pytest

import lampas as lp
from lampas.parsing.safe_pickle import read_array_tree

random = np.random.default_rng(0)
TREE = {
    "Net_0": {
        "Conv_0": {
            "kernel": random.normal(size=(3, 3, 2, 4)).astype(np.float32),
            "bias": np.arange(4, dtype=">f8"),
        },
        "turned": np.asfortranarray(random.normal(size=(5, 3))),
        "bytes": random.integers(0, 256, (2, 3), np.uint8),
        "empty": np.zeros((0, 3), np.float16),
    }
}


def leaves(tree: dict, path: str = "") -> dict[str, np.ndarray]:
    arrays = {}
    for key, part in tree.items():
        below = leaves(part, f"{path}/{key}") if isinstance(part, dict) else {f"{path}/{key}": part}
        arrays |= below
    return arrays


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_dicts_of_arrays_are_read(protocol) -> None:
    content = pickle.dumps(TREE, protocol)
    if protocol == 5:
        # NumPy writes protocol 5 with another function and buffers, which is not supported.
        with pytest.raises(lp.FileError, match=r"asks for numpy\._core\.numeric\._frombuffer"):
            read_array_tree(content, "five")
        return
    read, expected = leaves(read_array_tree(content, "file")), leaves(TREE)
    assert list(read) == list(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype.newbyteorder("=")


def test_the_names_of_old_numpy_are_known() -> None:
    content = pickle.dumps(TREE, 3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert b"numpy.core.multiarray" in content
    np.testing.assert_array_equal(
        leaves(read_array_tree(content, "file"))["/Net_0/turned"], TREE["Net_0"]["turned"]
    )


class Malicious:
    def __init__(self, run, *arguments) -> None:
        self.command = run, arguments

    def __reduce__(self):
        return self.command


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("run", "name"),
    [(os.system, r"(posix|nt)\.system"), (eval, r"(__builtin__|builtins)\.eval"),
     (getattr, r"(__builtin__|builtins)\.getattr"), (np.load, r"numpy\.load")],
)  # fmt: skip
def test_a_pickle_that_runs_something_is_refused_by_name(protocol, run, name, tmp_path) -> None:
    trace = tmp_path / "trace"
    arguments = {os.system: (f"touch {trace}",), eval: (f"open({str(trace)!r}, 'w')",)}
    content = pickle.dumps({"x": Malicious(run, *arguments.get(run, ("x",)))}, protocol)
    with pytest.raises(lp.FileError, match=rf"evil\.pkl asks for {name}, .*It was not run"):
        read_array_tree(content, "evil.pkl")
    assert not trace.exists()


def test_objects_in_arrays_and_foreign_classes_are_refused() -> None:
    hidden = np.array([Malicious(os.system, "true")], object)
    with pytest.raises(lp.FileError, match=r"asks for|type 'O8', which is not a plain"):
        read_array_tree(pickle.dumps({"x": hidden}, 3), "evil")
    with pytest.raises(lp.FileError, match=r"asks for collections\.OrderedDict"):
        read_array_tree(pickle.dumps({"x": OrderedDict()}), "odd")


def test_a_type_of_objects_is_refused_though_nothing_is_run() -> None:
    with pytest.raises(lp.FileError, match="holds values of type 'O8'"):
        read_array_tree(pickle.dumps({"x": np.array([None])}, 3), "odd")


def test_a_reference_outside_the_file_is_refused() -> None:
    with pytest.raises(lp.FileError, match="asks for an object outside the file, 'there'"):
        read_array_tree(b"Pthere\n.", "odd")


@pytest.mark.parametrize("value", [[1, 2], {"a": 3}, {1: {}}, "text", np.zeros(2)])
def test_other_things_than_dicts_of_arrays_are_reported(value) -> None:
    with pytest.raises(
        lp.FileError,
        match=r"^odd(/a)? must hold a dict of arrays, but holds a value of type \w+\.$",
    ):
        read_array_tree(pickle.dumps(value, 3), "odd")


def test_every_cut_pickle_is_an_error_of_ours() -> None:
    content = pickle.dumps({"a": np.arange(3.0)}, 3)
    assert len(list(pickletools.genops(content))) > 10
    for end in range(len(content)):
        with pytest.raises(lp.FileError, match="cut"):
            read_array_tree(content[:end], "cut")


def test_an_array_shorter_than_its_shape_is_an_error() -> None:
    content = pickle.dumps({"a": np.zeros((2, 3), np.uint8)}, 3)
    with pytest.raises(lp.FileError, match=r"is not a complete pickle of arrays .*reshape"):
        read_array_tree(content.replace(b"K\x02K\x03", b"K\x09K\x03"), "odd")
