"""Base class of the optimizers: learning rate, clipping, accumulation, averages, over Optax."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache, cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..core import context
from ..core.arguments import (
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    ProperFraction,
    check_arguments,
)
from ..core.build import UNNAMED_STATE_HINT, defer_until_built
from ..core.errors import ArgumentError
from ..core.module import Module
from ..core.variable import Array, Parameter, Variable, WeightConstraint
from ..saving.config import Configured
from .schedules import Schedule

if TYPE_CHECKING:
    import optax  # imported at first use, because it is slow to import

Params = dict[str, Array]
"""Parameters, or their gradients, by path."""
OptState = dict[str, Any]
"""State of an optimizer: step, learning rate, state of the Optax transformation, averages."""

CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


class OptimizerOptions(TypedDict, total=False):
    """Options that every optimizer takes.

    At most one of the three kinds of gradient clipping can be used; clipping by norm keeps the
    direction of the gradient (Pascanu et al., 2013).

    Args:
        clipnorm: largest Euclidean norm of the gradient of one variable.
        clipvalue: largest absolute value of an element of a gradient.
        global_clipnorm: largest norm of the gradient of all trained variables together.
        gradient_accumulation_steps: number of steps whose gradients are averaged for one update of
            the weights: equivalent to one step with a batch that is this many times larger.
        ema_momentum: keep an exponential moving average of the weights, ``average = momentum *
            average + (1 - momentum) * weights`` after each change (Polyak and Juditsky, 1992), for
            example with 0.99 or 0.999. ``fit`` validates with it and leaves it in the model at the
            end. As in Keras, constraints are not applied to it. In Keras it is also updated after
            batches that are only accumulated.
        weight_decay: share of the weights, times the learning rate, that is subtracted before each
            change, apart from the gradient (Loshchilov and Hutter, 2019); it is not clipped.
    """

    clipnorm: PositiveFloat | None
    clipvalue: PositiveFloat | None
    global_clipnorm: PositiveFloat | None
    gradient_accumulation_steps: PositiveInt | None
    ema_momentum: ProperFraction | None
    weight_decay: NonNegativeFloat | None


class LearningRate(float):
    """The learning rate of an optimizer: a number that has the methods of Keras's variable."""

    optimizer: Optimizer

    def __new__(cls, rate: float, optimizer: Optimizer) -> LearningRate:
        self = super().__new__(cls, rate)
        self.optimizer = optimizer
        return self

    def __reduce__(self) -> Any:
        return float, (float(self),)

    def assign(self, rate: float) -> None:
        """Change the learning rate of the optimizer."""
        self.optimizer.learning_rate = rate

    def numpy(self) -> np.float32:
        """The learning rate as a number of NumPy."""
        return np.float32(self)


class OptVariable(Variable):
    """Holds the state of an optimizer, which is not a variable of a model."""

    __slots__ = ()


class Iterations(int):
    """The number of steps of an optimizer: a number that has the method of Keras's variable."""

    def numpy(self) -> np.int64:
        """The number of steps as a number of NumPy."""
        return np.int64(self)


class Optimizer(Configured, Module):
    """Base of the optimizers: write ``transform`` in your own class.

    ``transform`` returns an Optax transformation from gradients to an update direction; the base
    class subtracts ``learning_rate`` times that direction from the weights. The learning rate is
    stored beside the weights on the device, so it can be changed in training without
    recompilation.

    Args:
        learning_rate: a number, or a schedule: a function from the step to the learning rate.
        options: see :class:`OptimizerOptions`.

    Raises:
        ArgumentError: for a learning rate or a clipping limit that is not positive, for more than
            one kind of clipping, and for an option that is out of range.

    Example:
        >>> import optax
        >>> import lampas as lp
        >>> class SignSGD(lp.Optimizer):
        ...     def transform(self):
        ...         return optax.scale_by_sign()
        >>> SignSGD(0.01, clipvalue=1.0).learning_rate
        0.01
    """

    holds_weights = False

    def __init__(
        self, learning_rate: PositiveFloat | Schedule, **options: Unpack[OptimizerOptions]
    ) -> None:
        self.clipping = self._check_clipping(options)
        self.accumulation_steps = int(options.get("gradient_accumulation_steps") or 1)
        self.ema_momentum = options.get("ema_momentum")
        self.weight_decay = options.get("weight_decay")
        self.schedule = learning_rate if callable(learning_rate) else None
        self._rate = 0.0 if callable(learning_rate) else float(learning_rate)
        self.opt_state: Variable | None = None
        self._trained_paths: set[str] = set()

    def __setattr__(self, name: str, value: Any) -> None:
        kind: Any = type(self)
        if name == "lr":
            raise ArgumentError(
                f"{kind.__name__} has no lr. Write optimizer.learning_rate = {value}."
            )
        is_compiled = "_transform" in vars(self) and name in _fixed_arguments(kind)
        if is_compiled or name in (*CLIPPING, "gradient_accumulation_steps"):
            raise ArgumentError(
                f"{kind.__name__}: {name} cannot be assigned, since the compiled step does "
                "not change. Pass it to a new optimizer, and compile the model with that; only the "
                "learning rate can be assigned."
            )
        super().__setattr__(name, value)

    def transform(self) -> optax.GradientTransformation:
        """The Optax transformation from gradients to the direction to subtract."""
        raise NotImplementedError(f"{type(self).__name__} needs a method transform().")

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["name"], config["trainable"]
        if "learning_rate" in config and self.schedule is None:
            config["learning_rate"] = self._rate
        return config

    def velocity(self) -> optax.GradientTransformation | None:
        """The Optax transformation of the steps, learning rate included: momentum, or none."""
        return None

    def _check_clipping(self, options: OptimizerOptions) -> dict[str, float]:
        """The limit of the clipping that is used, by its name; empty without clipping."""
        values = cast(dict[str, float | None], options)
        clipping = {name: limit for name in CLIPPING if (limit := values.get(name)) is not None}
        listed = " and ".join(f"{name}={limit!r}" for name, limit in clipping.items())
        if len(clipping) > 1:
            raise ArgumentError(f"Use one kind of gradient clipping, got {listed}; keep one.")
        return clipping

    @cached_property
    def _transform(self) -> optax.GradientTransformationExtraArgs:
        """From gradients to the steps to subtract."""
        import optax

        clips = [_clip(kind, limit) for kind, limit in self.clipping.items()]
        velocity = self.velocity() or optax.identity()
        return optax.chain(*clips, self.transform(), _scale_by_learning_rate(), velocity)

    @property
    def learning_rate(self) -> LearningRate:
        """The present learning rate; assign a number to change it, also during a fit."""
        if self.opt_state is not None:
            rate = float(self.rate(cast(OptState, self.opt_state.value)))
        else:
            rate = float(self.schedule(jnp.int32(0))) if self.schedule else self._rate
        return LearningRate(rate, self)

    @learning_rate.setter
    @check_arguments
    def learning_rate(self, rate: PositiveFloat) -> None:
        if self.schedule is not None:
            raise ArgumentError("The learning rate follows a schedule and cannot be assigned.")
        self._rate = float(rate)
        if self.opt_state is not None:
            opt_state = cast(OptState, self.opt_state.value)
            self.opt_state.value = cast(Array, {**opt_state, "rate": jnp.float32(rate)})

    def rate(self, opt_state: OptState) -> Array:
        """The learning rate at the step of ``opt_state``; schedules count accumulated steps too."""
        if self.schedule is None:
            return opt_state["rate"]
        accumulated = opt_state.get("accumulated", 0)
        return self.schedule(opt_state["step"] * self.accumulation_steps + accumulated)

    @property
    def iterations(self) -> Iterations | Array:
        """The number of steps so far; in a compiled function an array that is not known yet."""
        if self.opt_state is None:
            return Iterations(0)
        opt_state = cast(OptState, self.opt_state.value)
        step = opt_state["step"] * self.accumulation_steps + opt_state.get("accumulated", 0)
        return step if _is_traced(step) else Iterations(step)

    def init(self, params: Params) -> OptState:
        """The state before the first step.

        Args:
            params: the parameters to train, by path.
        """
        opt_state: OptState = {
            "step": jnp.int32(0),
            "rate": jnp.float32(self._rate),
            "transform": self._transform.init(params),
        }
        if self.accumulation_steps > 1:
            opt_state["gradient_sum"] = jax.tree.map(jnp.zeros_like, params)
            opt_state["accumulated"] = jnp.int32(0)
        if self.ema_momentum is not None:
            opt_state["ema"] = jax.tree.map(jnp.copy, params)
        return opt_state

    def update_params(
        self,
        params: Params,
        gradients: Params,
        opt_state: OptState,
        constraints: Mapping[str, WeightConstraint] = MappingProxyType({}),
    ) -> tuple[Params, OptState]:
        """One step of gradient descent: the new parameters and the new state.

        With gradient accumulation, parameters change once in ``accumulation_steps`` calls.

        Args:
            params: the parameters by path.
            gradients: their gradients by path.
            opt_state: the state from :meth:`init` or the previous step.
            constraints: applied to the new parameters of these paths; as in Keras not to their
                moving averages, and in each call.
        """
        params, opt_state = self._accumulate(params, gradients, opt_state)
        constrained = {path: keep(params[path]) for path, keep in constraints.items()}
        return params | constrained, opt_state

    def _accumulate(
        self, params: Params, gradients: Params, opt_state: OptState
    ) -> tuple[Params, OptState]:
        if self.accumulation_steps == 1:
            return self._update(params, gradients, opt_state)
        total = jax.tree.map(jnp.add, opt_state["gradient_sum"], gradients)
        count = opt_state["accumulated"] + 1

        def update() -> tuple[Params, OptState]:
            mean = jax.tree.map(lambda g: g / self.accumulation_steps, total)
            new_params, new_state = self._update(params, mean, opt_state)
            zeros = jax.tree.map(jnp.zeros_like, total)
            return new_params, {**new_state, "gradient_sum": zeros, "accumulated": jnp.int32(0)}

        def wait() -> tuple[Params, OptState]:
            return params, {**opt_state, "gradient_sum": total, "accumulated": count}

        result: tuple[Params, OptState] = lax.cond(count == self.accumulation_steps, update, wait)
        return result

    def ema_weights(self, opt_state: OptState) -> Params | None:
        """The moving averages of the weights; None without ``ema_momentum``."""
        return opt_state.get("ema")

    def _update(
        self, params: Params, gradients: Params, opt_state: OptState
    ) -> tuple[Params, OptState]:
        rate = self.rate(opt_state)
        if self.weight_decay:
            factor = 1.0 - rate * self.weight_decay
            params = jax.tree.map(lambda p: (factor * p).astype(p.dtype), params)
        steps, transform = self._transform.update(
            gradients, opt_state["transform"], params, learning_rate=rate
        )
        params = jax.tree.map(lambda p, s: (p - s).astype(p.dtype), params, steps)
        new_state = {**opt_state, "step": opt_state["step"] + 1, "transform": transform}
        if self.ema_momentum is not None:
            # The averages start with the weights after the first change.
            momentum = jnp.where(opt_state["step"] == 0, 0.0, self.ema_momentum)
            new_state["ema"] = jax.tree.map(
                lambda a, p: (momentum * a + (1 - momentum) * p).astype(p.dtype),
                opt_state["ema"],
                params,
            )
        return params, new_state

    def clear_state(self) -> None:
        """Forget all steps; the next one starts anew, perhaps with other parameters."""
        self.opt_state, self._trained_paths = None, set()

    def _init_state(self, variables: Mapping[str, Variable]) -> None:
        params = {path: v.value for path, v in variables.items()}
        self.opt_state = OptVariable(cast(Array, self.init(params)))
        self._trained_paths = set(params)

    def update(self, model: Module, gradients: Mapping[str, Array]) -> None:
        """Change the parameters of a model by their gradients: the step of a custom loop.

        Args:
            model: the module to train.
            gradients: the gradient of each parameter by path, from ``lampas.value_and_grad``.

        Raises:
            ArgumentError: when parameters were frozen or unfrozen since the first step, and in a
                compiled function that does not have the optimizer in its state.
        """
        variables = model.parameters()
        params = {path: v.value for path, v in variables.items()}
        if self.opt_state is None:
            self._init_state(variables)
            defer_until_built(self, lambda: self._init_state(variables), self.clear_state)
        else:
            restore = partial(setattr, self.opt_state, "value", self.opt_state.value)
            defer_until_built(self, restore, restore)
        assert self.opt_state is not None
        opt_state = cast(OptState, self.opt_state.value)
        if _is_traced(params) and not _is_traced(opt_state):
            raise ArgumentError(
                f"{type(self).__name__} is used but was not passed. {UNNAMED_STATE_HINT}"
            )
        if self._trained_paths and self._trained_paths != set(params):
            raise ArgumentError(
                f"{type(self).__name__} has begun to train other parameters than the model has "
                "now: some were frozen or unfrozen. Make a new optimizer to continue."
            )
        constraints = weight_constraints(variables)
        update = partial(self.update_params, params, dict(gradients), opt_state, constraints)
        ctx = context.current_context()
        if ctx is None or ctx.finite is None:
            params, opt_state = update()
        else:
            before = params, opt_state
            params, opt_state = lax.cond(ctx.require_finite(gradients), update, lambda: before)
            ctx.guard([*params.values(), opt_state])
        for path, variable in variables.items():
            variable.value = params[path]
        self.opt_state.value = cast(Array, opt_state)


def weight_constraints(parameters: Mapping[str, Parameter]) -> dict[str, WeightConstraint]:
    """The constraints of the parameters that have one, by path."""
    return {path: p.constraint for path, p in parameters.items() if p.constraint is not None}


@cache
def _fixed_arguments(kind: Any) -> set[str]:
    """The arguments of a constructor that are constants of the compiled step."""
    names = inspect.signature(kind).parameters.keys() | OptimizerOptions.__annotations__.keys()
    return names - {"learning_rate", "options"}


def _scale_by_learning_rate() -> optax.GradientTransformationExtraArgs:
    import optax

    def update(
        direction: Params, state: Any, _: Params | None = None, *, learning_rate: Array, **__: Any
    ) -> tuple[Params, Any]:
        steps = jax.tree.map(lambda d: (learning_rate * d).astype(d.dtype), direction)
        return steps, state

    return optax.GradientTransformationExtraArgs(optax.init_empty_state, update)


def _clip(kind: str, limit: float) -> optax.GradientTransformation:
    import optax

    if kind == "clipvalue":
        return optax.clip(limit)
    if kind == "global_clipnorm":
        return optax.clip_by_global_norm(limit)
    return optax.stateless(lambda gradients, _: jax.tree.map(partial(_clip_norm, limit), gradients))


def _clip_norm(limit: float, gradient: Array) -> Array:
    norm = jnp.linalg.norm(gradient)
    return jnp.where(norm > limit, gradient * (limit / norm), gradient)


def _is_traced(tree: Any) -> bool:
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(tree))


class Optax(Optimizer):
    """Any Optax transformation, with its own learning rate.

    Args:
        transformation: an Optax optimizer.
        options: see :class:`OptimizerOptions`.

    Example:
        >>> import optax
        >>> import lampas as lp
        >>> optimizer = lp.optimizers.Optax(optax.adabelief(1e-3))
        >>> isinstance(optimizer, lp.Optimizer)
        True
    """

    def __init__(
        self, transformation: optax.GradientTransformation, **options: Unpack[OptimizerOptions]
    ) -> None:
        super().__init__(1.0, **options)
        self.transformation = transformation

    def get_config(self) -> dict[str, Any]:
        raise ArgumentError("an Optax transformation has no plain data to describe it.")

    def transform(self) -> optax.GradientTransformation:
        import optax

        # Optax's updates are added, ours are subtracted.
        return optax.chain(self.transformation, optax.scale(-1.0))
