"""Repeat a recorded run and compare the results."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from ...core.errors import ArgumentError, FileError
from ...train.progress_bar import Verbose
from .record import (
    CONFIG,
    CONFIG_TYPES,
    NOT_RECORDED,
    RESULT,
    device_info,
    package_versions,
    read_json,
    read_record,
    require_data,
)

Runs = Mapping[str, Callable[..., Any]]
"""Functions whose runs are recorded, by name."""


class RerunResult(NamedTuple):
    """The result of the repeated run, and a sentence that compares it with the first one."""

    result: Any
    comparison: str


def read_config(path: Path, runs: Runs) -> dict[str, Any]:
    """Read the record of a run.

    Args:
        path: ``config.json``, or the folder that contains it.
        runs: the functions that can be repeated, by name.

    Raises:
        FileError: when the file is missing or damaged, or this version of Lampas cannot repeat the
            run.
    """
    path = path / CONFIG if path.is_dir() else path
    config = read_record(path, CONFIG_TYPES)
    if problem := _problem(config, runs):
        raise FileError(f"{path} is not the record of a run that can be repeated: {problem}.")
    return config


def differences(config: dict[str, Any]) -> list[str]:
    """Changes of versions and device since the recorded run, one line each."""
    was = config["versions"] | {f"device {key}": value for key, value in config["device"].items()}
    now = package_versions() | {f"device {key}": value for key, value in device_info().items()}
    return [
        f"{name} was {was.get(name, 'absent')}, is {value}"
        for name, value in now.items()
        if was.get(name) != value
    ]


def repeat(
    path: Path, config: dict[str, Any], out: Path | None, runs: Runs, verbose: Verbose = "auto"
) -> RerunResult:
    """Repeat a run with its recorded arguments, in a new folder.

    Args:
        path: path of the record; its folder also contains the result to compare with.
        config: the record, as :func:`read_config` returns it.
        out: folder of the new run; by default the next free one.
        runs: the functions that can be repeated, by name.
        verbose: see ``Model.fit``.

    Raises:
        ArgumentError: when ``out`` is the folder of the recorded run.
        DataError: when the data has changed.
    """
    if out is not None and out.resolve() == _run_folder(path).resolve():
        raise ArgumentError(f"--out {out} is the folder of the run to repeat; choose another.")
    before, arguments = _read_result(path), config["arguments"]
    arguments = {name: _expand_home(value) for name, value in arguments.items()}
    with require_data(config):
        result = runs[config["case"]](**arguments, out=out, verbose=verbose)
    after = _read_result(result.report)
    assert after is not None, "a finished run has a result"
    return RerunResult(result, _compare_results(before, after))


def _expand_home(value: Any) -> Any:
    """Replace the ``~`` of a recorded path by the home folder."""
    is_path = value == "~" or str(value).startswith(("~/", "~\\"))
    return str(Path(value).expanduser()) if is_path else value


def _run_folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _problem(config: dict[str, Any], runs: Runs) -> str:
    """Say why a run cannot be repeated; empty if it can."""
    if config["case"] not in runs:
        return f"there is no case {config['case']!r}; the cases are {', '.join(runs)}"
    run, arguments = runs[config["case"]], config["arguments"]
    hints = get_type_hints(run)
    parameters = [name for name in inspect.signature(run).parameters if name not in NOT_RECORDED]
    if set(parameters) != set(arguments):
        return f"the case takes {', '.join(parameters)}, the record has {', '.join(arguments)}"
    for name, value in arguments.items():
        if not isinstance(value, _json_types(hints[name])):
            return f"{name} is {value!r}"
    return ""


def _json_types(hint: Any) -> tuple[type, ...]:
    """The JSON types that represent an argument of this type."""
    if isinstance(hint, UnionType) or get_origin(hint) is Union:
        return tuple(type_ for option in get_args(hint) for type_ in _json_types(option))
    if get_origin(hint) is Literal or hint is Path:
        return (str,)
    return (int, float) if hint is float else (get_origin(hint) or hint,)


def _read_result(path: Path) -> dict[str, Any] | None:
    """The result in the folder of a run; None if the run did not finish."""
    try:
        record = read_json(_run_folder(path) / RESULT)
        return {"model": record["model_sha256"], **record["result"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _compare_results(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    if before is None:
        return "There is no result to compare with: the recorded run did not finish."
    if repr(before) == repr(after):
        return "The result is the same, and the weights are identical bit for bit."
    differs = [
        f"{name} was {before.get(name)}, is {value}"
        for name, value in after.items()
        if name != "model" and repr(before.get(name)) != repr(value)
    ]
    weights = "the same" if before["model"] == after["model"] else "different"
    return f"The result differs: {'; '.join([*differs, f'the weights are {weights}'])}."
