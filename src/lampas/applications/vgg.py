"""VGG-16 and VGG-19: nothing but small convolutions, many of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from ..core.module import Module
from ..layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPool2D
from .backbone import Network, chain, picture_shape, scaled
from .imagenet import standardization
from .pretrained import VGG16_KERNELS, Kernels, load_kernels

FILTERS = (64, 128, 256, 512, 512)
SMALLEST = 2 ** len(FILTERS)


class _VGG(Network):
    """Five blocks of 3x3 convolutions, each followed by pooling, and three dense layers."""

    depths: ClassVar[Sequence[int]]
    """How many convolutions each block has."""
    kernels: ClassVar[Kernels | None] = None
    """Pretrained ones, where there are any."""

    def __init__(
        self,
        classes: int = 1000,
        input_shape: Sequence[int] = (224, 224, 3),
        *,
        include_top: bool = True,
        width: float = 1.0,
        dropout: float = 0.5,
        weights: str | None = None,
        include_preprocessing: bool = True,
    ) -> None:
        kind = type(self).__name__
        shape = picture_shape(kind, input_shape, SMALLEST)
        features = chain(
            Input(shape, name="input"),
            standardization(shape[-1]) if include_preprocessing else None,
            *_blocks(self.depths, width),
        )
        units = scaled(4096, width)
        top = chain(
            Flatten(name="flatten"),
            Dense(units, "relu", kernel_initializer="he_normal", name="fc1"),
            Dropout(dropout, name="dropout1"),
            Dense(units, "relu", kernel_initializer="he_normal", name="fc2"),
            Dropout(dropout, name="dropout2"),
            Dense(classes, "softmax", name="predictions"),
        )
        super().__init__(features, top if include_top else None)
        if weights is not None:
            load_kernels(kind, features, self.kernels, weights)
            self.forget("weights")


def _blocks(depths: Sequence[int], width: float) -> Iterator[Module]:
    for block, (filters, depth) in enumerate(zip(FILTERS, depths, strict=True), 1):
        for number in range(1, depth + 1):
            yield Conv2D(
                scaled(filters, width),
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"block{block}_conv{number}",
            )
        yield MaxPool2D(2, name=f"block{block}_pool")


class VGG16(_VGG):
    """VGG-16 (Simonyan and Zisserman, 2015, configuration D): 138,357,544 parameters.

    ``VGG16(include_top=False, weights="imagenet-features")`` with ``freeze()`` is a base to build
    on: put ``GlobalAveragePool2D()`` and a ``Dense`` layer behind it in a `Sequential`.

    Args:
        classes: how many.
        input_shape: height, width and channels of one picture.
        include_top: with ``False``, feature maps come out, ``(batch, 7, 7, 512)`` for 224x224
            pixels.
        width: multiplies the number of filters and units.
        dropout: rate behind the two dense layers of 4,096 units.
        weights: ``"imagenet-features"`` for convolutions pretrained on ImageNet, which are
            downloaded once; the top is not among them. None for a random start.
        include_preprocessing: whether pictures come as bytes, 0 to 255, red, green and blue, and
            are standardized inside; if not, do what `PictureStandardization` does yourself.

    Shape: ``(batch, height, width, channels) -> (batch, classes)``, probabilities.

    Raises:
        ShapeError: when the inputs are no pictures, or below 32x32 pixels.
        ArgumentError: for a width not above 0, other weights, or weights that do not fit.
        DatasetError: when the weights can not be had.
    """

    depths = (2, 2, 3, 3, 3)
    kernels = VGG16_KERNELS


class VGG19(_VGG):
    """VGG-19 (Simonyan and Zisserman, 2015, configuration E): 143,667,240 parameters.

    Arguments, shapes and errors are those of `VGG16`; there are no pretrained weights for it.
    """

    depths = (2, 2, 4, 4, 4)
