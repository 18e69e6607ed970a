"""Initializers, by Keras's names: random initial values of weights.

Each initializer is called with (key, shape, dtype), and computes the values of
``jax.nn.initializers``; one of your own may also be a function of (shape, dtype), as in Keras. The
shape of a kernel is ``(*window, inputs, outputs)``. With a ``seed`` the values are the same in each
call, whatever the key.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.nn import initializers as jax_initializers
from jax.typing import DTypeLike

from .core.arguments import CheckedFields, NonNegativeFloat, PositiveFloat, Seed
from .core.build import Initializer
from .core.errors import ArgumentError, ShapeError, format_shape
from .core.lookup import defined_names, lookup, snake_case

Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "untruncated_normal", "normal", "uniform"]


@dataclass(frozen=True)
class Constant(CheckedFields):
    """Every value is ``value``, or the weights are an array.

    Args:
        value: the value, or the array, such as the matrix of an embedding.

    Raises:
        ShapeError: when called, for an array that does not have the shape of the weights.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> vectors = np.arange(6.0).reshape(3, 2)
        >>> initializer = lp.initializers.Constant(vectors)
        >>> lp.Embedding(3, 2, embeddings_initializer=initializer)(np.array([[2, 0]])).tolist()
        [[[4.0, 5.0], [0.0, 1.0]]]
    """

    value: float | np.ndarray | jax.Array = 0.0

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        value_shape = np.shape(self.value)
        if value_shape not in ((), tuple(shape)):
            raise ShapeError(
                f"Constant has an array of shape {format_shape(value_shape)} for weights of shape "
                f"{format_shape(shape)}."
            )
        return jnp.full(shape, self.value, dtype)


@dataclass(frozen=True, kw_only=True)
class Zeros(Constant):
    """All zeros, the default of a bias.

    Args:
        value: the value, 0.
    """

    value: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Ones(Constant):
    """All ones.

    Args:
        value: the value, 1.
    """

    value: float = 1.0


@dataclass(frozen=True)
class RandomNormal(CheckedFields):
    """Normal distribution.

    Args:
        mean: mean of the distribution.
        stddev: its standard deviation.
        seed: the seed of the values; by default they follow the seed of the model.
    """

    mean: float = 0.0
    stddev: NonNegativeFloat = 0.05
    seed: Seed | None = None

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return self.mean + jax_initializers.normal(self.stddev)(
            _choose_key(key, self.seed), shape, dtype
        )


@dataclass(frozen=True)
class TruncatedNormal(CheckedFields):
    """Normal distribution without values beyond two standard deviations.

    Args:
        mean: mean of the distribution.
        stddev: its standard deviation, before the truncation.
        seed: the seed of the values; by default they follow the seed of the model.
    """

    mean: float = 0.0
    stddev: NonNegativeFloat = 0.05
    seed: Seed | None = None

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return self.mean + jax_initializers.truncated_normal(self.stddev)(
            _choose_key(key, self.seed), shape, dtype
        )


@dataclass(frozen=True)
class RandomUniform(CheckedFields):
    """Uniform distribution.

    Args:
        minval: lower end.
        maxval: upper end.
        seed: the seed of the values; by default they follow the seed of the model.
    """

    minval: float = -0.05
    maxval: float = 0.05
    seed: Seed | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.minval > self.maxval:
            raise ArgumentError(
                f"RandomUniform: minval must be at most maxval, got {self.minval!r} and "
                f"{self.maxval!r}."
            )

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return jax.random.uniform(
            _choose_key(key, self.seed), shape, dtype, self.minval, self.maxval
        )


@dataclass(frozen=True)
class VarianceScaling(CheckedFields):
    """Variance ``scale / fan``, so that activations keep their magnitude from layer to layer.

    Args:
        scale: numerator of the variance.
        mode: "fan_in", "fan_out" or "fan_avg": the number of inputs, of outputs, or their mean.
        distribution: "truncated_normal", "uniform", or "normal" (Keras's "untruncated_normal").
        seed: the seed of the values; by default they follow the seed of the model.
    """

    scale: PositiveFloat = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"
    seed: Seed | None = None

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        mode, matrix = self.mode, shape
        if len(shape) < 2:  # a vector has as many inputs as outputs, as in Keras
            mode, matrix = "fan_in", (math.prod(shape), 1)
        distribution = self.distribution
        if distribution == "untruncated_normal":
            distribution = "normal"
        initialize = jax_initializers.variance_scaling(self.scale, mode, distribution)
        return initialize(_choose_key(key, self.seed), matrix, dtype).reshape(shape)


@dataclass(frozen=True, kw_only=True)
class GlorotUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).

    Args:
        seed: the seed of the values; by default they follow the seed of the model.
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_avg".
        distribution: "uniform".
    """

    scale: PositiveFloat = 1.0
    mode: Mode = "fan_avg"
    distribution: Distribution = "uniform"


@dataclass(frozen=True, kw_only=True)
class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010).

    Args:
        seed: the seed of the values; by default they follow the seed of the model.
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_avg".
        distribution: "truncated_normal".
    """

    scale: PositiveFloat = 1.0
    mode: Mode = "fan_avg"
    distribution: Distribution = "truncated_normal"


@dataclass(frozen=True, kw_only=True)
class HeUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / fan_in), for ReLU (He et al., 2015).

    Args:
        seed: the seed of the values; by default they follow the seed of the model.
        scale: numerator of the variance, 2.
        mode: the fan in the denominator, "fan_in".
        distribution: "uniform".
    """

    scale: PositiveFloat = 2.0
    mode: Mode = "fan_in"
    distribution: Distribution = "uniform"


@dataclass(frozen=True, kw_only=True)
class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan_in, for ReLU (He et al., 2015).

    Args:
        seed: the seed of the values; by default they follow the seed of the model.
        scale: numerator of the variance, 2.
        mode: the fan in the denominator, "fan_in".
        distribution: "truncated_normal".
    """

    scale: PositiveFloat = 2.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"


@dataclass(frozen=True, kw_only=True)
class LecunUniform(VarianceScaling):
    """Uniform within ±sqrt(3 / fan_in) (LeCun et al., 1998).

    Args:
        seed: the seed of the values; by default they follow the seed of the model.
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_in".
        distribution: "uniform".
    """

    scale: PositiveFloat = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "uniform"


@dataclass(frozen=True, kw_only=True)
class LecunNormal(VarianceScaling):
    """Truncated normal of variance 1 / fan_in, for SELU (LeCun et al., 1998).

    Args:
        seed: the seed of the values; by default they follow the seed of the model.
        scale: numerator of the variance, 1.
        mode: the fan in the denominator, "fan_in".
        distribution: "truncated_normal".
    """

    scale: PositiveFloat = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"


@dataclass(frozen=True)
class Orthogonal(CheckedFields):
    """A random orthogonal matrix times ``gain`` (Saxe et al., 2014).

    Args:
        gain: the factor.
        seed: the seed of the values; by default they follow the seed of the model.
    """

    gain: float = 1.0
    seed: Seed | None = None

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        if len(shape) < 2:
            raise ArgumentError(
                f"Orthogonal draws matrices, with two axes or more, not the shape "
                f"{format_shape(shape)}. Choose another initializer for it."
            )
        return jax_initializers.orthogonal(self.gain)(_choose_key(key, self.seed), shape, dtype)


__all__ = list(defined_names(globals()))
INITIALIZERS: dict[str, Initializer] = {
    snake_case(name): globals()[name]()
    for name in __all__
    if name not in ("Constant", "VarianceScaling")
}
INITIALIZERS |= {
    "normal": RandomNormal(),
    "one": Ones(),
    "uniform": RandomUniform(),
    "zero": Zeros(),
}


def _choose_key(key: jax.Array, seed: int | None) -> jax.Array:
    return key if seed is None else jax.random.key(seed)


@dataclass(frozen=True)
class _Keyless:
    """A function of (shape, dtype), called as all initializers are."""

    function: Callable[..., Any]

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return jnp.asarray(self.function(shape, dtype=np.dtype(dtype).name), dtype)


def get(value: Initializer | str) -> Initializer:
    """The initializer with that name and its defaults; a function is returned as it is.

    Args:
        value: a name such as ``"he_normal"``, or a function of (key, shape, dtype), or of
            (shape, dtype), as in Keras.

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.

    Example:
        >>> import jax
        >>> import lampas as lp
        >>> lp.initializers.get("he_normal")(jax.random.key(0), (3, 2), "float32").shape
        (3, 2)
    """
    initializer = lookup("initializer", value, INITIALIZERS)
    is_keyless = next(iter(signature(initializer).parameters), "") == "shape"
    return _Keyless(initializer) if is_keyless else initializer
