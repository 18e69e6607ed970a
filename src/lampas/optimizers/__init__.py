"""Optimizers: how gradients change the weights. Thin, with Keras's names, over Optax.

Each class names an Optax transformation that turns gradients into a direction; the base class
walks ``learning_rate`` times that direction downhill. The rate lies beside the weights on the
device, so it can be changed while training without compiling anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

import jax
import jax.numpy as jnp
from jax import lax

from ..core.build import NAME_ALL, after_dry_run
from ..core.errors import ArgumentError, unknown_name
from ..core.module import Module
from ..core.registry import resolve
from ..core.variable import Array, Variable
from .schedules import Schedule

if TYPE_CHECKING:
    import optax  # imported when first used: it takes a while

Params = dict[str, Array]
Slots = dict[str, Any]

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lamb",
    "Lion",
    "Nadam",
    "Optax",
    "Optimizer",
    "RMSprop",
]


class OptimizerOptions(TypedDict, total=False):
    """Options that every optimizer takes.

    Bounds on the gradient, one at a time; one that is too long keeps its direction (Pascanu et
    al., 2013).

    Args:
        clipnorm: the greatest Euclidean norm of the gradient of one variable.
        clipvalue: the greatest absolute value of an element.
        global_clipnorm: the greatest norm of the gradient of all trained variables together.
        gradient_accumulation_steps: change the weights once in so many steps, by the mean of their
            gradients: as much as one step with so many times larger a batch.
        ema_momentum: keep a moving average of the weights, ``average = momentum * average + (1 -
            momentum) * weights`` after each change (Polyak and Juditsky, 1992). ``fit`` validates
            with it and leaves it in the model at the end; 0.99 or 0.999 for example.
    """

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    gradient_accumulation_steps: int | None
    ema_momentum: float | None


BOUNDS = ("clipnorm", "clipvalue", "global_clipnorm")


class Optimizer(Module):
    """Base of the optimizers: write ``transform`` in a class of your own.

    Args:
        learning_rate: a number, or a schedule: a function from the step to the rate.
        options: see :class:`OptimizerOptions`.

    Raises ArgumentError for a rate or a bound that is not positive, for more than one bound, and
    for an option that is out of range.
    """

    def __init__(
        self, learning_rate: float | Schedule, **options: Unpack[OptimizerOptions]
    ) -> None:
        self.bounds = self._checked(options)
        self.accumulated = _at_least_one(options.get("gradient_accumulation_steps"))
        self.ema_momentum = _momentum(options.get("ema_momentum"))
        if not callable(learning_rate) and not learning_rate > 0:
            raise ArgumentError(f"The learning rate must be positive, got {learning_rate!r}.")
        self.schedule = learning_rate if callable(learning_rate) else None
        self._rate = 0.0 if callable(learning_rate) else float(learning_rate)
        self.slots: Variable | None = None
        self._trains: set[str] = set()

    def transform(self) -> optax.GradientTransformation:
        """The Optax transformation from gradients to the direction that is walked against."""
        raise NotImplementedError(f"{type(self).__name__} needs a method transform().")

    def _checked(self, options: OptimizerOptions) -> dict[str, float]:
        """The bound that is set, by its name; empty where none is."""
        own = list(inspect.signature(type(self).__init__).parameters)[1:-1]
        known = OptimizerOptions.__annotations__
        for name in options:
            if name not in known:
                raise unknown_name("argument", name, [*own, *known])
        given = cast(dict[str, float | None], options)
        bounds = {name: bound for name in BOUNDS if (bound := given.get(name)) is not None}
        listed = " and ".join(f"{name}={bound!r}" for name, bound in bounds.items())
        if len(bounds) > 1:
            raise ArgumentError(f"Gradients are clipped in one way, got {listed}; keep one.")
        if not all(bound > 0 for bound in bounds.values()):
            raise ArgumentError(f"A bound on the gradients must be positive, got {listed}.")
        return bounds

    @cached_property
    def _transform(self) -> optax.GradientTransformation:
        import optax

        clips = [_clip(kind, bound) for kind, bound in self.bounds.items()]
        return optax.chain(*clips, self.transform()) if clips else self.transform()

    @property
    def learning_rate(self) -> float:
        """The rate now; assign a number to change it, also in the middle of a fit."""
        if self.slots is None:
            return float(self.schedule(jnp.int32(0))) if self.schedule else self._rate
        return float(self.rate(cast(Slots, self.slots.value)))

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if self.schedule is not None:
            raise ArgumentError("The learning rate follows a schedule and can not be assigned.")
        if not rate > 0:
            raise ArgumentError(f"The learning rate must be positive, got {rate!r}.")
        self._rate = float(rate)
        if self.slots is not None:
            slots = cast(Slots, self.slots.value)
            self.slots.value = cast(Array, {**slots, "rate": jnp.float32(rate)})

    def rate(self, slots: Slots) -> Array:
        """The learning rate at the step that ``slots`` have reached."""
        return slots["rate"] if self.schedule is None else self.schedule(slots["step"])

    def start(self, params: Params) -> Slots:
        """What the optimizer remembers, before the first step."""
        slots: Slots = {
            "step": jnp.int32(0),
            "rate": jnp.float32(self._rate),
            "transform": self._transform.init(params),
        }
        if self.accumulated > 1:
            slots["gathered"] = jax.tree.map(jnp.zeros_like, params)
            slots["waiting"] = jnp.int32(0)
        if self.ema_momentum is not None:
            slots["averages"] = jax.tree.map(jnp.copy, params)
        return slots

    def descend(self, params: Params, gradients: Params, slots: Slots) -> tuple[Params, Slots]:
        """One step downhill: the new parameters and what to remember.

        Where gradients are gathered, parameters change once in so many calls.
        """
        if self.accumulated == 1:
            return self._update(params, gradients, slots)
        gathered = jax.tree.map(jnp.add, slots["gathered"], gradients)
        waiting = slots["waiting"] + 1

        def update() -> tuple[Params, Slots]:
            mean = jax.tree.map(lambda g: g / self.accumulated, gathered)
            after, memory = self._update(params, mean, slots)
            none = jax.tree.map(jnp.zeros_like, gathered)
            return after, {**memory, "gathered": none, "waiting": jnp.int32(0)}

        def wait() -> tuple[Params, Slots]:
            return params, {**slots, "gathered": gathered, "waiting": waiting}

        result: tuple[Params, Slots] = lax.cond(waiting == self.accumulated, update, wait)
        return result

    def averages(self, slots: Slots) -> Params | None:
        """The moving averages of the weights, None where they are not kept."""
        return slots.get("averages")

    def _update(self, params: Params, gradients: Params, slots: Slots) -> tuple[Params, Slots]:
        direction, memory = self._transform.update(gradients, slots["transform"], params)
        rate = self.rate(slots)
        params = jax.tree.map(lambda p, d: (p - rate * d).astype(p.dtype), params, direction)
        after = {**slots, "step": slots["step"] + 1, "transform": memory}
        if self.ema_momentum is not None:
            # They begin with the weights after the first change.
            kept = jnp.where(slots["step"] == 0, 0.0, self.ema_momentum)
            after["averages"] = jax.tree.map(
                lambda a, p: (kept * a + (1 - kept) * p).astype(p.dtype), slots["averages"], params
            )
        return params, after

    def _forget(self) -> None:
        self.slots = None

    def _begin(self, variables: Mapping[str, Variable]) -> None:
        params = {path: v.value for path, v in variables.items()}
        self.slots = Variable(cast(Array, self.start(params)))
        self._trains = set(params)

    def update(self, model: Module, gradients: Mapping[str, Array]) -> None:
        """Change the model's parameters by their gradients: the step of a loop of your own."""
        variables = model.parameters()
        params = {path: v.value for path, v in variables.items()}
        if self.slots is None:
            self._begin(variables)
            after_dry_run(self, lambda: self._begin(variables), self._forget)
        else:
            restore = partial(setattr, self.slots, "value", self.slots.value)
            after_dry_run(self, restore, restore)
        assert self.slots is not None
        slots = cast(Slots, self.slots.value)
        if _traced(params) and not _traced(slots):
            raise ArgumentError(f"{type(self).__name__} is used but was not named. {NAME_ALL}")
        if self._trains and self._trains != set(params):
            raise ArgumentError(
                f"{type(self).__name__} has begun to train other parameters than the model has "
                "now: some were frozen or unfrozen. Make a new optimizer for what follows."
            )
        params, slots = self.descend(params, dict(gradients), slots)
        for path, variable in variables.items():
            variable.value = params[path]
        self.slots.value = cast(Array, slots)


def _at_least_one(steps: int | None) -> int:
    if steps is None:
        return 1
    if not hasattr(steps, "__index__") or steps < 1:
        raise ArgumentError(
            f"gradient_accumulation_steps must be a whole number from 1 on, got {steps!r}."
        )
    return int(steps)


def _momentum(momentum: float | None) -> float | None:
    if momentum is not None and not 0 <= momentum < 1:
        raise ArgumentError(f"ema_momentum must be from 0 up to, not including, 1, got {momentum}.")
    return momentum


def _clip(kind: str, bound: float) -> optax.GradientTransformation:
    import optax

    if kind == "clipvalue":
        return optax.clip(bound)
    if kind == "global_clipnorm":
        return optax.clip_by_global_norm(bound)
    return optax.stateless(lambda gradients, _: jax.tree.map(partial(_shorten, bound), gradients))


def _shorten(bound: float, gradient: Array) -> Array:
    norm = jnp.linalg.norm(gradient)
    return jnp.where(norm > bound, gradient * (bound / norm), gradient)


def _traced(tree: Any) -> bool:
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(tree))


class Optax(Optimizer):
    """Any Optax transformation as it is; it brings its own learning rate."""

    def __init__(
        self, transformation: optax.GradientTransformation, **options: Unpack[OptimizerOptions]
    ) -> None:
        super().__init__(1.0, **options)
        self.transformation = transformation

    def transform(self) -> optax.GradientTransformation:
        import optax

        # Optax's updates are added; ours are walked against.
        return optax.chain(self.transformation, optax.scale(-1.0))


class SGD(Optimizer):
    """Stochastic gradient descent: ``w -= rate * g``.

    With momentum ``v = momentum * v + g; w -= rate * v`` (Polyak, 1964), or Nesterov's form.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = momentum
        self.nesterov = nesterov

    def transform(self) -> optax.GradientTransformation:
        import optax

        if not self.momentum:
            return optax.identity()
        return optax.trace(self.momentum, self.nesterov)


class _AdamLike(Optimizer):
    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon


class Adam(_AdamLike):
    """``w -= rate * m / (sqrt(v) + epsilon)`` with bias-corrected moments (Kingma and Ba, 2015)."""

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adam(self.beta_1, self.beta_2, self.epsilon)


class Nadam(_AdamLike):
    """Adam with Nesterov momentum (Dozat, 2016)."""

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adam(self.beta_1, self.beta_2, self.epsilon, nesterov=True)


class Adamax(_AdamLike):
    """Adam with the largest recent gradient in place of the root mean square."""

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adamax(self.beta_1, self.beta_2, self.epsilon)


class AdamW(_AdamLike):
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2019)."""

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.weight_decay = weight_decay

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.chain(
            optax.scale_by_adam(self.beta_1, self.beta_2, self.epsilon),
            optax.add_decayed_weights(self.weight_decay),
        )


class Lamb(AdamW):
    """AdamW with a rate for each layer, for large batches (You et al., 2020)."""

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.chain(super().transform(), optax.scale_by_trust_ratio())


class RMSprop(Optimizer):
    """``w -= rate * g / sqrt(mean(g**2) + epsilon)`` (Hinton, 2012)."""

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon

    def transform(self) -> optax.GradientTransformation:
        import optax

        direction = optax.scale_by_rms(self.rho, self.epsilon)
        return optax.chain(direction, optax.trace(self.momentum)) if self.momentum else direction


class Adagrad(Optimizer):
    """``w -= rate * g / sqrt(sum(g**2) + epsilon)`` (Duchi et al., 2011)."""

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_rss(self.initial_accumulator_value, self.epsilon)


class Adadelta(Optimizer):
    """Steps scaled by the running size of earlier steps (Zeiler, 2012)."""

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = rho
        self.epsilon = epsilon

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adadelta(self.rho, self.epsilon)


class Lion(Optimizer):
    """``w -= rate * sign(momentum)`` (Chen et al., 2023)."""

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_lion(self.beta_1, self.beta_2)


OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "adadelta": Adadelta,
    "adagrad": Adagrad,
    "adam": Adam,
    "adamax": Adamax,
    "adamw": AdamW,
    "lamb": Lamb,
    "lion": Lion,
    "nadam": Nadam,
    "rmsprop": RMSprop,
    "sgd": SGD,
}


def get(value: Optimizer | optax.GradientTransformation | str) -> Optimizer:
    """The optimizer of that name with its defaults, the one given, or an Optax transformation.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    if isinstance(value, Optimizer):
        return value
    if isinstance(value, str):
        return resolve("optimizer", value, OPTIMIZERS)()
    if hasattr(value, "init") and hasattr(value, "update"):
        return Optax(value)
    raise ArgumentError(f"An optimizer is a name, an Optimizer or an Optax one, got {value!r}.")
