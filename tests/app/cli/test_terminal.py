"""The command on terminals that cannot show every character, and stopped by Ctrl-C at any time."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from lampas.app.cli.terminal import use_plain_characters
from tests.app.cli.command_runner import run

COMMAND = [sys.executable, "-c", "from lampas_command import main; main()"]


def test_streams_write_plain_characters(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    use_plain_characters()
    print("loss 0.1 · 5×5", flush=True)
    assert stream.buffer.getvalue() == b"loss 0.1 - 5x5\n"


@pytest.mark.long
def test_a_terminal_of_ascii_shows_a_comparison(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [*COMMAND, "devices", "--help"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("seconds", [0.15, 0.6, 1.5, pytest.param(3.0, marks=pytest.mark.long)])
def test_ctrl_c_while_it_starts(seconds):
    process = subprocess.Popen(
        [*COMMAND, "explain", "--epochs", "100000000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "stopped\n")


def test_ctrl_c_in_a_command(monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("lampas.app.runs.history.past_runs", interrupted)
    result = run("runs")
    assert result.exit_code == 130
    assert result.stderr == "stopped\n"


def test_the_entry_point_is_small():
    """Python reads it before anything could catch Ctrl-C."""
    code = "import sys, lampas_command; print(any('numpy' in name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_interrupt_lost_in_a_callback_comes_again():
    code = """
import gc, signal, sys, time, types
sys.modules["lampas"] = types.ModuleType("lampas")
for name in ("lampas.app", "lampas.app.cli", "lampas.app.cli.commands"):
    sys.modules[name] = types.ModuleType(name)

def run():
    gc.callbacks.append(lambda phase, _: phase == "start" and signal.raise_signal(signal.SIGINT))
    try:
        gc.collect()
        gc.callbacks.clear()
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        print("interrupted")

sys.modules["lampas.app.cli"].main = run
from lampas_command import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")
