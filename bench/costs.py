"""What it costs to watch a fit: ``python -m bench.costs``, from the repository's root.

The same fit with and without its check for finite numbers, the progress bar, Monitor and
checkpoints, in one process and in turns. The bar is drawn as on a terminal, but not shown.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from unittest import mock

import numpy as np
import typer
from rich.console import Console

import lampas as lp

from .machine import processor
from .peers.lampas_fit import Trainer
from .table import Table
from .workloads import WORKLOADS, Workload

EPOCHS = {"xor": 400_000, "mnist_cnn": 12}
"""Some seconds of training."""


@dataclass
class Watched:
    """One way of training a workload, compiled and warm.

    ``checked`` is false for steps that do not look whether their numbers are finite.
    """

    workload: Workload
    checked: bool = True
    bar: bool = False
    monitor: bool = False
    checkpoint: bool = False
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trained = Trainer(self.workload)
        self.monitoring = lp.Monitor()
        with self._steps():
            self._fit(2, None)

    def measure(self) -> None:
        """Time one fit."""
        with TemporaryDirectory() as folder:
            began = time.perf_counter()
            self._fit(EPOCHS[self.workload.name], folder if self.checkpoint else None)
            self.seconds.append(time.perf_counter() - began)

    def _fit(self, epochs: int, folder: str | None) -> None:
        self.trained.model.fit(
            self.trained.x,
            self.trained.y,
            self.trained.batch,
            epochs,
            verbose=1 if self.bar else 0,
            callbacks=[self.monitoring] if self.monitor else [],
            seed=0,
            checkpoint=folder,
        )

    def _steps(self) -> contextlib.AbstractContextManager[Any]:
        if self.checked:
            return contextlib.nullcontext()
        return mock.patch("lampas.train.step.all_finite", return_value=np.True_)


WAYS: dict[str, dict[str, bool]] = {
    "nothing": {"checked": False},
    "finite numbers": {},
    "and progress bar": {"bar": True},
    "and Monitor": {"monitor": True},
    "and checkpoints": {"checkpoint": True},
    "all together": {"bar": True, "monitor": True, "checkpoint": True},
}


@contextlib.contextmanager
def terminal() -> Iterator[None]:
    """What is printed is taken for a terminal's, and thrown away."""
    with (
        mock.patch.dict(os.environ, {"TTY_COMPATIBLE": "1", "FORCE_COLOR": "1"}),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        yield


def measure(name: str, rounds: int) -> list[list[str]]:
    """A row for each way: milliseconds a step, and how much more than nothing."""
    with terminal():
        ways = {label: Watched(WORKLOADS[name], **way) for label, way in WAYS.items()}
        for _ in range(rounds):
            for way in ways.values():
                way.measure()
    steps = EPOCHS[name] * WORKLOADS[name].steps(1)
    base = ways["nothing"].seconds
    rows = []
    for label, way in ways.items():
        more = [100 * (mine / bare - 1) for mine, bare in zip(way.seconds, base, strict=True)]
        each = 1000 * statistics.median(way.seconds) / steps
        rows.append(
            [f"{name}: {label}", f"{each:.3g}", f"{statistics.median(more):+.1f} %",
             f"{min(more):+.1f} to {max(more):+.1f} %"]
        )  # fmt: skip
    return rows


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Timed fits each.")] = 5,
    out: Annotated[Path | None, typer.Option(help="A Markdown file to write.")] = None,
) -> None:
    """Time fits that are watched and fits that are not."""
    columns = ["watched", "ms a step", "more", "range"]
    table = Table(
        "The cost of watching", columns, [r for name in EPOCHS for r in measure(name, rounds)]
    )
    Console().print(table.rich(), processor())
    if out is not None:
        out.write_text("\n".join(table.markdown()), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
