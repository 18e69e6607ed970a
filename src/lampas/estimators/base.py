"""Base class of the estimators: parameters, training and prediction."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from .. import optimizers
from ..core.arguments import check_parameters
from ..core.arrays import check_unmasked
from ..core.errors import ArgumentError, DataError, unknown_name
from ..optimizers import Optimizer
from ..train.callbacks import Callback, EarlyStopping
from ..train.model import Model
from .factory import make_network, normalization

PREFIX = "model__"
"""Prefix of the parameters that are passed to the function that creates the model."""
PREDICT_BATCH_SIZE = 256
"""Rows per batch when predicting a table."""


class NetworkEstimator(BaseEstimator):  # type: ignore[misc]
    """Base of the estimators; accepts ``model__`` parameters besides those of the constructor."""

    model_: Model
    history_: dict[str, list[float]]
    n_iter_: int

    def _store_parameters(self, arguments: Mapping[str, Any]) -> None:
        """Store the arguments of the constructor unchanged, as scikit-learn requires."""
        names, options = self._get_param_names(), arguments["model__"]
        for name in options:
            if not name.startswith(PREFIX):
                raise unknown_name("argument", name, [*names, f"{PREFIX}..."])
        for name, value in ({name: arguments[name] for name in names} | options).items():
            setattr(self, name, value)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters of the estimator, including the ``model__`` parameters."""
        parameters = super().get_params(deep)
        return parameters | {f"{PREFIX}{name}": value for name, value in self._options().items()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, including ``model__`` parameters such as ``model__units=16``."""
        for name in [name for name in params if name.startswith(PREFIX)]:
            setattr(self, name, params.pop(name))
        super().set_params(**params)
        return self

    def _options(self) -> dict[str, Any]:
        values = vars(self).items()
        return {n.removeprefix(PREFIX): value for n, value in values if n.startswith(PREFIX)}

    def _is_table(self, x: Any) -> bool:
        """Whether inputs are rows of numbers; other inputs are passed to the model unchecked."""
        return self.model is None or np.ndim(x) == 2

    def _check_weights(self, sample_weight: Any, x: Any) -> np.ndarray | None:
        if sample_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, x, ensure_non_negative=True)
        return np.asarray(weights, np.float32)

    def _data_properties(self, x: Any) -> dict[str, Any]:
        """Properties of the inputs that are passed to a function that creates the model."""
        if not self._is_table(x):
            return {}
        return {"n_features": x.shape[1], "normalization": normalization(x)}

    def _train(
        self, x: Any, y: np.ndarray, weights: np.ndarray | None, properties: Mapping[str, Any]
    ) -> None:
        """Create a network, train it and store it."""
        check_parameters(type(self), self.get_params(deep=False))
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        model = make_network(self.model, properties, self._options())
        model.compile(self._optimizer(), self.loss, metrics=self.metrics, penalty=self.penalty)
        (x, y, weights), validation_data = self._split((x, y, weights), seed)
        history = model.fit(
            x,
            y,
            sample_weight=weights,
            validation_data=validation_data,
            batch_size=self.batch_size,
            epochs=self.epochs,
            callbacks=self._callbacks(),
            verbose=self.verbose,
            seed=seed,
        )
        self.model_ = model
        self.history_ = history.history
        self.n_iter_ = len(history.epoch)

    def _optimizer(self) -> Optimizer:
        """A copy of the optimizer, so that the parameter stays unchanged."""
        optimizer = copy.deepcopy(optimizers.get(self.optimizer))
        if self.learning_rate is not None:
            optimizer.learning_rate = self.learning_rate
        return optimizer

    def _callbacks(self) -> list[Callback]:
        callbacks = copy.deepcopy(list(self.callbacks))
        if self.early_stopping:
            patience = self.n_iter_no_change
            callbacks.append(EarlyStopping(patience=patience, restore_best_weights=True))
        return callbacks

    def _split(self, examples: tuple[Any, ...], seed: int) -> tuple[Any, Any]:
        """Split the examples into training and validation data, if ``early_stopping`` needs it."""
        if not self.early_stopping:
            return examples, None
        count = len(examples[1])
        try:
            rows = train_test_split(
                np.arange(count),
                test_size=self.validation_fraction,
                random_state=seed,
                stratify=examples[1] if is_classifier(self) else None,
            )
        except ValueError as error:
            raise ArgumentError(
                f"early_stopping=True with validation_fraction={self.validation_fraction} cannot "
                f"split {count} examples: {error}"
            ) from error
        train, validation = ([_take_rows(array, i) for array in examples] for i in rows)
        return train, validation[: 2 if examples[2] is None else 3]

    def _output(self, x: Any) -> np.ndarray:
        """Outputs of the network, float64 ``(n, outputs)``."""
        check_is_fitted(self)
        check_all_unmasked(X=x)
        if not self._is_table(x):
            output = self.model_.predict(x)
        else:
            x = validate_data(self, x, reset=False, dtype="numeric")
            # Padding to full batches lets one compiled program serve tables of any length.
            padding = -len(x) % PREDICT_BATCH_SIZE
            padded = np.concatenate([x, np.repeat(x[-1:], padding, axis=0)])
            output = self.model_.predict(padded, PREDICT_BATCH_SIZE)[: len(x)]
        return np.asarray(output, np.float64).reshape(len(output), -1)


def check_targets(x: Any, y: Any) -> np.ndarray:
    """Return the targets as an array, for inputs that are not a table.

    Raises:
        DataError: there are no targets, or not one per input.
    """
    if y is None:
        raise DataError("fit requires y to be passed, but the target y is None.")
    y = np.asarray(y)
    if y.shape[:1] != (len(x),):
        raise DataError(f"there are {len(x)} inputs and targets of shape {y.shape}.")
    return y


def check_all_unmasked(**arrays: Any) -> None:
    """Raise DataError for masked values, which scikit-learn's checks use like all others."""
    for name, array in arrays.items():
        check_unmasked(array, name)


def _take_rows(values: Any, rows: np.ndarray) -> Any:
    if values is None:
        return None
    return [values[row] for row in rows] if isinstance(values, list) else np.asarray(values)[rows]
