"""Convert and check the data that ``fit`` and ``evaluate`` get, and make a source of steps of it.

Tables are converted by ``frames.py``, batches from iterables by ``iterable_source.py``. The steps
of the arrays come from ``source.py``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from ...core.arrays import as_numbers, check_dtype, host_dtype
from ...core.errors import DataError, Shape, ShapeError, format_shape
from ...core.jit import platform
from ...core.module import Module
from ...graph.graph import adjust_rank
from ...layers.preprocessing.base import convert_inputs
from ...losses import LossFunction
from ..multi_output import MultiOutputLoss
from ..source import EvaluationSource, InMemorySource, Source, is_lazy, is_streamed, row_blocks
from ..step import Batch, Tree
from ..trainer import Trainer
from .data_checks import channels_explained, check_channels, warn_about_channels, warn_about_classes
from .example_weights import check_padding, example_weights
from .frames import InputColumns, column_names, is_table, split_target, to_arrays
from .index_checks import IndexChecks
from .streaming import CHUNK_BYTES, ConvertedRows, StreamingSource, row_slice

ClassWeight = Mapping[int, float] | Literal["balanced"]


@dataclass(frozen=True)
class TrainingData:
    """Checked examples for one model.

    Args:
        trainer: the programs of the model.
        x: inputs.
        y: targets; ``()`` if the model needs none.
        weights: weight of each example, or None.
        class_weight: weight of each class, or None.
        steps: batches per epoch, or of an evaluation; None for all.
    """

    trainer: Trainer
    x: Any
    y: Any
    weights: Any = None
    class_weight: ClassWeight | None = None
    steps: int | None = None

    def split(self, fraction: float) -> tuple[TrainingData, TrainingData]:
        """The first examples, and the last ``fraction`` of them for validation.

        Raises:
            DataError: if no example is left for one of the two.
        """
        train, validation = _split((self.x, self.y, self.weights), fraction)
        x, y, weights = train
        warn_about_classes(y, validation[1], self.trainer.loss)
        return replace(self, x=x, y=y, weights=weights), TrainingData(self.trainer, *validation)

    def source(
        self,
        batch_size: int,
        shuffle: bool = False,
        key: jax.Array | None = None,
        seed: int | None = None,
        *,
        first_epoch: int = 0,
        single_steps: bool = False,
    ) -> Source:
        """A source of steps; builds the model, and checks that model, loss and data fit.

        Args:
            batch_size: examples per step, for data that does not come in batches.
            shuffle: whether the examples are shuffled in each epoch, with ``key``.
            key: key of the fit.
            seed: seed of the initial weights.
            first_epoch: the first epoch of the fit.
            single_steps: whether chunks of one step are needed.
        """
        chunk_steps = 1 if single_steps else None
        source, x, y = self.open(batch_size, shuffle, key, first_epoch, chunk_steps)
        training = key is not None
        self.trainer.use_targets(source.example.y)
        with channels_explained(source.example.x):
            self.trainer.build(source.example, source.layout.batch_size, seed, training)
        warn_about_channels(self.trainer.model, source.example.x)
        if (self.trainer.own_train_step if training else self.trainer.own_test_step) is not None:
            return source  # what the step does with inputs and targets is its own
        shapes = self.trainer.output_shapes(source.example, source.layout)
        check_indices = IndexChecks(self.trainer.model)

        def check(x: Tree, y: Tree) -> None:
            check_indices(x)
            self.trainer.check_targets(y, shapes)

        check(x, y)
        source.set_data_check(check)
        return source

    def open(
        self, batch_size: int, shuffle: bool, key: Any, first_epoch: int, chunk_steps: int | None
    ) -> tuple[Source, Tree, Tree]:
        """A source of steps, and the inputs and targets to check before the first one."""
        if self.steps is not None:
            first = self._first(self.steps * batch_size, batch_size)
            return first.open(batch_size, shuffle, key, first_epoch, chunk_steps)
        weights = self.total_weights()
        if key is None and _is_small(data := Batch(self.x, self.y, weights)):
            data = jax.tree.map(np.asarray, data)
            return EvaluationSource(data, batch_size), self.x, self.y
        data = to_device(self.x, self.y, weights)
        if is_streamed(data):
            return StreamingSource(data, batch_size, shuffle, key, chunk_steps), self.x, self.y
        return InMemorySource(data, batch_size, shuffle, key), self.x, self.y

    def total_weights(self) -> Any:
        """The product of sample and class weight of each example or element; None if all are 1."""
        if self.weights is None and self.class_weight is None:
            return None
        weights = example_weights(self.y, self.weights, self.class_weight, self.trainer.loss)
        if weights is not None and weights.ndim > 1:
            check_padding(self.trainer.model, self.class_weight)
        return weights

    def _first(self, count: int, batch_size: int) -> TrainingData:
        """The first ``count`` examples."""
        x, y, weights = take_first((self.x, self.y, self.weights), count, batch_size)
        return replace(self, x=x, y=y, weights=weights, steps=None)


def adapt(
    trainer: Trainer,
    x: Any,
    y: Any = None,
    weights: Any = None,
    class_weight: ClassWeight | None = None,
    steps: int | None = None,
    name: str = "the data",
) -> TrainingData:
    """Convert arrays, lists and tables to arrays, and check them.

    Args:
        trainer: the programs of the model.
        x: inputs.
        y: targets, or the name of their column in ``x``.
        weights: weight of each example in the loss.
        class_weight: weight of each class in the loss.
        steps: batches per epoch, or of an evaluation; None for all.
        name: name of the data in error messages.

    Raises:
        DataError: if the data is empty, not finite, or its parts do not belong together.
    """
    x, y = as_several(x, y), as_targets(y, x, trainer.loss)
    if y is None and not trainer.needs_targets:
        y = ()
    if isinstance(y, str) or has_tables((x, y)):
        x, y = split_target(x, y)
    x = inputs_as_arrays(trainer.model, x)
    # A single column of targets may have any name.
    by_name = has_tables(y) and is_table(y) and len(column_names(y)) > 1
    y = _as_arrays(y, "y", _input_columns(trainer.model) if by_name else None)
    y = single_target(y, trainer.loss)
    weights = _as_arrays(weights, "sample_weight")
    check_arrays(x, y, weights, name)
    return TrainingData(trainer, x, y, weights, class_weight, steps)


def as_several(tree: Tree, other: Tree = None, example: Tree = None) -> Tree:
    """A list of several inputs or targets as a tuple; other lists, of examples, as they are.

    Each array of such a list has one row for each example, as many as ``other`` has.

    Args:
        tree: inputs or targets.
        other: the targets of the inputs, or the inputs of the targets.
        example: inputs on which the model was called before.
    """
    if not isinstance(tree, list) or not all(getattr(part, "shape", ()) for part in tree):
        return tree
    if isinstance(example, list | tuple) and len(example) == len(tree):
        return tuple(tree)
    if len(tree) == 1:
        return _only_array(tree)
    rows = {part.shape[0] for part in tree}
    if len(rows) != 1:
        return tree
    differ = len({part.shape[1:] for part in tree}) > 1
    if other is None:
        return tuple(tree) if differ else tree
    belongs = rows == {_count_rows(other)}
    return tuple(tree) if belongs and (differ or rows != {len(tree)}) else tree


def as_targets(y: Tree, x: Tree, loss: LossFunction | None) -> Tree:
    """Targets with a list of those of several outputs as a tuple."""
    if isinstance(y, list) and isinstance(loss, MultiOutputLoss):
        return tuple(y)
    return as_several(y, x)


def _count_rows(tree: Tree) -> int | None:
    if isinstance(tree, Mapping):
        return _count_rows(next(iter(tree.values()), None))
    if isinstance(tree, list | tuple) and tree and getattr(tree[0], "shape", ()):
        return int(tree[0].shape[0])
    return len(tree) if hasattr(tree, "__len__") else None


def single_target(y: Tree, loss: LossFunction | None) -> Tree:
    """The only array of a dict or tuple of targets, for a loss of one output."""
    is_single = isinstance(y, Mapping | tuple) and len(y) == 1
    if not is_single or loss is None or isinstance(loss, MultiOutputLoss):
        return y
    return next(iter(y.values() if isinstance(y, Mapping) else y))


def take_first(examples: Tree, count: int, batch_size: int) -> Tree:
    """The first ``count`` examples, for an evaluation or prediction of some batches alone."""
    rows = jax.tree.leaves(examples)[0].shape[0]
    if count > rows + batch_size - 1:
        warnings.warn(
            f"{count // batch_size} steps of {batch_size} examples are more than the {rows} "
            "examples there are; each is used once.",
            stacklevel=2,
        )
    return jax.tree.map(lambda array: row_slice(array, 0, min(count, rows)), examples)


def is_batch_iterable(source: Any) -> bool:
    """Whether ``source`` gives batches in an order of its own: a function or an iterable.

    Arrays, tables, and lists, tuples and dicts of them do not. An object that gives batches by
    number and has a length is read in the order of the numbers.
    """
    arrays = isinstance(source, list | tuple | Mapping | str | bytes | range)
    if arrays or hasattr(source, "shape") or hasattr(source, "__array__"):
        return False
    return callable(source) or isinstance(source, Iterable) or hasattr(source, "__getitem__")


def inputs_as_arrays(model: Module, x: Any) -> Tree:
    """Inputs as arrays; raw texts and rows are converted by the model's own layer for them.

    Raises:
        DataError: as :func:`as_arrays`.
        ShapeError: for inputs with another number of axes than the model was built for.
    """
    x = as_arrays(read_inputs(model, x), "x")
    shape: Shape | None = getattr(model, "example_shape", None)
    check_channels(x, shape)
    x = x if shape is None else adjust_rank(x, (None, *shape))
    has_rows = hasattr(x, "shape") and x.shape and x.shape[0]
    if shape is not None and has_rows and len(x.shape) != len(shape) + 1:
        hint = " For a single example add a batch axis: x[None]." if x.shape == shape else ""
        raise ShapeError(
            f"the model takes inputs of shape {format_shape((None, *shape))}, got "
            f"{format_shape(x.shape)}.{hint}"
        )
    return x


def read_inputs(model: Module, x: Any) -> Tree:
    """Inputs of a model with arrays in place of texts, raw rows and tables.

    A list of several inputs becomes a tuple where the model is known to have several.
    The columns of a table are found by their names, in the order of the first table that the model
    was used on, which it keeps as ``input_columns``.

    Raises:
        DataError: for a table with other columns, and for a column that is not numeric.
    """
    if isinstance(x, list):
        graph = getattr(model, "_graph", None)
        x = tuple(x) if graph is not None and len(graph.input_names) > 1 else x
    x = convert_inputs(model, x)
    return to_arrays(x, "x", _input_columns(model)) if has_tables(x) else x


def has_tables(tree: Any) -> bool:
    """Whether there is a data frame, a series or a Hugging Face dataset in ``tree``."""
    if any(hasattr(tree, name) for name in ("columns", "column_names", "to_numpy")):
        return True
    if isinstance(tree, Mapping):
        return any(map(has_tables, tree.values()))
    return isinstance(tree, tuple) and any(map(has_tables, tree))


def as_arrays(tree: Tree, name: str = "the data") -> Tree:
    """Lists and arrays as arrays of numbers; tuples and dicts of arrays keep their structure.

    A tuple of numbers or of tuples is an array, like a list; a list of a single array with a batch
    axis is this array. Memory maps and lazy arrays stay on the disk.

    Args:
        tree: the data.
        name: its name in error messages.

    Raises:
        DataError: for data that is not numeric, or has masked values.
    """
    if isinstance(tree, Mapping):
        return {key: as_arrays(value, f"{name}[{key!r}]") for key, value in tree.items()}
    if isinstance(tree, tuple) and not (tree and all(map(_is_row, tree))):
        return tuple(as_arrays(value, f"{name}[{n}]") for n, value in enumerate(tree))
    if tree is None:
        return None
    if isinstance(tree, list):
        tree = _only_array(tree)
    is_array = not (isinstance(tree, np.memmap) or is_lazy(tree))
    return as_numbers(tree, name) if is_array or hasattr(tree, "tocsr") else _on_disk(tree, name)


def _only_array(items: list[Any]) -> Any:
    """The array of a list that consists of one with a batch axis; another list as it is."""
    return items[0] if len(items) == 1 and len(getattr(items[0], "shape", ())) > 1 else items


def _on_disk(array: Any, name: str) -> Any:
    """A lazy array in a dtype whose values the device holds."""
    check_dtype(array, name)
    dtype = host_dtype(np.empty(0, array.dtype))
    if dtype in (np.int64, np.uint64):
        dtype = np.result_type(dtype, *(host_dtype(rows) for _, rows in row_blocks(array)))
    return array if dtype == array.dtype else ConvertedRows(array, dtype)


def _is_row(value: Any) -> bool:
    return isinstance(value, Real) or (isinstance(value, tuple) and all(map(_is_row, value)))


def check_arrays(x: Tree, y: Tree, weights: Any | None = None, name: str = "the data") -> None:
    """Check that there are examples, equally many everywhere, and that all are finite.

    Args:
        x: inputs.
        y: targets; ``()`` if none are needed.
        weights: weight of each example, or None.
        name: name of the data in error messages.

    Raises:
        DataError: if a check fails.
    """
    if y is None:
        raise DataError(f"{name} has no targets: y is None.")
    leaves = [*_leaves("x", x), *_leaves("y", y), *_leaves("sample_weight", weights)]
    counts: dict[str, int] = {}
    for path, array in leaves:
        if not array.shape:
            raise DataError(f"{path} of {name} is a single number; a batch axis is needed.")
        if 0 in array.shape[1:]:
            raise DataError(f"{path} of {name} has shape {format_shape(array.shape)}: no columns.")
        counts[path] = array.shape[0]
    if not counts or min(counts.values()) == 0:
        empty = [path for path, count in counts.items() if count == 0]
        raise DataError(f"{name} has no examples: {' and '.join(empty) or 'nothing'} is empty.")
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{path} has {count}" for path, count in counts.items())
        raise DataError(f"{name} must have as many targets as inputs: {listed}.")
    for path, array in leaves:
        _check_finite(path, array, name)


def to_device(x: Tree, y: Tree, weights: Any | None = None) -> Batch:
    """The data where it is read from in training, in its own dtype: bytes stay bytes.

    That is the device; but if a leaf is streamed, everything stays in host memory.
    """
    data = Batch(x, y, weights)
    if not is_streamed(data):
        return jax.tree.map(jnp.asarray, data)
    return jax.tree.map(lambda leaf: leaf if is_streamed(leaf) else np.asarray(leaf), data)


def _is_small(data: Batch) -> bool:
    """Whether a copy of the data costs little beside the compilation of a program for it."""
    if is_streamed(data) or platform() != "cpu":
        return False
    return sum(leaf.nbytes for leaf in jax.tree.leaves(data)) <= CHUNK_BYTES


def _as_arrays(tree: Any, name: str, columns: InputColumns | None = None) -> Tree:
    return as_arrays(to_arrays(tree, name, columns) if has_tables(tree) else tree, name)


def _input_columns(model: Module) -> InputColumns:
    columns: InputColumns = vars(model).setdefault("input_columns", {})
    return columns


def _leaves(name: str, tree: Tree | None) -> list[tuple[str, Any]]:
    flat, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [(name + jax.tree_util.keystr(path), leaf) for path, leaf in flat]


def _check_finite(path: str, array: Any, name: str) -> None:
    if not jnp.issubdtype(array.dtype, jnp.inexact):
        return
    for start, rows in row_blocks(array):
        _check_finite_rows(path, rows, start, name)


def _check_finite_rows(path: str, array: Any, start: int, name: str) -> None:
    # The smallest and the largest value show NaN and infinity without a mask as large as the data.
    with np.errstate(over="ignore"):
        if np.isfinite(np.float32(array.min())) and np.isfinite(np.float32(array.max())):
            return
        wrong = np.argwhere(~np.isfinite(np.asarray(array, np.float32)))
    index, rows = wrong[0], np.unique(wrong[:, 0]).size
    value = np.asarray(array)[tuple(index)]
    shown = [start + int(index[0]), *map(int, index[1:])]
    raise DataError(
        f"{path}{shown} of {name} is {value} ({rows} of the {array.shape[0]} rows checked are not "
        "finite as float32). Fill in or drop them: x = x[np.isfinite(x).all(axis=1)]."
    )


def _split(examples: Tree, fraction: float) -> tuple[Tree, Tree]:
    """The first examples, and the last ``fraction`` of them, as Keras splits."""
    count = jax.tree.leaves(examples)[0].shape[0]
    stop = int(count * (1.0 - fraction))
    if not 0.0 < fraction < 1.0 or stop == 0 or stop == count:
        raise DataError(
            f"validation_split={fraction} of {count} examples leaves none to "
            f"{'train on' if stop == 0 else 'validate on'}."
        )
    train = jax.tree.map(lambda array: row_slice(array, 0, stop), examples)
    return train, jax.tree.map(lambda array: row_slice(array, stop, count), examples)
