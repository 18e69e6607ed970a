"""A network that names classes, as scikit-learn's classifier."""

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
from ..core.errors import DataError
from ..core.tracebacks import folded
from ..losses import BinaryCrossentropy, LossFunction
from ..optimizers import Optimizer
from ..train.callbacks import Callback
from .base import NetworkEstimator, checked_targets
from .factory import ModelChoice


class Classifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """A network that learns classes: ``Classifier().fit(X, y).predict(X)``.

    X is a table (examples, features) of finite numbers, which the network sees in float32. With a
    model of your own it may be pictures, texts or whatever else the model takes; then
    scikit-learn's checks of tables are left out.

    Args:
        model: a :class:`lampas.Model`, which is copied and not changed; a function that returns
            one; None for :func:`multilayer_perceptron`. A function gets what it has parameters
            for: ``n_features``, ``n_classes``, ``n_outputs``, ``output_activation`` ("softmax";
            "sigmoid" for a single output) and ``normalization``, a layer with the statistics of
            X; and everything that is given as ``model__name=``, which a search can vary.
        loss: a name or a :class:`lampas.Loss`. The targets are class numbers; for
            "binary_crossentropy", which is for two classes and one output, a column of 0 and 1.
        optimizer: a name or a :class:`lampas.Optimizer`, which is copied.
        learning_rate: of the optimizer, in place of its own.
        penalty: a regularizer for all kernels, ``lampas.L2(1e-4)`` for example.
        metrics: what is measured besides the loss, for ``history_``.
        batch_size: examples a step.
        epochs: passes through the data; the most with ``early_stopping``.
        callbacks: told of what happens; each fit uses copies.
        early_stopping: hold examples of every class back, stop when the loss on them has not
            improved for ``n_iter_no_change`` epochs, and take the best epoch's weights.
        validation_fraction: the fraction that is held back.
        n_iter_no_change: epochs without improvement that are let pass.
        class_weight: the weight of each class in the loss by its label, or "balanced".
        random_state: decides the first weights, the order and dropout.
        verbose: as in ``lampas.Model.fit``.
        model__: ``model__name=value``, arguments of the function that makes the model.

    Attributes:
        classes_: the labels, sorted.
        n_features_in_: columns of a table.
        feature_names_in_: their names, if X was a data frame with texts as names.
        model_: the trained :class:`lampas.Model`.
        history_: the logged values of each epoch by name.
        n_iter_: epochs of the fit.
    """

    classes_: npt.NDArray[Any]

    def __init__(
        self,
        model: ModelChoice = None,
        *,
        loss: LossFunction | str = "sparse_categorical_crossentropy",
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
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        **model__: Any,
    ) -> None:
        given = dict(locals())
        self._set({name: given[name] for name in self._get_param_names()}, model__)

    @folded
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from examples.

        Args:
            X: a table (examples, features), or what the model takes.
            y: a label for each example, of numbers or texts.
            sample_weight: of each example in the loss.

        Raises:
            DataError: for data that can not be learnt from; ValueError where scikit-learn checks.
            ArgumentError: for parameters that do not go together.
        """
        if self._is_table(X):
            X, y = validate_data(self, X, y, dtype="numeric")
        else:
            y = checked_targets(X, y)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise DataError(f"y has one class only, {only!r}; two or more are needed.")
        weights = self._weights(sample_weight, X)
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, y).astype(np.float32)
            weights = by_class if weights is None else weights * by_class
        single = self._has_single_output()
        known = {
            **self._known(X),
            "n_classes": len(self.classes_),
            "n_outputs": 1 if single else len(self.classes_),
            "output_activation": "sigmoid" if single else "softmax",
        }
        targets = numbers[:, None].astype(np.float32) if single else numbers.astype(np.int32)
        self._learn(X, targets, weights, known)
        return self

    def _has_single_output(self) -> bool:
        """Whether one output stands for both classes."""
        if not isinstance(losses.get(self.loss), BinaryCrossentropy):
            return False
        if len(self.classes_) > 2:
            raise DataError(
                f"binary_crossentropy is for two classes, y has {len(self.classes_)}; use "
                "sparse_categorical_crossentropy."
            )
        return True

    def _strata(self, y: np.ndarray) -> np.ndarray | None:
        return y

    @folded
    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """The probability of each class, (examples, classes) in the order of ``classes_``."""
        output = self._output(X)
        if output.shape[1] == 1:
            return _both(output, self._from_logits())
        if self._from_logits():
            output = np.exp(output - output.max(1, keepdims=True))
        return output / output.sum(1, keepdims=True)

    @folded
    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The most probable label of each example."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(1)]

    def _from_logits(self) -> bool:
        return getattr(losses.get(self.loss), "from_logits", False)


def _both(output: np.ndarray, from_logits: bool) -> npt.NDArray[np.float64]:
    """Probabilities of both classes from an output for the second one, (examples, 1)."""
    # 1 / (1 + exp(-x)) in a form that does not overflow.
    second = (1 + np.tanh(output / 2)) / 2 if from_logits else output
    return np.hstack([1 - second, second])
