"""Activation functions, by Keras's names.

``step`` and ``sign`` have gradient zero, so nothing can be learned through them;
:class:`StraightThrough` gives them the gradient of the identity.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp

from .core.dtypes import promote_to_float32
from .core.errors import format_shape
from .core.lookup import defined_names, lookup
from .core.variable import Array
from .graph.operation import elementwise as _elementwise
from .graph.operation import operation as _operation

Activation = Callable[[Array], Array]

elementwise = partial(_elementwise, prefix="activations.")
operation = partial(_operation, prefix="activations.")


@elementwise
def step(x: Array) -> Array:
    """1 where x >= 0, else 0 (the perceptron of Rosenblatt, 1958)."""
    return jnp.where(x >= 0, 1.0, 0.0).astype(x.dtype)


@elementwise
def sign(x: Array) -> Array:
    """1 where x >= 0, else -1."""
    return jnp.where(x >= 0, 1.0, -1.0).astype(x.dtype)


@elementwise
def linear(x: Array) -> Array:
    """x itself, the identity."""
    return x


@elementwise
def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), between 0 and 1."""
    return jax.nn.sigmoid(x)


@elementwise
def bipolar_sigmoid(x: Array) -> Array:
    """(e^x - 1) / (e^x + 1), between -1 and 1; the same as tanh(x / 2)."""
    return jnp.tanh(0.5 * x)


@elementwise
def tanh(x: Array) -> Array:
    """Hyperbolic tangent, between -1 and 1."""
    return jnp.tanh(x)


@elementwise
def relu(x: Array) -> Array:
    """max(x, 0)."""
    return jax.nn.relu(x)


@elementwise
def relu6(x: Array) -> Array:
    """min(max(x, 0), 6)."""
    return jax.nn.relu6(x)


@elementwise
def leaky_relu(x: Array) -> Array:
    """x where x > 0, else 0.2 x (Keras's default)."""
    return jax.nn.leaky_relu(x, 0.2)


@elementwise
def elu(x: Array) -> Array:
    """x where x > 0, else e^x - 1 (Clevert et al., 2016)."""
    return jax.nn.elu(x)


@elementwise
def celu(x: Array) -> Array:
    """As elu, with a continuous derivative for every scale (Barron, 2017)."""
    return jax.nn.celu(x)


@elementwise
def selu(x: Array) -> Array:
    """Scaled elu that keeps mean 0 and variance 1 (Klambauer et al., 2017)."""
    return jax.nn.selu(x)


@elementwise
def gelu(x: Array) -> Array:
    """x times the normal distribution function of x, exact (Hendrycks and Gimpel, 2016)."""
    return jax.nn.gelu(x, approximate=False)


@elementwise
def silu(x: Array) -> Array:
    """x sigmoid(x), also called swish (Elfwing et al., 2018)."""
    return jax.nn.silu(x)


@elementwise
def mish(x: Array) -> Array:
    """x tanh(softplus(x)) (Misra, 2019)."""
    return jax.nn.mish(x)


@elementwise
def softplus(x: Array) -> Array:
    """log(1 + e^x), a smooth relu."""
    return jax.nn.softplus(x)


@elementwise
def softsign(x: Array) -> Array:
    """x / (1 + |x|)."""
    return jax.nn.soft_sign(x)


@elementwise
def hard_sigmoid(x: Array) -> Array:
    """relu6(x + 3) / 6, a piecewise linear sigmoid."""
    return jax.nn.hard_sigmoid(x)


@elementwise
def hard_silu(x: Array) -> Array:
    """x hard_sigmoid(x)."""
    return jax.nn.hard_silu(x)


@elementwise
def hard_tanh(x: Array) -> Array:
    """x clipped to -1 and 1."""
    return jax.nn.hard_tanh(x)


@elementwise
def log_sigmoid(x: Array) -> Array:
    """log(sigmoid(x)) without loss of precision."""
    return jax.nn.log_sigmoid(x)


@operation
def softmax(x: Array) -> Array:
    """e^x / sum(e^x) over the last axis: positive, sums to 1."""
    if x.ndim and x.shape[-1] == 1:
        warnings.warn(
            f"softmax over the last axis of shape {format_shape(x.shape)} is 1 for any input. For "
            "one unit use sigmoid.",
            stacklevel=3,
        )
    return jax.nn.softmax(promote_to_float32(x))


@operation
def log_softmax(x: Array) -> Array:
    """log(softmax(x)) over the last axis without loss of precision."""
    return jax.nn.log_softmax(promote_to_float32(x))


@elementwise
def exponential(x: Array) -> Array:
    """e^x."""
    return jnp.exp(x)


ACTIVATIONS: dict[str, Activation] = defined_names(globals())
__all__ = ["StraightThrough", *ACTIVATIONS]
ACTIVATIONS |= {"identity": linear, "swish": silu}


@dataclass(frozen=True)
class StraightThrough:
    """An activation with the gradient of the identity (Bengio et al., 2013).

    ``StraightThrough("step")`` computes the step in the forward pass and passes the gradient on
    unchanged, so a network of step neurons can be trained.

    Args:
        activation: a name or a function.

    Example:
        >>> import jax
        >>> import lampas as lp
        >>> step = lp.activations.StraightThrough("step")
        >>> jax.value_and_grad(step)(0.5)[1].tolist()
        1.0
    """

    activation: Activation | str

    def __call__(self, x: Array) -> Array:
        return _straight_through(get(self.activation), x)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _straight_through(activation: Activation, x: Array) -> Array:
    return activation(x)


@_straight_through.defjvp
def _jvp(
    activation: Activation, primals: tuple[Array], tangents: tuple[Array]
) -> tuple[Array, Array]:
    return activation(*primals), tangents[0]


def get(value: Activation | str | None) -> Activation:
    """The activation with that name; a function is returned as it is.

    Args:
        value: a name such as ``"relu"``, a function, or None for the identity.

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> lp.activations.get("relu")(jnp.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """
    return linear if value is None else lookup("activation", value, ACTIVATIONS)
