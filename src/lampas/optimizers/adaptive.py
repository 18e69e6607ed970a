"""Optimizers that scale each gradient by the size of earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ..core.arguments import Fraction, NonNegativeFloat, PositiveFloat, ProperFraction
from .base import Optimizer, OptimizerOptions
from .schedules import Schedule

if TYPE_CHECKING:
    import optax


class RMSprop(Optimizer):
    """``w -= rate * g / sqrt(mean(g**2) + epsilon)`` (Hinton, 2012).

    With momentum ``v = momentum * v + rate * g / sqrt(mean(g**2) + epsilon); w -= v``.

    Args:
        learning_rate: a number or a schedule.
        rho: decay of the average of squared gradients.
        momentum: share of the velocity that is kept from step to step; 0 for none.
        epsilon: added to the average of squares, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.RMSprop(0.01, momentum=0.9).momentum
        0.9
    """

    def __init__(
        self,
        learning_rate: PositiveFloat | Schedule = 0.001,
        rho: ProperFraction = 0.9,
        momentum: Fraction = 0.0,
        epsilon: NonNegativeFloat = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.epsilon = rho, momentum, epsilon

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_rms(self.rho, self.epsilon)

    def velocity(self) -> optax.GradientTransformation | None:
        import optax

        return optax.trace(self.momentum) if self.momentum else None


class Adagrad(Optimizer):
    """``w -= rate * g / sqrt(sum(g**2) + epsilon)`` (Duchi et al., 2011).

    Args:
        learning_rate: a number or a schedule.
        initial_accumulator_value: initial value of the sum of squares.
        epsilon: added to the sum of squares, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.Adagrad(0.01).learning_rate
        0.01
    """

    def __init__(
        self,
        learning_rate: PositiveFloat | Schedule = 0.001,
        initial_accumulator_value: NonNegativeFloat = 0.1,
        epsilon: NonNegativeFloat = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_rss(self.initial_accumulator_value, self.epsilon)


class Adadelta(Optimizer):
    """Steps scaled by the average size of earlier steps (Zeiler, 2012).

    Args:
        learning_rate: a number or a schedule.
        rho: decay of the averages of squared gradients and steps.
        epsilon: added to both averages, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.Adadelta(1.0).learning_rate
        1.0
    """

    def __init__(
        self,
        learning_rate: PositiveFloat | Schedule = 0.001,
        rho: ProperFraction = 0.95,
        epsilon: NonNegativeFloat = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.epsilon = rho, epsilon

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adadelta(self.rho, self.epsilon)
