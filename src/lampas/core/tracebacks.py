"""Tracebacks that show the lines of the user; those of Lampas and JAX are folded away.

``LAMPAS_TRACEBACK=full`` in the environment, or :func:`full_tracebacks`, shows every frame.
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

from .error_hints import advise
from .errors import LampasError

P = ParamSpec("P")
R = TypeVar("R")

SETTING = "LAMPAS_TRACEBACK"
FOLDED = f"(Lines of Lampas and JAX are folded away; {SETTING}=full shows them.)"
MAYBE_BUG = (
    "(It arose inside Lampas. If the message does not tell what to change, it may be a bug of "
    "Lampas: please report it.)"
)

_LAMPAS = str(Path(__file__).parents[1]) + os.sep
_LIBRARIES = tuple(
    str(Path(jax.__file__).parents[1] / name) + os.sep
    for name in ("jax", "jaxlib", "numpy", "optax")
)
_PYTHON = (str(Path(os.__file__).parent) + os.sep, "<frozen ")
_JAX_NOTE = "For simplicity, JAX has removed its internal frames"
_JAX_FILTERING = jax.config.jax_traceback_filtering  # type: ignore[attr-defined]

_full = False


def full_tracebacks(shown: bool = True) -> None:
    """Show every line of Lampas and JAX in the tracebacks of errors, or fold them again."""
    global _full
    _full = shown
    jax.config.update("jax_traceback_filtering", "off" if shown else _JAX_FILTERING)


if os.environ.get(SETTING) == "full":
    full_tracebacks()


def folded(function: Callable[P, R]) -> Callable[P, R]:
    """A way into Lampas: errors that leave ``function`` show the user's lines alone.

    Lines of the user that lie between, of a loss or a callback, stay. Without an error it costs
    next to nothing.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            fold(error)
            raise

    return call


def fold(error: Exception) -> None:
    """Take the frames of Lampas and of its libraries out of the traceback of an error.

    Call it where the error leaves Lampas, then ``raise``: the frame that does so is folded too. It
    may be called again further out. An error that arose in Lampas, is no :class:`LampasError` and
    is not known otherwise keeps the frame where it did: it may be a bug.
    """
    known = advise(error) or isinstance(error, LampasError)
    if _full:
        return
    ours = not known and _arose_here(error)
    error.__traceback__ = _users(error, keep_last=ours)
    for before in _before(error):
        before.__traceback__ = _users(before)
        _set_notes(before)
    _set_notes(error, *([MAYBE_BUG] if ours else []), FOLDED)


def _users(error: BaseException, keep_last: bool = False) -> TracebackType | None:
    """The traceback of an error without the frames to fold, but for the last if that is kept."""
    passed = list(_places(error.__traceback__))
    ours = [index for index, place in enumerate(passed) if _in(place.tb_frame, _LAMPAS)]
    last = ours[-1] if ours and keep_last else None
    hidden = list(_hidden(place.tb_frame for place in passed))
    kept: TracebackType | None = None
    for index, place in reversed(list(enumerate(passed))):
        if index == last or not hidden[index]:
            # Where the error passed, not where the frame has gone to since.
            kept = TracebackType(kept, place.tb_frame, place.tb_lasti, place.tb_lineno)
    return kept


def _places(place: TracebackType | None) -> Iterator[TracebackType]:
    while place is not None:
        yield place
        place = place.tb_next


def _hidden(frames: Iterable[FrameType]) -> Iterator[bool]:
    """Which frames to fold, outermost first; those of Python itself go with their caller."""
    hidden = False
    for frame in frames:
        if not _in(frame, *_PYTHON) or "-packages" in frame.f_code.co_filename:
            hidden = _in(frame, _LAMPAS, *_LIBRARIES)
        yield hidden


def _arose_here(error: Exception) -> bool:
    """Whether Lampas, or what it called, raised the error rather than code of the user."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    places = [_in(frame, _LAMPAS) for frame in frames if not _in(frame, *_LIBRARIES)]
    return bool(places) and places[-1]


def _before(error: BaseException) -> Iterator[BaseException]:
    """The errors that came before: causes and contexts, each once."""
    seen, left = {id(error)}, [error.__cause__, error.__context__]
    while left:
        before = left.pop()
        if before is not None and id(before) not in seen:
            seen.add(id(before))
            left += [before.__cause__, before.__context__]
            yield before


def _in(frame: FrameType, *places: str) -> bool:
    return frame.f_code.co_filename.startswith(places)


def _set_notes(error: BaseException, *last: str) -> None:
    """Put these notes last, in place of the same from further in and of JAX's own."""
    if notes := getattr(error, "__notes__", None):
        notes[:] = [n for n in notes if n not in (FOLDED, MAYBE_BUG) and _JAX_NOTE not in n]
    for note in last:
        error.add_note(note)
