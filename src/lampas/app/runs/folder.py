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
from .record import lock_run


def run_folder(out: Path | None, case: str) -> Path:
    """Create and lock the folder of a run: ``out``, or the next free ``runs/<case>``, ``-2``, ...

    Raises:
        FileError: when the folder cannot be created or written to, or another run is writing into
            it.
    """
    folder = out or Path("runs") / case
    try:
        if out is None:
            folder = _create_next(folder)
        elif not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _remove_later(folder)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(
            f"cannot write to the output folder {folder}: {error.strerror}. Choose another with "
            "--out."
        ) from error
    lock_run(folder)
    return folder


def _create_next(folder: Path) -> Path:
    """Create the first of ``folder``, ``folder-2``, ... that does not exist yet."""
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2))
    folder.parent.mkdir(parents=True, exist_ok=True)
    for path in itertools.chain([folder], numbered):
        with suppress(FileExistsError):
            path.mkdir()
            _remove_later(path)
            break
    return path


def _remove_later(folder: Path) -> None:
    """Remove the folder of a run that ends before it writes anything."""
    atexit.register(_remove_if_empty, folder.absolute())


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def write_run(folder: Path, report: Report, model: Model, history: History) -> Path:
    """Write ``model.safetensors``, ``history.csv`` and ``report.html``; returns its path."""
    model.save(folder / "model.safetensors", include_optimizer=False)
    history.write_csv(folder / "history.csv")
    return report.write(folder / "report.html")


def add_summary(report: Report, model: Model) -> None:
    """Add a section with the layers of the model."""
    summary = model.summary_table()
    rows = [
        [row.path, row.kind, row.output, row.parameters, row.multiplications]
        for layer in summary.rows
        for _, row in layer.walk(expand=True)
    ]
    report.section("The network")
    report.table(
        ["layer", "kind", "output", "parameters", "multiplications"],
        rows,
        f"{summary.totals()[0]}.",
    )
