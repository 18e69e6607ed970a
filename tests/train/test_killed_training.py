"""A training that is killed at random instants ends as the one that was not."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lampas as lp
from tests.scale import SCALE

SCRIPT = Path(__file__).with_name("killed_training.py")
KILLS = 20 * SCALE


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the script forks")
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("arrays", marks=(pytest.mark.long, pytest.mark.soak)),
        *(pytest.param(kind, marks=pytest.mark.soak) for kind in ("memory map", "generator")),
        pytest.param("loader", marks=(pytest.mark.peer, pytest.mark.soak)),
    ],
)
def test_kills_change_nothing(tmp_path, kind):
    found = Path(lp.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), str(KILLS), "0", kind],
        env=os.environ | {"PYTHONPATH": str(found)},
        capture_output=True,
        text=True,
        timeout=300 * SCALE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[0] == str(KILLS)
    whole, killed = (np.load(tmp_path / f"{name}.npz") for name in ("whole", "killed"))
    assert sorted(whole) == sorted(killed)
    for name in whole:
        assert np.array_equal(whole[name], killed[name]), name
    assert (tmp_path / "whole.csv").read_text() == (tmp_path / "killed.csv").read_text()
    assert len(list((tmp_path / "killed").iterdir())) == 2
