"""Commands that explain a training step, and list devices, past runs and versions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from ..runs.options import Positive
from .options import Seed, docstring_help

app = typer.Typer()


@app.command()
@docstring_help
def explain(
    file: Annotated[Path | None, Argument()] = None,
    target: str | None = None,
    hidden: Annotated[int, Option(min=1, max=20)] = 3,
    activation: str = "tanh",
    rate: float = 0.5,
    epochs: Positive = 1000,
    seed: Seed = 0,
) -> None:
    """Show the six stages of learning in numbers, on a tiny network.

    Args:
        file: CSV file with a few rows of numbers; by default exclusive or.
        target: column to predict; by default the last one.
        hidden: units of the hidden layer.
        activation: activation of the hidden layer.
        rate: learning rate.
        epochs: number of passes over the data.
    """
    from ...inspection.explain import explain as explain_step
    from ..examples import explain_csv

    table = explain_csv.xor_table() if file is None else explain_csv.read_small_table(file, target)
    model = explain_csv.network(table, hidden, activation, rate)
    print(f"{', '.join(table.columns)} -> {table.target}")
    if table.scaled:
        print(f"scaled to mean 0 and standard deviation 1: {', '.join(table.scaled)}")
    print(explain_step(model, table.x, table.y, steps=epochs, seed=seed))
    print(f"\nAfter {epochs:,} steps")
    print("\n".join(explain_csv.train_and_predict(table, model, epochs, seed)))


@app.command()
@docstring_help
def devices(measure: Annotated[bool, Option("--measure")] = False) -> None:
    """List the available devices; with --measure also their speed.

    Args:
        measure: time the same work on each device.
    """
    from .. import device_benchmark

    available = device_benchmark.all_devices()
    if not measure:
        print("\n".join(map(device_benchmark.device_name, available)))
        return
    from rich.console import Console

    Console().print(device_benchmark.timings_table(list(map(device_benchmark.measure, available))))
    print(
        f"float32; a training step has {device_benchmark.BATCH_SIZE} images of 28 x 28; ×: speed "
        "relative to the CPU"
    )


@app.command()
@docstring_help
def runs(folder: Annotated[Path, Argument()] = Path("runs")) -> None:
    """List past runs with their results.

    Args:
        folder: folder that contains the folders of runs.
    """
    from rich.console import Console

    from ..runs.history import past_runs, runs_table

    Console().print(runs_table(past_runs(folder)))


@app.command()
@docstring_help
def compare(first: Path, second: Path) -> None:
    """Compare two runs: results, arguments, data, versions.

    Args:
        first: folder of a run.
        second: folder of another run.
    """
    from rich.console import Console

    from ..runs.history import compare as compare_runs
    from ..runs.history import comparison_table

    rows = compare_runs(first, second)
    Console().print(comparison_table(first, second, rows))
    differences = sum(row.differs for row in rows)
    print(f"≠ {differences} of {len(rows)} differ" if differences else "no differences")


@app.command()
def info() -> None:
    """Show versions, devices and the cache."""
    from importlib.metadata import version

    import jax

    from ... import __version__
    from ...core.filesystem import cache_dir

    print(f"lampas   {__version__}")
    for package in ("jax", "jaxlib", "optax", "numpy"):
        print(f"{package:8} {version(package)}")
    print(f"python   {sys.version.split()[0]}")
    for device in jax.devices():
        print(f"device   {device.device_kind} ({device.platform}:{device.id})")
    folder = cache_dir()
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"cache    {folder} ({size / 1e6:,.1f} MB)")
