"""Record what is needed to repeat a run, and its result.

``config.json`` is written before training begins, so that a run that crashes has one;
``result.json`` when the run has finished.
"""

from __future__ import annotations

import inspect
import json
import platform
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import jax
import numpy as np

from ...core.errors import DataError, FileError
from ...core.filesystem import atomic_write
from .fingerprint import DataPart, file_sha256, fingerprint
from .lock import lock_folder

P = ParamSpec("P")
R = TypeVar("R")

FORMAT = 1
CONFIG, RESULT, MODEL = "config.json", "result.json", "model.safetensors"
SECTIONS = {"arguments": dict, "data": dict, "versions": dict, "device": dict}
"""Sections of ``config.json``, with their types."""
CONFIG_TYPES: Mapping[str, type] = {"case": str, **SECTIONS}
NOT_RECORDED = ("out", "verbose")
"""Arguments that do not affect the result."""


@dataclass
class _ActiveRun:
    """The run that is being recorded; ``folder`` is set by :func:`start_run`."""

    case: str
    arguments: dict[str, Any]
    folder: Path | None = None
    locks: ExitStack = field(default_factory=ExitStack)


_active_run: ContextVar[_ActiveRun | None] = ContextVar("active_run", default=None)
_expected_data: ContextVar[dict[str, Any] | None] = ContextVar("expected_data", default=None)


def record_run(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a ``run`` function so that each call is recorded in the folder of the run.

    The function calls :func:`start_run` as soon as it has its folder and its data.

    Args:
        name: name of the function in ``config.json``.
    """

    def decorate(run: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(run)

        @wraps(run)
        def with_record(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            arguments = {
                k: _to_json(v) for k, v in bound.arguments.items() if k not in NOT_RECORDED
            }
            active, start = _ActiveRun(name, arguments), time.perf_counter()
            with active.locks:
                token = _active_run.set(active)
                try:
                    result = run(*args, **kwargs)
                finally:
                    _active_run.reset(token)
                if active.folder is not None:
                    _write_result(active.folder, result, time.perf_counter() - start)
                return result

        return with_record

    return decorate


def lock_run(folder: Path) -> None:
    """Keep other processes out of a folder until the recorded run ends.

    Raises:
        FileError: when another run is writing into the folder.
    """
    if active := _active_run.get():
        active.locks.enter_context(lock_folder(folder))


def start_run(folder: Path, data: str | Path, *parts: DataPart) -> None:
    """Write ``config.json`` into the folder of a run; does nothing outside a recorded run.

    Args:
        folder: folder of the run.
        data: name of the data, or its path.
        parts: the arrays and texts behind the name, see :func:`fingerprint`.

    Raises:
        DataError: when the run repeats another one and its data has changed.
        FileError: when the file cannot be written.
    """
    active = _active_run.get()
    if active is None:
        return
    data_record = fingerprint(data, *parts)
    data_record["name"] = redact_home(data_record["name"])
    _check_data(data_record, _expected_data.get())
    config = {
        "format": FORMAT,
        "case": active.case,
        "arguments": active.arguments,
        "command": redact_home(shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": package_versions(),
        "device": device_info(),
        "data": data_record,
    }
    (folder / RESULT).unlink(missing_ok=True)
    _write_json(folder / CONFIG, config)
    active.folder = folder


def read_json(path: Path) -> Any:
    """Read a JSON file that another program or person may have changed.

    Raises:
        OSError: when the file cannot be read.
        ValueError: when it is not valid JSON, is nested too deeply, or has texts that are not
            valid Unicode.
    """
    try:
        content = json.loads(path.read_bytes())
        json.dumps(content, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return content


def read_record(path: Path, types: Mapping[str, type]) -> dict[str, Any]:
    """Read ``config.json`` or ``result.json``, and check the types of its values.

    Args:
        path: the file.
        types: required values and their types; integers are floats too.

    Raises:
        FileError: when the file is missing or damaged, or has another format.
    """
    try:
        content = read_json(path)
    except OSError as error:
        raise FileError(
            f"cannot read {path}: {error.strerror}. Give the {path.name} of a run's folder."
        ) from error
    except ValueError as error:
        raise FileError(f"{path} is damaged or not the record of a run: {error}.") from error
    is_config = path.name == CONFIG
    if not isinstance(content, dict) or (is_config and "format" not in content):
        raise FileError(f"{path} is damaged or not the record of a run.")
    if is_config and content["format"] != FORMAT:
        raise FileError(f"{path} has format {content['format']!r}, this Lampas reads {FORMAT}.")
    for name, type_ in types.items():
        if not isinstance(content.get(name), int | float if type_ is float else type_):
            raise FileError(f"{path} is damaged: its {name!r} is {content.get(name)!r:.40}.")
    return content


def is_unfinished(folder: Path, data: str | Path, *parts: DataPart) -> bool:
    """Whether the folder holds an unfinished run with the same arguments and data as this one."""
    active = _active_run.get()
    if active is None or (folder / RESULT).exists():
        return False
    try:
        config = read_json(folder / CONFIG)
        data_record = fingerprint(data, *parts)
        data_record["name"] = redact_home(data_record["name"])
        same = {"case": active.case, "arguments": active.arguments, "data": data_record}
        return all(config[name] == value for name, value in same.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextmanager
def require_data(config: dict[str, Any]) -> Iterator[None]:
    """Require that runs inside the block use the same data as the recorded one."""
    token = _expected_data.set(config["data"])
    try:
        yield
    finally:
        _expected_data.reset(token)


def package_versions() -> dict[str, str]:
    """Versions of Lampas, Python and the packages that affect the result."""
    packages = ("jax", "jaxlib", "numpy", "optax")
    from ... import __version__

    runtime = {"lampas": __version__, "python": platform.python_version()}
    return runtime | {package: version(package) for package in packages}


def device_info() -> dict[str, str]:
    """The default device: its ``platform`` and ``kind``."""
    default: Any = jax.config.jax_default_device  # type: ignore[attr-defined]
    selected = jax.devices(default)[0] if isinstance(default, str) else default or jax.devices()[0]
    return {"platform": selected.platform, "kind": selected.device_kind}


def _check_data(data_record: dict[str, Any], expected: dict[str, Any] | None) -> None:
    if expected is None or data_record == expected:
        return
    differs = [
        f"{key} was {expected.get(key)}, is {data_record.get(key)}"
        for key in dict.fromkeys([*expected, *data_record])
        if expected.get(key) != data_record.get(key)
    ]
    raise DataError(
        f"the data {data_record['name']!r} has changed: {'; '.join(differs)}. Restore the data of "
        "that run, or start a new run."
    )


def _write_result(folder: Path, result: Any, seconds: float) -> None:
    """Write ``result.json``: the returned values, the SHA-256 of the model, and the duration."""
    numbers = {k: _to_json(v) for k, v in result._asdict().items() if k != "report"}
    model = {"model_sha256": file_sha256(folder / MODEL)}
    _write_json(folder / RESULT, {"result": numbers, **model, "seconds": round(seconds, 3)})


def _to_json(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {name: _to_json(item) for name, item in value.items()}
    if isinstance(value, Path):
        value = str(value.absolute())  # The run may be repeated from another folder.
    return redact_home(value) if isinstance(value, str) else value


def redact_home(text: str) -> str:
    """Replace the home folder by ``~``, so that records do not contain the user's name."""
    with suppress(RuntimeError):  # There may be no home folder.
        home = str(Path.home())
        return re.sub(rf"{re.escape(home)}(?=[\\/\s'\"]|$)", "~", text) if home != "/" else text
    return text


def _write_json(path: Path, content: dict[str, Any]) -> None:
    try:
        atomic_write(path, (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}.") from error
