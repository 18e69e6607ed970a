"""All commands of ``lampas`` in one typer application."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from . import automl, examples, tools


class Commands(TyperGroup):
    """All commands; Ctrl-C ends each of them with one line."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
            raise typer.Exit(130) from None


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
