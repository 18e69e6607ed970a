"""Types and ranges of arguments: declared in annotations, checked when a function is called.

A parameter ``rate: ProperFraction`` must be at least 0 and less than 1. Plain ``int``, ``float``,
``bool``, ``str``, ``Literal``, ``Callable`` and ``Sequence`` of these are checked as well. An
annotation of other types accepts any value, which the function then checks itself.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    Unpack,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import jax
import numpy as np

from .errors import ArgumentError, UnknownNameError, unknown_name

F = TypeVar("F", bound=Callable[..., Any])


def is_of_lampas(value: object) -> bool:
    """Whether a class or function is defined in Lampas itself."""
    module = getattr(value, "__module__", None) or ""
    return bool(module.partition(".")[0] == __name__.partition(".")[0])


@dataclass(frozen=True)
class Interval:
    """The finite numbers between two ends.

    Args:
        low: the lower end.
        high: the upper end.
        closed: which of the ends belong to the interval.
    """

    low: float = -math.inf
    high: float = math.inf
    closed: Literal["both", "left", "right", "neither"] = "both"

    def __contains__(self, value: Any) -> bool:
        above = operator.ge if self.closed in ("both", "left") else operator.gt
        below = operator.le if self.closed in ("both", "right") else operator.lt
        is_finite = -math.inf < value < math.inf
        return bool(is_finite and above(value, self.low) and below(value, self.high))

    def __str__(self) -> str:
        low = "at least" if self.closed in ("both", "left") else "above"
        high = "at most" if self.closed in ("both", "right") else "less than"
        ends = ((low, self.low), (high, self.high))
        return " and ".join(
            f"{text} {end:{',' if isinstance(end, int) else 'g'}}"
            for text, end in ends
            if math.isfinite(end)
        )


PositiveInt = Annotated[int, Interval(1)]
NonNegativeInt = Annotated[int, Interval(0)]
Seed = Annotated[int, Interval(0, 2**32 - 1)]
PositiveFloat = Annotated[float, Interval(0, closed="neither")]
NonNegativeFloat = Annotated[float, Interval(0)]
Fraction = Annotated[float, Interval(0, 1)]
ProperFraction = Annotated[float, Interval(0, 1, closed="left")]
"""A fraction less than 1."""
OpenFraction = Annotated[float, Interval(0, 1, closed="neither")]
PositiveFraction = Annotated[float, Interval(0, 1, closed="right")]


def is_integer(value: Any) -> bool:
    """Whether a value is a whole number, of Python, NumPy or JAX, and not a bool."""
    if isinstance(value, bool) or getattr(value, "dtype", None) == np.bool_:
        return False
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


def is_number(value: Any) -> bool:
    """Whether a value is a real number, of Python, NumPy or JAX, and not a bool.

    In a compiled function the number may be one that is not known yet.
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, np.ndarray | jax.Array):
        kinds = (np.integer, np.floating)
        return value.shape == () and any(jax.numpy.issubdtype(value.dtype, kind) for kind in kinds)
    return isinstance(value, Real)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | np.bool_) or (is_integer(value) and value in (0, 1))


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) or getattr(value, "ndim", 0) == 1


def _is_number_in(interval: Interval, value: Any) -> bool:
    return is_number(value) and (isinstance(value, jax.core.Tracer) or value in interval)


@dataclass(frozen=True)
class _Rule:
    """The values that an annotation allows.

    Args:
        accepts: whether it allows a value.
        expected: its values in words, for error messages.
    """

    accepts: Callable[[Any], bool]
    expected: str

    def describe(self, value: Any) -> str:
        """What is expected in place of ``value``: the type, or for a number its range alone."""
        if not is_number(value) or isinstance(value, jax.core.Tracer):
            return self.expected
        if value in Interval():
            return self.expected.replace("a number ", "")
        return self.expected.replace("a number", "a finite number")


def _rule(annotation: Any) -> _Rule | None:
    """The rule of an annotation; None if every value is accepted."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    interval = Interval()
    if origin is Annotated:
        annotation, interval = arguments
    if annotation is bool:
        return _Rule(_is_flag, "True or False")
    if annotation is int:
        expected = f"an integer of {interval}" if str(interval) else "an integer"
        return _Rule(lambda value: is_integer(value) and value in interval, expected)
    if annotation is float:
        return _Rule(functools.partial(_is_number_in, interval), f"a number {interval}".strip())
    if annotation is str:
        return _Rule(lambda value: isinstance(value, str), "a string")
    if annotation in (None, NoneType):
        return _Rule(lambda value: value is None, "None")
    if origin is Literal:
        words = " or ".join(map(repr, arguments))
        return _Rule(lambda value: isinstance(value, str | int) and value in arguments, words)
    if origin is Callable:
        return _Rule(callable, "a function")
    if origin is Sequence and (item := _rule(arguments[0])) is not None:
        return _Rule(
            lambda values: _is_sequence(values) and all(map(item.accepts, values)),
            f"a sequence, each item {item.expected}",
        )
    choices = [argument for argument in arguments if argument is not NoneType]
    has_sequence = any(get_origin(choice) is Sequence for choice in choices)
    if origin in (Union, UnionType) and not (has_sequence and len(choices) > 1):
        rules = [rule for rule in map(_rule, arguments) if rule is not None]
        if len(rules) == len(arguments):
            expected = " or ".join(rule.expected for rule in rules if rule.expected != "None")
            return _Rule(lambda value: any(rule.accepts(value) for rule in rules), expected)
    return None


def _rules(annotations: Mapping[str, Any], scope: dict[str, Any]) -> dict[str, _Rule | None]:
    """The rules of parameters or fields, those of ``**options: Unpack[...]`` by option.

    Args:
        annotations: by name.
        scope: the names that annotations which are texts are evaluated with.
    """
    rules: dict[str, _Rule | None] = {}
    for name, annotation in annotations.items():
        try:
            kind = eval(annotation, scope) if isinstance(annotation, str) else annotation
        except NameError:  # imported for the type checker only
            continue
        hints = {name: kind}
        if get_origin(kind) is Unpack:
            hints = get_type_hints(get_args(kind)[0], include_extras=True)
        rules |= {key: _rule(hint) for key, hint in hints.items()}
    return rules


def _check(owner: str, rules: Mapping[str, _Rule | None], values: Mapping[str, Any]) -> None:
    """Raise ArgumentError for a value of ``owner`` that its rule does not allow."""
    for name, value in values.items():
        rule = rules.get(name)
        if rule is not None and not rule.accepts(value):
            raise ArgumentError(
                f"{owner}: {name} must be {rule.describe(value)}, got {value!r:.60}."
            )


_ADVICE = {
    "batch_input_shape": "Write input_shape=, without the size of the batch.",
    "batch_shape": "Write input_shape=, without the size of the batch.",
    "by_name": "Leave it out: weights are assigned by the paths of their layers.",
    "axis": "The features are the last axis: np.moveaxis(x, 1, -1) moves them there.",
    "data_format": "The channels are the last axis: np.moveaxis(x, 1, -1) moves them there.",
    "decay": "Pass a schedule, such as schedules.InverseTimeDecay, as the learning rate.",
    "ema_overwrite_frequency": "fit leaves the averages in the model at its end.",
    "experimental_run_tf_function": "It has no meaning here: leave it out.",
    "implementation": "The kernel is chosen by device and shape.",
    "initial_value_threshold": "Assign it to callback.best.",
    "loss_scale_factor": 'Write compile(precision="bfloat16"), which needs no scale.',
    "lr": "Write learning_rate=.",
    "max_queue_size": "It has no meaning here: a thread reads batches ahead. Leave it out.",
    "nb_epoch": "Write epochs=.",
    "nb_val_samples": "Write validation_steps=, the number of batches.",
    "noise_shape": "Write a layer of your own that multiplies by a mask.",
    "optional": "Every input is needed: write a model for each set of inputs.",
    "ragged": "Pad the sequences, and mark the steps by a Masking layer.",
    "save_freq": 'Files are written after epochs; fit(checkpoint="run") also saves within them.',
    "save_format": "Leave it out: Lampas writes one safetensors file.",
    "sample_weight_mode": "Leave it out: sample_weight may have the shape of the targets.",
    "samples_per_epoch": "Write steps_per_epoch=, the number of batches.",
    "show_accuracy": 'Write metrics=["accuracy"] in compile.',
    "seed": "lampas.set_seed(0) or fit(seed=0) seeds the random numbers of all layers.",
    "sparse": "Inputs are dense arrays: x.toarray() makes one of a SciPy matrix.",
    "synchronized": "A model is trained on one device.",
    "unroll": "The kernel is chosen by device and shape.",
    "use_cudnn": "The kernel is chosen by device and shape.",
    "use_ema": "Write ema_momentum=0.99 alone.",
    "use_multiprocessing": "It has no meaning here: leave it out; a loader may use processes.",
    "weights": "Call set_weights on the model, or pass an initializer.",
    "workers": "It has no meaning here: a thread reads batches ahead. Leave it out.",
    "zipped": "Leave it out: Lampas writes one safetensors file.",
}
"""What to write in place of arguments that other frameworks have."""

_WITHOUT_EFFECT: dict[str, tuple[Any, ...]] = {
    "autocast": (True,),
    "axis": (-1,),
    "data_format": ("channels_last", None),
    "dropout": (0,),
    "embeddings_freq": (0,),
    "ema_overwrite_frequency": (None,),
    "implementation": (0, 1, 2),
    "initial_value_threshold": (None,),
    "lora_alpha": (None,),
    "lora_rank": (None,),
    "loss_scale_factor": (None,),
    "noise_shape": (None,),
    "optional": (False,),
    "profile_batch": (0,),
    "quantization_config": (None,),
    "ragged": (False, None),
    "raise_error": (False,),
    "recurrent_dropout": (0,),
    "renorm": (False,),
    "save_freq": ("epoch",),
    "seed": (None,),
    "sparse": (False, None),
    "synchronized": (False,),
    "unroll": (False,),
    "use_cudnn": ("auto", None),
    "use_ema": (False,),
    "weights": (None,),
    "write_graph": (True, False),
    "write_images": (False,),
    "write_steps_per_second": (False,),
    "zero_output_for_mask": (False,),
}
"""Values of such arguments that ask for what Lampas does anyway: they are accepted."""


def _has_no_effect(name: str, value: Any) -> bool:
    values = _WITHOUT_EFFECT.get(name, ())
    return isinstance(value, str | int | float | None) and value in values


def check_arguments(function: F) -> F:
    """Check the arguments of each call of a function by its annotations, except defaults.

    Args:
        function: a function or ``__init__``. Names that neither it nor its
            ``**options: Unpack[...]`` has are refused.

    Raises:
        ArgumentError: in a call, for an argument of the wrong type or out of range.
        UnknownNameError: in a call, for an unknown name; says what to write instead.
    """
    code = function.__code__
    positional = code.co_varnames[: code.co_argcount]
    named = {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}
    is_constructor = function.__name__ == "__init__"
    has_options = bool(code.co_flags & inspect.CO_VARKEYWORDS)

    @functools.cache
    def rules() -> dict[str, _Rule | None]:
        return _rules(function.__annotations__, function.__globals__)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        owner = type(args[0]) if is_constructor else function
        options = rules().keys() - function.__annotations__.keys()
        takes_any = has_options and not options
        for name in kwargs.keys() - named - options if not takes_any else ():
            if _has_no_effect(name, kwargs[name]):
                del kwargs[name]
                continue
            if name in _ADVICE:
                problem = f"unknown argument {name!r}"
                if name in _WITHOUT_EFFECT:
                    problem = f"there is no {name}={kwargs[name]!r:.60}"
                raise UnknownNameError(f"{owner.__name__}: {problem}. {_ADVICE[name]}")
            choices = {*named, *options, *inspect.signature(owner).parameters}
            raise unknown_name("argument", name, choices - {"self", "options"})
        _check(owner.__name__, rules(), dict(zip(positional, args, strict=False)) | kwargs)
        return function(*args, **kwargs)

    return cast(F, checked)


@functools.cache
def argument_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the arguments of a method, those of ``**options: Unpack[...]`` included."""
    names: dict[str, object] = {**inspect.signature(function).parameters}
    if is_of_lampas(function):
        names |= _rules(function.__annotations__, inspect.unwrap(function).__globals__)
    return tuple(names)[1:]


def check_constructor(kind: type) -> None:
    """Check the arguments of a constructor in Lampas, if the class has one of its own."""
    if "__init__" in vars(kind) and is_of_lampas(kind):
        kind.__init__ = check_arguments(kind.__init__)  # type: ignore[misc]


def check_parameters(kind: type, values: Mapping[str, Any]) -> None:
    """Check values by the annotations of the constructor of a class, if it is one of Lampas.

    Args:
        kind: the class.
        values: by the name of the parameter.

    Raises:
        ArgumentError: for a value of the wrong type or out of range.
    """
    function = kind.__init__  # type: ignore[misc]
    if is_of_lampas(function):
        _check(kind.__name__, _rules(function.__annotations__, function.__globals__), values)


class CheckedFields:
    """Base of dataclasses whose fields are checked by their annotations.

    Raises:
        ArgumentError: in the constructor, for a value of the wrong type or out of range.
    """

    def __post_init__(self) -> None:
        kind: Any = type(self)
        _check(kind.__name__, _field_rules(kind), vars(self))


@functools.cache
def _field_rules(kind: Any) -> dict[str, _Rule | None]:
    """The rules of a dataclass; fields that are declared outside of Lampas are not checked."""
    rules: dict[str, _Rule | None] = {}
    for base in filter(is_of_lampas, reversed(kind.__mro__)):
        rules |= _rules(inspect.get_annotations(base), vars(sys.modules[base.__module__]))
    return rules
