"""The states of optimizers as named arrays, as model files hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from ..core.variable import Array
from ..optimizers import Optimizer
from ..optimizers.base import OptVariable
from .step import Tree


def state_arrays(optimizers: Mapping[str, Optimizer]) -> dict[str, np.ndarray]:
    """The arrays of all states, named as in ``"optimizer/transform/m/dense_1/kernel"``.

    Args:
        optimizers: by name; those that have no state yet are left out.
    """
    return {
        f"{name}/{path}": np.asarray(leaf)
        for name, optimizer in optimizers.items()
        if optimizer.opt_state is not None
        for path, leaf in _named_leaves(optimizer.opt_state.value).items()
    }


def restore_state(
    optimizer: Optimizer, name: str, example: Tree, arrays: Mapping[str, np.ndarray]
) -> bool:
    """Set the state of an optimizer; returns whether the arrays fit.

    Args:
        optimizer: the optimizer.
        name: its name among the arrays.
        example: a state of this optimizer, of which only shapes and dtypes matter.
        arrays: what :func:`state_arrays` returned.
    """
    leaves = {f"{name}/{path}": leaf for path, leaf in _named_leaves(example).items()}
    saved = {path: array for path, array in arrays.items() if path.startswith(f"{name}/")}
    if {p: (a.shape, a.dtype) for p, a in leaves.items()} != {
        p: (a.shape, a.dtype) for p, a in saved.items()
    }:
        return False
    state = [jnp.array(saved[path]) for path in leaves]
    opt_state = cast(Array, jax.tree.unflatten(jax.tree.structure(example), state))
    if optimizer.opt_state is None:
        optimizer.opt_state = OptVariable(opt_state)
    optimizer.opt_state.value = opt_state
    return True


def _named_leaves(tree: Tree) -> dict[str, Any]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="/"): leaf for path, leaf in leaves}
