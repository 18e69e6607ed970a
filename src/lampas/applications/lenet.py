"""LeNet-5: the network that read cheques."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Shape
from ..layers import AveragePool2D, Conv2D, Dense, Flatten, Rescaling, ZeroPadding2D
from .backbone import Network, chain, picture_shape, scaled

FRAME = 32
"""Height and width that the network was made for."""
WHITE, BLACK = -0.1, 1.175
"""What paper and ink become, so that digits have mean 0 and variance 1 (LeCun et al., 1998)."""


class LeNet5(Network):
    """LeNet-5 (LeCun, Bottou, Bengio and Haffner, 1998): 61,706 parameters for ten classes.

    As it is usually built today: each map of the second convolution sees all maps before it, where
    the paper left some out; pooling is a plain mean; the activation is tanh; the last layer is a
    softmax in place of distances to drawn digits. Smaller pictures are framed with paper to 32x32,
    as in the paper.

    Args:
        classes: how many.
        input_shape: height, width and channels of one picture.
        include_top: with ``False``, feature maps come out, ``(batch, 5, 5, 16)`` for 32x32 pixels.
        width: multiplies the number of filters and hidden units.
        include_preprocessing: whether pictures come as bytes, 0 for paper and 255 for ink; if not,
            bring them to about mean 0 and deviation 1 yourself.

    Shape: ``(batch, height, width, channels) -> (batch, classes)``, probabilities.
    Raises ArgumentError for a width not above 0, ShapeError when the inputs are no pictures.
    """

    def __init__(
        self,
        classes: int = 10,
        input_shape: Sequence[int] = (28, 28, 1),
        *,
        include_top: bool = True,
        width: float = 1.0,
        include_preprocessing: bool = True,
    ) -> None:
        shape = picture_shape("LeNet5", input_shape, smallest=1)
        scale = (BLACK - WHITE) / 255
        features = chain(
            _frame(shape),
            Rescaling(scale, WHITE, name="preprocessing") if include_preprocessing else None,
            Conv2D(scaled(6, width), 5, activation="tanh", name="c1"),
            AveragePool2D(2, name="s2"),
            Conv2D(scaled(16, width), 5, activation="tanh", name="c3"),
            AveragePool2D(2, name="s4"),
        )
        top = chain(
            Conv2D(scaled(120, width), 5, activation="tanh", name="c5"),
            Flatten(name="flatten"),
            Dense(scaled(84, width), "tanh", name="f6"),
            Dense(classes, "softmax", name="output"),
        )
        super().__init__(features, top if include_top else None)


def _frame(shape: Shape) -> ZeroPadding2D:
    """Paper around pictures that are too small; it is 0 before the preprocessing."""
    missing = [max(0, FRAME - size) for size in shape[:2]]
    (above, below), (left, right) = [(m // 2, m - m // 2) for m in missing]
    return ZeroPadding2D(((above, below), (left, right)), name="frame", input_shape=shape)
