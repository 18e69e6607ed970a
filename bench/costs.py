"""The cost of monitoring training: ``python -m bench.costs``, run in the repository's root.

The same fit is timed with and without the check for finite numbers, the progress bar, HealthMonitor
and checkpoints, in one process and in turns. The bar is rendered as on a terminal, but not shown.
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
"""Epochs for some seconds of training."""


@dataclass
class MonitoredFit:
    """One configuration of training a workload, compiled and warmed up.

    Without ``checked``, steps do not check that loss and gradients are finite.
    """

    workload: Workload
    checked: bool = True
    bar: bool = False
    monitor: bool = False
    checkpoint: bool = False
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trainer = Trainer(self.workload)
        self.health_monitor = lp.HealthMonitor()
        with self._steps():
            self._fit(2, None)

    def measure(self) -> None:
        """Time one fit."""
        with TemporaryDirectory() as folder:
            start = time.perf_counter()
            self._fit(EPOCHS[self.workload.name], folder if self.checkpoint else None)
            self.seconds.append(time.perf_counter() - start)

    def _fit(self, epochs: int, folder: str | None) -> None:
        self.trainer.model.fit(
            self.trainer.x,
            self.trainer.y,
            self.trainer.batch,
            epochs,
            verbose=1 if self.bar else 0,
            callbacks=[self.health_monitor] if self.monitor else [],
            seed=0,
            checkpoint=folder,
        )

    def _steps(self) -> contextlib.AbstractContextManager[Any]:
        if self.checked:
            return contextlib.nullcontext()
        return mock.patch("lampas.train.step.all_finite", return_value=np.True_)


CONFIGURATIONS: dict[str, dict[str, bool]] = {
    "nothing": {"checked": False},
    "finite numbers": {},
    "and progress bar": {"bar": True},
    "and HealthMonitor": {"monitor": True},
    "and checkpoints": {"checkpoint": True},
    "all together": {"bar": True, "monitor": True, "checkpoint": True},
}


@contextlib.contextmanager
def terminal() -> Iterator[None]:
    """Render output as for a terminal, and discard it."""
    with (
        mock.patch.dict(os.environ, {"TTY_COMPATIBLE": "1", "FORCE_COLOR": "1"}),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        yield


def measure(name: str, rounds: int) -> list[list[str]]:
    """A row for each configuration: milliseconds per step, and the increase in percent."""
    with terminal():
        fits = {
            label: MonitoredFit(WORKLOADS[name], **options)
            for label, options in CONFIGURATIONS.items()
        }
        for _ in range(rounds):
            for fit in fits.values():
                fit.measure()
    steps = EPOCHS[name] * WORKLOADS[name].steps(1)
    base = fits["nothing"].seconds
    rows = []
    for label, fit in fits.items():
        increase = [
            100 * (seconds / bare - 1) for seconds, bare in zip(fit.seconds, base, strict=True)
        ]
        step_ms = 1000 * statistics.median(fit.seconds) / steps
        rows.append(
            [f"{name}: {label}", f"{step_ms:.3g}", f"{statistics.median(increase):+.1f} %",
             f"{min(increase):+.1f} to {max(increase):+.1f} %"]
        )  # fmt: skip
    return rows


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Timed fits per configuration.")] = 5,
    out: Annotated[Path | None, typer.Option(help="Markdown file to write.")] = None,
) -> None:
    """Time training with and without monitoring."""
    columns = ["configuration", "ms per step", "increase", "range"]
    table = Table(
        "The cost of monitoring", columns, [r for name in EPOCHS for r in measure(name, rounds)]
    )
    Console().print(table.rich(), processor())
    if out is not None:
        out.write_text("\n".join(table.markdown()), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
