"""AlexNet, the network that won the ImageNet challenge in 2012."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import layers
from ..core.arguments import PositiveFloat, PositiveInt, ProperFraction
from .backbone import ImageClassifier, check_image_shape, scale_width, sequence
from .imagenet import imagenet_preprocessing
from .pretrained import ALEXNET_WEIGHTS, load_pretrained

MIN_SIZE = 63


class AlexNet(ImageClassifier):
    """AlexNet (Krizhevsky, Sutskever and Hinton, 2012) with 61,100,840 parameters.

    This is the variant for one device (Krizhevsky, 2014): five convolutions with 64, 192, 384, 256
    and 256 filters, and two dense layers of 4,096 units, each preceded by dropout.

    Args:
        classes: number of classes.
        input_shape: height, width and channels of one image.
        include_top: whether the network includes the dense layers. If False, it returns feature
            maps, ``(batch, 6, 6, 256)`` for 224x224 pixels.
        width: factor by which the number of filters and units is multiplied.
        dropout: dropout rate before the dense layers.
        local_response_norm: whether to normalize across neighbouring feature maps after the first
            two convolutions, as in 2012; the pretrained kernels were trained without it.
        weights: ``"imagenet-features"`` for convolutions pretrained on ImageNet, which are
            downloaded on first use; the dense layers are always initialized randomly. None for
            random initialization.
        include_preprocessing: whether inputs are images with values 0 to 255 and the channels red,
            green and blue, which the network standardizes. If False, apply
            :class:`~lampas.applications.ImageNetPreprocessing` yourself.

    Shape: ``(batch, height, width, channels) -> (batch, classes)``, probabilities.

    Raises:
        ShapeError: ``input_shape`` does not describe an image, or it is smaller than 63x63 pixels.
        ArgumentError: ``width`` is not positive, or the weights do not fit the network.
        UnknownNameError: there are no weights of that name.
        DatasetError: the weights are not available.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> model = lp.AlexNet(classes=5, input_shape=(63, 63, 3), width=1 / 32)
        >>> model.predict(np.zeros((2, 63, 63, 3))).shape
        (2, 5)
    """

    def __init__(
        self,
        classes: PositiveInt = 1000,
        input_shape: Sequence[int] = (224, 224, 3),
        *,
        include_top: bool = True,
        width: PositiveFloat = 1.0,
        dropout: ProperFraction = 0.5,
        local_response_norm: bool = False,
        weights: str | None = None,
        include_preprocessing: bool = True,
    ) -> None:
        shape = check_image_shape("AlexNet", input_shape, MIN_SIZE)
        relu: dict[str, Any] = {"activation": "relu", "kernel_initializer": "he_normal"}
        features = sequence(
            layers.Input(shape, name="input"),
            imagenet_preprocessing(shape[-1]) if include_preprocessing else None,
            layers.ZeroPadding2D(2, name="padding"),
            layers.Conv2D(scale_width(64, width), 11, 4, "valid", **relu, name="conv1"),
            layers.LocalResponseNormalization(name="norm1") if local_response_norm else None,
            layers.MaxPool2D(3, 2, name="pool1"),
            layers.Conv2D(scale_width(192, width), 5, 1, "same", **relu, name="conv2"),
            layers.LocalResponseNormalization(name="norm2") if local_response_norm else None,
            layers.MaxPool2D(3, 2, name="pool2"),
            layers.Conv2D(scale_width(384, width), 3, 1, "same", **relu, name="conv3"),
            layers.Conv2D(scale_width(256, width), 3, 1, "same", **relu, name="conv4"),
            layers.Conv2D(scale_width(256, width), 3, 1, "same", **relu, name="conv5"),
            layers.MaxPool2D(3, 2, name="pool5"),
        )
        units = scale_width(4096, width)
        head = sequence(
            layers.Flatten(name="flatten"),
            layers.Dropout(dropout, name="dropout6"),
            layers.Dense(units, "relu", kernel_initializer="he_normal", name="fc6"),
            layers.Dropout(dropout, name="dropout7"),
            layers.Dense(units, "relu", kernel_initializer="he_normal", name="fc7"),
            layers.Dense(classes, "softmax", name="fc8"),
        )
        super().__init__(features, head if include_top else None)
        if weights is not None:
            load_pretrained("AlexNet", features, ALEXNET_WEIGHTS, weights)
            self.drop_argument("weights")
