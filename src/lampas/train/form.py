"""What a source gives becomes a checked batch, of the same form as the first one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax.dtypes import canonicalize_dtype

from ..core.errors import ArgumentError, DataError, show_shape
from .batches import as_arrays, check, example_weights
from .step import Batch, Tree
from .tables import arrays, from_tables, is_table

_PARTS = ("x", "y", "sample_weight")


class Form:
    """Makes batches of tuples, lists, dicts and tables, and holds them to the first one's form.

    Args:
        targets: whether there must be targets; if not, they are left out, or, for None, taken if
            they come along.
        target: the entry of dicts and tables that has the targets; the others are the inputs.
        class_weight: weight of each class in the loss.
    """

    def __init__(
        self,
        targets: bool | None = True,
        target: str | None = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> None:
        if isinstance(class_weight, str):
            raise ArgumentError(
                f"class_weight={class_weight!r} needs all targets at once, and these come batch by "
                "batch: give the weight of each class, {0: 1.0, 1: 5.0} for example."
            )
        self.targets, self.target, self.class_weight = targets, target, class_weight
        self.first: Batch | None = None

    def batch(self, raw: Any, what: str) -> Batch:
        """One batch of host arrays; ``y`` is ``()`` where there are no targets.

        Raises:
            DataError: with ``what``, the name of the batch, when it is not what it should be.
        """
        try:
            x, y, weights = map(hosted, map(arrays, self._parts(raw), _PARTS))
        except (DataError, TypeError) as error:
            raise DataError(f"{what}: {error}") from error
        check(x, y, weights, what)
        weights = example_weights(x, weights, None)
        batch = Batch(x, y, self._weighted(y, weights))
        if self.first is None:
            # A loader may use its arrays again for the next batch.
            self.first = jax.tree.map(np.array, batch)
        if _signature(batch) != _signature(self.first):
            _compare(batch, self.first, what)
        return batch

    def _parts(self, raw: Any) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights; no weights are None."""
        if self.target is not None and self.targets is not False:
            return (*from_tables(raw, self.target), None)
        parts = tuple(raw) if isinstance(raw, list | tuple) else (raw,)
        if len(parts) not in ((2, 3) if self.targets else (1, 2, 3)):
            wanted = "(x, y) or (x, y, sample_weight)" if self.targets else "x or (x, y)"
            raise DataError(f"a batch must be {wanted}, this is {_described(raw)}.")
        if self.targets is False:
            return parts[0], (), None
        return (*parts, (), None)[:3] if len(parts) == 1 else (*parts, None)[:3]

    def _weighted(self, y: Tree, weights: Any) -> Any:
        """One weight an example, from the sample's and its class's weight."""
        if self.class_weight is None:
            return weights
        if not isinstance(y, np.ndarray):
            raise DataError("class_weight needs targets that are one array.")
        classes = y.argmax(1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y), -1)[:, 0]
        chosen = np.array([self.class_weight.get(int(c), 1.0) for c in classes], np.float32)
        return chosen if weights is None else chosen * weights


def _signature(batch: Batch) -> tuple[Any, ...]:
    leaves, structure = jax.tree.flatten(batch)
    return structure, [(leaf.shape[1:], leaf.dtype) for leaf in leaves]


def _compare(batch: Batch, first: Batch, what: str) -> None:
    """Raise DataError if a batch can not be trained on together with the first one."""
    leaves, others = _named(batch), _named(first)
    if leaves.keys() != others.keys():
        raise DataError(
            f"{what} has the parts {', '.join(leaves)}, the first one had {', '.join(others)}. All "
            "batches must have the same parts."
        )
    for name, leaf in leaves.items():
        other = others[name]
        here, there = leaf.shape[1:], other.shape[1:]
        if here != there:
            raise DataError(
                f"{name} of {what} has the shape {show_shape((None, *here))}, in the first one it "
                f"was {show_shape((None, *there))}. Bring all batches to one shape: pad, crop or "
                "resize them."
            )
        if canonicalize_dtype(leaf.dtype) != canonicalize_dtype(other.dtype):
            raise DataError(
                f"{name} of {what} is {leaf.dtype}, in the first one it was {other.dtype}. Make "
                f"all batches alike: {name}.astype({other.dtype.name!r})."
            )


def hosted(tree: Tree) -> Tree:
    """Arrays of any library in the memory of the host, not copied where they lie there."""
    if isinstance(tree, Mapping):
        return {key: hosted(value) for key, value in tree.items()}
    if isinstance(tree, tuple) or _several(tree):
        return tuple(map(hosted, tree))
    if hasattr(tree, "detach"):
        tree = tree.detach().cpu()
    return tree if tree is None else np.asarray(as_arrays(tree))


def _several(tree: Tree) -> bool:
    """Whether a list has several inputs: PyTorch turns tuples of tensors into such lists."""
    return isinstance(tree, list) and any(
        hasattr(leaf, "detach") and leaf.ndim > 0 for leaf in tree
    )


def _named(batch: Batch) -> dict[str, Any]:
    flat, _ = jax.tree_util.tree_flatten_with_path(tuple(batch))
    return {_PARTS[path[0].idx] + jax.tree_util.keystr(path[1:]): leaf for path, leaf in flat}


def _described(raw: Any) -> str:
    if isinstance(raw, list | tuple):
        return f"a {type(raw).__name__} of {len(raw)}"
    if isinstance(raw, Mapping) or is_table(raw):
        names = list(getattr(raw, "columns", raw))
        return f"a {type(raw).__name__} of {names}; name the one with the targets, y={names[-1]!r}"
    shape = f" of shape {show_shape(tuple(raw.shape))}" if hasattr(raw, "shape") else ""
    return f"a {type(raw).__name__}{shape}"
