"""A run leaves what it takes to repeat it, and a repeated run tells the truth about itself."""

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, get_type_hints

import numpy as np
import pytest

import lampas as lp
from lampas.app.cli.registry import RUNS
from lampas.app.examples import xor
from lampas.app.runs import repeat as repeating_runs
from lampas.app.runs.fingerprint import WHOLE, fingerprint, named
from lampas.app.runs.record import begin, recorded, without_home
from lampas.app.runs.repeat import differences
from lampas.data import Rows


def read_config(path):
    return repeating_runs.read_config(path, RUNS)


def repeat(path, config, out, verbose="auto"):
    return repeating_runs.repeat(path, config, out, RUNS, verbose)


def record(folder):
    return json.loads((folder / "config.json").read_text())


def change(folder, **parts):
    (folder / "config.json").write_text(json.dumps(record(folder) | parts))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A short run that nobody changes."""
    folder = tmp_path_factory.mktemp("runs") / "xor"
    return xor.run(20, seed=5, out=folder, verbose=0).report.parent


@pytest.fixture
def copied(finished, tmp_path):
    folder = tmp_path / "copied"
    folder.mkdir()
    for name in ("config.json", "result.json"):
        (folder / name).write_bytes((finished / name).read_bytes())
    return folder


def test_a_run_records_all_it_takes_to_repeat_it(finished):
    config = record(finished)
    assert config["case"] == "xor"
    assert config["arguments"] == {"epochs": 20, "batch_size": 4, "seed": 5}
    assert config["versions"]["lampas"] == lp.__version__
    assert config["versions"]["python"] == platform.python_version()
    assert config["versions"]["jax"] == version("jax")
    assert set(config["versions"]) == {"lampas", "python", "jax", "jaxlib", "numpy", "optax"}
    assert config["device"] == {"platform": "cpu", "kind": "cpu"}
    assert config["data"] == fingerprint("xor", xor.X, xor.Y)
    assert config["command"].startswith(Path(sys.argv[0]).name)
    assert config["began"].endswith("+00:00")
    result = json.loads((finished / "result.json").read_text())
    assert set(result) == {"result", "model_sha256", "seconds"}
    assert set(result["result"]) == {"right"}


def test_a_run_that_is_repeated_comes_out_the_same(finished, tmp_path):
    config = read_config(finished / "config.json")
    assert config == read_config(finished)
    assert differences(config) == []
    again = repeat(finished, config, tmp_path / "again", verbose=0)
    assert again.comparison == "The result is the same, the weights bit for bit."
    assert record(tmp_path / "again")["arguments"] == config["arguments"]
    models = [
        (folder / "model.safetensors").read_bytes() for folder in (finished, tmp_path / "again")
    ]
    assert models[0] == models[1]


def result_of(folder, right, model):
    folder.mkdir(exist_ok=True)
    result = {"result": {"right": right}, "model_sha256": model, "seconds": 1.0}
    (folder / "result.json").write_text(json.dumps(result))
    return xor.Result(right, folder / "report.html")


@pytest.mark.parametrize(
    ("right", "model", "comparison"),
    [
        (4, "a", "The result is the same, the weights bit for bit."),
        (3, "a", "The result is not the same: right was 4, is 3; the weights are the same."),
        (4, "b", "The result is not the same: the weights are others."),
        (float("nan"), "a", "right was 4, is nan"),
    ],
)
def test_results_are_compared(copied, tmp_path, monkeypatch, right, model, comparison):
    result_of(copied, 4, "a")
    run = lambda **_: result_of(tmp_path / "again", right, model)  # noqa: E731
    monkeypatch.setitem(RUNS, "xor", run)
    assert comparison in repeat(copied, record(copied), None).comparison
    (copied / "result.json").unlink()
    said = repeat(copied, record(copied), None).comparison
    assert said == "There is no result to compare with: that run did not end."


def test_other_versions_and_devices_are_told_a_line_each(copied):
    versions = record(copied)["versions"]
    del versions["optax"]
    change(copied, versions=versions | {"jax": "0.1"}, device={"platform": "gpu", "kind": "cpu"})
    assert differences(read_config(copied)) == [
        f"jax was 0.1, is {version('jax')}",
        f"optax was not there, is {version('optax')}",
        "device platform was gpu, is cpu",
    ]


def test_other_data_is_an_error_before_training(copied, tmp_path):
    change(copied, data=fingerprint("xor", 1 - xor.X, xor.Y))
    with pytest.raises(lp.DataError, match=r"the data 'xor' is not what it was: sha256 was .*, is"):
        repeat(copied, read_config(copied), tmp_path / "again", verbose=0)
    assert list((tmp_path / "again").iterdir()) == []


def test_a_run_is_not_repeated_over_itself(copied):
    with pytest.raises(lp.ArgumentError, match="is the run to be repeated; choose another folder"):
        repeat(copied / "config.json", read_config(copied), copied / ".." / "copied", verbose=0)
    assert (copied / "result.json").exists()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"format": 2}, "its format is 2, this Lampas reads 1"),
        ({"case": "nor"}, "there is no case 'nor', only boundary, chirp"),
        ({"case": "../../evil"}, "there is no case '../../evil'"),
        ({"data": None}, "its 'data' is None"),
        (
            {"arguments": {"epochs": 3}},
            "the case takes epochs, batch_size, seed, the record has ep",
        ),
        ({"arguments": {"epochs": "3", "batch_size": 4, "seed": 0}}, "epochs is '3'"),
    ],
)
def test_a_record_that_can_not_be_repeated_says_why(copied, parts, message):
    change(copied, **parts)
    with pytest.raises(lp.FileError) as raised:
        read_config(copied)
    assert message in str(raised.value)
    assert str(copied / "config.json") in str(raised.value)


def test_a_record_that_is_damaged_or_not_there(tmp_path):
    with pytest.raises(lp.FileError, match=r"can not read .*No such file.*Give the config.json"):
        read_config(tmp_path)
    for content in ("{", "[]", "3", '{"a": 1}'):
        (tmp_path / "config.json").write_text(content)
        with pytest.raises(lp.FileError, match="no record of a run"):
            read_config(tmp_path)


def test_a_run_that_dies_has_its_record_but_no_result(tmp_path, monkeypatch):
    (tmp_path / "result.json").write_text("of an earlier run")
    monkeypatch.setattr(xor, "learn", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        xor.run(out=tmp_path, verbose=0)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_all_cases_are_recorded_and_their_arguments_are_plain():
    for run in RUNS.values():
        assert run.__wrapped__.__name__ == "run"
        hints = get_type_hints(run)
        assert {"seed", "out", "verbose"} <= set(hints)


def test_what_is_no_recorded_run_writes_nothing(tmp_path):
    begin(tmp_path, "xor", xor.X)
    assert list(tmp_path.iterdir()) == []


def test_a_whole_number_is_as_good_as_a_float(copied):
    arguments = {
        "f": "x",
        "low": 0,
        "high": 1.5,
        "units": 8,
        "epochs": 1,
        "batch_size": 4,
        "seed": 0,
    }
    change(copied, case="function", arguments=arguments)
    assert read_config(copied)["arguments"] == arguments


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
    content = bytes(2 * WHOLE)
    known = files(tmp_path / "x", {"long": content})["sha256"]
    middle, end = bytearray(content), bytearray(content)
    middle[WHOLE], end[-1] = 1, 1
    assert files(tmp_path / "y", {"long": bytes(middle)})["sha256"] == known
    assert files(tmp_path / "z", {"long": bytes(end)})["sha256"] != known


def test_a_file_is_told_by_its_content(tmp_path):
    path = tmp_path / "series.csv"
    path.write_bytes(b"a\n1\n")
    found = fingerprint(path)
    assert found["bytes"] == 4
    # As sha256sum says.
    assert found["sha256"] == "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc"
    with pytest.raises(lp.FileError, match=r"can not read .*absent"):
        fingerprint(tmp_path / "absent")


def test_named_data_is_told_by_forms_and_contents():
    x = np.arange(3000, dtype=np.int16).reshape(1500, 2)
    known = fingerprint("set", x)["sha256"]
    assert fingerprint("set", Rows(x[::-1], np.arange(1500)[::-1]))["sha256"] == known
    others = [x[::-1], x.T, x.astype(np.int32), x.reshape(3000)]
    assert len({known, *(fingerprint("set", other)["sha256"] for other in others)}) == 5
    texts = fingerprint("texts", ["ab", "c"])
    assert texts["parts"] == ["2 texts"]
    assert texts["sha256"] != fingerprint("texts", ["a", "bc"])["sha256"]


def test_a_name_is_no_path_even_if_there_is_such_a_folder():
    assert named("samples", ("samples",)) == "samples"
    assert named("mine", ("samples",)) == Path("mine")
    assert named(Path("reviews"), ("reviews",)) == "reviews"


def test_the_home_folder_is_not_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/alice")
    assert without_home("/home/alice/pictures") == "~/pictures"
    assert without_home("lampas --data '/home/alice/a b' --out /home/alice") == (
        "lampas --data '~/a b' --out ~"
    )
    assert without_home("/home/alicent/x") == "/home/alicent/x"
    assert without_home("reviews") == "reviews"


def test_data_in_the_home_folder_is_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    seen = []

    class Case:
        @staticmethod
        def run(data: str, seed: int = 0, out=None, verbose=0):
            seen.append(data)
            raise lp.DataError("seen")

    monkeypatch.setitem(RUNS, "xor", Case.run)
    config = {"case": "xor", "arguments": {"data": "~/mine", "seed": 0}, "data": {}}
    with pytest.raises(lp.DataError, match="seen"):
        repeat(tmp_path / "config.json", config, None)
    assert seen == [os.path.join(tmp_path, "mine")]


def test_arguments_are_recorded_as_given_and_defaulted(tmp_path):
    class Result(NamedTuple):
        score: np.float32
        report: Path

    @recorded("test_record")
    def run(data: str | Path, rate: float = 0.5, out: Path | None = None, verbose: int = 0):
        begin(tmp_path, "set", np.zeros(3))
        (tmp_path / "model.safetensors").write_bytes(b"")
        return Result(np.float32(0.25), tmp_path)

    run(Path("a") / "b")
    assert record(tmp_path)["arguments"] == {
        "data": without_home(str(Path("a/b").absolute())),
        "rate": 0.5,
    }
    assert json.loads((tmp_path / "result.json").read_text())["result"] == {"score": 0.25}
