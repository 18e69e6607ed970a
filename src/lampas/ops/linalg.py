"""Products of vectors and matrices, norms, and solvers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from ..core.variable import Array
from ..graph.operation import operation
from .dispatch import Axis, Tensor, as_array, as_axes, exported_names


@operation
def matmul(x1: Tensor, x2: Tensor) -> Array:
    """The product of matrices, which are the last two axes."""
    return jnp.matmul(as_array(x1), as_array(x2))


@operation
def dot(x1: Tensor, x2: Tensor) -> Array:
    """Sums over the last axis of ``x1`` and the one before the last of ``x2``."""
    return jnp.dot(as_array(x1), as_array(x2))


@operation
def tensordot(x1: Tensor, x2: Tensor, axes: int | Sequence[Any] = 2) -> Array:
    """Sums over pairs of axes, or over the last ``axes`` of ``x1`` and the first of ``x2``."""
    return jnp.tensordot(as_array(x1), as_array(x2), axes)


@operation
def einsum(subscripts: str, *operands: Tensor) -> Array:
    """The product that Einstein's notation describes, as ``"bij,bjk->bik"``."""
    return jnp.einsum(subscripts, *map(as_array, operands))


@operation
def inner(x1: Tensor, x2: Tensor) -> Array:
    """Sums over the last axes."""
    return jnp.inner(as_array(x1), as_array(x2))


@operation
def outer(x1: Tensor, x2: Tensor) -> Array:
    """The products of all pairs of elements of two flat arrays."""
    return jnp.outer(as_array(x1), as_array(x2))


@operation
def vdot(x1: Tensor, x2: Tensor) -> Array:
    """The scalar product of two flat arrays."""
    return jnp.vdot(as_array(x1), as_array(x2))


@operation
def cross(
    x1: Tensor,
    x2: Tensor,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Array:
    """The cross products of vectors of three dimensions."""
    return jnp.cross(as_array(x1), as_array(x2), axisa, axisb, axisc, axis)


@operation
def kron(x1: Tensor, x2: Tensor) -> Array:
    """The Kronecker product of two matrices."""
    return jnp.kron(as_array(x1), as_array(x2))


@operation
def cdist(x: Tensor, y: Tensor) -> Array:
    """The distances of all pairs of rows of two matrices."""
    differences = as_array(x)[..., :, None, :] - as_array(y)[..., None, :, :]
    return jnp.sqrt(jnp.square(differences).sum(-1))


@operation
def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The sum of a diagonal in the plane of two axes."""
    return jnp.trace(as_array(x), offset, axis1, axis2)


@operation
def norm(
    x: Tensor, ord: int | float | str | None = None, axis: Axis = None, keepdims: bool = False
) -> Array:
    """The norm of vectors or matrices along axes, by default the root of the sum of squares."""
    return jnp.linalg.norm(as_array(x), ord, as_axes(axis), keepdims)


@operation
def det(x: Tensor) -> Array:
    """The determinants of square matrices."""
    return jnp.linalg.det(as_array(x))


@operation
def logdet(x: Tensor) -> Array:
    """The logarithms of the determinants of positive definite matrices."""
    return jnp.linalg.slogdet(as_array(x)).logabsdet


@operation
def inv(x: Tensor) -> Array:
    """The inverses of square matrices."""
    return jnp.linalg.inv(as_array(x))


@operation
def pinv(x: Tensor, rcond: float | None = None) -> Array:
    """The pseudo-inverses of matrices (Moore and Penrose)."""
    return jnp.linalg.pinv(as_array(x), rcond)


@operation
def solve(a: Tensor, b: Tensor) -> Array:
    """The solutions ``x`` of ``a x = b``."""
    return jnp.linalg.solve(as_array(a), as_array(b))


@operation
def cholesky(x: Tensor, upper: bool = False) -> Array:
    """The triangular factors of positive definite matrices."""
    return jnp.linalg.cholesky(as_array(x), upper=upper)


@operation
def qr(x: Tensor, mode: str = "reduced") -> tuple[Array, Array]:
    """The orthogonal and the triangular factors of matrices."""
    q, r = jnp.linalg.qr(as_array(x), mode)
    return q, r


@operation
def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular values of matrices, between their left and right vectors."""
    values = jnp.linalg.svd(as_array(x), full_matrices, compute_uv)
    return tuple(values) if compute_uv else values


@operation
def eigh(x: Tensor) -> tuple[Array, Array]:
    """The eigenvalues and eigenvectors of symmetric matrices."""
    values, vectors = jnp.linalg.eigh(as_array(x))
    return values, vectors


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
