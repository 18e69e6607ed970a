"""Losses, by Keras's names: how wrong predictions are, one value per example."""

from ..core.lookup import lookup, snake_case
from .base import Loss as Loss
from .base import LossFunction as LossFunction
from .classification import BinaryCrossentropy as BinaryCrossentropy
from .classification import CategoricalCrossentropy as CategoricalCrossentropy
from .classification import CategoricalHinge as CategoricalHinge
from .classification import Hinge as Hinge
from .classification import KLDivergence as KLDivergence
from .classification import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from .classification import SquaredHinge as SquaredHinge
from .regression import CosineSimilarity as CosineSimilarity
from .regression import Huber as Huber
from .regression import LogCosh as LogCosh
from .regression import MeanAbsoluteError as MeanAbsoluteError
from .regression import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from .regression import MeanSquaredError as MeanSquaredError
from .regression import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from .regression import Poisson as Poisson

__all__ = [name for name in globals() if name[0].isupper() and name != "LossFunction"]

LOSSES: dict[str, LossFunction] = {
    snake_case(name): globals()[name]() for name in __all__ if name != "Loss"
}
LOSSES |= {
    "mae": LOSSES["mean_absolute_error"],
    "mape": LOSSES["mean_absolute_percentage_error"],
    "mse": LOSSES["mean_squared_error"],
    "msle": LOSSES["mean_squared_logarithmic_error"],
}


def get(value: LossFunction | str) -> LossFunction:
    """The loss with that name; a function is returned as it is.

    Args:
        value: a name such as ``"mse"``, a :class:`Loss` or any function of (y_true, y_pred).

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.

    Example:
        >>> import lampas as lp
        >>> lp.losses.get("huber")
        Huber(delta=1.0)
    """
    return lookup("loss", value, LOSSES)
