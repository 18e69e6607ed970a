"""Metrics, by Keras's names: values to report, computed exactly over an epoch."""

from ..core.lookup import lookup, snake_case
from ..losses import LOSSES
from .base import Mean, Metric
from .base import PerExample as PerExample
from .base import RenamedMetric as RenamedMetric
from .base import Sums as Sums
from .base import divide_sums as divide_sums
from .classification import (
    AUC,
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    F1Score,
    Precision,
    Recall,
    Sensitivity,
    SparseCategoricalAccuracy,
    Specificity,
    TopKCategoricalAccuracy,
)
from .regression import R2Score, RootMeanSquaredError

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "F1Score",
    "Mean",
    "Metric",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "Sensitivity",
    "SparseCategoricalAccuracy",
    "Specificity",
    "TopKCategoricalAccuracy",
]

METRICS: dict[str, Metric] = {
    "acc": Accuracy(),
    "accuracy": Accuracy(),
    "auc": AUC(),
    "binary_accuracy": BinaryAccuracy(),
    "categorical_accuracy": CategoricalAccuracy(),
    "f1_score": F1Score(),
    "precision": Precision(),
    "r2_score": R2Score(),
    "recall": Recall(),
    "root_mean_squared_error": RootMeanSquaredError(),
    "rmse": RootMeanSquaredError(),
    "sensitivity": Sensitivity(),
    "sparse_categorical_accuracy": SparseCategoricalAccuracy(),
    "specificity": Specificity(),
    "top_k_categorical_accuracy": TopKCategoricalAccuracy(),
    **{name: Mean(loss, name) for name, loss in LOSSES.items()},
}


def get(value: Metric | PerExample | str) -> Metric:
    """The metric with that name, a metric as it is, or the mean of a function.

    Args:
        value: a name such as ``"accuracy"``, a :class:`Metric`, or a function of (y_true, y_pred)
            that returns one value per example.

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.

    Example:
        >>> import lampas as lp
        >>> lp.metrics.get("precision")
        Precision(threshold=0.5)
    """
    table: dict[str, Metric | PerExample] = {**METRICS}
    metric = lookup("metric", value, table)
    if isinstance(metric, Metric):
        return metric
    return Mean(metric, getattr(metric, "__name__", snake_case(type(metric).__name__)))
