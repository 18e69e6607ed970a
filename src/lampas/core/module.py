"""Modules: objects that hold variables and other modules, and compute outputs from inputs."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Protocol

import jax
import numpy as np

from . import context
from .added_losses import add_loss, all_losses
from .arguments import check_constructor, is_of_lampas
from .arrays import to_device
from .call_options import applied_options
from .error_hints import add_hint
from .errors import LampasError, NotBuiltError, ShapeError, format_shape
from .lookup import snake_case
from .overridable import overridable
from .symbolic import find_symbolic
from .tracebacks import strip_frames
from .variable import VALUES_LOCK, Array, Parameter, Variable


class HasChildren(Protocol):
    """What a walk needs of an object: the modules and variables inside, with their names."""

    def children(self) -> Iterator[tuple[str, Any]]:
        """The direct parts."""
        ...


class Module:
    """Base of everything that computes: layers, models, your own classes.

    Write ``__init__`` (create the sub-modules) and ``forward`` (use them); call the module like a
    function. Variables and sub-modules are found by walking the attributes, including lists,
    tuples and dicts, which gives each of them a path such as ``"encoder/0/kernel"``.

    ``forward`` may have Keras's name, ``call``. A call takes two options more: ``training`` in
    place of the mode of the open context, and ``mask`` in place of the mask attached to the input.
    If ``forward`` has parameters of these names, it gets them also when they were not passed.

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
    holds_weights: ClassVar[bool] = True
    """Whether its variables are weights of the modules that have it as an attribute."""
    frozen: bool | None = None
    """Whether training leaves the parameters of this module unchanged; None if nobody chose it."""
    freeze_version: ClassVar[int] = 0
    """How often any module was frozen or unfrozen; compiled steps are recompiled after it."""
    last_losses: Sequence[Array] = ()
    """What ``add_loss`` has added in the last call outside of any context."""
    init_arguments: tuple[tuple[Any, ...], dict[str, Any]]
    """Positional and keyword arguments that ``__init__`` was called with."""
    _name: str | None = None
    """The name that the user has chosen."""
    _automatic_name: str | None = None
    """The name in the first model that the module was added to."""
    _owner: weakref.ref[Module] | None = None
    """The first model that the module was added to."""
    _transient: tuple[str, ...] = ("_owner", "_nodes", "last_losses")
    """Attributes that are left out of copies."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "call" in vars(cls) and "forward" not in vars(cls):
            cls.forward = _forward_by_call  # type: ignore[method-assign]
        if is_of_lampas(cls):
            Module.registered_classes[cls.__name__] = cls
        check_constructor(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Module:
        """Store the arguments: they are the architecture that ``save`` writes."""
        self = super().__new__(cls)
        self.init_arguments = (args, kwargs)
        return self

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; write this, or ``call``, in your own class."""
        raise LampasError(f"{type(self).__name__} has no `forward(self, x)` method; write one.")

    def call(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output by ``forward`` of the base class, for ``super().call(x)``."""
        methods = (vars(kind).get("forward") for kind in type(self).__mro__)
        forward: Any = next(m for m in methods if m not in (None, _forward_by_call))
        with applied_options(forward, inputs, options) as (inputs, options):
            return forward(self, *inputs, **options)

    @property
    def name(self) -> str:
        """The name in paths and summaries: chosen by the user, or made of that of the class."""
        return self._name or self._automatic_name or self.kind

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    @overridable
    def kind(self) -> str:
        """What the module is named after in a model, with a number."""
        return snake_case(type(self).__name__)

    @property
    def nodes(self) -> list[Any]:
        """The calls of this module on symbolic tensors."""
        nodes: list[Any] = vars(self).setdefault("_nodes", [])
        return nodes

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
                for path, part in named_parts(name, value, Module | Variable):
                    if isinstance(part, Variable) or part.holds_weights:
                        yield path, part

    def modules(self) -> Iterator[tuple[str, Module]]:
        """All modules inside with their paths, each once; this one first, under ``""``."""
        return ((path, part) for path, part in walk_tree(self) if isinstance(part, Module))

    def variables(self) -> dict[str, Variable]:
        """All variables by path, each once."""
        return {path: part for path, part in walk_tree(self) if isinstance(part, Variable)}

    def parameters(self) -> dict[str, Parameter]:
        """The variables that training changes, by path; frozen ones are left out."""
        variables = self.variables().items()  # created before it is known which are frozen
        modules = self.frozen_modules().values()
        frozen = {id(part) for module in modules for _, part in module.children()}
        return {p: v for p, v in variables if isinstance(v, Parameter) and id(v) not in frozen}

    def state_variables(self) -> dict[str, Variable]:
        """All other variables: those that the forward pass updates, and frozen parameters."""
        parameters = self.parameters()
        return {p: v for p, v in self.variables().items() if p not in parameters}

    @overridable
    def input(self) -> Any:
        """The symbolic tensors on which the module was called first."""
        args = self._first_node("input").args
        return args[0] if len(args) == 1 else list(args)

    @overridable
    def output(self) -> Any:
        """The symbolic tensors that the module returned when it was first called on such."""
        return self._first_node("output").output

    def _first_node(self, attribute: str) -> Any:
        nodes = self.owner.calls_of(self) if self.owner is not None else []
        if not (nodes := nodes or self.nodes):
            raise NotBuiltError(
                f"{self.name} has no {attribute} yet: it was not called on Input(shape), nor added "
                "to a Sequential whose input shape is known."
            )
        return nodes[0]

    def calls_of(self, part: Module) -> list[Any]:
        """The calls of a part on symbolic tensors in the graph of this module, if it has one."""
        return []

    @overridable
    def weights(self) -> list[Variable]:
        """All variables; those of the model that the module was added to are created if needed."""
        self._create_with_owner()
        return list(self.variables().values())

    @overridable
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes."""
        self._create_with_owner()
        return list(self.parameters().values())

    @overridable
    def non_trainable_weights(self) -> list[Variable]:
        """All other variables."""
        self._create_with_owner()
        return list(self.state_variables().values())

    @overridable
    def trainable_variables(self) -> list[Variable]:
        """The same as ``trainable_weights``."""
        return self.trainable_weights

    @overridable
    def non_trainable_variables(self) -> list[Variable]:
        """The same as ``non_trainable_weights``."""
        return self.non_trainable_weights

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all arrays, in the order of ``weights``."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign arrays to all variables, in the order of ``weights``.

        Args:
            weights: one array per variable, each of the shape of its variable.

        Raises:
            ShapeError: for a wrong number of arrays or a wrong shape; nothing is changed then.
        """
        self._create_with_owner()
        variables = self.variables()
        if len(weights) != len(variables):
            raise ShapeError(f"{self.name} has {len(variables)} arrays, got {len(weights)}.")
        arrays = []
        for (path, variable), weight in zip(variables.items(), weights, strict=True):
            array = jax.numpy.array(to_device(weight, path), variable.value.dtype)
            if array.shape != variable.shape:
                shapes = f"{format_shape(variable.shape)}, got {format_shape(array.shape)}"
                raise ShapeError(f"{path} has shape {shapes}.")
            arrays.append(array)
        for variable, array in zip(variables.values(), arrays, strict=True):
            variable.value = array

    @property
    def owner(self) -> Module | None:
        """The first model that this module was added to, if it is still there."""
        return None if self._owner is None else self._owner()

    def adopt(self, child: Module) -> None:
        """Make this module the owner of one that has none."""
        if child.owner is None and child is not self:
            child._owner = weakref.ref(self)

    def _create_with_owner(self) -> None:
        """Let the owner create its variables, by which they get their paths in it."""
        if self.owner is not None:
            self.owner._create_with_owner()
            self.owner.variables()

    def count_params(self) -> int:
        """Number of values of all variables, trained or not.

        Raises:
            NotBuiltError: before the shape of the input is known.
        """
        weights = self.weights
        unbuilt = any(getattr(part, "built_shape", ()) is None for _, part in self.modules())
        if unbuilt and not weights:
            raise NotBuiltError(
                f"{self.name} has no weights yet, since the shape of its input is not known: call "
                "it on data, or begin the model with Input(shape)."
            )
        return sum(variable.size for variable in weights)

    def freeze(self) -> None:
        """Exclude the parameters inside from training; no gradient is computed for them.

        Batch normalization inside uses its running statistics and no longer updates them. A
        ``fit`` that follows starts with a new state of the optimizer.
        """
        self._set_frozen(True)

    def frozen_modules(self) -> dict[str, Module]:
        """The modules inside whose parameters are not trained, by path.

        Parts that a module got after it was frozen, such as the cell of
        ``LSTM(8, trainable=False)``, are frozen with it.
        """
        frozen = {}
        for path, module in self.modules():
            if module.frozen:
                frozen[path] = module
                for _, part in module.children():
                    if isinstance(part, Module) and part.frozen is None:
                        part.frozen = True
        return frozen

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

    def add_loss(self, loss: Any) -> None:
        """Add a number to the loss of a step; call this in ``forward``.

        ``fit`` and ``evaluate`` add it to the loss of ``compile``, without which a model can be
        compiled if its layers add one.

        Args:
            loss: a number that was computed from the inputs; elements of an array are summed.

        Raises:
            ArgumentError: outside of ``forward``, in a loop over the steps of a sequence, and for
                what is not a number.

        Example:
            >>> import lampas as lp
            >>> class Sparse(lp.Layer):
            ...     def forward(self, x):
            ...         self.add_loss(0.1 * abs(x).mean())
            ...         return x
            >>> layer = Sparse()
            >>> y = layer([[1.0, -3.0]])
            >>> [round(float(loss), 3) for loss in layer.losses]
            [0.2]
        """
        add_loss(self, loss)

    @overridable
    def losses(self) -> list[Array]:
        """What the layers inside have added to the loss in the last call, and penalties on weights.

        These are the values of ``add_loss`` and of ``activity_regularizer``, and then those of the
        regularizers of all trained weights. In a loss of your own, add their sum.
        """
        return all_losses(self)

    def _set_frozen(self, frozen: bool) -> None:
        for _, module in self.modules():
            module.frozen = frozen
        Module.freeze_version += 1

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        symbolic = find_symbolic((inputs, options))
        if symbolic is not None:
            return symbolic.call_module(self, inputs, options)
        ctx = context.current_context()
        if ctx is not None:
            return self._run_in(ctx, inputs, options)
        try:
            with VALUES_LOCK, context.forward_pass() as ctx:
                ctx.called_directly = options.get("training") is not False
                output = self._run_in(ctx, inputs, options)
                if ctx.losses or self.last_losses:
                    added = (loss for _, loss in ctx.losses)
                    self.last_losses = [x for x in added if not isinstance(x, jax.core.Tracer)]
                return output
        except Exception as error:
            strip_frames(error)
            raise

    def _run_in(
        self, ctx: context.ForwardContext, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        path = ctx.enter(self)
        ctx.forget_losses(self)
        try:
            method = type(self).forward
            method = type(self).call if method is _forward_by_call else method
            with applied_options(method, inputs, options) as (inputs, options):
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

    def __getstate__(self) -> dict[str, Any]:
        """For pickle and copy: without what belongs to one model or one fit."""
        return {name: value for name, value in vars(self).items() if name not in self._transient}

    def __repr__(self) -> str:
        args, kwargs = self.init_arguments
        arguments = [repr(a) for a in args] + [f"{k}={v!r}" for k, v in kwargs.items()]
        return f"{type(self).__name__}({', '.join(arguments)})"


def _forward_by_call(self: Module, *inputs: Any, **options: Any) -> Any:
    """``forward`` of classes that have ``call``."""
    return self.call(*inputs, **options)


def named_parts(name: str, value: object, kind: Any) -> Iterator[tuple[str, Any]]:
    """The objects of a kind in an attribute, also in lists, tuples and dicts, with their paths."""
    if isinstance(value, kind):
        yield name, value
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from named_parts(f"{name}/{i}", item, kind)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from named_parts(f"{name}/{key}", item, kind)


def walk_tree(
    root: HasChildren | Variable, path: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, Any]]:
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
    if not isinstance(root, Variable):
        for name, part in root.children():
            yield from walk_tree(part, f"{path}/{name}" if path else name, seen)


def name_modules(modules: Iterable[Module]) -> Iterator[tuple[str, Module]]:
    """The parts of a model with their names: those of the user, or of kind and number."""
    modules = list(modules)
    names = {module._name for module in modules}
    counts: Counter[str] = Counter()
    for module in modules:
        counts[module.kind] += 1
        while (name := f"{module.kind}_{counts[module.kind]}") in names:
            counts[module.kind] += 1
        yield module._name or name, module


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
