"""Every error that Lampas raises on purpose: what was given, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

Shape = tuple[int, ...]


class LampasError(Exception):
    """Base of all errors raised by Lampas."""


class ShapeError(LampasError, ValueError):
    """Shapes met that do not fit together."""


class ArgumentError(LampasError, ValueError):
    """An argument has a value that can not be used."""


class UnknownNameError(ArgumentError):
    """A name stands for nothing; the message offers the nearest right one."""


class DataError(LampasError, ValueError):
    """The data can not be trained on: empty, not finite, or out of range."""


class NotBuiltError(LampasError, RuntimeError):
    """A model was used before its input shape was known or before ``compile``."""


class DivergedError(LampasError, ArithmeticError):
    """Training left the finite numbers.

    ``step`` and ``epoch`` count from 0; ``rows`` are the numbers of the examples to look at;
    ``layer`` is the path of the first layer, or parameter, that has something not finite, and
    ``what`` is what that is: its "output", the "slope" going back through it, the slope "behind"
    it, the "gradient", or the "loss".
    """

    def __init__(
        self,
        message: str,
        *,
        step: int = 0,
        epoch: int = 0,
        rows: Sequence[int] = (),
        layer: str = "",
        what: str = "",
    ) -> None:
        super().__init__(message)
        self.step, self.epoch, self.rows = step, epoch, list(rows)
        self.layer, self.what = layer, what


class FileError(LampasError, OSError):
    """A file could not be read or written, or is not what it should be."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """An error for ``name``, with the nearest of the ``known`` names and all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UnknownNameError(f"Unknown {kind} {name!r}.{hint} Known: {', '.join(names)}.")


def show_shape(shape: Sequence[int | None]) -> str:
    """A shape as Python writes it, an open axis as ``*``: ``(*, 28, 28, 1)``."""
    inner = ", ".join("*" if size is None else str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
