"""A neural network as scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from .. import losses
from ..core.arguments import NonNegativeInt, OpenFraction, PositiveFloat, PositiveInt
from ..core.errors import DataError
from ..core.tracebacks import filter_traceback
from ..losses import BinaryCrossentropy, LossFunction
from ..optimizers import Optimizer
from ..train.callbacks import Callback
from .base import NetworkEstimator, check_all_unmasked, check_targets
from .factory import ModelChoice


class Classifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """A neural network classifier: ``Classifier().fit(X, y).predict(X)``.

    X is a table ``(n, features)`` of finite numbers, which is converted to float32. With your own
    model, it may hold images, texts or whatever the model takes; scikit-learn's checks of tables
    are skipped then.

    Args:
        model: a :class:`lampas.Model`, which is copied and not changed; a function that returns
            one; None for :func:`multilayer_perceptron`. A function receives those of the
            following for which it has parameters: ``n_features``, ``n_classes``, ``n_outputs``,
            ``output_activation`` ("softmax", or "sigmoid" for a single output) and
            ``normalization``, a layer with the statistics of X; and all ``model__`` parameters.
        loss: a name or a :class:`lampas.Loss`. The targets are class indices; for
            "binary_crossentropy", which needs two classes and one output, a column of 0 and 1.
        optimizer: a name or a :class:`lampas.Optimizer`, which is copied.
        learning_rate: replaces the learning rate of the optimizer.
        penalty: a regularizer for all kernels, for example ``lampas.L2(1e-4)``.
        metrics: metrics that are recorded in ``history_`` besides the loss.
        batch_size: examples per step.
        epochs: number of epochs; the maximum with ``early_stopping``.
        callbacks: callbacks, which are copied for each fit.
        early_stopping: whether to hold out a stratified validation split, stop if its loss has not
            improved for ``n_iter_no_change`` epochs, and restore the best epoch's weights.
        validation_fraction: fraction of the examples that is held out, above 0 and below 1.
        n_iter_no_change: number of epochs without improvement before training stops.
        class_weight: weight of each class in the loss by its label, or "balanced".
        random_state: seed of the initial weights, the order of the examples and dropout.
        verbose: as in :meth:`lampas.Model.fit`.
        model__: ``model__name=value``, arguments of the function that creates the model.

    Attributes:
        classes_: the labels, sorted.
        n_features_in_: number of columns of a table.
        feature_names_in_: their names, if X was a data frame with strings as column names.
        model_: the trained :class:`lampas.Model`.
        history_: the logged values of each epoch by name.
        n_iter_: number of epochs.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
        >>> classifier = lp.Classifier(epochs=1, random_state=0).fit(X, ["a", "a", "b", "b"])
        >>> classifier.predict_proba(X).shape
        (4, 2)
    """

    classes_: npt.NDArray[Any]

    def __init__(
        self,
        model: ModelChoice = None,
        *,
        loss: LossFunction | str = "sparse_categorical_crossentropy",
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
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        **model__: Any,
    ) -> None:
        self._store_parameters(locals())

    @filter_traceback
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train the network.

        Args:
            X: a table ``(n, features)``, or whatever the model takes.
            y: labels, ``(n,)``, numbers or strings.
            sample_weight: weight of each example in the loss.

        Raises:
            DataError: the data cannot be used for training.
            ValueError: raised by scikit-learn's checks.
            ArgumentError: parameters are out of range or contradict each other.
        """
        check_all_unmasked(X=X, y=y, sample_weight=sample_weight)
        if self._is_table(X):
            X, y = validate_data(self, X, y, dtype="numeric")
        else:
            y = check_targets(X, y)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, indices = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise DataError(f"y has only one class, {only!r}; at least two are needed.")
        weights = self._check_weights(sample_weight, X)
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, y).astype(np.float32)
            weights = by_class if weights is None else weights * by_class
        single = self._has_single_output()
        properties = {
            **self._data_properties(X),
            "n_classes": len(self.classes_),
            "n_outputs": 1 if single else len(self.classes_),
            "output_activation": "sigmoid" if single else "softmax",
        }
        targets = indices[:, None].astype(np.float32) if single else indices.astype(np.int32)
        self._train(X, targets, weights, properties)
        return self

    def _has_single_output(self) -> bool:
        """Whether the network has one output for two classes."""
        if not isinstance(losses.get(self.loss), BinaryCrossentropy):
            return False
        if len(self.classes_) > 2:
            raise DataError(
                f"binary_crossentropy is for two classes, y has {len(self.classes_)}; use "
                "sparse_categorical_crossentropy."
            )
        return True

    @filter_traceback
    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Predict the probability of each class, ``(n, classes)`` in the order of ``classes_``."""
        output, from_logits = self._output(X), getattr(losses.get(self.loss), "from_logits", False)
        if output.shape[1] == 1:
            # The logistic function 1 / (1 + exp(-x)) in a form that does not overflow.
            second = (1 + np.tanh(output / 2)) / 2 if from_logits else output
            return np.hstack([1 - second, second])
        if from_logits:
            output = np.exp(output - output.max(1, keepdims=True))
        return output / output.sum(1, keepdims=True)

    @filter_traceback
    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Predict the most probable label of each example."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(1)]
