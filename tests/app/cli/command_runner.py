"""Runs commands in the process of the test."""

from typer.testing import CliRunner

from lampas.app.cli.commands import app

runner = CliRunner()


def run(*words):
    return runner.invoke(app, list(words), env={"COLUMNS": "100"})
