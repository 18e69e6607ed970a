"""What classifier and regressor share: their parameters, the fit of the network, its outputs."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from .. import optimizers
from ..core.errors import ArgumentError, DataError, unknown_name
from ..losses import LossFunction
from ..optimizers import Optimizer
from ..train.callbacks import Callback, EarlyStopping
from ..train.model import Model
from .factory import ModelChoice, make, normalization

PREFIX = "model__"
"""Begins the names of the parameters that are passed on to the function that makes the model."""
ROWS = 256
"""Rows of a table are predicted so many at a time."""


class NetworkEstimator(BaseEstimator):  # type: ignore[misc]
    """Base of the estimators; ``model__`` parameters live beside those of the constructor."""

    model: ModelChoice
    loss: LossFunction | str
    optimizer: Optimizer | str
    learning_rate: float | None
    penalty: Any
    metrics: Sequence[Any]
    batch_size: int
    epochs: int
    callbacks: Sequence[Callback]
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int
    random_state: int | np.random.RandomState | None
    verbose: int

    model_: Model
    history_: dict[str, list[float]]
    n_iter_: int

    def _set(self, parameters: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        """Keep the arguments of the constructor, as they are."""
        for name in options:
            if not name.startswith(PREFIX):
                raise unknown_name("argument", name, [*parameters, f"{PREFIX}..."])
        for name, value in (*parameters.items(), *options.items()):
            setattr(self, name, value)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the estimator, with those for the model's function."""
        own = super().get_params(deep)
        return own | {f"{PREFIX}{name}": value for name, value in self._options().items()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also those for the model's function: ``model__units=16``."""
        for name in [name for name in params if name.startswith(PREFIX)]:
            setattr(self, name, params.pop(name))
        super().set_params(**params)
        return self

    def _options(self) -> dict[str, Any]:
        values = vars(self).items()
        return {n.removeprefix(PREFIX): value for n, value in values if n.startswith(PREFIX)}

    def _is_table(self, x: Any) -> bool:
        """Whether inputs are rows of numbers; others (texts, pictures) are the model's business."""
        return self.model is None or np.ndim(x) == 2

    def _weights(self, sample_weight: Any, x: Any) -> np.ndarray | None:
        if sample_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, x, ensure_non_negative=True)
        return np.asarray(weights, np.float32)

    def _known(self, x: Any) -> dict[str, Any]:
        """What the inputs tell a function that makes the model."""
        if not self._is_table(x):
            return {}
        return {"n_features": x.shape[1], "normalization": normalization(x)}

    def _learn(
        self, x: Any, y: np.ndarray, weights: np.ndarray | None, known: Mapping[str, Any]
    ) -> None:
        """Make a network, train it and keep it."""
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        model = make(self.model, known, self._options())
        model.compile(self._optimizer(), self.loss, self.metrics, penalty=self.penalty)
        (x, y, weights), held = self._split((x, y, weights), seed)
        history = model.fit(
            x,
            y,
            sample_weight=weights,
            validation_data=held,
            batch_size=self.batch_size,
            epochs=self.epochs,
            callbacks=self._callbacks(),
            verbose=self.verbose,  # type: ignore[arg-type]
            seed=seed,
        )
        self.model_ = model
        self.history_ = history.history
        self.n_iter_ = len(history.epoch)

    def _optimizer(self) -> Optimizer:
        """An optimizer of this fit alone; the parameter stays as it is."""
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
        """Examples to learn from, and those that tell when to stop, if they do."""
        if not self.early_stopping:
            return examples, None
        count = len(examples[1])
        try:
            rows = train_test_split(
                np.arange(count),
                test_size=self.validation_fraction,
                random_state=seed,
                stratify=self._strata(examples[1]),
            )
        except ValueError as error:
            raise ArgumentError(
                f"early_stopping=True with validation_fraction={self.validation_fraction} can not "
                f"hold examples back from {count}: {error}"
            ) from error
        learnt, held = (tuple(_rows(part, chosen) for part in examples) for chosen in rows)
        return learnt, held[: 2 if examples[2] is None else 3]

    def _strata(self, y: np.ndarray) -> np.ndarray | None:
        """The groups that are held back in equal shares."""
        return None

    def _output(self, x: Any) -> np.ndarray:
        """What the network says of each input, float64 (examples, outputs)."""
        check_is_fitted(self)
        if not self._is_table(x):
            output = self.model_.predict(x)
        else:
            x = validate_data(self, x, reset=False, dtype="numeric")
            # One program for tables of all lengths; a row's result does not depend on the others.
            padding = -len(x) % ROWS
            padded = np.concatenate([x, np.repeat(x[-1:], padding, axis=0)])
            output = self.model_.predict(padded, ROWS)[: len(x)]
        return np.asarray(output, np.float64).reshape(len(output), -1)


def checked_targets(x: Any, y: Any) -> np.ndarray:
    """Targets of inputs that are no table.

    Raises:
        DataError: when there are none, or not as many as inputs.
    """
    if y is None:
        raise DataError("fit requires y to be passed, but the target y is None.")
    y = np.asarray(y)
    if y.shape[:1] != (len(x),):
        raise DataError(f"there are {len(x)} inputs and targets of shape {y.shape}.")
    return y


def _rows(part: Any, rows: np.ndarray) -> Any:
    if part is None:
        return None
    return [part[row] for row in rows] if isinstance(part, list) else np.asarray(part)[rows]
