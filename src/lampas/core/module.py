"""A module holds variables and other modules, and computes something from its inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import jax

from . import context
from .error_hints import advise
from .errors import LampasError, show_shape
from .tracebacks import fold
from .variable import Parameter, Variable


class Module:
    """Base of everything that computes: layers, models, your own classes.

    Write ``__init__`` (make the parts) and ``forward`` (use them); call the module like a
    function. Variables and sub-modules are found by walking the attributes, lists, tuples and
    dicts too, which gives each a path such as ``"encoder/0/kernel"``.
    """

    library: ClassVar[dict[str, type[Module]]] = {}
    """Lampas's own classes by name: those that a model file may name."""
    frozen: bool = False
    """Whether training leaves the parameters of this module as they are."""
    freezes: ClassVar[int] = 0
    """How often any module was frozen or unfrozen; compiled steps are made anew for it."""
    _arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__module__.startswith("lampas."):
            Module.library[cls.__name__] = cls

    def __new__(cls, *args: Any, **kwargs: Any) -> Module:
        """Remember the arguments: they are the architecture that ``save`` writes."""
        self = super().__new__(cls)
        self._arguments = (args, kwargs)
        return self

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; write this in your own class."""
        raise LampasError(f"{type(self).__name__} has no `forward(self, x)` method; write one.")

    def prepare(self, *inputs: Any) -> tuple[Any, ...]:
        """What happens to the inputs before ``forward``; layers check and build here."""
        return inputs

    def members(self) -> Iterator[tuple[str, Module | Variable]]:
        """Direct parts with their names."""
        for name, value in vars(self).items():
            if name != "_arguments":
                yield from _named(name, value)

    def modules(self) -> Iterator[tuple[str, Module]]:
        """All modules inside, with paths, each once; this one first, under ``""``."""
        return ((path, part) for path, part in walk(self) if isinstance(part, Module))

    def variables(self) -> dict[str, Variable]:
        """All variables by path, each once."""
        return {path: part for path, part in walk(self) if isinstance(part, Variable)}

    def parameters(self) -> dict[str, Parameter]:
        """The variables that training changes, by path; frozen ones are left out."""
        frozen = self._frozen_ones()
        variables = self.variables().items()
        return {p: v for p, v in variables if isinstance(v, Parameter) and id(v) not in frozen}

    def states(self) -> dict[str, Variable]:
        """All other variables: those that the forward pass updates, and frozen parameters."""
        parameters = self.parameters()
        return {p: v for p, v in self.variables().items() if p not in parameters}

    def freeze(self) -> None:
        """Keep the parameters inside as they are; no gradient is computed for them.

        Batch normalization inside uses its running statistics and no longer moves them. A fit that
        follows starts with a fresh memory of the optimizer.
        """
        self._set_frozen(True)

    def unfreeze(self) -> None:
        """Train the parameters inside again."""
        self._set_frozen(False)

    def _set_frozen(self, frozen: bool) -> None:
        for _, module in self.modules():
            module.frozen = frozen
        Module.freezes += 1

    def _frozen_ones(self) -> set[int]:
        frozen = (module for _, module in self.modules() if module.frozen)
        return {id(part) for module in frozen for _, part in module.members()}

    def _finish(self, inputs: tuple[Any, ...], output: Any) -> Any:
        """What happens to the output after ``forward``; layers hand masks on here."""
        return output

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        opened = context.current()
        if opened is not None:
            return self._run_in(opened, inputs, options)
        try:
            with context.forward_pass() as opened:
                return self._run_in(opened, inputs, options)
        except Exception as error:
            fold(error)
            raise

    def _run_in(
        self, opened: context.Pass, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        path = opened.enter(self)
        try:
            inputs = self.prepare(*inputs)
            output = self._finish(inputs, self.forward(*inputs, **options))
            if opened.observe is not None:
                opened.observe(self, path, inputs, output)
        except Exception as error:
            _say_where(error, self, path, inputs)
            raise
        finally:
            opened.stack.pop()
        return output

    def __repr__(self) -> str:
        args, kwargs = self._arguments
        shown = [repr(a) for a in args] + [f"{k}={v!r}" for k, v in kwargs.items()]
        return f"{type(self).__name__}({', '.join(shown)})"


def _named(name: str, value: object) -> Iterator[tuple[str, Module | Variable]]:
    if isinstance(value, Module | Variable):
        yield name, value
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _named(f"{name}/{i}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _named(f"{name}/{key}", item)


def walk(
    root: Module | Variable, path: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, Module | Variable]]:
    """``root`` and all parts inside with their paths, depth first, each object once."""
    seen = set() if seen is None else seen
    if id(root) in seen:
        return
    seen.add(id(root))
    yield path, root
    if isinstance(root, Module):
        for name, part in root.members():
            yield from walk(part, f"{path}/{name}" if path else name, seen)


MOST_DESCRIBED = 6
"""Inputs that an error message shows."""


def describe(value: Any) -> str:
    """Shape and dtype of inputs, for error messages: ``float32(128, 784)``."""
    leaves = jax.tree.leaves(value)
    shown = [
        f"{leaf.dtype}{show_shape(leaf.shape)}" if hasattr(leaf, "shape") else f"{leaf!r:.40}"
        for leaf in leaves[:MOST_DESCRIBED]
    ]
    more = len(leaves) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _say_where(error: Exception, module: Module, path: str, inputs: tuple[Any, ...]) -> None:
    """Add the innermost layer's path and inputs to an error, once."""
    if getattr(error, "_lampas_where", None) is not None:
        return
    where = f"{path} ({type(module).__name__})" if path else type(module).__name__
    error._lampas_where = where  # type: ignore[attr-defined]
    given = describe(inputs)
    if isinstance(error, LampasError):
        message = str(error.args[0]) if error.args else ""
        stop = "" if message.endswith((".", "!", "?")) else "."
        inside = f" Input: {given}." if given else ""
        error.args = (f"{where}: {message}{stop}{inside}",)
    else:
        error.add_note(f"In layer {where}, called with {given or 'nothing'}.")
        advise(error, module, inputs)
