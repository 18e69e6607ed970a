"""The ``lampas`` command."""

from __future__ import annotations

import sys

import typer

from ...core.errors import LampasError
from . import automl as own
from . import examples as cases
from . import tools

app = typer.Typer(
    help="Lampas: deep learning, short to write, free to shape, compiled whole.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(own.app)
app.add_typer(cases.app, name="run")
app.add_typer(tools.app)


def main() -> None:
    """Run the command; an error that Lampas raises on purpose is one message, not a traceback."""
    try:
        app()
    except LampasError as error:
        from rich.console import Console
        from rich.markup import escape

        text = f"[bold red]error[/] {escape(str(error))}"
        Console(stderr=True).print(text, highlight=False, soft_wrap=True)
        sys.exit(1)
