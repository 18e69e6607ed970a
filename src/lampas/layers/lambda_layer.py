"""A function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Unpack

from ..core.masks import get_mask
from ..core.variable import Array
from .base import Layer, LayerOptions


class Lambda(Layer):
    """Apply a function of your own: ``Lambda(lambda x: x**2)``.

    It runs in the compiled program, so it is written with ``jax.numpy`` or ``lampas.ops``. If it
    has parameters named ``mask`` or ``training``, it gets the mask of the input and whether the
    model trains. Layers and variables that it would use belong in a class of your own.

    A model with a lambda can be trained, but not saved: a file holds no code. A function that was
    defined with ``def`` is a name in the file, and is passed when that is read:
    ``lampas.load(path, custom_objects={"square": square})``.

    Args:
        function: called with an array, or a list or dict of several, and ``arguments``.
        output_shape: not needed, since the shape is inferred.
        mask: the mask of the output, or a function of (inputs, mask) that returns it; by default
            the output has none.
        arguments: keyword arguments of the function.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: that of what the function returns, first axis the examples.

    Example:
        >>> import lampas as lp
        >>> lp.Lambda(lambda x, power: x**power, arguments={"power": 2})([[1.0, 3.0]]).tolist()
        [[1.0, 9.0]]
    """

    casts_to_float: ClassVar[bool] = False
    takes_several_inputs: ClassVar[bool] = True

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.function, self.output_shape, self.mask = function, output_shape, mask
        self.arguments = dict(arguments or {})

    def forward(self, x: Any, mask: Array | None = None, training: bool = False) -> Any:
        context = {"mask": mask, "training": training}
        names = inspect.signature(self.function).parameters
        options = {name: value for name, value in context.items() if name in names}
        return self.function(x, **options | self.arguments)

    def output_mask(self, x: Any, output: Array) -> Array | None:
        mask = self.mask(x, get_mask(x)) if callable(self.mask) else self.mask
        return get_mask(output) if mask is None else mask
