"""Initial values of weights: how a network starts, before it has learnt anything.

Each initializer is called with (key, shape, dtype). Draws are those of ``jax.nn.initializers``.
A kernel's shape is ``(*window, inputs, outputs)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
from jax.nn import initializers as draws
from jax.typing import DTypeLike

from .core.build import Initializer
from .core.registry import resolve

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
]

Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "normal", "uniform"]


@dataclass(frozen=True)
class Constant:
    """Every value is ``value``."""

    value: float = 0.0

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return jnp.full(shape, self.value, dtype)


@dataclass(frozen=True)
class Zeros(Constant):
    """All zeros; the usual start of a bias."""


@dataclass(frozen=True)
class Ones(Constant):
    """All ones."""

    value: float = 1.0


@dataclass(frozen=True)
class RandomNormal:
    """Normal with ``mean`` and ``stddev``."""

    mean: float = 0.0
    stddev: float = 0.05

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return self.mean + draws.normal(self.stddev)(key, shape, dtype)


@dataclass(frozen=True)
class TruncatedNormal:
    """Normal with ``mean`` and ``stddev``, cut at two standard deviations."""

    mean: float = 0.0
    stddev: float = 0.05

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return self.mean + draws.truncated_normal(self.stddev)(key, shape, dtype)


@dataclass(frozen=True)
class RandomUniform:
    """Uniform between ``minval`` and ``maxval``."""

    minval: float = -0.05
    maxval: float = 0.05

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return jax.random.uniform(key, shape, dtype, self.minval, self.maxval)


@dataclass(frozen=True)
class VarianceScaling:
    """Variance ``scale / fan``, so that signals keep their size from layer to layer."""

    scale: float = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        draw = draws.variance_scaling(self.scale, self.mode, self.distribution)
        return draw(key, shape, dtype)


@dataclass(frozen=True)
class GlorotUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""

    mode: Mode = "fan_avg"
    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""

    mode: Mode = "fan_avg"


@dataclass(frozen=True)
class HeUniform(VarianceScaling):
    """Uniform within ±sqrt(6 / fan_in), made for ReLU (He et al., 2015)."""

    scale: float = 2.0
    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan_in, made for ReLU (He et al., 2015)."""

    scale: float = 2.0


@dataclass(frozen=True)
class LecunUniform(VarianceScaling):
    """Uniform within ±sqrt(3 / fan_in) (LeCun et al., 1998)."""

    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class LecunNormal(VarianceScaling):
    """Truncated normal of variance 1 / fan_in, made for SELU (LeCun et al., 1998)."""


@dataclass(frozen=True)
class Orthogonal:
    """A random orthogonal matrix times ``gain`` (Saxe et al., 2014)."""

    gain: float = 1.0

    def __call__(self, key: jax.Array, shape: tuple[int, ...], dtype: DTypeLike) -> jax.Array:
        return draws.orthogonal(self.gain)(key, shape, dtype)


INITIALIZERS: dict[str, Initializer] = {
    "zeros": Zeros(),
    "ones": Ones(),
    "random_normal": RandomNormal(),
    "random_uniform": RandomUniform(),
    "truncated_normal": TruncatedNormal(),
    "glorot_normal": GlorotNormal(),
    "glorot_uniform": GlorotUniform(),
    "he_normal": HeNormal(),
    "he_uniform": HeUniform(),
    "lecun_normal": LecunNormal(),
    "lecun_uniform": LecunUniform(),
    "orthogonal": Orthogonal(),
}


def get(value: Initializer | str) -> Initializer:
    """The initializer of that name, or the one given.

    Raises:
        UnknownNameError: with the nearest right name.
    """
    return resolve("initializer", value, INITIALIZERS)
