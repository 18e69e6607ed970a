"""Commands that show: how learning works, what there is to compute on, what has been run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import Epochs, Seed

app = typer.Typer()


@app.command()
def explain(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV file with a few rows of numbers. [default: exclusive or]"),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Column to learn. [default: the last one]")
    ] = None,
    hidden: Annotated[int, typer.Option(min=1, max=20, help="Units of the hidden layer.")] = 3,
    activation: Annotated[str, typer.Option(help="Of the hidden layer.")] = "tanh",
    rate: Annotated[float, typer.Option(help="Learning rate.")] = 0.5,
    epochs: Epochs = 1000,
    seed: Seed = 0,
) -> None:
    """Show the six stages of learning with all their numbers, on a tiny network."""
    from ...inspection.explain import explain as explain_step
    from ..examples import explain_csv as tiny

    few = tiny.exclusive_or() if file is None else tiny.read_few(file, target)
    model = tiny.network(few, hidden, activation, rate)
    print(f"{', '.join(few.columns)} -> {few.target}")
    if few.scaled:
        print(f"scaled to mean 0 and standard deviation 1: {', '.join(few.scaled)}")
    print(explain_step(model, few.x, few.y, steps=epochs, seed=seed))
    print(f"\nAfter {epochs:,} steps")
    print("\n".join(tiny.learnt(few, model, epochs, seed)))


@app.command()
def devices(
    measure: Annotated[
        bool, typer.Option("--measure", help="Time the same work on each of them.")
    ] = False,
) -> None:
    """List what can be computed on; with --measure also how fast."""
    from .. import device_benchmark as case

    there = case.all_devices()
    if not measure:
        print("\n".join(map(case.name_of, there)))
        return
    from rich.console import Console

    Console().print(case.measured_table([case.measure(device) for device in there]))
    print(f"float32; a step of fit has {case.BATCH} pictures of 28 x 28; × as fast as the CPU")


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(help="With the folders of runs.")] = Path("runs"),
) -> None:
    """List past runs with their results."""
    from rich.console import Console

    from ..runs.history import past_runs, runs_table

    Console().print(runs_table(past_runs(folder)))


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(help="Folder of another.")],
) -> None:
    """Show two runs side by side: results, arguments, data, versions."""
    from rich.console import Console

    from ..runs.history import compare as side_by_side
    from ..runs.history import comparison_table

    lines = side_by_side(first, second)
    Console().print(comparison_table(first, second, lines))
    differs = sum(line.differs for line in lines)
    print(f"≠ {differs} of {len(lines)} differ" if differs else "nothing differs")


@app.command()
def info() -> None:
    """Show versions, devices and the cache."""
    from importlib.metadata import version

    import jax

    from ... import __version__
    from ...core.filesystem import cache_folder

    print(f"lampas   {__version__}")
    for package in ("jax", "jaxlib", "optax", "numpy"):
        print(f"{package:8} {version(package)}")
    print(f"python   {sys.version.split()[0]}")
    for device in jax.devices():
        print(f"device   {device.device_kind} ({device.platform}:{device.id})")
    folder = cache_folder()
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"cache    {folder} ({size / 1e6:,.1f} MB)")
