"""Convert each batch to arrays and check that its structure, shapes and dtypes match the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jax.dtypes import canonicalize_dtype

from ...core.arrays import as_numbers, host_dtype
from ...core.errors import ArgumentError, DataError, format_shape
from ...losses import LossFunction
from ..step import Batch, Tree
from .adapter import as_several, as_targets, check_arrays, single_target
from .example_weights import example_weights
from .frames import is_table, split_target, to_arrays

_FIELDS = ("x", "y", "sample_weight")


class BatchAdapter:
    """Converts tuples, lists, dicts and tables to batches like the first one.

    Args:
        targets: whether there must be targets. If False they are dropped; if None, they are
            optional.
        target: the entry of dicts and tables with the targets; the others are the inputs.
        class_weight: weight of each class in the loss.
        loss: the loss that is weighted.
        convert: makes arrays of raw inputs such as texts.
    """

    check: Callable[[Tree, Tree], None] = staticmethod(lambda x, y: None)
    """Called with inputs and targets of each batch; raises DataError if model or loss cannot use
    them."""

    def __init__(
        self,
        targets: bool | None = True,
        target: str | None = None,
        class_weight: Mapping[int, float] | None = None,
        loss: LossFunction | None = None,
        convert: Callable[[Any], Any] | None = None,
    ) -> None:
        if isinstance(class_weight, str):
            raise ArgumentError(
                f"class_weight={class_weight!r} needs all targets at once, and these come batch by "
                "batch: give the weight of each class, {0: 1.0, 1: 5.0} for example."
            )
        self.targets, self.target = targets, target
        self.class_weight, self.loss = class_weight, loss
        self.convert = convert or (lambda x: x)
        self.first: Batch | None = None

    def batch(self, raw: Any, name: str) -> Batch:
        """One batch of host arrays; ``y`` is ``()`` if there are no targets.

        Args:
            raw: the batch as the source gave it.
            name: name of the batch in error messages.

        Raises:
            DataError: if the batch cannot be trained on, or not together with the first one.
        """
        try:
            batch = self._batch(raw)
            if self.first is None:
                # A loader may use its arrays again for the next batch.
                self.first = jax.tree.map(np.array, batch)
            if _signature(batch) != _signature(self.first):
                _compare(batch, self.first)
        except DataError as error:
            raise DataError(f"{name}: {error}") from error
        return batch

    def _batch(self, raw: Any) -> Batch:
        x, y, weights = self._fields(raw)
        x, y = as_several(x, y), as_targets(y, x, self.loss)
        fields = zip((self.convert(x), y, weights), _FIELDS, strict=True)
        x, y, weights = (to_numpy(to_arrays(field, name), name) for field, name in fields)
        y = single_target(y, self.loss)
        check_arrays(x, y, weights, "the batch")
        self.check(x, y)
        targets = y if jax.tree.leaves(y) else x
        weights = example_weights(targets, weights, self.class_weight, self.loss, is_batch=True)
        return Batch(x, y, weights)  # type: ignore[arg-type]

    def _fields(self, raw: Any) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights; weights are None if there are none."""
        if self.target is not None and self.targets is not False:
            return (*split_target(raw, self.target), None)
        fields = tuple(raw) if isinstance(raw, list | tuple) else (raw,)
        if len(fields) not in ((2, 3) if self.targets else (1, 2, 3)):
            expected = "(x, y) or (x, y, sample_weight)" if self.targets else "x or (x, y)"
            raise DataError(f"a batch must be {expected}, this is {_describe(raw)}.")
        if self.targets is False:
            return fields[0], (), None
        return (*fields, (), None)[:3] if len(fields) == 1 else (*fields, None)[:3]


def _signature(batch: Batch) -> tuple[Any, ...]:
    leaves, structure = jax.tree.flatten(batch)
    return structure, [(leaf.shape[1:], leaf.dtype) for leaf in leaves]


def _compare(batch: Batch, first: Batch) -> None:
    """Raise DataError if a batch cannot be trained on together with the first one."""
    leaves, first_leaves = _leaves_by_name(batch), _leaves_by_name(first)
    if leaves.keys() != first_leaves.keys():
        raise DataError(
            f"it has the parts {', '.join(leaves)}, the first batch had {', '.join(first_leaves)}. "
            "All must have the same."
        )
    for name, leaf in leaves.items():
        shape, first_shape = leaf.shape[1:], first_leaves[name].shape[1:]
        if shape != first_shape:
            raise DataError(
                f"{name} has shape {format_shape((None, *shape))}, in the first batch it was "
                f"{format_shape((None, *first_shape))}. Bring all to one shape: pad, crop or "
                "resize them."
            )
        dtype, first_dtype = leaf.dtype, first_leaves[name].dtype
        if canonicalize_dtype(dtype) != canonicalize_dtype(first_dtype):
            beyond = first_dtype.kind in "iu" and host_dtype(leaf.astype(first_dtype)).kind == "f"
            reason = f" It has integers beyond {canonicalize_dtype(first_dtype)}." * beyond
            raise DataError(
                f"{name} is {dtype}, in the first batch it was {first_dtype}.{reason} Use one "
                f"dtype: {name}.astype({'float32' if beyond else first_dtype.name!r})."
            )


def to_numpy(tree: Tree, name: str) -> Tree:
    """Arrays of any library as NumPy arrays, without a copy if they are in host memory.

    Args:
        tree: an array or tensor, or a tuple or dict of them.
        name: name in error messages.

    Raises:
        DataError: for data that is not numeric or has no batch axis.
    """
    if isinstance(tree, Mapping):
        return {key: to_numpy(value, f"{name}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, tuple) or _is_tensor_list(tree):
        return tuple(to_numpy(value, f"{name}[{n}]") for n, value in enumerate(tree))
    if tree is None:
        return None
    array = np.asarray(as_numbers(tree, name))
    if not array.shape:
        raise DataError(
            f"{name} is a single number, so this is probably one example, not a batch. Put "
            "examples together: torch.utils.data.DataLoader(dataset, batch_size=32), or "
            "dataset.batch(32)."
        )
    return array


def _is_tensor_list(tree: Tree) -> bool:
    """Whether a list has several inputs: PyTorch turns tuples of tensors into such lists."""
    return isinstance(tree, list) and any(
        hasattr(leaf, "detach") and leaf.ndim > 0 for leaf in tree
    )


def _leaves_by_name(batch: Batch) -> dict[str, Any]:
    flat, _ = jax.tree_util.tree_flatten_with_path(tuple(batch))
    return {_FIELDS[path[0].idx] + jax.tree_util.keystr(path[1:]): leaf for path, leaf in flat}


def _describe(raw: Any) -> str:
    if isinstance(raw, list | tuple):
        return f"a {type(raw).__name__} of {len(raw)}"
    if isinstance(raw, Mapping) or is_table(raw):
        names = list(getattr(raw, "columns", raw))
        return f"a {type(raw).__name__} of {names}; name the one with the targets, y={names[-1]!r}"
    shape = f" of shape {format_shape(tuple(raw.shape))}" if hasattr(raw, "shape") else ""
    return f"a {type(raw).__name__}{shape}"
