"""Run once more what a record says, and tell whether the same comes out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from ...core.errors import (ArgumentError, FileError)
from ...train.progress_bar import Verbose
from .record import (CONFIG, FORMAT, RESULT, device, repeating, versions)

Runs = Mapping[str, Callable[..., Any]]
"""Functions that keep a record of their runs, by name."""
KEYS = {"case": str, "arguments": dict, "versions": dict, "device": dict, "data": dict}


class Repeated(NamedTuple):
    """What the run has returned, and in a sentence how it compares with the one before."""

    result: Any
    comparison: str


def read_config(path: Path, runs: Runs) -> dict[str, Any]:
    """The record of a run: its ``config.json``, or the folder with it.

    Raises:
        FileError: when it is not there, no record of a run, or of a run that this Lampas can not
            do; says which.
    """
    path = path / CONFIG if path.is_dir() else path
    try:
        config = json.loads(path.read_bytes())
    except OSError as error:
        raise FileError(
            f"can not read {path}: {error.strerror}. Give the {CONFIG} of a run's folder."
        ) from error
    except ValueError as error:
        raise FileError(f"{path} is damaged or no record of a run: {error}.") from error
    if problem := _problem(config, runs):
        raise FileError(f"{path} is no record of a run that can be repeated: {problem}.")
    return config


def differences(config: dict[str, Any]) -> list[str]:
    """What is other than it was, versions and device, a line each."""
    was = config["versions"] | {f"device {key}": value for key, value in config["device"].items()}
    now = versions() | {f"device {key}": value for key, value in device().items()}
    return [
        f"{name} was {was.get(name, 'not there')}, is {value}"
        for name, value in now.items()
        if was.get(name) != value
    ]


def repeat(
    path: Path, config: dict[str, Any], out: Path | None, runs: Runs, verbose: Verbose = "auto"
) -> Repeated:
    """Run a case with the arguments of a record, in a new folder.

    Args:
        path: where the record was read, for the result beside it.
        config: as of :func:`read_config`.
        out: the folder; None for the next free one.
        runs: the functions that can be repeated, by name.
        verbose: as of ``Model.fit``.

    Raises:
        ArgumentError: when ``out`` is the folder of that run.
        DataError: when the data is not what it was.
    """
    if out is not None and out.resolve() == _folder(path).resolve():
        raise ArgumentError(f"--out {out} is the run to be repeated; choose another folder.")
    before, arguments = _result(path), config["arguments"]
    arguments = {name: _at_home(value) for name, value in arguments.items()}
    with repeating(config):
        result = runs[config["case"]](**arguments, out=out, verbose=verbose)
    after = _result(result.report)
    assert after is not None, "a run that has ended has a result"
    return Repeated(result, _compared(before, after))


def _at_home(value: Any) -> Any:
    """A path in the home folder, which records write as ``~``, whose it may be."""
    return str(Path(value).expanduser()) if str(value).startswith("~") else value


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _problem(config: Any, runs: Runs) -> str:
    """What is wrong with a record; empty if nothing."""
    if not isinstance(config, dict) or "format" not in config:
        return f'it has no "format": {FORMAT}'
    if config["format"] != FORMAT:
        return f"its format is {config['format']!r}, this Lampas reads {FORMAT}"
    for key, kind in KEYS.items():
        if not isinstance(config.get(key), kind):
            return f"its {key!r} is {config.get(key)!r}"
    if config["case"] not in runs:
        return f"there is no case {config['case']!r}, only {', '.join(runs)}"
    return _misfit(runs[config["case"]], config["arguments"])


def _misfit(run: Callable[..., Any], arguments: dict[str, Any]) -> str:
    hints = get_type_hints(run)
    known = [name for name in inspect.signature(run).parameters if name not in ("out", "verbose")]
    if set(known) != set(arguments):
        return f"the case takes {', '.join(known)}, the record has {', '.join(arguments)}"
    for name, value in arguments.items():
        if not isinstance(value, _types(hints[name])):
            return f"{name} is {value!r}"
    return ""


def _types(hint: Any) -> tuple[type, ...]:
    """The types of a plain value that stands for an argument of this type."""
    if isinstance(hint, UnionType) or get_origin(hint) is Union:
        return tuple(kind for part in get_args(hint) for kind in _types(part))
    if get_origin(hint) is Literal or hint is Path:
        return (str,)
    return (int, float) if hint is float else (get_origin(hint) or hint,)


def _result(beside: Path) -> dict[str, Any] | None:
    """The result in the folder of a run; None if the run has not ended."""
    try:
        found = json.loads((_folder(beside) / RESULT).read_bytes())
        return {"model": found["model_sha256"], **found["result"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _compared(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    if before is None:
        return "There is no result to compare with: that run did not end."
    if repr(before) == repr(after):
        return "The result is the same, the weights bit for bit."
    differs = [
        f"{name} was {before.get(name)}, is {value}"
        for name, value in after.items()
        if name != "model" and repr(before.get(name)) != repr(value)
    ]
    weights = "the weights are " + ("the same" if before["model"] == after["model"] else "others")
    return f"The result is not the same: {'; '.join([*differs, weights])}."
