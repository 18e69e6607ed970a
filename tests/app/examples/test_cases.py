"""The use cases reach what they promise and leave a whole folder behind."""

import csv
import subprocess
import sys

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import boundary, mnist, xor
from lampas.app.examples import function_fit as function
from lampas.app.runs.folder import run_folder


def whole(folder):
    """The folder of a run has its report, a model that loads, and a history."""
    page = (folder / "report.html").read_text()
    assert page.startswith("<!doctype html>") or page.lower().startswith("<!doctype html>")
    assert "<svg" in page
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    assert rows
    assert "loss" in rows[0]
    return lp.load(folder / "model.safetensors")


def test_xor_is_right_for_every_seed():
    for seed in range(10):
        lp.set_seed(seed)
        model, _ = xor.learn(epochs=500, batch_size=4)
        np.testing.assert_array_equal(model.predict(xor.X) > 0.5, xor.Y)


def test_xor_writes_its_run(tmp_path):
    result = xor.run(seed=3, out=tmp_path, verbose=0)
    assert result.right == 4
    assert result.report == tmp_path / "report.html"
    np.testing.assert_array_equal(whole(tmp_path).predict(xor.X) > 0.5, xor.Y)


def test_sine_is_fitted_to_two_hundredths(tmp_path):
    assert function.run(out=tmp_path, verbose=0).error < 0.02
    whole(tmp_path)


def test_a_constant_is_fitted(tmp_path):
    assert function.run("3", epochs=20, out=tmp_path, verbose=0).error < 0.02


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (0, float("inf"))])
def test_an_empty_interval_is_an_error(low, high, tmp_path):
    with pytest.raises(lp.ArgumentError, match="the interval must go up"):
        function.run("x", low, high, out=tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("shape", ["moons", "circles", "spirals"])
def test_a_curve_parts_what_a_line_does_not(shape, tmp_path):
    result = boundary.run(shape, out=tmp_path, verbose=0)
    assert result.network > 0.95 > result.perceptron + 0.05
    whole(tmp_path)


def test_an_unknown_shape_offers_the_nearest(tmp_path):
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'moons'"):
        boundary.run("moon", out=tmp_path)


@pytest.mark.long
def test_digits_are_read(tmp_path):
    digits = lp.datasets.digits()
    assert digits.train[0].shape[1:] == (8, 8, 1)
    result = mnist.run("digits", epochs=8, out=tmp_path, verbose=0)
    assert result.accuracy > 0.9
    x, y = digits.test
    assert (whole(tmp_path).predict(x).argmax(1) == y).mean() == pytest.approx(result.accuracy)


def test_folders_are_numbered_and_never_shared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = [run_folder(None, "xor") for _ in range(3)]
    assert [str(folder) for folder in folders] == ["runs/xor", "runs/xor-2", "runs/xor-3"]


def test_an_output_folder_that_can_not_be_written_is_told_before_training(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    for run in (xor.run, function.run, boundary.run):
        with pytest.raises(lp.FileError, match=r"can not write to the output folder .*--out"):
            run(out=blocked / "run", verbose=1)
    assert blocked.read_text() == "not a folder"


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
