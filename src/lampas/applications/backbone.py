"""What the classic networks share: features that see, a top that decides."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

from ..core.errors import ArgumentError, Shape, ShapeError, show_shape
from ..core.module import Module
from ..core.variable import Array, Variable
from ..layers.base import is_built
from ..train.model import Model
from ..train.sequential import Sequential


class Network(Model):
    """``features`` turn pictures into feature maps; ``top``, unless left out, names the class.

    The weights are made at the first look at them, so that a network costs nothing until then.
    """

    def __init__(self, features: Sequential, top: Sequential | None) -> None:
        self.features = features
        self.top = top
        self.input_shape = features.input_shape

    def forward(self, x: Array) -> Array:
        maps = self.features(x)
        return maps if self.top is None else self.top(maps)

    def variables(self) -> dict[str, Variable]:
        """All variables by path; those that are not there yet are made now."""
        if self.input_shape is not None and not is_built(self):
            self.build(self.input_shape)
        return super().variables()

    def forget(self, argument: str) -> None:
        """Leave an argument out of what ``save`` writes."""
        args, options = self._arguments
        self._arguments = args, {k: v for k, v in options.items() if k != argument}


def scaled(units: int, width: float) -> int:
    """How many of a number of filters or units are left at this width.

    Raises ArgumentError when the width is not above 0.
    """
    if not 0 < width < math.inf:
        raise ArgumentError(f"width multiplies filters and units, so it is above 0; got {width}.")
    return max(1, round(units * width))


def picture_shape(network: str, input_shape: Sequence[int], smallest: int) -> Shape:
    """``(height, width, channels)``, checked.

    Raises ShapeError when that is no picture, or its height or width is below ``smallest``.
    """
    shape = tuple(map(operator.index, input_shape))
    if len(shape) != 3 or min(shape) < 1:
        raise ShapeError(
            f"{network} takes pictures, input_shape=(height, width, channels), "
            f"got {show_shape(shape)}."
        )
    if min(shape[:2]) < smallest:
        raise ShapeError(
            f"{network} makes its maps smaller step by step and needs pictures of at least "
            f"{smallest}x{smallest} pixels, got input_shape={show_shape(shape)}. Enlarge them: "
            f"lampas.data.images(path, size={max(smallest, 96)})."
        )
    return shape


def chain(*layers: Module | None) -> Sequential:
    """Those of the layers that are there, one after the other."""
    return Sequential([layer for layer in layers if layer is not None])
