"""Options and output that several commands share."""

from __future__ import annotations

import copy
import inspect
import os
import re
import sys
import warnings
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from typer import Option
from typer.models import ArgumentInfo, OptionInfo

from ...core.errors import ArgumentError

Seed = Annotated[int, Option(help="Seed of all random numbers.")]
Device = Annotated[str, Option(help="cpu, gpu or tpu; by default the fastest that is available.")]
Out = Annotated[
    Path | None, Option(help="Folder for the report and the model; by default runs/NAME.")
]
Open = Annotated[bool, Option("--open", help="Open the report in the browser.")]


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


def docstring_help(command: Callable[..., None]) -> Callable[..., None]:
    """Decorate a command: the help of its options is the ``Args:`` section of its docstring."""
    return set_parameters(command, list(described_parameters(command)), command)


def set_parameters(
    command: Callable[..., None], parameters: list[inspect.Parameter], described: Callable[..., Any]
) -> Callable[..., None]:
    """Set the parameters of a command; its help is the first paragraph of another's docstring."""
    command.__doc__ = (inspect.getdoc(described) or "").partition("\n\n")[0]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def described_parameters(function: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    """The parameters of a function, for typer, with their descriptions in its docstring as help."""
    hints, texts = get_type_hints(function, include_extras=True), argument_descriptions(function)
    for name, parameter in inspect.signature(function).parameters.items():
        required = parameter.default is parameter.empty
        hint, option = hints[name], (ArgumentInfo if required else OptionInfo)(default=...)
        if get_origin(hint) is Annotated:
            hint, option = map(copy.copy, get_args(hint))
        option.help = option.help or texts.get(name)
        if isinstance(option, OptionInfo) and option.default is ...:  # It has no flag of its own.
            option.param_decls = (f"--{'batch' if name == 'batch_size' else name}",)
        hint = str if hint == str | Path else hint
        yield parameter.replace(annotation=Annotated[hint, option])


def argument_descriptions(function: Callable[..., Any]) -> dict[str, str]:
    """The descriptions in the ``Args:`` section of a docstring, by argument."""
    section = (inspect.getdoc(function) or "").partition("Args:\n")[2].partition("\n\n")[0]
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE)
    texts = {name: " ".join(text.split()) for name, text in entries}
    return {
        name: re.sub('``"?|"?``', "", text[0].upper() + text[1:]) for name, text in texts.items()
    }
