"""A network that forecasts numbers, as scikit-learn's regressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from ..core.tracebacks import folded
from ..losses import LossFunction
from ..optimizers import Optimizer
from ..train.callbacks import Callback
from .base import NetworkEstimator, checked_targets
from .factory import ModelChoice


class Regressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """A network that learns one number or several: ``Regressor().fit(X, y).predict(X)``.

    The network sees X, and learns y, in float32; predictions are float64 in the unit of y.

    Args:
        model: as in :class:`Classifier`; ``n_outputs`` is the number of targets,
            ``output_activation`` None, and there is no ``n_classes``.
        loss: a name or a :class:`lampas.Loss`.
        optimizer, learning_rate, penalty, metrics: as in :class:`Classifier`.
        batch_size, epochs, callbacks, early_stopping, validation_fraction, n_iter_no_change: as
            in :class:`Classifier`.
        standardize_target: let the network learn targets of mean 0 and variance 1; loss and
            metrics are of those. Without it, it learns y as it is, as for counts.
        random_state, verbose, model__: as in :class:`Classifier`.

    Attributes:
        target_mean_, target_scale_: one for each target; ``y = output * scale + mean``.
        n_features_in_: columns of a table.
        feature_names_in_: their names, if X was a data frame with texts as names.
        model_: the trained :class:`lampas.Model`.
        history_: the logged values of each epoch by name.
        n_iter_: epochs of the fit.
    """

    target_mean_: npt.NDArray[np.float64]
    target_scale_: npt.NDArray[np.float64]

    def __init__(
        self,
        model: ModelChoice = None,
        *,
        loss: LossFunction | str = "mse",
        optimizer: Optimizer | str = "adam",
        learning_rate: float | None = None,
        penalty: Any = None,
        metrics: Sequence[Any] = (),
        batch_size: int = 32,
        epochs: int = 100,
        callbacks: Sequence[Callback] = (),
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        standardize_target: bool = True,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        **model__: Any,
    ) -> None:
        given = dict(locals())
        self._set({name: given[name] for name in self._get_param_names()}, model__)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    @folded
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from examples.

        Args:
            X: a table (examples, features), or what the model takes.
            y: targets, (examples,) or (examples, targets).
            sample_weight: of each example in the loss.

        Raises:
            DataError: for data that can not be learnt from; ValueError where scikit-learn checks.
            ArgumentError: for parameters that do not go together.
        """
        if self._is_table(X):
            X, y = validate_data(self, X, y, dtype="numeric", multi_output=True, y_numeric=True)
        else:
            y = check_array(checked_targets(X, y), ensure_2d=False, input_name="y")
        y = np.asarray(y, np.float64)
        self._flat = y.ndim == 1
        targets = self._standardized(y.reshape(len(y), -1)).astype(np.float32)
        known = {**self._known(X), "n_outputs": targets.shape[1], "output_activation": None}
        self._learn(X, targets, self._weights(sample_weight, X), known)
        return self

    def _standardized(self, y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        mean, scale = np.zeros(y.shape[1]), np.ones(y.shape[1])
        if self.standardize_target:
            mean, scale = y.mean(0), y.std(0)
            scale[scale <= np.finfo(np.float64).eps * np.abs(mean)] = 1.0
        self.target_mean_, self.target_scale_ = mean, scale
        return (y - mean) / scale

    @folded
    def predict(self, X: Any) -> npt.NDArray[np.float64]:
        """The targets of each example, of as many axes as ``y`` had."""
        values = self._output(X) * self.target_scale_ + self.target_mean_
        return values[:, 0] if self._flat else values
