"""``lampas run``: one command for each example, made from the signature of its ``run``."""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo

from ...core.errors import ArgumentError
from ..runs.repeat import differences, read_config, repeat
from .options import Device, Open, Out, select_device, show_report
from .registry import EXAMPLES, RUNS

app = typer.Typer(no_args_is_help=True, invoke_without_command=True)


@app.callback()
def rerun_callback(
    context: typer.Context,
    record: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Repeat a run: the config.json of its folder. Takes --out and --open."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(hidden=True)] = None,
    show: Annotated[bool, typer.Option("--open", hidden=True)] = False,
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

    parameters = [*_options(run), _parameter("device", Device, ""), _parameter("show", Open, False)]
    command.__doc__ = inspect.getdoc(run).partition("\n\n")[0]  # type: ignore[union-attr]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _options(run: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    hints, texts = get_type_hints(run, include_extras=True), argument_descriptions(run)
    for name, parameter in inspect.signature(run).parameters.items():
        if name == "verbose":
            continue
        if name == "out":
            yield _parameter(name, Out, None)
            continue
        hint, option = hints[name], OptionInfo(default=...)
        if get_origin(hint) is Annotated:
            hint, option = get_args(hint)
        option = copy.copy(option)
        option.help = texts[name]
        flag = f"--{'batch' if name == 'batch_size' else name}"
        option.param_decls = (flag,)
        hint = str if hint == str | Path else hint
        yield _parameter(name, Annotated[hint, option], parameter.default)


def _parameter(name: str, hint: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=hint)


def argument_descriptions(function: Callable[..., Any]) -> dict[str, str]:
    """The descriptions in the ``Args:`` section of a docstring, by argument."""
    section = (inspect.getdoc(function) or "").partition("Args:\n")[2].partition("\n\n")[0]
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE)
    texts = {name: " ".join(text.split()) for name, text in entries}
    return {
        name: re.sub('``"?|"?``', "", text[0].upper() + text[1:]) for name, text in texts.items()
    }


for _name, _run in EXAMPLES.items():
    app.command(_name)(example_command(_run))
