"""One process at a time writes into the folder of a run."""

import os
import signal
import subprocess
import sys

import pytest

from lampas import FileError
from lampas.app.runs.lock import LOCK, lock_folder

HOLDER = """
import sys, time
from pathlib import Path
from lampas.app.runs.lock import lock_folder
with lock_folder(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_second_lock_names_the_process_that_holds_the_first(tmp_path):
    with lock_folder(tmp_path):
        with pytest.raises(FileError) as error, lock_folder(tmp_path):
            pass
        assert str(error.value) == (
            f"process {os.getpid()} is writing a run into {tmp_path}. Wait until it ends, or "
            "choose another folder with --out."
        )
    with lock_folder(tmp_path):
        assert (tmp_path / LOCK).read_text() == f"{os.getpid()}\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.long
def test_the_lock_of_a_dead_process_keeps_nobody_out(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(FileError, match=f"process {process.pid} is writing"):
            lock_folder(tmp_path).__enter__()
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    assert (tmp_path / LOCK).exists()
    with lock_folder(tmp_path):
        pass
    assert not (tmp_path / LOCK).exists()


def test_a_number_of_a_process_that_is_damaged_is_no_obstacle(tmp_path):
    (tmp_path / LOCK).write_bytes(b"\xff" * 100)
    with lock_folder(tmp_path):
        pass


def test_a_folder_that_is_gone(tmp_path):
    with pytest.raises(FileError, match=r"cannot write .*\.lock: No such file"):
        lock_folder(tmp_path / "nowhere").__enter__()
