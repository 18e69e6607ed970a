"""Adam and its variants, in the form in which Keras computes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Unpack

import jax
import jax.numpy as jnp

from ..core.arguments import NonNegativeFloat, PositiveFloat, ProperFraction
from ..core.variable import Array
from .base import Optimizer, OptimizerOptions, Params
from .schedules import Schedule

if TYPE_CHECKING:
    import optax

State = dict[str, Any]
"""The step, the averages ``m`` and ``v`` of each parameter, and what a variant adds."""


class _AdamLike(Optimizer):
    """Optimizers with the arguments of Adam: write ``direction`` and, for other states, ``start``.

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of the average of the gradients.
        beta_2: decay of the average of their squares.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.
    """

    def __init__(
        self,
        learning_rate: PositiveFloat | Schedule = 0.001,
        beta_1: ProperFraction = 0.9,
        beta_2: ProperFraction = 0.999,
        epsilon: NonNegativeFloat = 1e-7,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def transform(self) -> optax.GradientTransformation:
        import optax

        return optax.GradientTransformation(self.start, self._update_state)

    def start(self, params: Params) -> State:
        """The state before the first step."""
        m, v = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
        return {"step": jnp.int32(0), "m": m, "v": v}

    def _update_state(
        self, gradients: Params, state: State, _: Params | None = None
    ) -> tuple[Params, State]:
        step = state["step"] + 1
        m = jax.tree.map(self._average(self.beta_1), state["m"], gradients)
        v = jax.tree.map(self.second_moment, state["v"], gradients)
        return self.direction(gradients, state | {"step": step, "m": m, "v": v})

    def second_moment(self, v: Array, gradient: Array) -> Array:
        """The average of the squares with one more gradient."""
        return self._average(self.beta_2)(v, jnp.square(gradient))

    def direction(self, gradients: Params, state: State) -> tuple[Params, State]:
        """The direction to subtract, from the gradients and the updated state; and the state."""
        raise NotImplementedError

    @staticmethod
    def _average(decay: float) -> Callable[[Array, Array], Array]:
        return lambda average, value: decay * average + (1.0 - decay) * value


class Adam(_AdamLike):
    """Steps along the average gradient, each scaled by its size (Kingma and Ba, 2015).

    ``w -= rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)`` in step ``t``:
    epsilon is added before ``v`` is corrected for its start at zero, as in section 2 of the article
    and in Keras. PyTorch adds it afterwards, so that small gradients take larger first steps there.

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of ``m``, the average of the gradients.
        beta_2: decay of ``v``, the average of their squares.
        epsilon: added to the denominator, against division by zero.
        amsgrad: whether to divide by the largest ``v`` so far (Reddi et al., 2018).
        corrected_epsilon: whether to add epsilon after the correction of ``v``, as PyTorch does.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> optimizer = lp.Adam(0.01, global_clipnorm=1.0)
        >>> optimizer.learning_rate = 0.001
        >>> optimizer.learning_rate
        0.001
    """

    def __init__(
        self,
        learning_rate: PositiveFloat | Schedule = 0.001,
        beta_1: ProperFraction = 0.9,
        beta_2: ProperFraction = 0.999,
        epsilon: NonNegativeFloat = 1e-7,
        amsgrad: bool = False,
        *,
        corrected_epsilon: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad, self.corrected_epsilon = amsgrad, corrected_epsilon

    def start(self, params: Params) -> State:
        state = super().start(params)
        return state | ({"v_max": jax.tree.map(jnp.zeros_like, params)} if self.amsgrad else {})

    def direction(self, gradients: Params, state: State) -> tuple[Params, State]:
        v = state["v"]
        if self.amsgrad:
            v = jax.tree.map(jnp.maximum, state["v_max"], v)
            state |= {"v_max": v}
        root = jnp.sqrt(1.0 - self.beta_2 ** state["step"])
        scale = root / (1.0 - self.beta_1 ** state["step"])
        epsilon = self.epsilon * root if self.corrected_epsilon else self.epsilon
        return jax.tree.map(lambda m, v: scale * m / (jnp.sqrt(v) + epsilon), state["m"], v), state


class Nadam(_AdamLike):
    """Adam with Nesterov momentum, which rises with the steps (Dozat, 2016).

    Args:
        learning_rate: a number or a schedule.
        beta_1: decay of the average of the gradients; the momentum of step ``t`` is ``beta_1 * (1 -
            0.96**t / 2)``.
        beta_2: decay of the average of their squares.
        epsilon: added to the denominator, against division by zero.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.Nadam().learning_rate
        0.001
    """

    def start(self, params: Params) -> State:
        return super().start(params) | {"momentum_product": jnp.float32(1.0)}

    def direction(self, gradients: Params, state: State) -> tuple[Params, State]:
        step = state["step"]
        momentum, following = (self.beta_1 * (1.0 - 0.5 * 0.96**t) for t in (step, step + 1))
        product = state["momentum_product"] * momentum
        of_average = following / (1.0 - product * following)
        of_gradient = (1.0 - momentum) / (1.0 - product)
        correction = 1.0 - self.beta_2**step

        def divide(g: Array, m: Array, v: Array) -> Array:
            ahead = of_average * m + of_gradient * g
            return ahead / (jnp.sqrt(v / correction) + self.epsilon)

        direction = jax.tree.map(divide, gradients, state["m"], state["v"])
        return direction, state | {"momentum_product": product}


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

    def second_moment(self, v: Array, gradient: Array) -> Array:
        """The largest recent gradient, with one more."""
        return jnp.maximum(self.beta_2 * v, jnp.abs(gradient))

    def direction(self, gradients: Params, state: State) -> tuple[Params, State]:
        scale = 1.0 / (1.0 - self.beta_1 ** state["step"])
        m, v = state["m"], state["v"]
        return jax.tree.map(lambda m, v: scale * m / (v + self.epsilon), m, v), state


class AdamW(Adam):
    """Adam with weight decay decoupled from the gradient (Loshchilov and Hutter, 2019).

    Args:
        learning_rate: a number or a schedule.
        weight_decay: share of the weights, times the learning rate, that is subtracted per step.
        beta_1: decay of the average of the gradients.
        beta_2: decay of the average of their squares.
        epsilon: added to the denominator, against division by zero; see :class:`Adam`.
        amsgrad: whether to divide by the largest average of the squares so far.
        corrected_epsilon: whether to add epsilon where PyTorch does.
        options: see :class:`~lampas.optimizers.base.OptimizerOptions`.

    Example:
        >>> import lampas as lp
        >>> lp.AdamW(weight_decay=0.01).weight_decay
        0.01
    """

    def __init__(  # type: ignore[misc]  # weight_decay is an option of the others
        self,
        learning_rate: PositiveFloat | Schedule = 0.001,
        weight_decay: NonNegativeFloat = 0.004,
        beta_1: ProperFraction = 0.9,
        beta_2: ProperFraction = 0.999,
        epsilon: NonNegativeFloat = 1e-7,
        amsgrad: bool = False,
        *,
        corrected_epsilon: bool = False,
        **options: Unpack[OptimizerOptions],
    ) -> None:
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            corrected_epsilon=corrected_epsilon,
            **options,
        )
        self.weight_decay = weight_decay


class Lamb(_AdamLike):
    """Adam with a learning rate per layer, for large batches (You et al., 2020).

    As in Keras, the weights decay only if ``weight_decay`` is given, and apart from the step, whose
    length is the learning rate times that of the weights.

    Args:
        learning_rate: a number or a schedule.
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

        direction = optax.scale_by_adam(self.beta_1, self.beta_2, self.epsilon)
        return optax.chain(direction, optax.scale_by_trust_ratio())
