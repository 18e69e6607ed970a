"""What several commands share: options, and how they end."""

from __future__ import annotations

import os
import sys
import warnings
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ...core.errors import ArgumentError

Epochs = Annotated[int, typer.Option(min=1, help="How often to go through the data.")]
BatchSize = Annotated[int, typer.Option("--batch", min=1, help="Examples a step.")]
Seed = Annotated[int, typer.Option(help="Decides everything random.")]
Device = Annotated[str, typer.Option(help="cpu, gpu or tpu; by default the fastest there is.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for the report and the model. [default: runs/NAME]")
]
Open = Annotated[bool, typer.Option("--open", help="Show the report in the browser.")]
Pictures = Annotated[
    str,
    typer.Option(
        help="auto (the published set, or drawn pictures without a network), synthetic (drawn), "
        "or a folder with a sub-folder for each class."
    ),
]
Size = Annotated[int, typer.Option(min=16, help="Pixels a side.")]
Limit = Annotated[
    int | None, typer.Option(min=0, help="Pictures of a class at most; 0 for all there are.")
]
Units = Annotated[int, typer.Option(min=1, help="Units of the hidden layer.")]


def tell(report: Path, show: bool) -> None:
    """Print where the report is; open it if wanted and there is a screen."""
    print(f"report {report}")
    screen = sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if show and screen:
        webbrowser.open(report.absolute().as_uri())


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Warnings as one line each, without the place in the code."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: print(f"warning: {message}", file=sys.stderr)
        yield


def use(device: str) -> None:
    """Compute on the first device of this kind from now on.

    Raises:
        ArgumentError: when this machine has none; names those it has.
    """
    if not device:
        return
    import jax

    try:
        jax.config.update("jax_default_device", jax.devices(device)[0])
    except RuntimeError as error:
        there = sorted({d.platform for d in jax.devices()})
        raise ArgumentError(
            f"there is no device {device!r} here, only {', '.join(there)}."
        ) from error
