"""Learning-rate schedules: the rate as a function of the optimizer's step.

Thin, with Keras's names, over Optax's; :func:`get` makes one by a name. Any function from a step
to a rate will do as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax.numpy as jnp

from ..core.errors import ArgumentError
from ..core.registry import resolve
from ..core.variable import Array

Schedule = Callable[[Array], Array]

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseSquareRootDecay",
    "InverseTimeDecay",
    "OneCycle",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "WarmUp",
    "get",
]


@dataclass(frozen=True)
class ExponentialDecay:
    """``initial_learning_rate * decay_rate ** (step / decay_steps)``; whole steps if staircase."""

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __call__(self, step: Array) -> Array:
        import optax

        decay = optax.exponential_decay(
            self.initial_learning_rate, self.decay_steps, self.decay_rate, staircase=self.staircase
        )
        return jnp.asarray(decay(step))


@dataclass(frozen=True)
class InverseTimeDecay:
    """``initial_learning_rate / (1 + decay_rate * step / decay_steps)``."""

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __call__(self, step: Array) -> Array:
        passed = step / self.decay_steps
        passed = jnp.floor(passed) if self.staircase else passed
        return self.initial_learning_rate / (1.0 + self.decay_rate * passed)


@dataclass(frozen=True)
class PolynomialDecay:
    """From ``initial_learning_rate`` to ``end_learning_rate`` over ``decay_steps``."""

    initial_learning_rate: float
    decay_steps: int
    end_learning_rate: float = 0.0001
    power: float = 1.0

    def __call__(self, step: Array) -> Array:
        # Optax's form takes a fractional power of a rounding error below 0.
        left = jnp.clip(1.0 - step / self.decay_steps, 0.0, 1.0) ** self.power
        rate = self.end_learning_rate + left * (self.initial_learning_rate - self.end_learning_rate)
        return jnp.asarray(rate)


@dataclass(frozen=True)
class PiecewiseConstantDecay:
    """``values[i]`` up to and including step ``boundaries[i]``, then the next value."""

    boundaries: Sequence[int]
    values: Sequence[float]

    def __call__(self, step: Array) -> Array:
        passed = jnp.sum(step > jnp.asarray(self.boundaries))
        return jnp.asarray(self.values, jnp.float32)[passed]


@dataclass(frozen=True)
class CosineDecay:
    """Half a cosine from ``initial_learning_rate`` to ``alpha`` times it over ``decay_steps``.

    With ``warmup_target`` the rate first rises to it in a straight line over ``warmup_steps``
    (Loshchilov and Hutter, 2017).
    """

    initial_learning_rate: float
    decay_steps: int
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __call__(self, step: Array) -> Array:
        import optax

        if self.warmup_target is None:
            top, decay = self.initial_learning_rate, step
        else:
            top, decay = self.warmup_target, step - self.warmup_steps
        rate = optax.cosine_decay_schedule(top, self.decay_steps, self.alpha)(decay)
        if self.warmup_target is None or not self.warmup_steps:
            return jnp.asarray(rate)
        share = step / self.warmup_steps
        rising = self.initial_learning_rate + share * (top - self.initial_learning_rate)
        return jnp.where(step < self.warmup_steps, rising, rate)


@dataclass(frozen=True)
class WarmUp:
    """A straight rise over ``steps`` steps, then ``rate``: a number, or a schedule from there on.

    Step ``i`` of the rise has ``(i + 1) / (steps + 1)`` of the first rate, so none is wasted on 0
    (Goyal et al., 2017). Raises ArgumentError when ``steps`` is not positive.
    """

    rate: float | Schedule
    steps: int

    def __post_init__(self) -> None:
        if not self.steps > 0:
            raise ArgumentError(f"A warm-up takes at least 1 step, got steps={self.steps!r}.")

    def __call__(self, step: Array) -> Array:
        share = jnp.minimum(1.0, (step + 1) / (self.steps + 1))
        after = jnp.maximum(step - self.steps, 0)
        return share * (self.rate(after) if callable(self.rate) else self.rate)


@dataclass(frozen=True)
class InverseSquareRootDecay:
    """``initial_learning_rate / sqrt(1 + step / decay_steps)``: slower and slower, never 0."""

    initial_learning_rate: float
    decay_steps: int

    def __call__(self, step: Array) -> Array:
        return self.initial_learning_rate / jnp.sqrt(1.0 + step / self.decay_steps)


@dataclass(frozen=True)
class OneCycle:
    """Half a cosine up to ``highest`` and a longer one down to nearly 0 (Smith and Topin, 2018).

    It begins with a 25th of the highest rate, which is reached after ``rising`` of the steps, and
    ends with a 10,000th of the first.
    """

    highest: float
    steps: int
    rising: float = 0.3

    def __call__(self, step: Array) -> Array:
        import optax

        schedule = optax.cosine_onecycle_schedule(self.steps, self.highest, self.rising, 25.0, 1e4)
        return jnp.asarray(schedule(step))


NAMED: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda rate, steps: PolynomialDecay(rate, steps, rate),
    "cosine": CosineDecay,
    "exponential": lambda rate, steps: ExponentialDecay(rate, steps, 0.01),
    "inverse_sqrt": InverseSquareRootDecay,
    "inverse_time": lambda rate, steps: InverseTimeDecay(rate, steps, 1.0),
    "linear": lambda rate, steps: PolynomialDecay(rate, steps, 0.0),
    "one_cycle": OneCycle,
}


def get(name: str, learning_rate: float, steps: int, warmup: int = 0) -> Schedule:
    """A schedule by its name, for a training of so many steps.

    "linear" and "cosine" end at 0, "exponential" at a hundredth of the rate, "inverse_time" at its
    half, "inverse_sqrt" at 0.71 of it; "one_cycle" rises to it and falls; "constant" stays.

    Args:
        name: of the form.
        learning_rate: the highest rate.
        steps: of the whole training: epochs times batches of an epoch.
        warmup: steps in which the rate rises before that; see :class:`WarmUp`.

    Raises:
        UnknownNameError: with the nearest right name.
        ArgumentError: for a rate or a number of steps that makes no sense.
    """
    make = resolve("schedule", name, NAMED)
    if not learning_rate > 0 or not 0 <= warmup < steps:
        raise ArgumentError(
            "A schedule needs a positive rate and more steps than those of its warm-up, got "
            f"learning_rate={learning_rate!r}, steps={steps!r}, warmup={warmup!r}."
        )
    schedule = make(learning_rate, steps - warmup)
    return WarmUp(schedule, warmup) if warmup else schedule
