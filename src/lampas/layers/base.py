"""Base class of all layers: checks inputs, creates variables on first use, passes masks on."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import wraps
from typing import Any, ClassVar, TypedDict, Unpack

import jax
import jax.numpy as jnp

from .. import regularizers
from ..core import context
from ..core.arguments import PositiveInt, Seed, is_of_lampas
from ..core.arrays import check_dtype, to_device
from ..core.build import PendingVariable, build, create_variables
from ..core.call_options import tree_mask
from ..core.dtypes import promote_to_float32
from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.masks import get_mask, set_mask
from ..core.module import Module
from ..core.variable import (
    VALUES_LOCK,
    Array,
    Regularizer,
    Variable,
)
from ..graph import infer_shape
from ..graph.tensor import UNKNOWN_SIZES
from ..saving.config import Configured
from .weight_maker import WeightMaker

WEIGHT_NAMES = {
    *("kernel", "depthwise_kernel", "pointwise_kernel", "bias", "embeddings"),
    *("gamma", "beta", "moving_mean", "moving_variance"),
}
"""Attributes that hold variables in the layers of Lampas, and in most others."""


class ShapeOptions(TypedDict, total=False):
    """Options of every layer that has other ones for the shape; see :class:`Layer`."""

    name: str | None
    input_shape: Sequence[PositiveInt | None]
    activity_regularizer: Regularizer | str | None
    trainable: bool
    dtype: str | None


class LayerOptions(ShapeOptions, total=False):
    """Options that every layer accepts; see :class:`Layer`."""

    input_dim: PositiveInt


class Layer(Configured, WeightMaker):
    """Base class of layers: a module with one array input that is built on first use.

    Subclasses write ``build(shape)``, which creates variables with ``self.add_weight``, and
    ``forward(x)`` or ``call(x)``. ``build`` runs once, when the first input arrives; later inputs
    must have the same number of features. A list, tuple or dict of arrays is several inputs, whose
    shapes ``build`` gets in the same form.

    Args:
        **options: ``name``, the layer's name in paths and summaries in place of a generated one
            such as ``"dense_1"``; ``input_shape``, the shape of one input without the batch axis,
            with which ``Sequential`` can create the variables before the first call;
            ``input_dim=8``, short for ``input_shape=(8,)``; ``trainable=False`` to leave the
            parameters unchanged in training; ``activity_regularizer``, a penalty for the output
            such as ``"l2"``, which is divided by the number of rows of the batch and added to the
            loss; ``dtype``, which can only be "float32": ``compile(precision=...)`` chooses that
            of the computation.

    Example:
        >>> import lampas as lp
        >>> class Scale(lp.Layer):
        ...     def build(self, shape):
        ...         self.factor = self.add_weight(shape[-1:], "ones")
        ...
        ...     def forward(self, x):
        ...         return x * self.factor
        >>> Scale()([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
    """

    axes: ClassVar[tuple[str, ...] | None] = None
    """Names of the input's axes, batch first; None if any number of axes is accepted."""
    prepares_images: ClassVar[bool] = False
    """Whether the layer prepares images. If all layers do, a direct call acts as in training."""
    takes_several_inputs: ClassVar[bool] = False
    """Whether a layer of Lampas takes a list of arrays; other classes may always do."""
    casts_to_float: ClassVar[bool] = True
    """Whether integer inputs (images as bytes, for example) are converted to float32."""

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
        if "trainable" in options:
            self.frozen = not options["trainable"]
        if "activity_regularizer" in options:
            self.activity_regularizer = regularizers.get(options["activity_regularizer"])
        if options.get("dtype") not in (None, "float32"):
            raise ArgumentError(
                f"{type(self).__name__}: weights are float32, got dtype={options['dtype']!r}. "
                "compile(precision=...) chooses the dtype of the computation."
            )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _building_once(cls.build)  # type: ignore[method-assign]

    def build(self, shape: Shape) -> None:
        """Create the variables for inputs of ``shape``, which includes the batch axis.

        Called by hand, as in ``Dense(3).build((None, 4))``, it creates them at once.
        """
        if "_pending" not in vars(self) and not self.built and context.current_context() is None:
            build(self, lambda: self(_zeros(shape)))

    @property
    def built(self) -> bool:
        """Whether the variables have been created; assignments have no effect."""
        return self.built_shape is not None

    @built.setter
    def built(self, built: bool) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        is_weight = name in vars(self).get("_weight_names", ())
        # Before the first build only their usual names are known.
        is_unbuilt_part = self.owner is not None and not self.built
        if is_weight or (name in WEIGHT_NAMES and is_unbuilt_part):
            if is_weight or context.current_context() is None:
                self._create_with_owner()
            if name in vars(self):
                return vars(self)[name]
            if not self.built:
                raise AttributeError(
                    f"{self.name} has no {name} yet: a layer gets its weights in a model that "
                    "knows its inputs, Model(inputs, outputs) or Sequential([Input(...), ...])."
                )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

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

        The default returns ``previous_mask``, which is dropped if the output has other steps. Your
        own method is called with None if the input has no mask.
        """
        return previous_mask

    def output_mask(self, x: Any, output: Array) -> Array | None:
        """The mask that ``forward`` attached to the output, else one computed from the input's."""
        attached, previous = get_mask(output), tree_mask(x)
        computes = not is_of_lampas(type(self).compute_mask)
        if attached is not None or (previous is None and not computes):
            return attached
        mask = self.compute_mask(x, previous)
        if mask is not previous:
            return mask
        keeps_steps = mask is not None and output.ndim > 2 and output.shape[:2] == mask.shape
        return mask if keeps_steps else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output, batch first, for an input of a shape.

        Args:
            input_shape: shape with the batch axis, None for sizes that are not known; a list or
                dict of shapes for several inputs.
        """
        return infer_shape(self, input_shape)

    def pre_forward(self, *inputs: Any) -> tuple[Any, ...]:
        """Check the input, convert it to floating point, and build on first use."""
        if not inputs:
            raise ArgumentError("was called without an input; call it as layer(x).")
        x = self._convert(inputs[0])
        if self.built_shape is None:
            self._build(shapes_of(x))
        return (x, *inputs[1:])

    def _convert(self, value: Any) -> Any:
        """An input as an array; several as a list, tuple or dict of arrays."""
        takes_several = self.takes_several_inputs or not is_of_lampas(type(self))
        if takes_several and has_several_arrays(value):
            if isinstance(value, dict):
                return {name: self._convert(item) for name, item in value.items()}
            return type(value)([self._convert(item) for item in value])
        x = to_device(value.value if isinstance(value, Variable) else value, "the input")
        if self.casts_to_float:
            check_dtype(x, "the input")
            floating = jnp.issubdtype(x.dtype, jnp.floating)
            x = x.astype(context.compute_dtype() or (x.dtype if floating else jnp.float32))
        self._check(x)
        return x if x is value else set_mask(x, get_mask(value))

    def _build(self, shape: Any) -> None:
        self._pending: list[PendingVariable] = []
        try:
            self.build(shape)
            self._weight_names = self._name_variables(self._pending)
            create_variables(self._pending, self, self._unbuild)
            self.built_shape = shape
        except BaseException:
            self._unbuild()
            raise
        finally:
            del self._pending

    def _name_variables(self, pending: Sequence[PendingVariable]) -> list[str]:
        """Name new variables after their attributes; those without one become attributes.

        Returns the names of attributes that are variables.
        """
        for name, part in self.children():
            if isinstance(part, Variable):
                part.name = name
        attributes = {id(part) for _, part in self.children()}
        for number, item in enumerate(pending):
            variable = item.variable
            if id(variable) not in attributes:
                variable.name = variable.name or f"variable_{number}"
                setattr(self, variable.name, variable)
        return [item.variable.name or "" for item in pending]

    def _unbuild(self) -> None:
        self.built_shape = self.input_features = None
        for name in vars(self).get("_weight_names", ()):
            vars(self).pop(name, None)

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


def has_several_arrays(value: Any) -> bool:
    """Whether a list, tuple or dict consists of arrays; a list of numbers is a single one."""
    return any(getattr(item, "shape", ()) for item in _items(value))


def _items(value: Any) -> Iterable[Any]:
    """The items of a list, tuple or dict; none for anything else."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def shapes_of(x: Any) -> Any:
    """The shape of an array, or of several in the same form."""
    if isinstance(x, dict):
        return {name: shapes_of(item) for name, item in x.items()}
    return [shapes_of(item) for item in x] if isinstance(x, list | tuple) else x.shape


def _zeros(shape: Any) -> Any:
    """Arrays of one example of each shape, which has the batch axis."""
    if isinstance(shape, dict):
        return {name: _zeros(item) for name, item in shape.items()}
    if any(isinstance(item, list | tuple) for item in shape):
        return [_zeros(item) for item in shape]
    return jnp.zeros((1, *(UNKNOWN_SIZES[0] if size is None else size for size in shape[1:])))


def _fits(shape: Shape, declared: Shape) -> bool:
    """Whether a shape is a declared one, in which None stands for any size."""
    sizes = zip(shape, declared, strict=len(shape) == len(declared))
    return len(shape) == len(declared) and all(b in (None, a) for a, b in sizes)


def _building_once(method: Callable[..., None]) -> Callable[..., None]:
    """``build`` that creates the variables where it is called by hand."""

    @wraps(method)
    def build_once(self: Layer, shape: Any) -> None:
        is_inside = context.current_context() is not None
        if "_pending" in vars(self):
            method(self, shape)
        elif not is_inside and is_of_lampas(type(self)):
            Layer.build(self, shape)  # by a call, which builds the parts too
        elif not self.built:
            if all(size is None or isinstance(size, int) for size in _items(shape)):
                shape = tuple(shape)
            with VALUES_LOCK, ExitStack() as stack:
                if not is_inside:
                    stack.enter_context(context.forward_pass())
                    stack.enter_context(context.module_scope(self))
                self._build(shape)

    return build_once


class RandomLayerOptions(LayerOptions, total=False):
    """Options that layers accept which draw random numbers.

    Layers with different seeds draw different numbers. What a whole run draws is chosen by
    ``lampas.set_seed`` or ``fit(seed=...)``.
    """

    seed: Seed | None


class RandomLayer(Layer):
    """Base of layers that draw random numbers; see :class:`RandomLayerOptions`."""

    def __init__(self, **options: Unpack[RandomLayerOptions]) -> None:
        self.seed = options.pop("seed", None)
        super().__init__(**options)  # type: ignore[misc]


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


def _axis_hint(ndim: int, axes: tuple[str, ...]) -> str:
    if ndim == len(axes) - 1:
        return (
            f". If {axes[-1]} is missing, add it: x[..., None]; "
            "if this is a single example, add a batch axis: x[None]."
        )
    if ndim > len(axes):
        return ". Put Flatten() or Reshape(...) before this layer."
    return "."
