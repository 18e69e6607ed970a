"""`lampas train`, killed at random instants and started again, ends with the same model."""

import csv
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.scale import SCALE

KILLS = 20
LAMPAS = [sys.executable, "-c", "from lampas.app.cli import main; main()"]


def write_table(path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["width", "height", "weight", "kind"])
        for row in x:
            writer.writerow([*(f"{value:.3f}" for value in row), "ab"[int(row.sum() > 0)]])


def write_series(path):
    """A series: its network is trained a second time, on all rows."""
    noise = np.random.default_rng(0).normal(size=600)
    values = np.sin(np.arange(600) / 4) + 0.3 * noise
    path.write_text("\n".join(["kind", *map(str, values)]))


KINDS = {"table": write_table, "series": write_series}
CHECKPOINTS = {"table": ["checkpoint"], "series": ["checkpoint", "checkpoint/refit"]}


def start(path, kind, out):
    arguments = ["--target", "kind", "--epochs", "300", "--rate", "0.003", "--batch", "16"]
    return subprocess.Popen(
        [*LAMPAS, "train", str(path), "--kind", kind, *arguments, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for_folder(process, folder):
    while not folder.is_dir() and process.poll() is None:
        time.sleep(0.01)


@pytest.mark.soak
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("seed", range(SCALE))
@pytest.mark.parametrize("kind", KINDS)
def test_killed_training(tmp_path, kind, seed):
    data = tmp_path / "things.csv"
    KINDS[kind](data)
    whole = start(data, kind, tmp_path / "whole")
    output, _ = whole.communicate(timeout=600)
    assert whole.returncode == 0, output
    rng = random.Random(seed)
    for _ in range(KILLS):
        process = start(data, kind, tmp_path / "killed")
        if rng.random() < 0.7:
            wait_for_folder(process, tmp_path / "killed" / rng.choice(CHECKPOINTS[kind]))
            time.sleep(rng.uniform(0, 1))
        else:
            time.sleep(rng.uniform(0, 4))
        process.kill()
        process.communicate()
        assert process.returncode in (0, -signal.SIGKILL)
    last = start(data, kind, tmp_path / "killed")
    output, _ = last.communicate(timeout=600)
    assert last.returncode == 0, output
    models = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "killed")]
    assert models[0] == models[1]
    assert not [name for name in os.listdir(tmp_path / "killed") if name.startswith(".")]
