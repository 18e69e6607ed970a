"""Initializers, by Keras's names: random initial values of weights.

Each initializer is called with (key, shape, dtype), and computes the values of
``jax.nn.initializers``. The shape of a kernel is ``(*window, inputs, outputs)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
from jax.nn import initializers as jax_initializers
from jax.typing import DTypeLike

from .core.build import Initializer
from .core.lookup import defined_names, lookup, snake_case

Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "normal", "uniform"]


@dataclass(frozen=True)
class Constant:
    """Every value is ``value``.

    Args:
        value: the value.
    """

    value: float = 0.0

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return jnp.full(shape, self.value, dtype)


@dataclass(frozen=True)
class Zeros(Constant):
    """All zeros, the default of a bias.

    Args:
        value: the value, 0.
    """


@dataclass(frozen=True)
class Ones(Constant):
    """All ones.

    Args:
        value: the value, 1.
    """

    value: float = 1.0


@dataclass(frozen=True)
class RandomNormal:
    """Normal distribution.

    Args:
        mean: mean of the distribution.
        stddev: its standard deviation.
    """

    mean: float = 0.0
    stddev: float = 0.05

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return self.mean + jax_initializers.normal(self.stddev)(key, shape, dtype)


@dataclass(frozen=True)
class TruncatedNormal:
    """Normal distribution without values beyond two standard deviations.

    Args:
        mean: mean of the distribution.
        stddev: its standard deviation, before the truncation.
    """

    mean: float = 0.0
    stddev: float = 0.05

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return self.mean + jax_initializers.truncated_normal(self.stddev)(key, shape, dtype)


@dataclass(frozen=True)
class RandomUniform:
    """Uniform distribution.

    Args:
        minval: lower end.
        maxval: upper end.
    """

    minval: float = -0.05
    maxval: float = 0.05

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return jax.random.uniform(key, shape, dtype, self.minval, self.maxval)


@dataclass(frozen=True)
class VarianceScaling:
    """Variance ``scale / fan``, so that activations keep their magnitude from layer to layer.

    Args:
        scale: numerator of the variance.
        mode: "fan_in", "fan_out" or "fan_avg": the number of inputs, of outputs, or their mean.
        distribution: "truncated_normal", "normal" or "uniform".
    """

    scale: float = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        initialize = jax_initializers.variance_scaling(self.scale, self.mode, self.distribution)
        return initialize(key, shape, dtype)


@dataclass(frozen=True)
class GlorotUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).

    Args:
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_avg".
        distribution: "uniform".
    """

    mode: Mode = "fan_avg"
    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010).

    Args:
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_avg".
        distribution: "truncated_normal".
    """

    mode: Mode = "fan_avg"


@dataclass(frozen=True)
class HeUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / fan_in), for ReLU (He et al., 2015).

    Args:
        scale: numerator of the variance, 2.
        mode: the fan in the denominator, "fan_in".
        distribution: "uniform".
    """

    scale: float = 2.0
    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan_in, for ReLU (He et al., 2015).

    Args:
        scale: numerator of the variance, 2.
        mode: the fan in the denominator, "fan_in".
        distribution: "truncated_normal".
    """

    scale: float = 2.0


@dataclass(frozen=True)
class LecunUniform(VarianceScaling):
    """Uniform within ±sqrt(3 / fan_in) (LeCun et al., 1998).

    Args:
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_in".
        distribution: "uniform".
    """

    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class LecunNormal(VarianceScaling):
    """Truncated normal of variance 1 / fan_in, for SELU (LeCun et al., 1998).

    Args:
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_in".
        distribution: "truncated_normal".
    """


@dataclass(frozen=True)
class Orthogonal:
    """A random orthogonal matrix times ``gain`` (Saxe et al., 2014).

    Args:
        gain: the factor.
    """

    gain: float = 1.0

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return jax_initializers.orthogonal(self.gain)(key, shape, dtype)


__all__ = list(defined_names(globals()))
INITIALIZERS: dict[str, Initializer] = {
    snake_case(name): globals()[name]()
    for name in __all__
    if name not in ("Constant", "VarianceScaling")
}


def get(value: Initializer | str) -> Initializer:
    """The initializer with that name and its defaults; a function is returned as it is.

    Args:
        value: a name such as ``"he_normal"``, or a function of (key, shape, dtype).

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.

    Example:
        >>> import jax
        >>> import lampas as lp
        >>> lp.initializers.get("he_normal")(jax.random.key(0), (3, 2), "float32").shape
        (3, 2)
    """
    return lookup("initializer", value, INITIALIZERS)
