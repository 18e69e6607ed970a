"""``lampas run``: one command for each example, made from the signature of its ``run``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Option

from ...core.errors import ArgumentError
from ..runs.repeat import differences, read_config, repeat
from .options import (
    Device,
    Open,
    Out,
    described_parameters,
    select_device,
    set_parameters,
    show_report,
)
from .registry import EXAMPLES, RUNS

app = typer.Typer(no_args_is_help=True, invoke_without_command=True)


@app.callback()
def rerun_callback(
    context: typer.Context,
    record: Annotated[
        Path | None,
        Option(
            "--from", help="Repeat a run: the config.json of its folder. Takes --out and --open."
        ),
    ] = None,
    out: Annotated[Path | None, Option(hidden=True)] = None,
    show: Annotated[bool, Option("--open", hidden=True)] = False,
) -> None:
    """Run an example: train on real data, evaluate, write a report."""
    if record is not None and context.invoked_subcommand is None:
        rerun(record, out, show)
    elif record is not None or out is not None or show:
        name = context.invoked_subcommand
        raise ArgumentError(
            "--from cannot be combined with an example: lampas run --from FOLDER/config.json"
            if record is not None
            else f"options follow the example: lampas run {name or 'EXAMPLE'} --out FOLDER --open"
        )


def rerun(record: Path, out: Path | None, show: bool) -> None:
    """Repeat a recorded run; print what has changed since, and whether the result is the same."""
    config = read_config(record, RUNS)
    with suppress(ArgumentError):  # Without such a device the run uses another one and says so.
        select_device(str(config["device"].get("platform", "")))
    for line in differences(config):
        print(f"warning: {line}", file=sys.stderr)
    result, comparison = repeat(record, config, out, RUNS)
    for name, value in result._asdict().items():
        if name != "report":
            print(f"{name} {value}")
    print(comparison)
    show_report(result.report, show)


def example_command(run: Callable[..., Any]) -> Callable[..., None]:
    """Make a command from a ``run`` function: its arguments, and ``--device`` and ``--open``.

    The help of the command and of its options is the docstring of the function.
    """

    def command(device: str, show: bool, **arguments: Any) -> None:
        select_device(device)
        result = run(**arguments)
        print(result)
        show_report(result.report, show)

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = {
        parameter.name: parameter.replace(kind=kind) for parameter in described_parameters(run)
    }
    del parameters["verbose"]
    parameters["out"] = parameters["out"].replace(annotation=Out)
    device = inspect.Parameter("device", kind, default="", annotation=Device)
    show = inspect.Parameter("show", kind, default=False, annotation=Open)
    return set_parameters(command, [*parameters.values(), device, show], run)


for _name, _run in EXAMPLES.items():
    app.command(_name)(example_command(_run))
