"""Base class of all layers: checks inputs, creates variables on first use, passes masks on."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict, Unpack, cast

import jax
import jax.numpy as jnp

from .. import constraints, initializers, regularizers
from ..core import context
from ..core.arguments import PositiveInt
from ..core.arrays import check_dtype, to_device
from ..core.build import Initializer, PendingVariable, create_variables
from ..core.dtypes import promote_to_float32
from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.masks import get_mask, set_mask
from ..core.module import Module
from ..core.variable import Array, Parameter, Regularizer, State, WeightConstraint
from ..saving.config import Configured


class ShapeOptions(TypedDict, total=False):
    """Options of every layer that has other ones for the shape; see :class:`Layer`."""

    name: str | None
    input_shape: Sequence[PositiveInt | None]
    activity_regularizer: Regularizer | str | None


class LayerOptions(ShapeOptions, total=False):
    """Options that every layer accepts; see :class:`Layer`."""

    input_dim: PositiveInt
    trainable: bool


class KernelOptions(LayerOptions, total=False):
    """Penalties for kernel and bias, which are added to the loss, and their constraints.

    Args:
        kernel_regularizer: penalty for the kernel: a name such as ``"l2"``, or a function of it.
        bias_regularizer: the same for the bias.
        kernel_constraint: changes the kernel after each update of the weights: a name such as
            ``"max_norm"``, or a function from the kernel to the one to use.
        bias_constraint: the same for the bias.
    """

    kernel_regularizer: Regularizer | str | None
    bias_regularizer: Regularizer | str | None
    kernel_constraint: WeightConstraint | str | None
    bias_constraint: WeightConstraint | str | None


def layer_options(options: Mapping[str, Any]) -> LayerOptions:
    """Those of the options that every layer accepts."""
    common = {name: options[name] for name in LayerOptions.__annotations__ if name in options}
    return cast(LayerOptions, common)


class Layer(Configured, Module):
    """Base class of layers: a module with one array input that is built on first use.

    Subclasses write ``build(shape)``, which creates variables with ``self.parameter`` and
    ``self.state``, and ``forward(x)``. ``build`` runs once, when the first input arrives; later
    inputs must have the same number of features.

    Args:
        **options: ``name``, the layer's name in paths and summaries in place of a generated one
            such as ``"dense_1"``; ``input_shape``, the shape of one input without the batch axis,
            with which ``Sequential`` can create the variables before the first call;
            ``input_dim=8``, short for ``input_shape=(8,)``; ``trainable=False`` to leave the
            parameters unchanged in training; ``activity_regularizer``, a penalty for the output
            such as ``"l2"``, which is divided by the number of rows of the batch and added to the
            loss.

    Example:
        >>> import lampas as lp
        >>> class Scale(lp.Layer):
        ...     def build(self, shape):
        ...         self.factor = self.parameter(shape[-1:], "ones")
        ...
        ...     def forward(self, x):
        ...         return x * self.factor.value
        >>> Scale()([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
    """

    axes: ClassVar[tuple[str, ...] | None] = None
    """Names of the input's axes, batch first; None if any number of axes is accepted."""
    prepares_images: ClassVar[bool] = False
    """Whether the layer prepares images. If all layers do, a direct call acts as in training."""
    casts_to_float: ClassVar[bool] = True
    """Whether integer inputs (images as bytes, for example) are converted to float32."""
    weight_names: ClassVar[tuple[str, ...]] = ()
    """Names of the weights that have options such as ``kernel_regularizer``."""

    input_shape: Shape | None = None
    activity_regularizer: Regularizer | None = None
    input_features: int | None = None
    """Size of the input's last axis, fixed by ``build``; None if any size is accepted."""
    built_shape: Shape | None = None
    """Shape of the input for which the layer was built, with the batch axis."""

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        if "name" in options:
            self.name = options["name"]
        if "input_dim" in options:
            self.input_shape = (operator.index(options["input_dim"]),)
        if "input_shape" in options:
            sizes = options["input_shape"]
            self.input_shape = tuple(None if n is None else operator.index(n) for n in sizes)  # type: ignore[misc]
        self.frozen = not options.get("trainable", True)
        if "activity_regularizer" in options:
            self.activity_regularizer = regularizers.get(options["activity_regularizer"])

    def build(self, shape: Shape) -> None:
        """Create the variables for inputs of ``shape``, which includes the batch axis."""

    def parameter(
        self,
        shape: Shape,
        initializer: Initializer | str,
        *,
        regularized: bool = False,
        regularizer: Regularizer | str | None = None,
        constraint: WeightConstraint | str | None = None,
    ) -> Parameter:
        """Create a trainable variable; call this in ``build``.

        Args:
            shape: shape of the array.
            initializer: draws the initial value.
            regularized: whether ``compile(penalty=...)`` applies to it; true for kernels of affine
                maps.
            regularizer: penalty for this parameter alone.
            constraint: computes from the updated value the one that is kept.

        Raises:
            ShapeError: when the constraint returns another shape.
        """
        variable = Parameter(
            jnp.zeros(()),
            regularized=regularized,
            regularizer=regularizers.get(regularizer),
            constraint=constraints.get(constraint),
        )
        if variable.constraint is not None:
            _check_constraint(variable.constraint, shape)
        self._pending.append(PendingVariable(variable, shape, initializers.get(initializer)))
        return variable

    def _set_weight_options(self, options: Mapping[str, Any]) -> LayerOptions:
        """Set regularizer and constraint of each of ``weight_names``; return the other options."""
        for name in self.weight_names:
            penalty, constraint = f"{name}_regularizer", f"{name}_constraint"
            setattr(self, penalty, regularizers.get(options.get(penalty)))
            setattr(self, constraint, constraints.get(options.get(constraint)))
        return layer_options(options)

    def _make_weight(
        self,
        name: str,
        shape: Shape,
        *,
        regularized: bool = False,
        initializer: Initializer | None = None,
    ) -> Parameter:
        """Create one of ``weight_names`` by the layer's arguments for it.

        Args:
            name: its name.
            shape: its shape.
            regularized: whether ``compile(penalty=...)`` applies to it.
            initializer: in place of the argument.
        """
        return self.parameter(
            shape,
            initializer or getattr(self, f"{name}_initializer"),
            regularized=regularized,
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
        )

    def state(self, shape: Shape, initializer: Initializer | str) -> State:
        """Create a variable that ``forward`` updates itself; call this in ``build``."""
        variable = State(jnp.zeros(()))
        self._pending.append(PendingVariable(variable, shape, initializers.get(initializer)))
        return variable

    def post_forward(self, inputs: tuple[Any, ...], output: Any) -> Any:
        """Attach a mask to the output, and add the penalty for it to the loss."""
        if isinstance(output, jax.Array):
            set_mask(output, self.output_mask(inputs[0], output))
        if self.activity_regularizer is not None:
            for array in jax.tree.leaves(output):
                rows = max(1, math.prod(array.shape[:1]))
                self.add_loss(self.activity_regularizer(promote_to_float32(array)) / rows)
        return output

    def compute_mask(self, inputs: Array, previous_mask: Array) -> Array | None:
        """Return the mask of the output for an input that has ``previous_mask``.

        The default returns ``previous_mask``, which is dropped if the output has other steps.
        """
        return previous_mask

    def output_mask(self, x: Any, output: Array) -> Array | None:
        """The mask that ``forward`` attached to the output, else one computed from the input's."""
        attached, previous = get_mask(output), get_mask(x)
        if attached is not None or previous is None:
            return attached
        mask = self.compute_mask(x, previous)
        keeps_steps = output.ndim > 2 and output.shape[:2] == previous.shape
        return None if mask is previous and not keeps_steps else mask

    def pre_forward(self, *inputs: Any) -> tuple[Any, ...]:
        """Check the input, convert it to floating point, and build on first use."""
        if not inputs:
            raise ArgumentError("was called without an input; call it as layer(x).")
        x = to_device(inputs[0], "the input")
        if self.casts_to_float:
            check_dtype(x, "the input")
            floating = jnp.issubdtype(x.dtype, jnp.floating)
            x = x.astype(context.compute_dtype() or (x.dtype if floating else jnp.float32))
        self._check(x)
        if x is not inputs[0]:
            set_mask(x, get_mask(inputs[0]))
        if self.built_shape is None:
            self._build(x.shape)
        return (x, *inputs[1:])

    def _build(self, shape: Shape) -> None:
        self._pending: list[PendingVariable] = []
        try:
            self.build(shape)
            create_variables(self._pending, self, self._unbuild)
            self.built_shape = shape
        except BaseException:
            self._unbuild()
            raise
        finally:
            del self._pending

    def _unbuild(self) -> None:
        self.built_shape = self.input_features = None

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        """Number of multiplications by weights in ``forward`` for these shapes."""
        return 0

    def _check(self, x: Array) -> None:
        axes = self.axes
        if axes is not None and x.ndim != len(axes):
            raise ShapeError(
                f"expects {len(axes)} axes ({', '.join(axes)}), got an input of shape "
                f"{format_shape(x.shape)}{_axis_hint(x.ndim, axes)}"
            )
        if x.ndim == 0:
            raise ShapeError("expects a batch of inputs, got a single number.")
        if self.input_features is not None and x.shape[-1] != self.input_features:
            raise ShapeError(
                f"was built for inputs with {self.input_features} in the last axis, got an input "
                f"of shape {format_shape(x.shape)}. Pass inputs with {self.input_features} "
                f"features, or create a new model for {x.shape[-1]}."
            )
        if self.input_shape is not None and not _fits(x.shape[1:], self.input_shape):
            raise ShapeError(
                f"was declared for inputs of shape {format_shape((None, *self.input_shape))}, got "
                f"{format_shape(x.shape)}. Pass such inputs, or change the declared shape."
            )


def _fits(shape: Shape, declared: Shape) -> bool:
    """Whether a shape is a declared one, in which None stands for any size."""
    sizes = zip(shape, declared, strict=len(shape) == len(declared))
    return len(shape) == len(declared) and all(b in (None, a) for a, b in sizes)


SPATIAL_AXES = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class SpatialLayer(Layer):
    """Base of layers over ``rank`` spatial axes: ``class Conv2D(_Conv, rank=2)``."""

    rank: ClassVar[int]

    def __init_subclass__(cls, rank: int | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if rank is not None:
            cls.rank, cls.axes = rank, ("batch", *SPATIAL_AXES[rank], "channels")


def is_built(module: Module) -> bool:
    """Whether all layers of ``module`` have created their variables."""
    layers = (part for _, part in module.modules() if isinstance(part, Layer))
    return all(layer.built_shape is not None for layer in layers)


def _check_constraint(constraint: WeightConstraint, shape: Shape) -> None:
    result = jax.eval_shape(constraint, jax.ShapeDtypeStruct(shape, jnp.float32))
    if jnp.shape(result) != shape:
        raise ShapeError(
            f"a constraint must return weights of the shape it gets, {format_shape(shape)}; "
            f"{constraint!r:.60} returned {format_shape(jnp.shape(result))}."
        )


def _axis_hint(ndim: int, axes: tuple[str, ...]) -> str:
    if ndim == len(axes) - 1:
        return (
            f". If {axes[-1]} is missing, add it: x[..., None]; "
            "if this is a single example, add a batch axis: x[None]."
        )
    if ndim > len(axes):
        return ". Put Flatten() or Reshape(...) before this layer."
    return "."
