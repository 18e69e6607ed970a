"""Losses, by Keras's names: how wrong predictions are, one value per example."""

from ..core.lookup import lookup
from .base import Loss
from .base import LossFunction as LossFunction
from .classification import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from .regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
)

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]

LOSSES: dict[str, LossFunction] = {
    "binary_crossentropy": BinaryCrossentropy(),
    "categorical_crossentropy": CategoricalCrossentropy(),
    "categorical_hinge": CategoricalHinge(),
    "cosine_similarity": CosineSimilarity(),
    "hinge": Hinge(),
    "huber": Huber(),
    "kl_divergence": KLDivergence(),
    "log_cosh": LogCosh(),
    "mae": MeanAbsoluteError(),
    "mape": MeanAbsolutePercentageError(),
    "mean_absolute_error": MeanAbsoluteError(),
    "mean_absolute_percentage_error": MeanAbsolutePercentageError(),
    "mean_squared_error": MeanSquaredError(),
    "mean_squared_logarithmic_error": MeanSquaredLogarithmicError(),
    "mse": MeanSquaredError(),
    "msle": MeanSquaredLogarithmicError(),
    "poisson": Poisson(),
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy(),
    "squared_hinge": SquaredHinge(),
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
