"""Optimizers that step along the gradient or its sign, with momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ..core.arguments import Fraction, PositiveFloat, ProperFraction
from .base import Optimizer, OptimizerOptions
from .schedules import Schedule

if TYPE_CHECKING:
    import optax


class SGD(Optimizer):
    """Stochastic gradient descent: ``w -= rate * g``.

    With momentum ``v = momentum * v + rate * g; w -= v`` (Polyak, 1964), or Nesterov's form.

    Args:
        learning_rate: a number or a schedule.
        momentum: share of the velocity that is kept from step to step; 0 for none.
        nesterov: whether to use Nesterov's form of momentum.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.SGD(0.1, momentum=0.9)
        SGD(0.1, momentum=0.9)
    """

    def __init__(
        self,
        learning_rate: PositiveFloat | Schedule = 0.01,
        momentum: Fraction = 0.0,
        nesterov: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum, self.nesterov = momentum, nesterov

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.identity()

    def velocity(self) -> optax.GradientTransformation | None:
        import optax

        return optax.trace(self.momentum, self.nesterov) if self.momentum else None


class Lion(Optimizer):
    """``w -= rate * sign(momentum)`` (Chen et al., 2023).

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of the average of gradients whose sign is the step.
        beta_2: decay of the average that is kept.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.Lion(1e-4).learning_rate
        0.0001
    """

    def __init__(
        self,
        learning_rate: PositiveFloat | Schedule = 0.001,
        beta_1: ProperFraction = 0.9,
        beta_2: ProperFraction = 0.99,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_lion(self.beta_1, self.beta_2)
