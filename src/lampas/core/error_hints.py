"""Hints for common Python and JAX errors raised in a user's ``forward``, loss or loop."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from traceback import walk_tb
from typing import Any

import jax

from .errors import LampasError

HINT_PREFIX = "What to do: "
RUN_EAGERLY = "compile(..., run_eagerly=True) runs it line by line as plain Python"

_BY_TYPE = {
    jax.errors.TracerBoolConversionError: (
        "`if`, `while`, `and`, `or` and `not` need a value that is not known while a program is "
        "compiled. Write jnp.where(condition, a, b), jnp.logical_and(a, b), or jax.lax.cond and "
        f"jax.lax.while_loop; {RUN_EAGERLY}."
    ),
    jax.errors.TracerIntegerConversionError: (
        "A value that is not known while a program is compiled is used as a Python number: as an "
        "index of a list, a length, in range(). Index with jnp.take, loop with jax.lax.fori_loop, "
        f"or take the number from a shape; {RUN_EAGERLY}."
    ),
    jax.errors.TracerArrayConversionError: (
        "NumPy needs values that are not known while a program is compiled. Write jnp instead of "
        f"np (import jax.numpy as jnp); {RUN_EAGERLY}."
    ),
    jax.errors.NonConcreteBooleanIndexError: (
        "The length of x[mask] depends on values. Keep the length: jnp.where(mask, x, 0), then sum "
        "or average with the mask as weights."
    ),
    jax.errors.UnexpectedTracerError: (
        "An array of a compiled call was stored, in an attribute or a list, and used after the "
        "call had ended. Return it from the function; or store it in a variable: self.last = "
        "lampas.State(value) in __init__, self.last.value = x in forward. Use add_loss and layers "
        "with activity_regularizer outside of jax.lax.scan, jax.vmap and the like."
    ),
    jax.errors.ConcretizationTypeError: (
        "float(), int(), .item() or a shape needs a value that is not known while a program is "
        f"compiled. Use jnp arrays, or take the number from a shape; {RUN_EAGERLY}."
    ),
}
"""Hints by class of the error, subclasses before their base classes."""

_BY_TEXT = (
    (
        r"dot_general requires contracting dimensions to have the same shape|"
        r"matmul: Input operand \d has a mismatch|mismatch in its core dimension",
        "In a @ b the last axis of a must be as long as the second-to-last of b (the only one if b "
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
        "Indices must be integers: x.astype(jnp.int32). Layers such as Dense make their output "
        "floating point, so index before them or cast.",
    ),
    (
        r"has no attribute '(zero_grad|backward)'|No module named 'tensorflow'",
        "Steps of PyTorch and TensorFlow become loss, gradients = "
        "lampas.value_and_grad(model, loss)(), with a function loss() that calls the model, then "
        "optimizer.update(model, gradients).",
    ),
    (
        r"RESOURCE_EXHAUSTED|[Oo]ut of memory",
        "The device's memory is too small for this step. Take a smaller batch_size, "
        'precision="bfloat16" in compile, smaller inputs or a smaller model.',
    ),
)


_WITH_TEXTS = (TypeError, ValueError, IndexError, RuntimeError, AttributeError, ImportError)
_WRONG_CALL = (
    r"[\w.<>]+\(\) (got an unexpected keyword|got multiple values|got some positional-only|"
    r"missing \d+ required|takes )"
)


def add_hint(error: BaseException, module: object = None, inputs: tuple[Any, ...] = ()) -> bool:
    """Add a note that says what to change to a common error, once.

    Args:
        error: any error.
        module: the innermost module in which it was raised, if any.
        inputs: the inputs of that module.

    Returns:
        Whether the error has a hint.
    """
    notes = getattr(error, "__notes__", ())
    if any(note.startswith(HINT_PREFIX) for note in notes):
        return True
    if isinstance(error, LampasError):
        hints = _class_instead_of_instance(error, module)
    else:
        hints = _matching_hints(error, module, inputs)
    hint = next(hints, None)
    if hint is not None:
        error.add_note(HINT_PREFIX + hint)
    return hint is not None


def is_wrong_call(error: BaseException) -> bool:
    """Whether Python refused the arguments of a call, whose message names them."""
    return isinstance(error, TypeError) and re.match(_WRONG_CALL, str(error)) is not None


def _matching_hints(error: BaseException, module: object, inputs: tuple[Any, ...]) -> Iterator[str]:
    yield from (text for kind, text in _BY_TYPE.items() if isinstance(error, kind))
    yield from _class_instead_of_instance(error, module)
    yield from _wrong_argument_count(error, module, inputs)
    if isinstance(error, _WITH_TEXTS):
        yield from (text for pattern, text in _BY_TEXT if re.search(pattern, str(error)))


def _class_instead_of_instance(error: BaseException, module: object) -> Iterator[str]:
    """A class was called instead of an instance: ``Dense`` instead of ``Dense(3)``."""
    called = {frame.f_code for frame, _ in walk_tb(error.__traceback__)}
    for name, value in vars(module).items() if module is not None else ():
        if not inspect.isclass(value) or not hasattr(value, "forward"):
            continue
        code = getattr(inspect.unwrap(value.__init__), "__code__", None)
        if code in called or value.__name__ in str(error):
            yield (
                f"self.{name} is the class {value.__name__}, not a layer; create it in __init__: "
                f"self.{name} = {value.__name__}(...)."
            )


def _wrong_argument_count(
    error: BaseException, module: object, inputs: tuple[Any, ...]
) -> Iterator[str]:
    """``forward`` was called with more or fewer inputs than it takes."""
    forward = getattr(module, "forward", None)
    if isinstance(error, TypeError) and "forward() " in str(error) and forward is not None:
        signature = inspect.signature(forward)
        yield (
            f"{type(module).__name__}.forward takes {signature}, it was called with {len(inputs)} "
            f"input{'' if len(inputs) == 1 else 's'}. Pass several inputs as model(a, b); in fit "
            "as a tuple x=(a, b)."
        )
