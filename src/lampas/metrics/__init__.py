"""Metrics, by Keras's names: values to report, computed exactly over an epoch."""

from dataclasses import replace

from ..core.lookup import lookup, snake_case
from ..losses import LOSSES
from .base import MeanMetricWrapper as MeanMetricWrapper
from .base import Metric as Metric
from .base import PerExample as PerExample
from .base import RenamedMetric as RenamedMetric
from .base import Sums as Sums
from .base import WeightedMetric as WeightedMetric
from .base import compute_sums as compute_sums
from .base import divide_sums as divide_sums
from .classification import AUC as AUC
from .classification import Accuracy as Accuracy
from .classification import BinaryAccuracy as BinaryAccuracy
from .classification import CategoricalAccuracy as CategoricalAccuracy
from .classification import F1Score as F1Score
from .classification import Precision as Precision
from .classification import Recall as Recall
from .classification import Sensitivity as Sensitivity
from .classification import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from .classification import Specificity as Specificity
from .classification import TopKCategoricalAccuracy as TopKCategoricalAccuracy
from .own_state import OwnStateMetric, has_own_state
from .regression import CosineSimilarity as CosineSimilarity
from .regression import R2Score as R2Score
from .regression import RootMeanSquaredError as RootMeanSquaredError
from .values import Mean as Mean
from .values import Sum as Sum

_NOT_METRICS = ("LOSSES", "OwnStateMetric", "PerExample", "RenamedMetric", "Sums", "WeightedMetric")
__all__ = [name for name in globals() if name[0].isupper() and name not in _NOT_METRICS]

METRICS: dict[str, Metric] = {
    snake_case(name): globals()[name]()
    for name in __all__
    if name not in ("Mean", "MeanMetricWrapper", "Metric", "Sum")
}
METRICS |= {"acc": METRICS["accuracy"], "rmse": METRICS["root_mean_squared_error"]}
METRICS |= {
    name: MeanMetricWrapper(loss, name) for name, loss in LOSSES.items() if name not in METRICS
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
    if isinstance(metric, Metric) and has_own_state(metric):
        return OwnStateMetric(metric, metric.name)
    if isinstance(metric, Metric):
        # Metrics by name have states of their own.
        return replace(metric) if isinstance(value, str) else metric  # type: ignore[type-var]
    return MeanMetricWrapper(metric)
