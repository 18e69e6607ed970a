"""The command as a whole: help, errors, and the message without typer."""

import subprocess
import sys

import pytest

from lampas.app.cli import main
from lampas.app.cli.registry import EXAMPLES
from tests.app.cli.command_runner import run


def test_help_names_the_commands():
    text = run("--help").output
    for command in ("run", "explain", "devices", "runs", "compare", "info"):
        assert f" {command} " in text
    text = run("run", "--help").output
    assert all(name in text for name in EXAMPLES)


def test_without_typer_the_command_names_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "The lampas command needs more packages: pip install 'lampas[app]'\n"
    )


@pytest.mark.long
def test_the_entry_point_loads_without_typer():
    code = "import sys; sys.modules['typer'] = None; import lampas.app.cli; print('loaded')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "loaded\n"


def test_an_error_is_one_message_and_no_traceback(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["lampas", "run", "function", "--f", "open(x)"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    printed = capsys.readouterr().err
    assert printed.startswith("error 'open(x)' is not allowed in a formula")
    assert "Traceback" not in printed
