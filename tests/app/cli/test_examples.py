"""Commands of examples are made from their functions, and runs are repeated."""

import inspect
import json
import re

import pytest

from lampas import ArgumentError
from lampas.app.cli import examples
from lampas.app.cli.options import argument_descriptions
from lampas.app.cli.registry import EXAMPLES, RUNS
from tests.app.cli.command_runner import run


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_takes_the_common_options(name):
    text = run("run", name, "--help").output
    for option in ("--epochs", "--batch", "--seed", "--device", "--out", "--open"):
        assert option in text


@pytest.mark.long
def test_a_case_prints_its_result_and_its_report(tmp_path):
    result = run("run", "xor", "--out", str(tmp_path / "run"), "--epochs", "400", "--device", "cpu")
    assert result.exit_code == 0
    assert "4 of 4 correct" in result.output
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.long
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
    assert "The result is the same, and the weights are identical bit for bit." in result.output
    assert f"report {again / 'report.html'}" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "x", "xor"], "--from cannot be combined with an example"),
        (["--out", "x", "xor"], "options follow the example: lampas run xor --out"),
        (["--open"], "options follow the example: lampas run EXAMPLE --out"),
    ],
)
def test_options_of_a_repeated_run_stand_with_it(words, message):
    result = run("run", *words)
    assert isinstance(result.exception, ArgumentError)
    assert message in str(result.exception)


def test_all_examples_are_commands_and_can_be_repeated():
    names = [command.name for command in examples.app.registered_commands]
    assert names == list(EXAMPLES)
    assert {*names, "train"} == set(RUNS)


def test_options_are_those_of_the_function_with_their_ranges():
    text = " ".join(run("run", "stamps", "--help").output.replace("│", " ").split())
    assert "Classify few photographs with a pretrained VGG-16" in text
    assert re.search("--data .{,9} stamps, or a folder with a sub-folder for each class.", text)
    assert "[x>=32] Height and width in pixels. [default: 96]" in text
    assert re.search(r"--batch .{,20} \[x>=1\] Images per step. \[default: 16\]", text)
    assert "--verbose" not in text
    refused = run("run", "stamps", "--size", "8")
    assert refused.exit_code == 2
    assert "--size" in refused.output


@pytest.mark.parametrize("run_example", EXAMPLES.values(), ids=EXAMPLES)
def test_every_argument_has_a_description(run_example):
    names = set(inspect.signature(run_example).parameters)
    assert set(argument_descriptions(run_example)) == names
