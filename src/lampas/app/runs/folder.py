"""The folder of a run: report, model and history."""

from __future__ import annotations

import atexit
from contextlib import suppress
from pathlib import Path

from ...core.errors import FileError
from ..report import Report
from ...train.history import History
from ...train.model import Model


def run_folder(out: Path | None, case: str) -> Path:
    """Make the folder of a run: ``out``, or the next free ``runs/<case>``, ``runs/<case>-2``, ...

    Raises:
        FileError: when it can not be made or written to; nothing has been trained then.
    """
    folder = out or _next_free(Path("runs") / case)
    if not folder.exists():
        # A run that ends with an error before it has anything to write leaves nothing behind.
        atexit.register(_remove_if_empty, folder.absolute())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FileError(
            f"can not write to the output folder {folder}: {error.strerror}. Choose another with "
            "--out."
        ) from error
    return folder


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _next_free(folder: Path) -> Path:
    number = 2
    free = folder
    while free.exists():
        free = folder.with_name(f"{folder.name}-{number}")
        number += 1
    return free


def write_run(folder: Path, report: Report, model: Model, history: History) -> Path:
    """Write ``model.safetensors``, ``history.csv`` and ``report.html``; returns the report."""
    model.save(folder / "model.safetensors")
    history.write_csv(folder / "history.csv")
    return report.write(folder / "report.html")


def add_summary(report: Report, model: Model) -> None:
    """A section with the model's layers."""
    summary = model.summary()
    rows = [
        [row.path, row.kind, row.output, row.parameters, row.multiplications]
        for row in summary.rows
    ]
    report.section("The network")
    report.table(
        ["layer", "kind", "output", "parameters", "multiplications"],
        rows,
        f"{summary.parameters:,} parameters; {summary.multiplications:,} multiplications for one "
        "example.",
    )
