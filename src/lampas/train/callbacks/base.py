"""Callbacks: code of yours that runs while a fit goes on. Hook names are Keras's.

What callbacks share that watch one logged value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ...core.errors import ArgumentError, DivergedError

if TYPE_CHECKING:
    from ..fit import Fit
    from ..model import Model


Logs = Mapping[str, float]


class Callback:
    """Override the hooks you need.

    ``self.model`` is the model; set ``self.model.stop_training = True`` to end the fit after the
    running epoch. ``self.params`` has ``epochs``, ``steps`` (an epoch) and ``verbose``.

    Hooks of epochs make the compiled program stop at each epoch's end, hooks of batches at each
    batch; the latter costs about a fifth of a millisecond a batch.
    """

    passive: ClassVar[bool] = False
    """True for a callback that only reads logs: it may hear of several epochs at a time."""
    remembers: ClassVar[tuple[str, ...]] = ()
    """Names of attributes that a checkpoint keeps, for fits that are resumed; their values are
    numbers, texts, arrays, or lists, tuples and dicts of such."""
    stops_on_nan: ClassVar[bool] = False
    """True to end a fit quietly, after ``on_diverged``, where it would raise DivergedError."""

    model: Model
    params: dict[str, Any]
    fit: Fit | None = None

    def set_model(self, model: Model) -> None:
        """Called first, with the model that is trained."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called with ``epochs``, ``steps`` and ``verbose``."""
        self.params = params

    def set_fit(self, fit: Fit | None) -> None:
        """Called before ``on_train_begin`` with the fit that begins, after its end with None."""
        self.fit = fit

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first step."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last step, however the fit ends."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before epoch ``epoch``, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After epoch ``epoch``; ``logs`` has the loss, the metrics and their ``val_`` kin."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before each batch."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After each batch; ``logs`` has the epoch's means so far."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before validation or ``evaluate``."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After validation or ``evaluate``."""

    def on_progress(self, epoch: int, step: int, logs: Logs) -> None:
        """About ten times a second: ``step`` steps of ``epoch`` are done."""

    def on_diverged(self, error: DivergedError) -> None:
        """When the loss or a gradient is not finite."""


class CallbackList(Callback):
    """Several callbacks that act as one."""

    def __init__(self, callbacks: Iterable[Callback]) -> None:
        self.callbacks = list(callbacks)
        self._begun: list[Callback] = []
        # Epochs may last microseconds: only those are told of them who listen.
        self._at_begin = [c for c in self.callbacks if _overrides(c, "on_epoch_begin")]
        self._at_end = [c for c in self.callbacks if _overrides(c, "on_epoch_end")]

    def uses(self, *hooks: str) -> bool:
        """Whether any callback that is not passive overrides one of the hooks."""
        return any(
            _overrides(callback, hook)
            for callback in self.callbacks
            for hook in hooks
            if not callback.passive
        )

    @property
    def stops_on_nan(self) -> bool:  # type: ignore[override]
        """Whether any callback does."""
        return any(callback.stops_on_nan for callback in self.callbacks)

    def set_model(self, model: Model) -> None:
        for callback in self.callbacks:
            callback.set_model(model)

    def set_fit(self, fit: Fit | None) -> None:
        for callback in self.callbacks:
            callback.set_fit(fit)

    def remembered(self) -> dict[str, dict[str, Any]]:
        """What the callbacks remember, by their kind and number."""
        return {
            label: {name: getattr(callback, name) for name in callback.remembers}
            for label, callback in self._labelled().items()
        }

    def restore(self, remembered: Mapping[str, Mapping[str, Any]]) -> None:
        """Give it back; a callback that was not there before starts afresh."""
        for label, callback in self._labelled().items():
            for name, value in remembered.get(label, {}).items():
                setattr(callback, name, value)

    def _labelled(self) -> dict[str, Callback]:
        kinds: Counter[str] = Counter()
        labelled = {}
        for callback in self.callbacks:
            kind = type(callback).__name__
            kinds[kind] += 1
            labelled[f"{kind} {kinds[kind]}"] = callback
        return labelled

    def set_params(self, params: dict[str, Any]) -> None:
        for callback in self.callbacks:
            callback.set_params(params)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._begun = []
        for callback in self.callbacks:
            self._begun.append(callback)
            callback.on_train_begin(logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        errors = []
        for callback in self._begun:
            try:
                callback.on_train_end(logs)
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        for callback in self._at_begin:
            callback.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        for callback in self._at_end:
            callback.on_epoch_end(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        for callback in self.callbacks:
            callback.on_test_begin(logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        for callback in self.callbacks:
            callback.on_test_end(logs)

    def on_diverged(self, error: DivergedError) -> None:
        for callback in self.callbacks:
            callback.on_diverged(error)

    def on_progress(self, epoch: int, step: int, logs: Logs) -> None:
        for callback in self.callbacks:
            callback.on_progress(epoch, step, logs)


def _overrides(callback: Callback, hook: str) -> bool:
    return getattr(getattr(callback, hook), "__func__", None) is not getattr(Callback, hook)


Mode = Literal["auto", "min", "max"]
_GROWING = ("acc", "accuracy", "auc", "precision", "recall", "f1_score", "r2_score")


def larger_is_better(monitor: str, mode: str) -> bool:
    """Whether an improvement of ``monitor`` is an increase.

    Raises:
        ArgumentError: for a mode other than auto, min and max.
    """
    if mode not in ("auto", "min", "max"):
        raise ArgumentError(f'mode must be "auto", "min" or "max", got {mode!r}.')
    return mode == "max" or (mode == "auto" and monitor.endswith(_GROWING))


def monitored(monitor: str, logs: Logs | None, who: str) -> float:
    """The value of ``monitor``.

    Raises:
        ArgumentError: when it is not logged; names those that are.
    """
    logs = logs or {}
    if monitor not in logs:
        hint = ""
        if monitor.startswith("val_") and not any(name.startswith("val_") for name in logs):
            hint = " Give fit validation_data= or validation_split=."
        raise ArgumentError(
            f"{who} watches {monitor!r}, which is not logged; logged are: {', '.join(logs)}.{hint}"
        )
    return float(logs[monitor])
