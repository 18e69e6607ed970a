"""What all layers share: checks of the input, building on first use, options of the name."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Sequence
from typing import Any, ClassVar, TypedDict, Unpack, get_args, get_type_hints

import jax
import jax.numpy as jnp

from .. import initializers, regularizers
from ..core import context
from ..core.build import Announced, Initializer, announce
from ..core.errors import ArgumentError, DataError, Shape, ShapeError, show_shape, unknown_name
from ..core.masks import carry_mask, mask_of
from ..core.module import Module
from ..core.variable import Array, Parameter, Regularizer, State


class LayerOptions(TypedDict, total=False):
    """Options that every layer takes.

    Args:
        name: the layer's name in paths and summaries, in place of ``"dense_1"``.
        input_shape: shape of one input, without the batch axis; lets ``Sequential`` build early.
    """

    name: str
    input_shape: Sequence[int]


class Layer(Module):
    """A module of one array input that makes its variables once it sees the input's shape.

    Write ``build(shape)``, which makes variables with ``self.parameter`` and ``self.state``, and
    ``forward(x)``. ``build`` runs once; later inputs must have the same number of features.
    """

    axes: ClassVar[tuple[str, ...] | None] = None
    """Names of the input's axes, batch first; None where any number will do."""
    casts: ClassVar[bool] = True
    """Whether integer inputs (pictures as bytes) become float32."""

    name: str | None = None
    input_shape: Shape | None = None
    features: int | None = None
    """Size of the last axis that the layer was built for; None if it takes any."""
    built_for: Shape | None = None
    """Shape of the input that it was built for, batch axis included."""

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        for option in options:
            if option not in LayerOptions.__annotations__:
                raise unknown_name("argument", option, _options(type(self)))
        if "name" in options:
            self.name = options["name"]
        if "input_shape" in options:
            self.input_shape = tuple(map(operator.index, options["input_shape"]))

    def build(self, shape: Shape) -> None:
        """Make the variables for inputs of ``shape``, batch axis included."""

    def parameter(
        self,
        shape: Shape,
        initializer: Initializer | str,
        *,
        penalized: bool = False,
        regularizer: Regularizer | str | None = None,
    ) -> Parameter:
        """A new trained variable; call this in ``build``.

        Args:
            shape: of the array.
            initializer: draws the first value.
            penalized: true for kernels of affine maps, which ``compile(penalty=...)`` touches.
            regularizer: a penalty of this parameter alone.
        """
        placeholder = jnp.zeros(())
        variable = Parameter(
            placeholder, penalized=penalized, regularizer=regularizers.get(regularizer)
        )
        self._announced.append(Announced(variable, shape, initializers.get(initializer)))
        return variable

    def state(self, shape: Shape, initializer: Initializer | str) -> State:
        """A new variable that ``forward`` updates itself; call this in ``build``."""
        variable = State(jnp.zeros(()))
        self._announced.append(Announced(variable, shape, initializers.get(initializer)))
        return variable

    def _finish(self, inputs: tuple[Any, ...], output: Any) -> Any:
        """Hand the mask of the input on to the output, unless ``forward`` gave it one."""
        mask = mask_of(inputs[0])
        if mask is not None and isinstance(output, jax.Array) and mask_of(output) is None:
            carry_mask(output, self.next_mask(mask, output))
        return output

    def next_mask(self, mask: Array, output: Array) -> Array | None:
        """The mask of the output if the input has one: the same as long as the steps are."""
        return mask if output.ndim > 2 and output.shape[:2] == mask.shape else None

    def prepare(self, *inputs: Any) -> tuple[Any, ...]:
        """Check the input, make it floating point, and build on first use."""
        if not inputs:
            raise ArgumentError("was called without an input; call it as layer(x).")
        x = _as_array(inputs[0])
        if self.casts:
            floating = jnp.issubdtype(x.dtype, jnp.floating)
            x = x.astype(context.compute_dtype() or (x.dtype if floating else jnp.float32))
        self._check(x)
        if x is not inputs[0]:
            carry_mask(x, mask_of(inputs[0]))
        if self.built_for is None:
            self._build(x.shape)
        return (x, *inputs[1:])

    def _build(self, shape: Shape) -> None:
        self._announced: list[Announced] = []
        try:
            self.build(shape)
            announce(self._announced, self, self._unbuild)
            self.built_for = shape
        except BaseException:
            self._unbuild()
            raise
        finally:
            del self._announced

    def _unbuild(self) -> None:
        self.built_for = self.features = None

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        """Multiplications by weights that ``forward`` does for these shapes."""
        return 0

    def _check(self, x: Array) -> None:
        axes = self.axes
        if axes is not None and x.ndim != len(axes):
            raise ShapeError(
                f"expects {len(axes)} axes ({', '.join(axes)}), got an input of shape "
                f"{show_shape(x.shape)}{_axis_hint(x.ndim, axes)}"
            )
        if x.ndim == 0:
            raise ShapeError("expects a batch of inputs, got a single number.")
        if self.features is not None and x.shape[-1] != self.features:
            raise ShapeError(
                f"was built for inputs with {self.features} in the last axis, got an input of "
                f"shape {show_shape(x.shape)}. Feed it {self.features} features, or make a new "
                f"model for {x.shape[-1]}."
            )


def _options(kind: type[Layer]) -> set[str]:
    """The names of all arguments that a layer of this class takes."""
    named = set(inspect.signature(kind).parameters) - {"options"}
    try:
        hint = get_type_hints(kind.__init__).get("options")
    except NameError:  # of a class whose types are there for the type checker alone
        hint = None
    return named.union(*(options.__annotations__ for options in get_args(hint) or [LayerOptions]))


def is_built(module: Module) -> bool:
    """Whether all layers inside have their variables."""
    layers = (part for _, part in module.modules() if isinstance(part, Layer))
    return all(layer.built_for is not None for layer in layers)


def _as_array(x: Any) -> Array:
    """An input as an array; DataError for what is none."""
    try:
        return jnp.asarray(x)
    except (TypeError, ValueError):
        raise DataError(
            f"expects an array of numbers, got {type(x).__name__} {x!r:.60}. Texts become numbers "
            "by TextVectorization; rows of a list must be of one length; several arrays are given "
            "one by one."
        ) from None


def _axis_hint(ndim: int, axes: tuple[str, ...]) -> str:
    if ndim == len(axes) - 1:
        return (
            f". If {axes[-1]} is missing, add it: x[..., None]; "
            "if it is a single example, make a batch of it: x[None]."
        )
    if ndim > len(axes):
        return ". Put Flatten() or Reshape(...) before it."
    return "."
