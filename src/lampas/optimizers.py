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

from .core.build import NAME_ALL, after_dry_run
from .core.errors import ArgumentError, unknown_name
from .core.module import Module
from .core.naming import resolve
from .core.variable import Array, Variable
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


class Clipping(TypedDict, total=False):
    """Bounds that every optimizer can put on the gradient before it uses it; one at a time.

    A gradient that is too long keeps its direction (Pascanu et al., 2013).

    Args:
        clipnorm: the greatest Euclidean norm of the gradient of one variable.
        clipvalue: the greatest absolute value of an element.
        global_clipnorm: the greatest norm of the gradient of all trained variables together.
    """

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None


class Optimizer(Module):
    """Base of the optimizers: write ``transform`` in a class of your own.

    Args:
        learning_rate: a number, or a schedule: a function from the step to the rate.
        clipping: ``clipnorm``, ``clipvalue`` or ``global_clipnorm``, see :class:`Clipping`.

    Raises ArgumentError for a rate or a bound that is not positive, and for more than one bound.
    """

    def __init__(self, learning_rate: float | Schedule, **clipping: Unpack[Clipping]) -> None:
        self.bounds = self._checked(clipping)
        if not callable(learning_rate) and not learning_rate > 0:
            raise ArgumentError(f"The learning rate must be positive, got {learning_rate!r}.")
        self.schedule = learning_rate if callable(learning_rate) else None
        self._rate = 0.0 if callable(learning_rate) else float(learning_rate)
        self.slots: Variable | None = None
        self._trains: set[str] = set()

    def transform(self) -> optax.GradientTransformation:
        """The Optax transformation from gradients to the direction that is walked against."""
        raise NotImplementedError(f"{type(self).__name__} needs a method transform().")

    def _checked(self, clipping: Clipping) -> dict[str, float]:
        """The bound that is set, by its name; empty where none is."""
        own = list(inspect.signature(type(self).__init__).parameters)[1:-1]
        for name in clipping:
            if name not in Clipping.__annotations__:
                raise unknown_name("argument", name, [*own, *Clipping.__annotations__])
        given = cast(dict[str, float | None], clipping)
        bounds = {name: bound for name, bound in given.items() if bound is not None}
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
        return {
            "step": jnp.int32(0),
            "rate": jnp.float32(self._rate),
            "transform": self._transform.init(params),
        }

    def descend(self, params: Params, gradients: Params, slots: Slots) -> tuple[Params, Slots]:
        """One step downhill: the new parameters and what to remember."""
        direction, memory = self._transform.update(gradients, slots["transform"], params)
        rate = self.rate(slots)
        params = jax.tree.map(lambda p, d: (p - rate * d).astype(p.dtype), params, direction)
        return params, {"step": slots["step"] + 1, "rate": slots["rate"], "transform": memory}

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
        self, transformation: optax.GradientTransformation, **clipping: Unpack[Clipping]
    ) -> None:
        super().__init__(1.0, **clipping)
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
        **clipping: Unpack[Clipping],
    ) -> None:
        super().__init__(learning_rate, **clipping)
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
        **clipping: Unpack[Clipping],
    ) -> None:
        super().__init__(learning_rate, **clipping)
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
        **clipping: Unpack[Clipping],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **clipping)
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
        **clipping: Unpack[Clipping],
    ) -> None:
        super().__init__(learning_rate, **clipping)
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
        **clipping: Unpack[Clipping],
    ) -> None:
        super().__init__(learning_rate, **clipping)
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
        **clipping: Unpack[Clipping],
    ) -> None:
        super().__init__(learning_rate, **clipping)
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
        **clipping: Unpack[Clipping],
    ) -> None:
        super().__init__(learning_rate, **clipping)
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
