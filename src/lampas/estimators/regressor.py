"""A neural network as scikit-learn regressor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from ..core.arguments import NonNegativeInt, OpenFraction, PositiveFloat, PositiveInt
from ..core.tracebacks import filter_traceback
from ..layers.preprocessing.normalization import FLOAT64_PRECISION, scale_or_one
from ..losses import LossFunction
from ..optimizers import Optimizer
from ..train.callbacks import Callback
from .base import NetworkEstimator, check_all_unmasked, check_targets
from .factory import ModelChoice


class Regressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """A neural network regressor for one or more targets: ``Regressor().fit(X, y).predict(X)``.

    X and y are converted to float32; predictions are float64 in the unit of y.

    Args:
        model: as in :class:`Classifier`; ``n_outputs`` is the number of targets,
            ``output_activation`` None, and there is no ``n_classes``.
        loss: a name or a :class:`lampas.Loss`.
        optimizer, learning_rate, penalty, metrics: as in :class:`Classifier`.
        batch_size, epochs, callbacks, early_stopping, validation_fraction, n_iter_no_change: as
            in :class:`Classifier`.
        standardize_target: whether the network is trained on targets with mean 0 and variance 1,
            for which loss and metrics are computed. Set it to False for counts, for example.
        random_state, verbose, model__: as in :class:`Classifier`.

    Attributes:
        target_mean_, target_scale_: one value per target; ``y = output * scale + mean``.
        n_features_in_: number of columns of a table.
        feature_names_in_: their names, if X was a data frame with strings as column names.
        model_: the trained :class:`lampas.Model`.
        history_: the logged values of each epoch by name.
        n_iter_: number of epochs.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
        >>> lp.Regressor(epochs=1, random_state=0).fit(X, X[:, 0]).predict(X).shape
        (4,)
    """

    target_mean_: npt.NDArray[np.float64]
    target_scale_: npt.NDArray[np.float64]

    def __init__(
        self,
        model: ModelChoice = None,
        *,
        loss: LossFunction | str = "mse",
        optimizer: Optimizer | str = "adam",
        learning_rate: PositiveFloat | None = None,
        penalty: Any = None,
        metrics: Sequence[Any] = (),
        batch_size: PositiveInt = 32,
        epochs: PositiveInt = 100,
        callbacks: Sequence[Callback] = (),
        early_stopping: bool = False,
        validation_fraction: OpenFraction = 0.1,
        n_iter_no_change: NonNegativeInt = 10,
        standardize_target: bool = True,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        **model__: Any,
    ) -> None:
        self._store_parameters(locals())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    @filter_traceback
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the network.

        Args:
            X: a table ``(n, features)``, or whatever the model takes.
            y: targets, ``(n,)`` or ``(n, targets)``.
            sample_weight: weight of each example in the loss.

        Raises:
            DataError: the data cannot be used for training.
            ValueError: raised by scikit-learn's checks.
            ArgumentError: parameters are out of range or contradict each other.
        """
        check_all_unmasked(X=X, y=y, sample_weight=sample_weight)
        if self._is_table(X):
            X, y = validate_data(self, X, y, dtype="numeric", multi_output=True, y_numeric=True)
        else:
            y = check_array(check_targets(X, y), ensure_2d=False, input_name="y")
        y = np.asarray(y, np.float64)
        self._flat, y = y.ndim == 1, y.reshape(len(y), -1)
        mean, scale = np.zeros(y.shape[1]), np.ones(y.shape[1])
        if self.standardize_target:
            mean, scale = y.mean(0), scale_or_one(y.std(0), y.mean(0), FLOAT64_PRECISION)
        self.target_mean_, self.target_scale_ = mean, scale
        targets = ((y - mean) / scale).astype(np.float32)
        properties = self._data_properties(X) | {"n_outputs": y.shape[1], "output_activation": None}
        self._train(X, targets, self._check_weights(sample_weight, X), properties)
        return self

    @filter_traceback
    def predict(self, X: Any) -> npt.NDArray[np.float64]:
        """Predict the targets, with as many axes as ``y`` had."""
        values = self._output(X) * self.target_scale_ + self.target_mean_
        return values[:, 0] if self._flat else values
