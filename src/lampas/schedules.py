"""Learning-rate schedules: the rate as a function of the optimizer's step.

Thin, with Keras's names, over Optax's. Any function from a step to a rate will do as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax.numpy as jnp

from .core.errors import ArgumentError
from .core.variable import Array

Schedule = Callable[[Array], Array]

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "WarmUp",
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
