"""The files that a fit on arrays passes through are the ones that CONTRIBUTING.md names."""

import os
import re
import sys
from pathlib import Path

import numpy as np

import lampas as lp

ROOT = Path(__file__).parents[2]
TRAIN = Path(lp.__file__).parent / "train"
AROUND = {
    *("callbacks/base.py", "history.py", "inputs/data_checks.py", "inputs/index_checks.py"),
    *("interrupts.py", "model_lock.py", "row_padding.py"),
}
"""Files around the loop, for threads and checks of the data, which the walk leaves out."""
MAX_FILES = 7


def documented() -> list[str]:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = text.split("## How fit reaches the training step\n")[1].split("\n## ")[0]
    return re.findall(r"^\d+\. `train/([\w/]+\.py)`", section, re.MULTILINE)


def entered(call) -> list[str]:
    """Files of train/ whose functions run during the call, in the order of the first entry."""
    files: dict[str, None] = {}

    folder = f"{TRAIN}{os.sep}"

    def profile(frame, event, _):
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(folder):
            files.setdefault(Path(name).relative_to(TRAIN).as_posix())

    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
    return [file for file in files if file not in AROUND]


class Network(lp.Model):
    def __init__(self):
        self.hidden, self.out = lp.Dense(3, "relu"), lp.Dense(1)

    def forward(self, x):
        return self.out(self.hidden(x))


def test_a_fit_on_arrays_enters_the_documented_files():
    model = Network()
    model.compile("adam", "mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    files = entered(lambda: model.fit(x, x[:, :1], batch_size=4, epochs=2, verbose=0, seed=0))
    assert sorted(files) == sorted(documented())
    assert len(files) <= MAX_FILES
