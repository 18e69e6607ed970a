"""LeNet-5, a convolutional network for handwritten digits."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.arguments import PositiveFloat, PositiveInt
from ..core.errors import Shape
from ..layers import AveragePool2D, Conv2D, Dense, Flatten, Rescaling, ZeroPadding2D
from .backbone import ImageClassifier, check_image_shape, scale_width, sequence

PADDED_SIZE = 32
"""Height and width of the images that the network was designed for."""
WHITE, BLACK = -0.1, 1.175
"""Values of background and ink, which give digits mean 0 and variance 1 (LeCun et al., 1998)."""


class LeNet5(ImageClassifier):
    """LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998): 61,706 parameters for ten classes.

    Built as is common today: each feature map of the second convolution is connected to all maps
    before it, of which the paper omits some; pooling is a plain mean; the activation is tanh; the
    last layer is a softmax instead of distances to prototypes. Smaller images are padded to 32x32,
    as in the paper.

    Args:
        classes: number of classes.
        input_shape: height, width and channels of one image.
        include_top: whether the network includes the classification head. If False, it returns
            feature maps, ``(batch, 5, 5, 16)`` for 32x32 pixels.
        width: factor by which the number of filters and hidden units is multiplied.
        include_preprocessing: whether inputs have values from 0 (background) to 255 (ink), which
            the network rescales. If False, scale them to mean 0 and standard deviation 1 yourself.

    Shape: ``(batch, height, width, channels) -> (batch, classes)``, probabilities.

    Raises:
        ArgumentError: ``width`` is not positive.
        ShapeError: ``input_shape`` does not describe an image.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> lp.LeNet5(classes=10).predict(np.zeros((2, 28, 28, 1))).shape
        (2, 10)
    """

    def __init__(
        self,
        classes: PositiveInt = 10,
        input_shape: Sequence[int] = (28, 28, 1),
        *,
        include_top: bool = True,
        width: PositiveFloat = 1.0,
        include_preprocessing: bool = True,
    ) -> None:
        shape = check_image_shape("LeNet5", input_shape, min_size=1)
        scale = (BLACK - WHITE) / 255
        features = sequence(
            _background_padding(shape),
            Rescaling(scale, WHITE, name="preprocessing") if include_preprocessing else None,
            Conv2D(scale_width(6, width), 5, activation="tanh", name="c1"),
            AveragePool2D(2, name="s2"),
            Conv2D(scale_width(16, width), 5, activation="tanh", name="c3"),
            AveragePool2D(2, name="s4"),
        )
        head = sequence(
            Conv2D(scale_width(120, width), 5, activation="tanh", name="c5"),
            Flatten(name="flatten"),
            Dense(scale_width(84, width), "tanh", name="f6"),
            Dense(classes, "softmax", name="output"),
        )
        super().__init__(features, head if include_top else None)


def _background_padding(shape: Shape) -> ZeroPadding2D:
    """Pad images that are too small with background, which is 0 before the preprocessing."""
    missing = [max(0, PADDED_SIZE - size) for size in shape[:2]]
    (above, below), (left, right) = [(m // 2, m - m // 2) for m in missing]
    return ZeroPadding2D(((above, below), (left, right)), name="frame", input_shape=shape)
