"""What to change after an error of Python or JAX in a user's ``forward``, loss or loop."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from traceback import walk_tb
from typing import Any

import jax

from .errors import LampasError

TO_DO = "What to do: "
LOOK_INSIDE = "compile(..., run_eagerly=True) runs it line by line as plain Python"

_BY_TYPE = {
    jax.errors.TracerBoolConversionError: (
        "`if`, `while`, `and`, `or` and `not` look at a value that a compiled program does not "
        "know yet. Write jnp.where(condition, a, b), jnp.logical_and(a, b), or jax.lax.cond and "
        f"jax.lax.while_loop; {LOOK_INSIDE}."
    ),
    jax.errors.TracerIntegerConversionError: (
        "A value that a compiled program does not know yet is used as a Python number: an index of "
        "a list, a length, range(). Index with jnp.take, loop with jax.lax.fori_loop, or take the "
        f"number from a shape; {LOOK_INSIDE}."
    ),
    jax.errors.TracerArrayConversionError: (
        "NumPy needs values that a compiled program does not know yet. Write jnp in place of np "
        f"(import jax.numpy as jnp); {LOOK_INSIDE}."
    ),
    jax.errors.NonConcreteBooleanIndexError: (
        "The length of x[mask] depends on values. Keep the length: jnp.where(mask, x, 0), then sum "
        "or average with the mask as weights."
    ),
    jax.errors.UnexpectedTracerError: (
        "An array of one compiled call was kept, in an attribute or a list, and used after it had "
        "ended. Return it from the function; or keep it as a variable: self.last = "
        "lampas.State(value) in __init__, self.last.value = x in forward."
    ),
    jax.errors.ConcretizationTypeError: (
        "float(), int(), .item() or a shape needs a value that a compiled program does not know "
        f"yet. Stay with jnp arrays, or take the number from a shape; {LOOK_INSIDE}."
    ),
}
"""The narrower classes first."""

_BY_TEXT = (
    (
        r"dot_general requires contracting dimensions to have the same shape|"
        r"matmul: Input operand \d has a mismatch|mismatch in its core dimension",
        "In a @ b the last axis of a must be as long as the last but one of b (the only one if b "
        "has one axis). Transpose one with .mT or jnp.swapaxes, or give the weights as many rows "
        "as the input has features.",
    ),
    (
        r"[Ii]ncompatible shapes for broadcasting|got incompatible shapes|"
        r"could not be broadcast together",
        "Shapes are compared from the last axis: each pair of sizes must be equal, or one of them "
        "1. Insert an axis with x[:, None], or reshape one of the two.",
    ),
    (
        r"[Ii]ndexer must have integer or boolean type|[Ii]ndices must be integer|"
        r"indices must have an integer type|take requires ndarray.*integer",
        "Indices are whole numbers: x.astype(jnp.int32). Layers such as Dense make their output "
        "floating point, so index before them or cast.",
    ),
    (
        r"RESOURCE_EXHAUSTED|[Oo]ut of memory",
        "The device's memory is too small for this step. Take a smaller batch_size, "
        'precision="bfloat16" in compile, smaller inputs or a smaller model.',
    ),
)


def advise(error: BaseException, module: object = None, inputs: tuple[Any, ...] = ()) -> bool:
    """Add a note with the change to make to an error that is known, once.

    Args:
        error: any; those of Lampas tell by themselves.
        module: the innermost module in which it arose, if any.
        inputs: what that was called with.

    Returns:
        Whether the error is known.
    """
    notes = getattr(error, "__notes__", ())
    if any(note.startswith(TO_DO) for note in notes):
        return True
    advice = None if isinstance(error, LampasError) else next(_found(error, module, inputs), None)
    if advice is not None:
        error.add_note(TO_DO + advice)
    return advice is not None


def _found(error: BaseException, module: object, inputs: tuple[Any, ...]) -> Iterator[str]:
    yield from (text for kind, text in _BY_TYPE.items() if isinstance(error, kind))
    yield from _of_classes(error, module)
    yield from _of_arguments(error, module, inputs)
    if isinstance(error, TypeError | ValueError | IndexError | RuntimeError):
        yield from (text for pattern, text in _BY_TEXT if re.search(pattern, str(error)))


def _of_classes(error: BaseException, module: object) -> Iterator[str]:
    """A class was called where one of its objects was meant: ``Dense`` for ``Dense(3)``."""
    ran = {frame.f_code for frame, _ in walk_tb(error.__traceback__)}
    for name, value in vars(module).items() if module is not None else ():
        if not inspect.isclass(value) or not hasattr(value, "forward"):
            continue
        if getattr(value.__init__, "__code__", None) in ran or value.__name__ in str(error):
            yield (
                f"self.{name} is the class {value.__name__}, not a layer; make one in __init__: "
                f"self.{name} = {value.__name__}(...)."
            )


def _of_arguments(error: BaseException, module: object, inputs: tuple[Any, ...]) -> Iterator[str]:
    """``forward`` was called with more or fewer inputs than it takes."""
    forward = getattr(module, "forward", None)
    if isinstance(error, TypeError) and "forward() " in str(error) and forward is not None:
        takes = inspect.signature(forward)
        yield (
            f"{type(module).__name__}.forward takes {takes}, it was called with {len(inputs)} "
            f"input{'' if len(inputs) == 1 else 's'}. Give several inputs as model(a, b); in fit "
            "as a tuple x=(a, b)."
        )
