"""A run records all that is needed to repeat it."""

import json
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
from lampas.app.runs.fingerprint import fingerprint
from lampas.app.runs.record import record_run, redact_home, start_run


def record(folder):
    return json.loads((folder / "config.json").read_text())


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


def test_a_run_that_dies_has_its_record_but_no_result(tmp_path, monkeypatch):
    (tmp_path / "result.json").write_text("of an earlier run")
    monkeypatch.setattr(xor, "train_model", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        xor.run(out=tmp_path, verbose=0)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_all_cases_are_recorded_and_their_arguments_are_plain():
    for run in RUNS.values():
        assert run.__wrapped__.__name__ in ("run", "train")
        hints = get_type_hints(run)
        assert {"seed", "out", "verbose"} <= set(hints)


def test_what_is_no_recorded_run_writes_nothing(tmp_path):
    start_run(tmp_path, "xor", xor.X)
    assert list(tmp_path.iterdir()) == []


def test_the_home_folder_is_not_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/alice")
    assert redact_home("/home/alice/pictures") == "~/pictures"
    assert redact_home("lampas --data '/home/alice/a b' --out /home/alice") == (
        "lampas --data '~/a b' --out ~"
    )
    assert redact_home("/home/alicent/x") == "/home/alicent/x"
    assert redact_home("reviews") == "reviews"


def test_arguments_are_recorded_as_given_and_defaulted(tmp_path):
    class Result(NamedTuple):
        score: np.float32
        report: Path

    @record_run("test_record")
    def run(data: str | Path, rate: float = 0.5, out: Path | None = None, verbose: int = 0):
        start_run(tmp_path, "set", np.zeros(3))
        (tmp_path / "model.safetensors").write_bytes(b"")
        return Result(np.float32(0.25), tmp_path)

    run(Path("a") / "b")
    assert record(tmp_path)["arguments"] == {
        "data": redact_home(str(Path("a/b").absolute())),
        "rate": 0.5,
    }
    assert json.loads((tmp_path / "result.json").read_text())["result"] == {"score": 0.25}
