"""Create the folder of a run and write its report, model and history."""

from __future__ import annotations

import atexit
import itertools
from contextlib import suppress
from pathlib import Path

from ...core.errors import FileError
from ...train.history import History
from ...train.model import Model
from ..report import Report


def run_folder(out: Path | None, case: str) -> Path:
    """Create the folder of a run: ``out``, or the next free ``runs/<case>``, ``runs/<case>-2``, ...

    Raises:
        FileError: when the folder cannot be created or written to.
    """
    folder = out or _next_free(Path("runs") / case)
    if not folder.exists():
        # A run that fails before it writes anything leaves no folder behind.
        atexit.register(_remove_if_empty, folder.absolute())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FileError(
            f"cannot write to the output folder {folder}: {error.strerror}. Choose another with "
            "--out."
        ) from error
    return folder


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _next_free(folder: Path) -> Path:
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2))
    return next(path for path in itertools.chain([folder], numbered) if not path.exists())


def write_run(folder: Path, report: Report, model: Model, history: History) -> Path:
    """Write ``model.safetensors``, ``history.csv`` and ``report.html``; returns its path."""
    model.save(folder / "model.safetensors")
    history.write_csv(folder / "history.csv")
    return report.write(folder / "report.html")


def add_summary(report: Report, model: Model) -> None:
    """Add a section with the layers of the model."""
    summary = model.summary()
    rows = [
        [row.path, row.kind, row.output, row.parameters, row.multiplications]
        for row in summary.rows
    ]
    report.section("The network")
    report.table(
        ["layer", "kind", "output", "parameters", "multiplications"],
        rows,
        f"{summary.parameters:,} parameters; {summary.multiplications:,} multiplications per "
        "example.",
    )
