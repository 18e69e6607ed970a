"""Modules: objects that hold variables and other modules, and compute outputs from inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import jax

from . import context
from .arguments import check_constructor, is_of_lampas
from .error_hints import add_hint
from .errors import LampasError, format_shape
from .tracebacks import strip_frames
from .variable import VALUES_LOCK, Parameter, Variable


class Module:
    """Base of everything that computes: layers, models, your own classes.

    Write ``__init__`` (create the sub-modules) and ``forward`` (use them); call the module like a
    function. Variables and sub-modules are found by walking the attributes, including lists,
    tuples and dicts, which gives each of them a path such as ``"encoder/0/kernel"``.

    Example:
        >>> import jax
        >>> import lampas as lp
        >>> class Residual(lp.Module):
        ...     def __init__(self, units):
        ...         self.dense = lp.Dense(units)
        ...
        ...     def forward(self, x):
        ...         return x + self.dense(x)
        >>> block = Residual(3)
        >>> block(jax.numpy.ones((2, 3))).shape
        (2, 3)
        >>> list(block.parameters())
        ['dense/kernel', 'dense/bias']
    """

    registered_classes: ClassVar[dict[str, type[Module]]] = {}
    """Lampas's own classes by name; a model file may name them."""
    frozen: bool = False
    """Whether training leaves the parameters of this module unchanged."""
    freeze_version: ClassVar[int] = 0
    """How often any module was frozen or unfrozen; compiled steps are recompiled after it."""
    init_arguments: tuple[tuple[Any, ...], dict[str, Any]]
    """Positional and keyword arguments that ``__init__`` was called with."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if is_of_lampas(cls):
            Module.registered_classes[cls.__name__] = cls
        check_constructor(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Module:
        """Store the arguments: they are the architecture that ``save`` writes."""
        self = super().__new__(cls)
        self.init_arguments = (args, kwargs)
        return self

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; write this in your own class."""
        raise LampasError(f"{type(self).__name__} has no `forward(self, x)` method; write one.")

    def pre_forward(self, *inputs: Any) -> tuple[Any, ...]:
        """Process the inputs before ``forward``; layers check them and build here."""
        return inputs

    def post_forward(self, inputs: tuple[Any, ...], output: Any) -> Any:
        """Process the output after ``forward``; layers pass masks on here."""
        return output

    def children(self) -> Iterator[tuple[str, Module | Variable]]:
        """Modules and variables that are direct attributes, with their names."""
        for name, value in vars(self).items():
            if name != "init_arguments":
                yield from _named_children(name, value)

    def modules(self) -> Iterator[tuple[str, Module]]:
        """All modules inside with their paths, each once; this one first, under ``""``."""
        return ((path, part) for path, part in walk_tree(self) if isinstance(part, Module))

    def variables(self) -> dict[str, Variable]:
        """All variables by path, each once."""
        return {path: part for path, part in walk_tree(self) if isinstance(part, Variable)}

    def parameters(self) -> dict[str, Parameter]:
        """The variables that training changes, by path; frozen ones are left out."""
        frozen = self._frozen_variable_ids()
        variables = self.variables().items()
        return {p: v for p, v in variables if isinstance(v, Parameter) and id(v) not in frozen}

    def state_variables(self) -> dict[str, Variable]:
        """All other variables: those that the forward pass updates, and frozen parameters."""
        parameters = self.parameters()
        return {p: v for p, v in self.variables().items() if p not in parameters}

    def freeze(self) -> None:
        """Exclude the parameters inside from training; no gradient is computed for them.

        Batch normalization inside uses its running statistics and no longer updates them. A
        ``fit`` that follows starts with a new state of the optimizer.
        """
        self._set_frozen(True)

    def unfreeze(self) -> None:
        """Train the parameters inside again."""
        self._set_frozen(False)

    @property
    def trainable(self) -> bool:
        """Whether training changes the parameters of this module.

        As in Keras it can be assigned, which freezes or unfreezes all modules inside.
        """
        return not self.frozen

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        self._set_frozen(not trainable)

    def _set_frozen(self, frozen: bool) -> None:
        for _, module in self.modules():
            module.frozen = frozen
        Module.freeze_version += 1

    def _frozen_variable_ids(self) -> set[int]:
        frozen = (module for _, module in self.modules() if module.frozen)
        return {id(part) for module in frozen for _, part in module.children()}

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        ctx = context.current_context()
        if ctx is not None:
            return self._run_in(ctx, inputs, options)
        try:
            with VALUES_LOCK, context.forward_pass() as ctx:
                ctx.called_directly = True
                return self._run_in(ctx, inputs, options)
        except Exception as error:
            strip_frames(error)
            raise

    def _run_in(
        self, ctx: context.ForwardContext, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        path = ctx.enter(self)
        try:
            inputs = self.pre_forward(*inputs)
            output = self.post_forward(inputs, self.forward(*inputs, **options))
            if ctx.observe is not None:
                ctx.observe(self, path, inputs, output)
        except Exception as error:
            _add_location(error, self, path, inputs)
            raise
        finally:
            ctx.stack.pop()
        return output

    def __repr__(self) -> str:
        args, kwargs = self.init_arguments
        arguments = [repr(a) for a in args] + [f"{k}={v!r}" for k, v in kwargs.items()]
        return f"{type(self).__name__}({', '.join(arguments)})"


def _named_children(name: str, value: object) -> Iterator[tuple[str, Module | Variable]]:
    if isinstance(value, Module | Variable):
        yield name, value
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _named_children(f"{name}/{i}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _named_children(f"{name}/{key}", item)


def walk_tree(
    root: Module | Variable, path: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, Module | Variable]]:
    """``root`` and everything inside with paths, depth first, each object once.

    Args:
        root: where to start.
        path: the path of ``root``.
        seen: identities of objects to leave out; those that are visited are added.
    """
    seen = set() if seen is None else seen
    if id(root) in seen:
        return
    seen.add(id(root))
    yield path, root
    if isinstance(root, Module):
        for name, part in root.children():
            yield from walk_tree(part, f"{path}/{name}" if path else name, seen)


MAX_DESCRIBED = 6
"""Number of arrays that an error message describes."""


def describe_arrays(value: Any) -> str:
    """Dtype and shape of the arrays of a tree, for error messages: ``float32(128, 784)``."""
    leaves = jax.tree.leaves(value)
    described = [
        f"{leaf.dtype}{format_shape(leaf.shape)}" if hasattr(leaf, "shape") else f"{leaf!r:.40}"
        for leaf in leaves[:MAX_DESCRIBED]
    ]
    more = len(leaves) - len(described)
    return ", ".join(described) + (f" and {more:,} more" if more else "")


def _add_location(error: Exception, module: Module, path: str, inputs: tuple[Any, ...]) -> None:
    """Add the innermost module's path and inputs to an error, once."""
    if getattr(error, "_lampas_where", None) is not None:
        return
    where = f"{path} ({type(module).__name__})" if path else type(module).__name__
    error._lampas_where = where  # type: ignore[attr-defined]
    description = describe_arrays(inputs)
    if isinstance(error, LampasError):
        message = str(error.args[0]) if error.args else ""
        stop = "" if message.endswith((".", "!", "?")) else "."
        suffix = f" Input: {description}." if description else ""
        error.args = (f"{where}: {message}{stop}{suffix}",)
    else:
        error.add_note(f"In layer {where}, called with {description or 'nothing'}.")
    add_hint(error, module, inputs)
