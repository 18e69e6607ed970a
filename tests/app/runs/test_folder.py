"""The folder of a run is numbered, checked and left only when needed."""

import subprocess
import sys

import pytest

import lampas as lp
from lampas.app.examples import boundary, xor
from lampas.app.examples import function_fit as function
from lampas.app.runs.folder import run_folder


def test_folders_are_numbered_and_never_shared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = [run_folder(None, "xor") for _ in range(3)]
    assert [str(folder) for folder in folders] == ["runs/xor", "runs/xor-2", "runs/xor-3"]


def test_an_output_folder_that_can_not_be_written_is_told_before_training(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    for run in (xor.run, function.run, boundary.run):
        with pytest.raises(lp.FileError, match=r"cannot write to the output folder .*--out"):
            run(out=blocked / "run", verbose=1)
    assert blocked.read_text() == "not a folder"


@pytest.mark.long
def test_a_run_that_fails_before_it_writes_leaves_no_folder(tmp_path):
    (tmp_path / "short.csv").write_text("a\n1\n")
    (tmp_path / "mine").mkdir()
    for out in ([], ["--out", "mine"]):
        command = ["run", "chirp", "--data", "short.csv", *out]
        call = [sys.executable, "-c", "from lampas.app.cli import main; main()", *command]
        ended = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
        assert ended.returncode == 1
        assert "error" in ended.stderr
    assert not (tmp_path / "runs/chirp").exists()
    assert (tmp_path / "mine").exists()
