"""The names of a model's outputs, and which part of predictions and targets belongs to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import DataError
from .step import Tree


@dataclass(frozen=True)
class Outputs:
    """The outputs of a model, in their order.

    Args:
        names: of all outputs.
        trained: of those that have a loss.
        have_order: whether predictions and targets may be sequences in the order of the names.
    """

    names: Sequence[str]
    trained: Sequence[str]
    have_order: bool = True

    def prediction(self, y_pred: Tree, name: str) -> Any:
        """The predictions of one output.

        Raises:
            DataError: for predictions without it.
        """
        return self._select(y_pred, name, "the model's output", self.names)

    def target(self, y_true: Tree, name: str) -> Any:
        """The targets of one output; there are targets for all outputs, or all with a loss.

        Raises:
            DataError: for targets without it.
        """
        return self._select(y_true, name, "the targets y", self.names, self.trained)

    def _select(self, tree: Tree, name: str, what: str, *orders: Sequence[str]) -> Any:
        if isinstance(tree, Mapping):
            if name in tree:
                return tree[name]
            structure = f"has {list(tree)}"
        elif isinstance(tree, list | tuple):
            for order in orders:
                if self.have_order and len(order) == len(tree) and name in order:
                    return tree[order.index(name)]
            structure = f"has {len(tree)} parts"
        else:
            if any(list(order) == [name] for order in orders):
                return tree
            structure = "is a single array"
        raise DataError(
            f"there are losses for the outputs {list(self.trained)}, but {what} {structure}. Name "
            "outputs, targets and losses identically, or give all three as lists."
        )
