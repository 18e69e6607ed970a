"""Steps are explained; devices, runs and versions are listed."""

import pytest

from lampas import FileError, __version__
from lampas.app import device_benchmark as devices
from tests.app.cli.command_runner import run


@pytest.mark.long
def test_explain_shows_six_stages_of_exclusive_or_and_what_was_learnt():
    result = run("explain", "--epochs", "400", "--hidden", "2", "--rate", "1", "--seed", "3")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "a, b -> a xor b"
    assert [line[:1] for line in lines if line[1:3] == "  " and line[0].isdigit()] == [*"123456"]
    assert "After 400 steps" in lines
    assert lines[-5].split() == ["a", "b", "a", "xor", "b", "output"]
    assert lines[-1].split()[:3] == ["1", "1", "0"]
    assert max(map(len, lines)) <= 80


@pytest.mark.long
def test_explain_takes_a_few_rows_of_ones_own(tmp_path):
    file = tmp_path / "few.csv"
    file.write_text("hours;grade;nights\n1;2;0\n4;3.5;1\n\n2;2.5;0\n")
    result = run("explain", str(file), "--target", "grade", "--epochs", "5", "--rate", "0.01")
    assert result.exit_code == 0, result.exception
    assert result.output.startswith("hours, nights -> grade")
    assert "MeanSquaredError" in result.output


@pytest.mark.long
def test_devices_are_listed_and_measured(monkeypatch):
    assert "cpu (cpu:0)" in run("devices").output
    for name, small in (("MATRIX_SIZE", 64), ("BATCH_SIZE", 4), ("STEPS", 2), ("SECONDS", 0.0)):
        monkeypatch.setattr(devices, name, small)
    text = run("devices", "--measure").output
    assert "product 64²" in text
    assert "CNN step" in text
    assert "1×" in text


@pytest.mark.long
def test_runs_are_listed_and_compared(tmp_path):
    for name, seed in (("a", 1), ("b", 2)):
        run("run", "xor", "--out", str(tmp_path / name), "--epochs", "5", "--seed", str(seed))
    text = run("runs", str(tmp_path)).output
    assert [line.split()[2] for line in text.splitlines()[1:]] == ["xor", "xor"]
    text = run("compare", str(tmp_path / "a"), str(tmp_path / "b")).output
    assert "≠  argument seed" in text
    assert "≠  weights" in text
    assert text.splitlines()[-1].endswith(" differ")
    assert run("compare", *[str(tmp_path / "a")] * 2).output.endswith("no differences\n")
    assert isinstance(run("runs", str(tmp_path / "c")).exception, FileError)


def test_info_shows_versions_devices_and_cache():
    text = run("info").output
    for word in (__version__, "jax", "device", "cpu", "cache"):
        assert word in text
