"""Learning rate schedules, by Keras's names: the learning rate as a function of the step.

Any other function from the optimizer's step, counted from 0, to a learning rate works as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import jax.numpy as jnp

from ..core.arguments import (
    CheckedFields,
    Fraction,
    NonNegativeFloat,
    NonNegativeInt,
    OpenFraction,
    PositiveFloat,
    PositiveInt,
    check_arguments,
)
from ..core.errors import ArgumentError
from ..core.lookup import defined_names, lookup
from ..core.variable import Array

Schedule = Callable[[Array], Array]


@dataclass(frozen=True)
class ExponentialDecay(CheckedFields):
    """``initial_learning_rate * decay_rate ** (step / decay_steps)``.

    Args:
        initial_learning_rate: learning rate at step 0.
        decay_steps: steps after which the learning rate is multiplied by ``decay_rate``.
        decay_rate: the factor.
        staircase: whether the exponent is rounded down to an integer.

    Example:
        >>> import lampas as lp
        >>> schedule = lp.schedules.ExponentialDecay(0.1, decay_steps=100, decay_rate=0.5)
        >>> round(float(schedule(200)), 4)
        0.025
    """

    initial_learning_rate: PositiveFloat
    decay_steps: PositiveFloat
    decay_rate: NonNegativeFloat
    staircase: bool = False

    def __call__(self, step: Array) -> Array:
        import optax

        decay = optax.exponential_decay(
            self.initial_learning_rate, self.decay_steps, self.decay_rate, staircase=self.staircase
        )
        return jnp.asarray(decay(step))


@dataclass(frozen=True)
class InverseTimeDecay(CheckedFields):
    """``initial_learning_rate / (1 + decay_rate * step / decay_steps)``.

    Args:
        initial_learning_rate: learning rate at step 0.
        decay_steps: unit of the step.
        decay_rate: rate of the decay.
        staircase: whether ``step / decay_steps`` is rounded down to an integer.

    Example:
        >>> import lampas as lp
        >>> float(lp.schedules.InverseTimeDecay(1.0, decay_steps=100, decay_rate=1.0)(100))
        0.5
    """

    initial_learning_rate: PositiveFloat
    decay_steps: PositiveFloat
    decay_rate: NonNegativeFloat
    staircase: bool = False

    def __call__(self, step: Array) -> Array:
        periods = step / self.decay_steps
        periods = jnp.floor(periods) if self.staircase else periods
        return self.initial_learning_rate / (1.0 + self.decay_rate * periods)


@dataclass(frozen=True)
class PolynomialDecay(CheckedFields):
    """From ``initial_learning_rate`` to ``end_learning_rate`` over ``decay_steps``.

    The difference is multiplied by ``(1 - step / decay_steps) ** power``.

    Args:
        initial_learning_rate: learning rate at step 0.
        decay_steps: steps until the end; the learning rate is constant after them.
        end_learning_rate: learning rate at the end.
        power: exponent; 1 is a straight line.

    Example:
        >>> import lampas as lp
        >>> float(lp.schedules.PolynomialDecay(1.0, decay_steps=100, end_learning_rate=0.0)(50))
        0.5
    """

    initial_learning_rate: NonNegativeFloat
    decay_steps: PositiveFloat
    end_learning_rate: NonNegativeFloat = 0.0001
    power: NonNegativeFloat = 1.0

    def __call__(self, step: Array) -> Array:
        # Optax's form may take a fractional power of a rounding error below 0.
        factor = jnp.clip(1.0 - step / self.decay_steps, 0.0, 1.0) ** self.power
        span = self.initial_learning_rate - self.end_learning_rate
        return jnp.asarray(self.end_learning_rate + factor * span)


@dataclass(frozen=True)
class PiecewiseConstantDecay(CheckedFields):
    """``values[i]`` up to and including step ``boundaries[i]``, then the next value.

    Args:
        boundaries: steps, ascending.
        values: learning rates, one more than boundaries.

    Example:
        >>> import lampas as lp
        >>> schedule = lp.schedules.PiecewiseConstantDecay([100], [1.0, 0.5])
        >>> float(schedule(100)), float(schedule(101))
        (1.0, 0.5)
    """

    boundaries: Sequence[float]
    values: Sequence[NonNegativeFloat]

    def __post_init__(self) -> None:
        super().__post_init__()
        boundaries, values = list(self.boundaries), list(self.values)
        if boundaries != sorted(boundaries) or len(values) != len(boundaries) + 1:
            raise ArgumentError(
                "PiecewiseConstantDecay needs ascending steps as boundaries, and learning rates as "
                f"values, one more than boundaries; got {boundaries!r} and {values!r}."
            )

    def __call__(self, step: Array) -> Array:
        index = jnp.sum(step > jnp.asarray(self.boundaries))
        return jnp.asarray(self.values, jnp.float32)[index]


@dataclass(frozen=True)
class CosineDecay(CheckedFields):
    """Half a cosine from ``initial_learning_rate`` to ``alpha`` times it over ``decay_steps``.

    With ``warmup_target`` the learning rate first rises linearly to it over ``warmup_steps``
    (Loshchilov and Hutter, 2017).

    Args:
        initial_learning_rate: learning rate at step 0.
        decay_steps: steps of the decay, without those of the warm-up.
        alpha: share of the highest learning rate that remains at the end.
        warmup_target: learning rate at the end of the warm-up; None for no warm-up.
        warmup_steps: steps of the warm-up.

    Example:
        >>> import lampas as lp
        >>> round(float(lp.schedules.CosineDecay(1.0, decay_steps=100)(50)), 3)
        0.5
    """

    initial_learning_rate: NonNegativeFloat
    decay_steps: PositiveFloat
    alpha: Fraction = 0.0
    warmup_target: PositiveFloat | None = field(default=None, kw_only=True)
    warmup_steps: NonNegativeInt = field(default=0, kw_only=True)

    def __call__(self, step: Array) -> Array:
        import optax

        if self.warmup_target is None:
            highest, decay_step = self.initial_learning_rate, step
        else:
            highest, decay_step = self.warmup_target, step - self.warmup_steps
        decay = optax.cosine_decay_schedule(highest, self.decay_steps, self.alpha)(decay_step)
        if self.warmup_target is None or not self.warmup_steps:
            return jnp.asarray(decay)
        share = step / self.warmup_steps
        warmup = self.initial_learning_rate + share * (highest - self.initial_learning_rate)
        return jnp.where(step < self.warmup_steps, warmup, decay)


@dataclass(frozen=True)
class WarmUp(CheckedFields):
    """A linear warm-up over ``steps`` steps (Goyal et al., 2017), then ``rate``.

    Step ``i`` of the warm-up has ``(i + 1) / (steps + 1)`` of the first learning rate, so that no
    step has the learning rate 0.

    Args:
        rate: a learning rate, or a schedule that starts after the warm-up.
        steps: the number of steps of the warm-up.

    Raises:
        ArgumentError: when ``steps`` is not positive.

    Example:
        >>> import lampas as lp
        >>> schedule = lp.schedules.WarmUp(1.0, steps=3)
        >>> [float(schedule(step)) for step in range(5)]
        [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    rate: PositiveFloat | Schedule
    steps: PositiveInt

    def __call__(self, step: Array) -> Array:
        share = jnp.minimum(1.0, (step + 1) / (self.steps + 1))
        after = jnp.maximum(step - self.steps, 0)
        return share * (self.rate(after) if callable(self.rate) else self.rate)


@dataclass(frozen=True)
class InverseSquareRootDecay(CheckedFields):
    """``initial_learning_rate / sqrt(1 + step / decay_steps)``.

    Args:
        initial_learning_rate: learning rate at step 0.
        decay_steps: unit of the step.

    Example:
        >>> import lampas as lp
        >>> float(lp.schedules.InverseSquareRootDecay(1.0, decay_steps=100)(300))
        0.5
    """

    initial_learning_rate: PositiveFloat
    decay_steps: PositiveFloat

    def __call__(self, step: Array) -> Array:
        return self.initial_learning_rate / jnp.sqrt(1.0 + step / self.decay_steps)


@dataclass(frozen=True)
class OneCycle(CheckedFields):
    """Half a cosine up to the maximum and a longer one down to nearly 0 (Smith and Topin, 2018).

    The learning rate starts at 1/25 of the maximum and ends at 1/10,000 of the start.

    Args:
        max_learning_rate: the highest learning rate.
        steps: the number of steps of the whole training.
        warmup_fraction: fraction of the steps after which the maximum is reached.

    Example:
        >>> import lampas as lp
        >>> schedule = lp.schedules.OneCycle(1.0, steps=100)
        >>> round(float(schedule(0)), 3), round(float(schedule(30)), 3)
        (0.04, 1.0)
    """

    max_learning_rate: PositiveFloat
    steps: PositiveInt
    warmup_fraction: OpenFraction = 0.3

    def __call__(self, step: Array) -> Array:
        import optax

        schedule = optax.cosine_onecycle_schedule(
            self.steps, self.max_learning_rate, self.warmup_fraction, 25.0, 1e4
        )
        return jnp.asarray(schedule(step))


SCHEDULES: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda rate, steps: PolynomialDecay(rate, steps, rate),
    "cosine": CosineDecay,
    "exponential": lambda rate, steps: ExponentialDecay(rate, steps, 0.01),
    "inverse_sqrt": InverseSquareRootDecay,
    "inverse_time": lambda rate, steps: InverseTimeDecay(rate, steps, 1.0),
    "linear": lambda rate, steps: PolynomialDecay(rate, steps, 0.0),
    "one_cycle": OneCycle,
}


@check_arguments
def get(
    name: str, learning_rate: PositiveFloat, steps: PositiveInt, warmup: NonNegativeInt = 0
) -> Schedule:
    """A schedule by its name, for a training of a given number of steps.

    "linear" and "cosine" end at 0, "exponential" at 0.01 of the learning rate, "inverse_time" at
    0.5, "inverse_sqrt" at 0.71 of it; "one_cycle" rises to it and falls; "constant" does not
    change.

    Args:
        name: name of the schedule.
        learning_rate: the highest learning rate.
        steps: number of steps of the whole training: epochs times batches per epoch.
        warmup: steps in which the learning rate rises first; see :class:`WarmUp`.

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.
        ArgumentError: for a learning rate or a number of steps that is out of range.

    Example:
        >>> import lampas as lp
        >>> float(lp.schedules.get("linear", 1.0, steps=100)(50))
        0.5
    """
    make = lookup("schedule", name, SCHEDULES)
    if warmup >= steps:
        raise ArgumentError(
            f"A schedule needs more steps than its warm-up, got steps={steps} and warmup={warmup}."
        )
    schedule = make(learning_rate, steps - warmup)
    return WarmUp(schedule, warmup) if warmup else schedule


__all__ = list(defined_names(globals()))
