"""What a source gives becomes a checked batch, of the same form as the first one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jax.dtypes import canonicalize_dtype

from ...core.errors import ArgumentError, DataError, show_shape
from ..step import Batch, Tree
from .arrays import as_arrays, check, example_weights
from .frames import NUMBERS, apart, arrays, is_table

_PARTS = ("x", "y", "sample_weight")


class Form:
    """Makes batches of tuples, lists, dicts and tables, and holds them to the first one's form.

    Args:
        targets: whether there must be targets; if not, they are left out, or, for None, taken if
            they come along.
        target: the entry of dicts and tables that has the targets; the others are the inputs.
        class_weight: weight of each class in the loss.
        read: makes arrays of inputs that are none: of texts, for a model that reads them.
    """

    inspect: Callable[[Tree], None] = staticmethod(lambda y: None)
    """Called with the targets of each batch; raises DataError if they make no sense to the loss."""

    def __init__(
        self,
        targets: bool | None = True,
        target: str | None = None,
        class_weight: Mapping[int, float] | None = None,
        read: Callable[[Any], Any] | None = None,
    ) -> None:
        if isinstance(class_weight, str):
            raise ArgumentError(
                f"class_weight={class_weight!r} needs all targets at once, and these come batch by "
                "batch: give the weight of each class, {0: 1.0, 1: 5.0} for example."
            )
        self.targets, self.target, self.class_weight = targets, target, class_weight
        self.read = read or (lambda x: x)
        self.first: Batch | None = None

    def batch(self, raw: Any, what: str) -> Batch:
        """One batch of host arrays; ``y`` is ``()`` where there are no targets.

        Raises:
            DataError: with ``what``, the name of the batch, when it is not what it should be.
        """
        try:
            batch = self._batch(raw)
            if self.first is None:
                # A loader may use its arrays again for the next batch.
                self.first = jax.tree.map(np.array, batch)
            if _signature(batch) != _signature(self.first):
                _compare(batch, self.first)
        except DataError as error:
            raise DataError(f"{what}: {error}") from error
        return batch

    def _batch(self, raw: Any) -> Batch:
        x, *others = self._parts(raw)
        parts = zip((self.read(x), *others), _PARTS, strict=True)
        x, y, weights = (hosted(arrays(part, name), name) for part, name in parts)
        check(x, y, weights, "the batch")
        self.inspect(y)
        return Batch(x, y, self._weighted(y, example_weights(x, weights, None)))

    def _parts(self, raw: Any) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights; no weights are None."""
        if self.target is not None and self.targets is not False:
            return (*apart(raw, self.target), None)
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


def _compare(batch: Batch, first: Batch) -> None:
    """Raise DataError if a batch can not be trained on together with the first one."""
    leaves, others = _named(batch), _named(first)
    if leaves.keys() != others.keys():
        raise DataError(
            f"it has the parts {', '.join(leaves)}, the first batch had {', '.join(others)}. All "
            "must have the same."
        )
    for name, leaf in leaves.items():
        here, there = leaf.shape[1:], others[name].shape[1:]
        if here != there:
            raise DataError(
                f"{name} has shape {show_shape((None, *here))}, in the first batch it was "
                f"{show_shape((None, *there))}. Bring all to one shape: pad, crop or resize them."
            )
        dtype, wanted = leaf.dtype, others[name].dtype
        if canonicalize_dtype(dtype) != canonicalize_dtype(wanted):
            raise DataError(
                f"{name} is {dtype}, in the first batch it was {wanted}. Make all alike: "
                f"{name}.astype({wanted.name!r})."
            )


def hosted(tree: Tree, name: str) -> Tree:
    """Arrays of any library in the memory of the host, not copied where they lie there.

    Raises DataError, with ``name``, for what is no array of numbers with an axis of examples.
    """
    if isinstance(tree, Mapping):
        return {key: hosted(value, f"{name}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, tuple) or _several(tree):
        return tuple(hosted(value, f"{name}[{n}]") for n, value in enumerate(tree))
    if tree is None:
        return None
    if hasattr(tree, "detach"):
        tree = tree.detach().cpu()
    try:
        plain = isinstance(tree, np.ndarray) and tree.dtype.kind in NUMBERS
        array = tree if plain else np.asarray(as_arrays(tree))
    except (DataError, TypeError) as error:
        raise DataError(f"{name} can not be taken: {error}") from error
    if not array.shape:
        raise DataError(
            f"{name} is a single number, so this looks like one example and not like a batch. Put "
            "examples together: torch.utils.data.DataLoader(dataset, batch_size=32), or "
            "dataset.batch(32)."
        )
    return array


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
