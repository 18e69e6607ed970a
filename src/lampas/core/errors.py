"""The errors that Lampas raises: their messages say what is wrong, where, and what to change."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

Shape = tuple[int, ...]


class LampasError(Exception):
    """Base of all errors raised by Lampas."""


class ShapeError(LampasError, ValueError):
    """Shapes do not fit together."""


class ArgumentError(LampasError, ValueError):
    """An argument has a value that cannot be used."""


class UnknownNameError(ArgumentError):
    """A name is unknown; the message suggests the nearest right one."""


class DataError(LampasError, ValueError):
    """The data cannot be trained on: it is empty, not finite, or out of range."""


class NotBuiltError(LampasError, RuntimeError):
    """A model was used before its input shape was known or before ``compile``."""


class DivergedError(LampasError, ArithmeticError):
    """The loss or a gradient became NaN or infinite in training.

    Args:
        message: the text of the error.
        step: optimizer step in which it happened, from 0.
        epoch: epoch in which it happened, from 0.
        rows: row indices of the examples that caused it, where they are known.
        layer: path of the first layer, or parameter, with a value that is not finite.
        what: what that value is: the "output" of the layer, the "input gradient" or
            "output gradient" of the layer, the "gradient" of the parameter, or the "loss".
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
    """A file cannot be read or written, or has unexpected content."""


def unknown_name(kind: str, name: object, choices: Iterable[str]) -> UnknownNameError:
    """An error for ``name`` that suggests the nearest of the ``choices`` and lists them all."""
    names = sorted(choices)
    near = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UnknownNameError(f"Unknown {kind} {name!r}.{hint} Known: {', '.join(names)}.")


def format_shape(shape: Sequence[int | None]) -> str:
    """A shape as Python writes it, an axis of any size as ``*``: ``(*, 28, 28, 1)``."""
    inner = ", ".join("*" if size is None else str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
