"""Adam and its variants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from .base import Optimizer, OptimizerOptions
from .schedules import Schedule

if TYPE_CHECKING:
    import optax


class _AdamLike(Optimizer):
    """Optimizers with the arguments of Adam.

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of the average of the gradients.
        beta_2: decay of the average of their squares.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon


class Adam(_AdamLike):
    """``w -= rate * m / (sqrt(v) + epsilon)`` with bias-corrected moments (Kingma and Ba, 2015).

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of ``m``, the average of the gradients.
        beta_2: decay of ``v``, the average of their squares.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> optimizer = lp.Adam(0.01, global_clipnorm=1.0)
        >>> optimizer.learning_rate = 0.001
        >>> optimizer.learning_rate
        0.001
    """

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adam(self.beta_1, self.beta_2, self.epsilon)


class Nadam(_AdamLike):
    """Adam with Nesterov momentum (Dozat, 2016).

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of the average of the gradients.
        beta_2: decay of the average of their squares.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.Nadam().learning_rate
        0.001
    """

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adam(self.beta_1, self.beta_2, self.epsilon, nesterov=True)


class Adamax(_AdamLike):
    """Adam with the largest recent gradient instead of the root mean square.

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of the average of the gradients.
        beta_2: decay of the largest recent gradient.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.Adamax().learning_rate
        0.001
    """

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.scale_by_adamax(self.beta_1, self.beta_2, self.epsilon)


class AdamW(_AdamLike):
    """Adam with weight decay decoupled from the gradient (Loshchilov and Hutter, 2019).

    Args:
        learning_rate: a number or a schedule.
        weight_decay: share of the weights, times the learning rate, that is subtracted per step.
        beta_1: decay of the average of the gradients.
        beta_2: decay of the average of their squares.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.AdamW(weight_decay=0.01).weight_decay
        0.01
    """

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
    """AdamW with a learning rate per layer, for large batches (You et al., 2020).

    Args:
        learning_rate: a number or a schedule.
        weight_decay: share of the weights, times the learning rate, that is subtracted per step.
        beta_1: decay of the average of the gradients.
        beta_2: decay of the average of their squares.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.Lamb(0.01).learning_rate
        0.01
    """

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.chain(super().transform(), optax.scale_by_trust_ratio())
