"""The command as a person types it."""

import json
import sys

import pytest
from typer.testing import CliRunner

from lampas import ArgumentError, FileError, __version__
from lampas.app import device_benchmark as devices
from lampas.app.cli import app, main, options
from lampas.app.cli import examples as cases
from lampas.app.cli.options import use
from lampas.app.cli.registry import RUNS as REPEATED

runner = CliRunner()


def run(*words):
    return runner.invoke(app, list(words), env={"COLUMNS": "100"})


CASES = ("mnist", "flowers", "malaria", "stamps", "xor", "function", "boundary")


def test_help_names_the_commands():
    text = run("--help").output
    for command in ("run", "explain", "devices", "runs", "compare", "info"):
        assert f" {command} " in text
    text = run("run", "--help").output
    assert all(case in text for case in CASES)


@pytest.mark.parametrize("case", CASES)
def test_every_case_takes_the_common_options(case):
    text = run("run", case, "--help").output
    for option in ("--epochs", "--batch", "--seed", "--device", "--out", "--open"):
        assert option in text


def test_a_case_prints_its_result_and_its_report(tmp_path):
    result = run("run", "xor", "--out", str(tmp_path / "run"), "--epochs", "400", "--device", "cpu")
    assert result.exit_code == 0
    assert "4 of 4 right" in result.output
    assert (tmp_path / "run" / "report.html").exists()


def test_a_recorded_run_is_repeated(tmp_path, capsys):
    first, again = tmp_path / "first", tmp_path / "again"
    run("run", "xor", "--out", str(first), "--epochs", "20", "--seed", "3", "--device", "cpu")
    config = json.loads((first / "config.json").read_text())
    assert config["arguments"] == {"epochs": 20, "batch_size": 4, "seed": 3}
    config["versions"]["numpy"] = "1.0"
    (first / "config.json").write_text(json.dumps(config))
    result = run("run", "--from", str(first / "config.json"), "--out", str(again))
    assert result.exit_code == 0
    assert "warning: numpy was 1.0, is" in result.stderr
    assert "right " in result.output
    assert "The result is the same, the weights bit for bit." in result.output
    assert f"report {again / 'report.html'}" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "x", "xor"], "--from stands alone"),
        (["--out", "x", "xor"], "stand behind the case: lampas run xor --out"),
        (["--open"], "stand behind the case: lampas run CASE --out"),
    ],
)
def test_options_of_a_repeated_run_stand_with_it(words, message):
    result = run("run", *words)
    assert isinstance(result.exception, ArgumentError)
    assert message in str(result.exception)


def test_all_cases_can_be_repeated():
    names = [command.callback.__name__ for command in cases.app.registered_commands]
    assert sorted([*names, "train"]) == sorted(REPEATED)


def test_explain_shows_six_stages_of_exclusive_or_and_what_was_learnt():
    result = run("explain", "--epochs", "400", "--hidden", "2", "--rate", "1", "--seed", "3")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "a, b -> a xor b"
    assert [line[:1] for line in lines if line[1:3] == "  " and line[0].isdigit()] == [*"123456"]
    assert "After 400 steps" in lines
    assert lines[-5].split() == ["a", "b", "a", "xor", "b", "says"]
    assert lines[-1].split()[:3] == ["1", "1", "0"]
    assert max(map(len, lines)) <= 80


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
    for name, small in (("SIDE", 64), ("BATCH", 4), ("STEPS", 2), ("SECONDS", 0.0)):
        monkeypatch.setattr(devices, name, small)
    text = run("devices", "--measure").output
    assert "product 64²" in text
    assert "CNN step" in text
    assert "1×" in text


def test_runs_are_listed_and_compared(tmp_path):
    for name, seed in (("a", 1), ("b", 2)):
        run("run", "xor", "--out", str(tmp_path / name), "--epochs", "5", "--seed", str(seed))
    text = run("runs", str(tmp_path)).output
    assert [line.split()[2] for line in text.splitlines()[1:]] == ["xor", "xor"]
    text = run("compare", str(tmp_path / "a"), str(tmp_path / "b")).output
    assert "≠  argument seed" in text
    assert "≠  weights" in text
    assert text.splitlines()[-1].endswith(" differ")
    assert run("compare", *[str(tmp_path / "a")] * 2).output.endswith("nothing differs\n")
    assert isinstance(run("runs", str(tmp_path / "c")).exception, FileError)


def test_info_shows_versions_devices_and_cache():
    text = run("info").output
    for word in (__version__, "jax", "device", "cpu", "cache"):
        assert word in text


def test_an_absent_device_is_named_with_those_there_are():
    with pytest.raises(ArgumentError, match="there is no device 'tpu' here, only"):
        use("tpu")


def test_an_error_is_one_message_and_no_traceback(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lampas", "run", "function", "--f", "open(x)"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    printed = capsys.readouterr().err
    assert printed.startswith("error 'open(x)' can not stand in a formula")
    assert "Traceback" not in printed


def test_the_report_is_opened_only_where_there_is_a_screen(monkeypatch, tmp_path, capsys):
    opened = []
    monkeypatch.setattr(options.webbrowser, "open", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    options.tell(tmp_path / "report.html", show=True)
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    options.tell(tmp_path / "report.html", show=True)
    assert opened == [(tmp_path / "report.html").as_uri()]
    assert "report.html" in capsys.readouterr().out
