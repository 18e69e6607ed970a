"""Helpers for tests of examples."""

import csv

from typer.testing import CliRunner

import lampas as lp
from lampas.app.cli.commands import app


def load_run(folder):
    """Check that a run has written its report and history; load its model."""
    page = (folder / "report.html").read_text()
    assert page.startswith("<!doctype html>") or page.lower().startswith("<!doctype html>")
    assert "<svg" in page
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    assert rows
    assert "loss" in rows[0]
    return lp.load(folder / "model.safetensors")


def command(*words):
    result = CliRunner().invoke(app, ["run", *map(str, words)], env={"COLUMNS": "100"})
    assert result.exception is None, result.output
    return result.output
