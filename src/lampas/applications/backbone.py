"""Image classifiers: convolutional features and a classification head."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.module import Module
from ..core.variable import Array, Variable
from ..layers.base import is_built
from ..train.model import Model
from ..train.sequential import Sequential


class ImageClassifier(Model):
    """Base of the image classifiers; weights are created on first access.

    Args:
        features: maps images to feature maps.
        head: maps feature maps to class probabilities; None to return the feature maps.
    """

    def __init__(self, features: Sequential, head: Sequential | None) -> None:
        self.features, self.head = features, head
        self.example_shape = features.example_shape

    @property
    def layers(self) -> list[Module]:
        """The layers of features and head, in the order in which they are called."""
        return [*self.features.layers, *(self.head.layers if self.head else ())]

    def forward(self, x: Array) -> Array:
        maps = self.features(x)
        return maps if self.head is None else self.head(maps)

    def variables(self) -> dict[str, Variable]:
        """All variables by path; they are created if they do not exist yet."""
        if self.example_shape is not None and not is_built(self):
            self.build(self.example_shape)
        return super().variables()

    def drop_argument(self, argument: str) -> None:
        """Omit an argument of the constructor from what ``save`` writes."""
        args, options = self.init_arguments
        self.init_arguments = args, {k: v for k, v in options.items() if k != argument}


def scale_width(units: int, width: float) -> int:
    """Multiply a number of filters or units by ``width``; the result is at least 1.

    Raises:
        ArgumentError: ``width`` is not positive.
    """
    if not 0 < width < math.inf:
        raise ArgumentError(f"width must be positive and finite, got {width}.")
    return max(1, round(units * width))


def check_image_shape(network: str, input_shape: Sequence[int], min_size: int) -> Shape:
    """Return ``input_shape`` as a tuple, if it is ``(height, width, channels)``.

    Raises:
        ShapeError: it is not the shape of an image, or height or width is below ``min_size``.
    """
    shape = tuple(map(operator.index, input_shape))
    if len(shape) != 3 or min(shape) < 1:
        raise ShapeError(
            f"{network} takes images, input_shape=(height, width, channels), "
            f"got {format_shape(shape)}."
        )
    if min(shape[:2]) < min_size:
        raise ShapeError(
            f"{network} reduces the size of its feature maps and needs images of at least "
            f"{min_size}x{min_size} pixels, got input_shape={format_shape(shape)}. Enlarge them: "
            f"lampas.data.images(path, size={max(min_size, 96)})."
        )
    return shape


def sequence(*layers: Module | None) -> Sequential:
    """A `Sequential` of the layers that are not None."""
    return Sequential([layer for layer in layers if layer is not None])
