"""A recorded run is repeated, and the results are compared."""

import json
import os
from importlib.metadata import version

import pytest

import lampas as lp
from lampas.app.cli.registry import RUNS
from lampas.app.examples import xor
from lampas.app.runs import repeat as repeating_runs
from lampas.app.runs.fingerprint import fingerprint
from lampas.app.runs.repeat import differences


def read_config(path):
    return repeating_runs.read_config(path, RUNS)


def repeat(path, config, out, verbose="auto"):
    return repeating_runs.repeat(path, config, out, RUNS, verbose)


def record(folder):
    return json.loads((folder / "config.json").read_text())


def change(folder, **parts):
    (folder / "config.json").write_text(json.dumps(record(folder) | parts))


@pytest.fixture
def copied(finished, tmp_path):
    folder = tmp_path / "copied"
    folder.mkdir()
    for name in ("config.json", "result.json"):
        (folder / name).write_bytes((finished / name).read_bytes())
    return folder


@pytest.mark.long
def test_a_run_that_is_repeated_comes_out_the_same(finished, tmp_path):
    config = read_config(finished / "config.json")
    assert config == read_config(finished)
    assert differences(config) == []
    again = repeat(finished, config, tmp_path / "again", verbose=0)
    assert again.comparison == "The result is the same, and the weights are identical bit for bit."
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
        (4, "a", "The result is the same, and the weights are identical bit for bit."),
        (3, "a", "The result differs: right was 4, is 3; the weights are the same."),
        (4, "b", "The result differs: the weights are different."),
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
    assert said == "There is no result to compare with: the recorded run did not finish."


def test_other_versions_and_devices_are_told_a_line_each(copied):
    versions = record(copied)["versions"]
    del versions["optax"]
    change(copied, versions=versions | {"jax": "0.1"}, device={"platform": "gpu", "kind": "cpu"})
    assert differences(read_config(copied)) == [
        f"jax was 0.1, is {version('jax')}",
        f"optax was absent, is {version('optax')}",
        "device platform was gpu, is cpu",
    ]


def test_other_data_is_an_error_before_training(copied, tmp_path):
    change(copied, data=fingerprint("xor", 1 - xor.X, xor.Y))
    with pytest.raises(lp.DataError, match=r"the data 'xor' has changed: sha256 was .*, is"):
        repeat(copied, read_config(copied), tmp_path / "again", verbose=0)
    assert list((tmp_path / "again").iterdir()) == []


def test_a_run_is_not_repeated_over_itself(copied):
    with pytest.raises(
        lp.ArgumentError, match="is the folder of the run to repeat; choose another"
    ):
        repeat(copied / "config.json", read_config(copied), copied / ".." / "copied", verbose=0)
    assert (copied / "result.json").exists()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"format": 2}, "has format 2, this Lampas reads 1"),
        ({"case": "nor"}, "there is no case 'nor'; the cases are mnist, flowers"),
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
    with pytest.raises(lp.FileError, match=r"cannot read .*No such file.*Give the config.json"):
        read_config(tmp_path)
    for content in ("{", "[]", "3", '{"a": 1}'):
        (tmp_path / "config.json").write_text(content)
        with pytest.raises(lp.FileError, match="not the record of a run"):
            read_config(tmp_path)


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


def test_data_in_the_home_folder_is_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    seen = []

    class Case:
        @staticmethod
        def run(data: str, target: str, seed: int = 0, out=None, verbose=0):
            seen.extend((data, target))
            raise lp.DataError("seen")

    monkeypatch.setitem(RUNS, "xor", Case.run)
    arguments = {"data": "~/mine", "target": "~price", "seed": 0}
    config = {"case": "xor", "arguments": arguments, "data": {}}
    with pytest.raises(lp.DataError, match="seen"):
        repeat(tmp_path / "config.json", config, None)
    assert seen == [os.path.join(tmp_path, "mine"), "~price"]
