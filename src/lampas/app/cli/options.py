"""Options and output that several commands share."""

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

Epochs = Annotated[int, typer.Option(min=1, help="Number of passes over the data.")]
Seed = Annotated[int, typer.Option(help="Seed of all random numbers.")]
Device = Annotated[
    str, typer.Option(help="cpu, gpu or tpu; by default the fastest that is available.")
]
Out = Annotated[
    Path | None, typer.Option(help="Folder for the report and the model; by default runs/NAME.")
]
Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]


def show_report(report: Path, show: bool) -> None:
    """Print the path of the report; with ``show``, open it in a browser if there is a screen."""
    print(f"report {report}")
    has_screen = sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(
        os.environ
    )
    if show and has_screen:
        webbrowser.open(report.absolute().as_uri())


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Print warnings as one line each, without their place in the code."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: print(f"warning: {message}", file=sys.stderr)
        yield


def select_device(device: str) -> None:
    """Make the first device of this platform the default device.

    Raises:
        ArgumentError: when this machine has no such device.
    """
    if not device:
        return
    import jax

    try:
        jax.config.update("jax_default_device", jax.devices(device)[0])
    except RuntimeError as error:
        available = sorted({d.platform for d in jax.devices()})
        raise ArgumentError(
            f"there is no device {device!r}; the available devices are {', '.join(available)}."
        ) from error
