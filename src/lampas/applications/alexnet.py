"""AlexNet: the network that won ImageNet in 2012 and began the age of deep learning."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.module import Module
from ..layers import (
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    LocalResponseNormalization,
    MaxPool2D,
    ZeroPadding2D,
)
from .backbone import Network, chain, picture_shape, scaled
from .imagenet import standardization
from .pretrained import ALEXNET_KERNELS, load_kernels

SMALLEST = 63


class AlexNet(Network):
    """AlexNet (Krizhevsky, Sutskever and Hinton, 2012) on one tower: 61,100,840 parameters.

    The layout is that of one processor (Krizhevsky, 2014): five convolutions with 64, 192, 384, 256
    and 256 filters, and two dense layers of 4,096 units, each with dropout before it.

    Args:
        classes: how many.
        input_shape: height, width and channels of one picture.
        include_top: with ``False``, feature maps come out, ``(batch, 6, 6, 256)`` for 224x224
            pixels.
        width: multiplies the number of filters and units.
        dropout: rate before the dense layers.
        local_response_norm: whether neighbouring maps compete after the first two convolutions, as
            in 2012; the pretrained kernels were trained without.
        weights: ``"imagenet-features"`` for convolutions pretrained on ImageNet, which are
            downloaded once; the top is not among them. None for a random start.
        include_preprocessing: whether pictures come as bytes, 0 to 255, red, green and blue, and
            are standardized inside; if not, do what `PictureStandardization` does yourself.

    Shape: ``(batch, height, width, channels) -> (batch, classes)``, probabilities.

    Raises:
        ShapeError: when the inputs are no pictures, or below 63x63 pixels.
        ArgumentError: for a width not above 0, other weights, or weights that do not fit.
        DatasetError: when the weights can not be had.
    """

    def __init__(
        self,
        classes: int = 1000,
        input_shape: Sequence[int] = (224, 224, 3),
        *,
        include_top: bool = True,
        width: float = 1.0,
        dropout: float = 0.5,
        local_response_norm: bool = False,
        weights: str | None = None,
        include_preprocessing: bool = True,
    ) -> None:
        shape = picture_shape("AlexNet", input_shape, SMALLEST)
        features = chain(
            Input(shape, name="input"),
            standardization(shape[-1]) if include_preprocessing else None,
            ZeroPadding2D(2, name="padding"),
            _conv("conv1", scaled(64, width), 11, 4, "valid"),
            LocalResponseNormalization(name="norm1") if local_response_norm else None,
            MaxPool2D(3, 2, name="pool1"),
            _conv("conv2", scaled(192, width), 5),
            LocalResponseNormalization(name="norm2") if local_response_norm else None,
            MaxPool2D(3, 2, name="pool2"),
            _conv("conv3", scaled(384, width), 3),
            _conv("conv4", scaled(256, width), 3),
            _conv("conv5", scaled(256, width), 3),
            MaxPool2D(3, 2, name="pool5"),
        )
        units = scaled(4096, width)
        top = chain(
            Flatten(name="flatten"),
            Dropout(dropout, name="dropout6"),
            _dense("fc6", units),
            Dropout(dropout, name="dropout7"),
            _dense("fc7", units),
            Dense(classes, "softmax", name="fc8"),
        )
        super().__init__(features, top if include_top else None)
        if weights is not None:
            load_kernels("AlexNet", features, ALEXNET_KERNELS, weights)
            self.forget("weights")


def _conv(name: str, filters: int, size: int, stride: int = 1, padding: str = "same") -> Module:
    return Conv2D(
        filters, size, stride, padding, activation="relu", kernel_initializer="he_normal", name=name
    )


def _dense(name: str, units: int) -> Module:
    return Dense(units, "relu", kernel_initializer="he_normal", name=name)
