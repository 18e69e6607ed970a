"""Symbolic tensors, which have a shape but no values, and the calls that connect them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np

from ..core.build import infer_shapes
from ..core.errors import LampasError, Shape, ShapeError, format_shape
from ..core.module import Module
from ..core.symbolic import Symbolic
from ..core.tracebacks import filter_traceback
from .operation import FUNCTIONS, Operation

SymbolicShape = tuple[int | None, ...]
"""Sizes of the axes, None where they are not known: that of the batch, for example."""

BATCH_SIZES = 7919, 6007
"""Two sizes of the batch: a size of the output that differs for them depends on the batch. Primes,
so that the second can be derived from the first."""
UNKNOWN_SIZES = 7712, 8032
"""The same for other axes; multiples of 32, since networks halve and double them."""


class Node:
    """One call of a module on symbolic tensors.

    Args:
        module: the module that was called.
        args: its positional arguments, trees in which the inputs are.
        options: its keyword arguments.
    """

    _numbers = itertools.count()

    def __init__(self, module: Module, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.module, self.args, self.options = module, args, options
        self.output: Any = None
        """Tree of the symbolic tensors that the call returned."""
        self.number = next(Node._numbers)
        """Calls are numbered in their order."""

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic tensors among the arguments."""
        leaves = jax.tree.leaves((self.args, self.options))
        return [leaf for leaf in leaves if isinstance(leaf, SymbolicTensor)]

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The symbolic tensors that the call returned."""
        outputs: list[SymbolicTensor] = jax.tree.leaves(self.output)
        return outputs


def _binary(function: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """The methods for ``tensor + other`` and ``other + tensor``."""

    def forward(self: Any, other: Any) -> Any:
        return Operation(function)(self, other)

    def reflected(self: Any, other: Any) -> Any:
        return Operation(function)(other, self)

    return forward, reflected


class SymbolicTensor(Symbolic):
    """The future output of a layer in a graph: ``Dense(8)(Input((4,)))``.

    Modules, the functions of ``lampas.ops``, arithmetic and indexing take symbolic tensors and
    return new ones; ``Model(inputs, outputs)`` makes a model of the calls between them.

    Args:
        examples: two shapes of the tensor; the sizes in which they differ are not known.
        dtype: dtype of the values.
        node: the call that returns the tensor.

    Example:
        >>> import lampas as lp
        >>> x = lp.Input((4,))
        >>> (2 * lp.Dense(8)(x) + 1).shape
        (None, 8)
    """

    def __init__(self, examples: tuple[Shape, Shape], dtype: Any, node: Node) -> None:
        self.examples, self.dtype, self.node = examples, np.dtype(dtype), node

    @property
    def shape(self) -> SymbolicShape:
        """Sizes of the axes, None where they are not known."""
        return tuple(a if a == b else None for a, b in zip(*self.examples, strict=True))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def name(self) -> str:
        """The name of the module that returns the tensor."""
        return self.node.module.name

    @filter_traceback
    def call_module(self, module: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        node = Node(module, *jax.tree.map(_copy, (inputs, options)))
        node.output = _infer_output(node)
        module.nodes.append(node)
        return node.output

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name!r} {self.dtype}{format_shape(self.shape)}>"

    __add__, __radd__ = _binary("add")
    __sub__, __rsub__ = _binary("subtract")
    __mul__, __rmul__ = _binary("multiply")
    __truediv__, __rtruediv__ = _binary("true_divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide")
    __mod__, __rmod__ = _binary("mod")
    __pow__, __rpow__ = _binary("power")
    __matmul__, __rmatmul__ = _binary("matmul")
    __lt__, __gt__ = _binary("less")[0], _binary("greater")[0]
    __le__, __ge__ = _binary("less_equal")[0], _binary("greater_equal")[0]

    def __neg__(self) -> Any:
        return Operation("negative")(self)

    def __abs__(self) -> Any:
        return Operation("absolute")(self)

    def __getitem__(self, key: Any) -> Any:
        return Operation("get_item")(self, key)

    def __iter__(self) -> Iterator[Any]:
        size = self.shape[0] if self.shape else None
        if size is None:
            self._refuse("a loop needs", "Index the tensor, as in x[:, 0]")
        return (self[i] for i in range(size))

    def __bool__(self) -> bool:
        self._refuse("`if`, `and`, `or` and `while` need", "Write ops.where(condition, a, b)")

    def __float__(self) -> float:
        self._refuse("float() needs", "Compute with the tensor itself")

    def __int__(self) -> int:
        self._refuse("int() needs", "Compute with the tensor itself")

    def __len__(self) -> int:
        self._refuse("len() needs", "The sizes that are known are in its shape")

    def __array_ufunc__(self, function: Any, method: str, *inputs: Any, **options: Any) -> Any:
        name = function.__name__
        if method != "__call__" or options or name not in FUNCTIONS:
            self._refuse(f"numpy.{name} needs", _other_function(name))
        return Operation(name)(*inputs)

    def __array_function__(self, function: Any, *_: Any) -> Any:
        name = function.__name__
        if name not in ("shape", "ndim"):
            self._refuse(f"numpy.{name} needs", _other_function(name))
        return getattr(self, name)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse("NumPy needs", _other_function("..."))

    @property
    def __jax_array__(self) -> NoReturn:  # JAX looks for this attribute in all arguments
        name = _called_function()
        self._refuse(f"jax.numpy.{name} needs", _other_function(name))

    def _refuse(self, what: str, advice: str) -> NoReturn:
        raise LampasError(
            f"{what} values, which the symbolic tensor {self!r} gets only when its model is "
            f"called. {advice}."
        )


def symbolic_input(module: Module, shape: SymbolicShape, dtype: Any) -> SymbolicTensor:
    """A tensor that stands for inputs of a shape, of which the module is the first layer.

    Args:
        module: returns its input.
        shape: shape of one input without the batch axis, None where a size is not known.
        dtype: dtype of the values.
    """
    node = Node(module, (), {})
    first, second = (
        (batch, *(size if declared is None else declared for declared in shape))
        for batch, size in zip(BATCH_SIZES, UNKNOWN_SIZES, strict=True)
    )
    node.output = SymbolicTensor((first, second), dtype, node)
    module.nodes.append(node)
    return node.output


def _copy(value: Any) -> Any:
    """A copy of an array of NumPy's, which the user may change later; anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def infer_shape(module: Module, shape: Any) -> Any:
    """The shape of the output of a module, batch first; None where a size is not known.

    Args:
        module: any module; it is not changed.
        shape: shape of the input with the batch axis, or a list or dict of such.
    """

    def tensor(shape: Any) -> Any:
        if isinstance(shape, dict):
            return {name: tensor(item) for name, item in shape.items()}
        if shape and isinstance(shape[0], list | tuple):
            return [tensor(item) for item in shape]
        return symbolic_input(Module(), tuple(shape)[1:], np.float32)

    node = Node(module, (tensor(shape),), {})
    return jax.tree.map(lambda output: output.shape, _infer_output(node))


def _infer_output(node: Node) -> Any:
    """Run the call of a node on shapes; returns the tree of its outputs."""
    first, variables = _run_on_shapes(node, 0)
    if all(None not in tensor.shape[1:] for tensor in node.inputs):
        second = jax.tree.map(_with_second_batch_size, first)
    else:
        second, new_variables = _run_on_shapes(node, 1)
        if variables != new_variables:
            raise ShapeError(
                f"{node.module.name}: the shape of its weights depends on a size of the input that "
                f"is not known: {', '.join(map(repr, node.inputs))}. Declare it in Input(shape)."
            )
    return jax.tree.map(
        lambda a, b: SymbolicTensor((a.shape, b.shape), a.dtype, node), first, second
    )


def _with_second_batch_size(example: jax.ShapeDtypeStruct) -> jax.ShapeDtypeStruct:
    first, second = BATCH_SIZES
    shape = tuple(n // first * second if n % first == 0 else n for n in example.shape)
    return jax.ShapeDtypeStruct(shape, example.dtype)


def _run_on_shapes(node: Node, example: int) -> tuple[Any, list[Shape]]:
    """The shapes of the outputs for examples of the inputs, and those of new variables.

    A module that has been called before is first called as then, so that weights which it shares
    are found to fit both. It stays as it was: weights are created with those of the whole model.
    """
    outputs = []

    def run() -> None:
        for call in (*node.module.nodes[:1], node):
            arguments = jax.tree.map(
                lambda leaf: (
                    jnp.zeros(leaf.examples[example], leaf.dtype)
                    if isinstance(leaf, SymbolicTensor)
                    else leaf
                ),
                (call.args, call.options),
            )
            outputs.append(call.module(*arguments[0], **arguments[1]))
        outputs[-1] = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype), outputs[-1])

    try:
        shape_pass = infer_shapes([node.module], run)
    except Exception as error:
        _hide_example_sizes(error)
        raise
    for rollback in shape_pass.rollbacks:
        rollback()
    return outputs[-1], [item.shape for item in shape_pass.pending]


def _hide_example_sizes(error: Exception) -> None:
    """Write * in the message of an error where a size is not known."""

    def hide(text: str) -> str:
        for size in (*BATCH_SIZES, *UNKNOWN_SIZES):
            text = text.replace(f"{size:,}", "*").replace(str(size), "*")
        return text

    error.args = tuple(hide(arg) if isinstance(arg, str) else arg for arg in error.args)
    if hasattr(error, "__notes__"):
        error.__notes__ = [hide(note) for note in error.__notes__]


def _other_function(name: str) -> str:
    if name in FUNCTIONS:
        return f"Write lampas.ops.{name}(...)"
    return "Write a function of lampas.ops, or Lambda(function)(x) for any other one"


def _called_function() -> str:
    """The name of the function of JAX that the user has called."""
    frame, name = sys._getframe(1), "..."
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_globals.get("__name__", "").partition(".")[0] == "jax":
            # A compiled function is called by two wrappers.
            wrapped = frame.f_locals.get("fun")
            if frame.f_code.co_name != "reraise_with_filtered_traceback":
                name = getattr(wrapped, "__name__", frame.f_code.co_name)
        elif name != "...":
            break
    return name
