"""All commands of ``lampas`` in one typer application."""

from __future__ import annotations

import typer

from . import automl, examples, tools

app = typer.Typer(
    help="Lampas: deep learning, compiled to one program per epoch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(automl.app)
app.add_typer(examples.app, name="run")
app.add_typer(tools.app)
