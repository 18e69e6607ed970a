"""VGG-16 and VGG-19, deep networks of 3x3 convolutions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from ..core.arguments import PositiveFloat, PositiveInt, ProperFraction
from ..core.module import Module
from ..layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPool2D
from .backbone import ImageClassifier, check_image_shape, scale_width, sequence
from .imagenet import imagenet_preprocessing
from .pretrained import VGG16_WEIGHTS, PretrainedWeights, load_pretrained

FILTERS = (64, 128, 256, 512, 512)
MIN_SIZE = 2 ** len(FILTERS)


class _VGG(ImageClassifier):
    """Five blocks of 3x3 convolutions, each followed by pooling, and three dense layers."""

    depths: ClassVar[Sequence[int]]
    """Number of convolutions in each block."""
    pretrained: ClassVar[PretrainedWeights | None] = None
    """Pretrained weights, if there are any."""

    def __init__(
        self,
        classes: PositiveInt = 1000,
        input_shape: Sequence[int] = (224, 224, 3),
        *,
        include_top: bool = True,
        width: PositiveFloat = 1.0,
        dropout: ProperFraction = 0.5,
        weights: str | None = None,
        include_preprocessing: bool = True,
    ) -> None:
        name = type(self).__name__
        shape = check_image_shape(name, input_shape, MIN_SIZE)
        features = sequence(
            Input(shape, name="input"),
            imagenet_preprocessing(shape[-1]) if include_preprocessing else None,
            *_blocks(self.depths, width),
        )
        units = scale_width(4096, width)
        head = sequence(
            Flatten(name="flatten"),
            Dense(units, "relu", kernel_initializer="he_normal", name="fc1"),
            Dropout(dropout, name="dropout1"),
            Dense(units, "relu", kernel_initializer="he_normal", name="fc2"),
            Dropout(dropout, name="dropout2"),
            Dense(classes, "softmax", name="predictions"),
        )
        super().__init__(features, head if include_top else None)
        if weights is not None:
            load_pretrained(name, features, self.pretrained, weights)
            self.drop_argument("weights")


def _blocks(depths: Sequence[int], width: PositiveFloat) -> Iterator[Module]:
    relu: dict[str, Any] = {"activation": "relu", "kernel_initializer": "he_normal"}
    for block, (filters, depth) in enumerate(zip(FILTERS, depths, strict=True), 1):
        for number in range(1, depth + 1):
            units, name = scale_width(filters, width), f"block{block}_conv{number}"
            yield Conv2D(units, 3, padding="same", **relu, name=name)
        yield MaxPool2D(2, name=f"block{block}_pool")


class VGG16(_VGG):
    """VGG-16 (Simonyan and Zisserman, 2015, configuration D): 138,357,544 parameters.

    For transfer learning, freeze ``VGG16(include_top=False, weights="imagenet-features")`` with
    ``freeze()`` and append ``GlobalAveragePool2D()`` and a ``Dense`` layer in a `Sequential`.

    Args:
        classes: number of classes.
        input_shape: height, width and channels of one image.
        include_top: whether the network includes the dense layers. If False, it returns feature
            maps, ``(batch, 7, 7, 512)`` for 224x224 pixels.
        width: factor by which the number of filters and units is multiplied.
        dropout: dropout rate after the two dense layers of 4,096 units.
        weights: ``"imagenet-features"`` for convolutions pretrained on ImageNet, which are
            downloaded on first use; the dense layers are always initialized randomly. None for
            random initialization.
        include_preprocessing: whether inputs are images with values 0 to 255 and the channels red,
            green and blue, which the network standardizes. If False, apply
            :class:`~lampas.applications.ImageNetPreprocessing` yourself.

    Shape: ``(batch, height, width, channels) -> (batch, classes)``, probabilities.

    Raises:
        ShapeError: ``input_shape`` does not describe an image, or it is smaller than 32x32 pixels.
        ArgumentError: ``width`` is not positive, or the weights do not fit the network.
        UnknownNameError: there are no weights of that name.
        DatasetError: the weights are not available.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> model = lp.VGG16(classes=5, input_shape=(32, 32, 3), width=1 / 32)
        >>> model.predict(np.zeros((2, 32, 32, 3))).shape
        (2, 5)
    """

    depths = (2, 2, 3, 3, 3)
    pretrained = VGG16_WEIGHTS


class VGG19(_VGG):
    """VGG-19 (Simonyan and Zisserman, 2015, configuration E): 143,667,240 parameters.

    Shapes and errors are those of :class:`VGG16`.

    Args:
        classes: number of classes.
        input_shape: height, width and channels of one image.
        include_top: whether the network includes the dense layers.
        width: factor by which the number of filters and units is multiplied.
        dropout: dropout rate after the two dense layers of 4,096 units.
        weights: None; there are no pretrained weights.
        include_preprocessing: whether inputs are images with values 0 to 255, which the network
            standardizes.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> model = lp.VGG19(include_top=False, input_shape=(32, 32, 3), width=1 / 32)
        >>> model.predict(np.zeros((2, 32, 32, 3))).shape
        (2, 1, 1, 16)
    """

    depths = (2, 2, 4, 4, 4)
