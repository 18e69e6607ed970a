"""All commands of ``lampas`` in one typer application."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from . import automl, examples, tools


class Commands(TyperGroup):
    """All commands; Ctrl-C ends each of them with one line."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().main(*arguments, **options)
        except SystemExit as end:
            # typer ends silently at Ctrl-C, also while it parses arguments.
            if end.__context__ and isinstance(end.__context__.__cause__, KeyboardInterrupt):
                print("stopped", file=sys.stderr)
            raise


app = typer.Typer(
    cls=Commands,
    help="Lampas: deep learning, compiled to one program per epoch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(automl.app)
app.add_typer(examples.app, name="run")
app.add_typer(tools.app)
