"""Tracebacks of errors show the user's lines; frames of Lampas and JAX are left out.

``LAMPAS_TRACEBACK=full`` in the environment, or ``set_traceback_filtering(False)``, shows all.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from traceback import walk_tb
from types import FrameType, TracebackType
from typing import ParamSpec, TypeVar

import jax

from .error_hints import add_hint, is_wrong_call
from .errors import LampasError

P = ParamSpec("P")
R = TypeVar("R")

ENV_VARIABLE = "LAMPAS_TRACEBACK"
FILTERED_NOTE = f"(Frames of Lampas and JAX are hidden; {ENV_VARIABLE}=full shows them.)"
MAYBE_BUG_NOTE = (
    "(The error was raised inside Lampas. If its message does not say what to change, it may be a "
    "bug of Lampas: please report it.)"
)

_LAMPAS = str(Path(__file__).parents[1]) + os.sep
_LIBRARIES = tuple(
    str(Path(jax.__file__).parents[1] / name) + os.sep
    for name in ("jax", "jaxlib", "numpy", "optax")
)
_PYTHON = (str(Path(os.__file__).parent) + os.sep, "<frozen ")
_JAX_NOTE = "For simplicity, JAX has removed its internal frames"
_JAX_FILTERING = jax.config.jax_traceback_filtering  # type: ignore[attr-defined]

_filtering = True


def set_traceback_filtering(enabled: bool) -> None:
    """Choose whether tracebacks of errors hide the frames of Lampas and JAX.

    They do by default, unless the environment variable ``LAMPAS_TRACEBACK`` is ``full``.

    Args:
        enabled: False shows every frame, True only those of the user's own code.
    """
    global _filtering
    _filtering = enabled
    jax.config.update("jax_traceback_filtering", _JAX_FILTERING if enabled else "off")


if os.environ.get(ENV_VARIABLE) == "full":
    set_traceback_filtering(False)


def filter_traceback(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate an entry point of Lampas: errors that leave it show only the user's frames.

    Frames of the user that lie in between, such as those of a custom loss or callback, stay. A
    call without an error costs next to nothing.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            strip_frames(error)
            raise

    return call


def strip_frames(error: Exception) -> None:
    """Remove the frames of Lampas and its libraries from the traceback of an error.

    Call it where the error leaves Lampas, then ``raise``; the calling frame is removed as well.
    It may be called again further out. An error that was raised inside Lampas, is not a
    :class:`LampasError`, has no hint and is not about the arguments of a call keeps its innermost
    frame of Lampas: it may be a bug.
    """
    explained = add_hint(error) or isinstance(error, LampasError)
    if not _filtering:
        return
    maybe_bug = not (explained or is_wrong_call(error)) and _raised_in_lampas(error)
    error.__traceback__ = _user_frames(error, keep_last=maybe_bug)
    for earlier in _chained_errors(error):
        earlier.__traceback__ = _user_frames(earlier)
        _set_notes(earlier)
    _set_notes(error, *([MAYBE_BUG_NOTE] if maybe_bug else []), FILTERED_NOTE)


def _user_frames(error: BaseException, keep_last: bool = False) -> TracebackType | None:
    """The traceback without hidden frames; ``keep_last`` keeps the innermost of Lampas."""
    entries = list(_entries(error.__traceback__))
    in_lampas = [index for index, entry in enumerate(entries) if _is_in(entry.tb_frame, _LAMPAS)]
    last = in_lampas[-1] if in_lampas and keep_last else None
    hidden = list(_hidden(entry.tb_frame for entry in entries))
    traceback: TracebackType | None = None
    for index, entry in reversed(list(enumerate(entries))):
        if index == last or not hidden[index]:
            # The line where the error passed, not the one that the frame has reached since.
            traceback = TracebackType(traceback, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return traceback


def _entries(entry: TracebackType | None) -> Iterator[TracebackType]:
    while entry is not None:
        yield entry
        entry = entry.tb_next


def _hidden(frames: Iterable[FrameType]) -> Iterator[bool]:
    """Which frames to hide, outermost first; those of Python itself follow their caller."""
    hidden = False
    for frame in frames:
        if not _is_in(frame, *_PYTHON) or "-packages" in frame.f_code.co_filename:
            hidden = _is_in(frame, _LAMPAS, *_LIBRARIES)
        yield hidden


def _raised_in_lampas(error: Exception) -> bool:
    """Whether Lampas, or a library that it called, raised the error rather than user code."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    in_lampas = [_is_in(frame, _LAMPAS) for frame in frames if not _is_in(frame, *_LIBRARIES)]
    return bool(in_lampas) and in_lampas[-1]


def _chained_errors(error: BaseException) -> Iterator[BaseException]:
    """The causes and contexts of an error, and theirs, each once."""
    seen, pending = {id(error)}, [error.__cause__, error.__context__]
    while pending:
        earlier = pending.pop()
        if earlier is not None and id(earlier) not in seen:
            seen.add(id(earlier))
            pending += [earlier.__cause__, earlier.__context__]
            yield earlier


def _is_in(frame: FrameType, *folders: str) -> bool:
    return frame.f_code.co_filename.startswith(folders)


def _set_notes(error: BaseException, *last: str) -> None:
    """Put these notes last; drop those that an inner call has added, and JAX's own."""
    if notes := getattr(error, "__notes__", None):
        notes[:] = [
            n for n in notes if n not in (FILTERED_NOTE, MAYBE_BUG_NOTE) and _JAX_NOTE not in n
        ]
    for note in last:
        error.add_note(note)
