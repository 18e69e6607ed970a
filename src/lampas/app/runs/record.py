"""The record of a run: what it takes to repeat it, and what came of it.

``config.json`` is there before training begins, so that a run that dies has one; ``result.json``
when it has ended.
"""

from __future__ import annotations

import inspect
import json
import platform
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import jax
import numpy as np

from ...core.errors import (DataError, FileError)
from ...core.filesystem import write_whole
from .fingerprint import (Part, file_sha256, fingerprint)

P = ParamSpec("P")
R = TypeVar("R")

FORMAT = 1
CONFIG, RESULT, MODEL = "config.json", "result.json", "model.safetensors"
NOT_RECORDED = ("out", "verbose")
"""Arguments that make no difference to what is learnt."""


@dataclass
class _Running:
    """A run that is recorded; ``folder`` is known once it has begun."""

    case: str
    arguments: dict[str, Any]
    folder: Path | None = None


_running: ContextVar[_Running | None] = ContextVar("running", default=None)
_expected: ContextVar[dict[str, Any] | None] = ContextVar("expected", default=None)


def recorded(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Record each call of a ``run`` function in its folder, under this name.

    The function calls :func:`begin` once it has its folder and its data.
    """

    def decorate(run: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(run)

        @wraps(run)
        def with_record(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            arguments = {k: _plain(v) for k, v in bound.arguments.items() if k not in NOT_RECORDED}
            running, start = _Running(name, arguments), time.perf_counter()
            token = _running.set(running)
            try:
                result = run(*args, **kwargs)
            finally:
                _running.reset(token)
            if running.folder is not None:
                _end(running.folder, result, time.perf_counter() - start)
            return result

        return with_record

    return decorate


def begin(folder: Path, data: str | Path, *parts: Part) -> None:
    """Write ``config.json`` into the folder of a run; outside of a recorded run do nothing.

    Args:
        folder: of the run.
        data: the name of the data, or its path.
        parts: the arrays and texts that it stands for, see :func:`fingerprint`.

    Raises:
        DataError: when the run repeats one whose data was other.
        FileError: when the file can not be written.
    """
    running = _running.get()
    if running is None:
        return
    found = fingerprint(data, *parts)
    found["name"] = without_home(found["name"])
    _check(found, _expected.get())
    config = {
        "format": FORMAT,
        "case": running.case,
        "arguments": running.arguments,
        "command": without_home(shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "device": device(),
        "data": found,
    }
    (folder / RESULT).unlink(missing_ok=True)
    _write(folder / CONFIG, config)
    running.folder = folder


def unfinished(folder: Path, data: str | Path, *parts: Part) -> bool:
    """Whether the folder holds the record of the running run, begun on this data and not ended."""
    running = _running.get()
    if running is None or (folder / RESULT).exists():
        return False
    try:
        config = json.loads((folder / CONFIG).read_bytes())
        found = fingerprint(data, *parts)
        found["name"] = without_home(found["name"])
        same = {"case": running.case, "arguments": running.arguments, "data": found}
        return all(config[name] == value for name, value in same.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextmanager
def repeating(config: dict[str, Any]) -> Iterator[None]:
    """Runs inside the block must have the data of this one."""
    token = _expected.set(config["data"])
    try:
        yield
    finally:
        _expected.reset(token)


def versions() -> dict[str, str]:
    """Of everything that decides what comes out."""
    packages = ("jax", "jaxlib", "numpy", "optax")
    from ... import __version__

    about = {"lampas": __version__, "python": platform.python_version()}
    return about | {package: version(package) for package in packages}


def device() -> dict[str, str]:
    """What is computed on: ``platform`` and ``kind``."""
    chosen: Any = jax.config.jax_default_device  # type: ignore[attr-defined]
    one = jax.devices(chosen)[0] if isinstance(chosen, str) else chosen or jax.devices()[0]
    return {"platform": one.platform, "kind": one.device_kind}


def _check(found: dict[str, Any], expected: dict[str, Any] | None) -> None:
    if expected is None or found == expected:
        return
    differs = [
        f"{key} was {expected.get(key)}, is {found.get(key)}"
        for key in dict.fromkeys([*expected, *found])
        if expected.get(key) != found.get(key)
    ]
    raise DataError(
        f"the data {found['name']!r} is not what it was: {'; '.join(differs)}. Bring back the "
        "data of then, or start a new run."
    )


def _end(folder: Path, result: Any, seconds: float) -> None:
    """Write ``result.json``: the numbers of the case, and the SHA-256 of its model."""
    numbers = {k: _plain(v) for k, v in result._asdict().items() if k != "report"}
    model = {"model_sha256": file_sha256(folder / MODEL)}
    _write(folder / RESULT, {"result": numbers, **model, "seconds": round(seconds, 3)})


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, Path):
        value = str(value.absolute())  # it may be repeated from another folder
    return without_home(value) if isinstance(value, str) else value


def without_home(text: str) -> str:
    """The text with ``~`` for the home folder: whose it is belongs in no record."""
    with suppress(RuntimeError):  # there may be none
        home = str(Path.home())
        return re.sub(rf"{re.escape(home)}(?=[\\/\s'\"]|$)", "~", text) if home != "/" else text
    return text


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        write_whole(path, (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise FileError(f"can not write {path}: {error.strerror}.") from error
