"""A process that trains again and again does not grow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lampas as lp

SCRIPT = Path(__file__).with_name("many_fits.py")
WARM, FITS = 60, 160


@pytest.mark.long
def test_a_hundred_fits_leave_memory_flat_and_no_thread_behind(tmp_path):
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), str(FITS)],
        env=os.environ | {"PYTHONPATH": str(Path(lp.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    rows = [list(map(int, line.split())) for line in run.stdout.splitlines()]
    memory = {number: used for number, used, _ in rows}
    assert memory[FITS] < 1.05 * memory[WARM], memory
    assert {threads for _, _, threads in rows} == {1}
