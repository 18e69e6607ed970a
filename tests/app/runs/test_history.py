"""Past runs are listed and compared from their records, damaged ones too."""

import json
from pathlib import Path

import pytest
from rich.console import Console

import lampas as lp
from lampas.app.examples import xor
from lampas.app.runs.history import compare, comparison_table, past_runs, read_run, runs_table


def write(folder: Path, began: str = "2026-01-02T03:04:05+00:00", right=4, **parts):
    folder.mkdir(parents=True)
    config = {
        "format": 1,
        "case": "xor",
        "arguments": {"epochs": 20, "seed": 0},
        "began": began,
        "versions": {"lampas": "0.1", "jax": "0.9"},
        "device": {"platform": "cpu", "kind": "cpu"},
        "data": {"name": "xor", "sha256": "a" * 64},
    }
    (folder / "config.json").write_text(json.dumps(config | parts))
    if right is not None:
        result = {"result": {"right": right, "loss": 0.123456789}, "model_sha256": "b" * 64}
        (folder / "result.json").write_text(json.dumps({**result, "seconds": 1234.56}))
    return folder


def printed(table) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_the_oldest_is_first_and_results_are_shown(tmp_path):
    write(tmp_path / "b", "2026-01-01T00:00:00+00:00", right=3)
    write(tmp_path / "a")
    (tmp_path / "other").mkdir()
    (tmp_path / "notes.txt").write_text("")
    runs = past_runs(tmp_path)
    assert [run.folder.name for run in runs] == ["b", "a"]
    assert runs[1].summary == "right 4, loss 0.123457"
    assert runs[1].seconds == "1,234.6"
    assert len(runs[0].started) == len("2026-01-01 00:00")
    lines = printed(runs_table(runs)).splitlines()
    assert lines[0].split() == ["started", "case", "result", "seconds", "folder"]
    assert lines[2].split()[2:] == ["xor", "right", "4,", "loss", "0.123457", "1,234.6", "a"]


def test_a_folder_of_a_run_is_listed_by_itself(tmp_path):
    assert [run.folder for run in past_runs(write(tmp_path / "one"))] == [tmp_path / "one"]


@pytest.mark.long
def test_a_real_run_is_read(tmp_path):
    folder = xor.run(5, out=tmp_path / "run", verbose=0).report.parent
    run = read_run(folder)
    assert run.problem == ""
    assert run.summary.startswith("right ")
    assert not any(line.differs for line in compare(folder, folder))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("config.json", "{", "config.json is damaged or not the record of a run: "),
        ("config.json", "[1]", "config.json is damaged or not the record of a run."),
        ("config.json", '{"format": 9}', "config.json has format 9, this Lampas reads 1."),
        ("config.json", '{"format": 1, "case": 3}', "config.json is damaged: its 'case' is 3."),
        ("result.json", '{"result": {}, "seconds": "x"}', "damaged: its 'seconds' is 'x'."),
        ("result.json", "\x00", "result.json is damaged or not the record of a run: "),
    ],
)
def test_damaged_records_do_not_stop_the_list(tmp_path, name, content, problem):
    write(tmp_path / "well")
    (write(tmp_path / "bad") / name).write_text(content)
    runs = {run.folder.name: run for run in past_runs(tmp_path)}
    assert runs["well"].problem == ""
    assert problem in runs["bad"].problem
    assert "damaged" in printed(runs_table([*runs.values()])) or "format 9" in problem


def test_a_run_that_did_not_end_says_so(tmp_path):
    run = read_run(write(tmp_path / "dead", right=None))
    assert (run.problem, run.summary, run.seconds) == ("did not finish", "", "")
    lines = compare(tmp_path / "dead", write(tmp_path / "well"))
    shown = {line.name: line[1:3] for line in lines}
    assert shown["result"] == ("did not finish", "-")
    assert shown["result right"] == ("-", "4")


def test_what_differs_is_marked(tmp_path):
    a = write(tmp_path / "a")
    b = write(
        tmp_path / "b",
        "2026-02-02T03:04:05+00:00",
        right=3,
        arguments={"epochs": 30, "seed": 0},
        data={"name": "xor", "sha256": "c" * 64},
    )
    lines = compare(a, b / "config.json")
    assert [line.name for line in lines if line.differs] == [
        "result right", "argument epochs", "data sha256",
    ]  # fmt: skip
    text = printed(comparison_table(a, b, lines))
    marked = [line.split()[1:] for line in text.splitlines() if line.startswith("≠")]
    assert marked == [
        ["result", "right", "4", "3"],
        ["argument", "epochs", "20", "30"],
        ["data", "sha256", "a" * 12, "c" * 12],
    ]


def test_folders_without_runs_are_refused(tmp_path):
    with pytest.raises(lp.FileError, match="there are no runs in"):
        past_runs(tmp_path)
    with pytest.raises(lp.FileError, match=r"cannot read .*nowhere: No such file"):
        past_runs(tmp_path / "nowhere")
    with pytest.raises(
        lp.FileError, match=r"is not the folder of a run: it contains no config\.json"
    ):
        compare(write(tmp_path / "a"), tmp_path)
    (tmp_path / "a" / "config.json").write_text("{")
    with pytest.raises(lp.FileError, match=r"config\.json is damaged"):
        compare(tmp_path / "a", tmp_path / "a")


def test_the_ends_of_intervals_are_left_out(tmp_path):
    folder = write(tmp_path / "run")
    result = {"score": 0.9, "low": 0.8, "high": 0.95, "ahead": 0.1, "ahead_low": -0.1}
    (folder / "result.json").write_text(json.dumps({"result": result, "seconds": 1.0}))
    assert read_run(folder).summary == "score 0.9, ahead 0.1"
