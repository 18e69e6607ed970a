"""Base class of callbacks: code that runs at fixed points of a fit; hook names are Keras's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, ClassVar, Literal

from ...core.arguments import check_constructor, is_of_lampas
from ...core.errors import ArgumentError, DivergedError
from ..fit_state import FitState
from ..trainable import Trainable
from ..trainer import BatchHooks

Logs = dict[str, float]


class Callback:
    """Base class of callbacks: override the hooks you need.

    ``self.model`` is the model; set ``self.model.stop_training = True`` to end the fit after the
    current epoch. ``self.params`` has ``epochs``, ``steps`` (per epoch), ``batch_size`` and
    ``verbose``. During a fit, ``self.fit_state`` has its position and data.

    With hooks of epochs the compiled program stops at the end of each epoch, with hooks of batches
    after each batch; the latter costs about a fifth of a millisecond per batch.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> class Stop(lp.Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         self.model.stop_training = epoch == 1
        >>> model = lp.Sequential([lp.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(
        ...     np.ones((4, 2)), np.ones((4, 1)), epochs=9, callbacks=[Stop()], verbose=0
        ... )
        >>> history.epoch
        [0, 1]
    """

    reads_logs_only: ClassVar[bool] = False
    """True for a callback that only reads logs: its hooks may be called for several epochs at
    once, after the last of them."""
    state_attributes: ClassVar[tuple[str, ...]] = ()
    """Names of attributes that a checkpoint stores, for fits that are resumed; their values are
    numbers, texts, arrays, or lists, tuples and dicts of such."""
    handles_divergence: ClassVar[bool] = False
    """True to end a fit normally, after ``on_diverged``, instead of raising DivergedError."""

    model: Trainable
    params: dict[str, Any]
    fit_state: FitState | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        check_constructor(cls)

    def set_model(self, model: Trainable) -> None:
        """Called first, with the model that is trained."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called with ``epochs``, ``steps``, ``batch_size`` and ``verbose``."""
        self.params = params

    def set_fit_state(self, fit_state: FitState | None) -> None:
        """Called before ``on_train_begin`` with the state of the fit, after its end with None."""
        self.fit_state = fit_state

    def check_logs(self, logs: Logs) -> None:
        """Raise ArgumentError if the callback needs a value that the fit will not log.

        Called before ``on_train_begin``, unless another callback may add values to the logs.

        Args:
            logs: the names that the fit will log, with values of no meaning.
        """

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called before the first step."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called after the last step, however the fit ends."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before epoch ``epoch``, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after epoch ``epoch``; ``logs`` has loss and metrics, and those of validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of a fit."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of a fit; ``logs`` has the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Another name of ``on_train_batch_begin``."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Another name of ``on_train_batch_end``."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before ``evaluate``, and before the validation of an epoch."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after ``evaluate`` or a validation; ``logs`` has its loss and metrics."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of ``evaluate`` or a validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of ``evaluate``; ``logs`` has the means so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before ``predict``."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called after ``predict``."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of ``predict``."""

    def on_predict_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Called after each batch of ``predict``; ``logs`` has its ``outputs``."""

    def on_progress(self, epoch: int, step: int, logs: Logs) -> None:
        """Called about ten times per second; ``step`` steps of ``epoch`` are done."""

    def on_diverged(self, error: DivergedError) -> None:
        """Called when the loss or a gradient is NaN or infinite."""


def as_callbacks(callbacks: Iterable[Callback] | Callback | None) -> list[Callback]:
    """The argument ``callbacks`` of a fit as a list: none, one or several.

    Raises:
        ArgumentError: for what is not a callback, such as a class in place of an instance.
    """
    if not isinstance(callbacks, Iterable):
        callbacks = [] if callbacks is None else [callbacks]
    listed: list[Any] = list(callbacks)
    for callback in listed:
        if not isinstance(callback, Callback):
            hint = f" Write {callback.__name__}(...)." if isinstance(callback, type) else ""
            raise ArgumentError(f"callbacks must be Callback objects, got {callback!r:.60}.{hint}")
    return listed


HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))
_OTHER_NAMES = {
    "on_train_batch_begin": "on_batch_begin",
    "on_train_batch_end": "on_batch_end",
}


class CallbackList(Callback):
    """Several callbacks that act as one.

    Args:
        callbacks: called in this order.
    """

    def __init__(self, callbacks: Iterable[Callback]) -> None:
        self.callbacks = list(callbacks)
        self._begun: list[Callback] = []
        for name in (*HOOKS, "set_model", "set_params", "set_fit_state"):
            # Epochs may last microseconds: only callbacks that override the hook are called.
            called = [c for c in self.callbacks if name not in HOOKS or _overrides(c, name)]
            if name not in vars(CallbackList):
                setattr(self, name, partial(_call_each, called, name))

    def check_logs(self, logs: Logs) -> None:
        if not any(map(_may_add_logs, self.callbacks)):
            for callback in self.callbacks:
                callback.check_logs(logs)

    def uses(self, *hooks: str) -> bool:
        """Whether a callback that does more than read logs overrides one of the hooks."""
        return any(
            _overrides(callback, hook)
            for callback in self.callbacks
            for hook in hooks
            if not callback.reads_logs_only
        )

    def batch_hooks(self, kind: Literal["train", "test", "predict"]) -> BatchHooks | None:
        """The hooks before and after each batch, if any callback uses them."""
        names = (f"on_{kind}_batch_begin", f"on_{kind}_batch_end")
        return BatchHooks(*(getattr(self, name) for name in names)) if self.uses(*names) else None

    def are_of_lampas(self) -> bool:
        """Whether no hook is a function or method of the user's own."""
        return all(is_of_lampas(getattr(c, hook)) for c in self.callbacks for hook in HOOKS)

    @property
    def handles_divergence(self) -> bool:  # type: ignore[override]
        """Whether any callback handles divergence."""
        return any(callback.handles_divergence for callback in self.callbacks)

    def collect_state(self) -> dict[str, dict[str, Any]]:
        """The ``state_attributes`` of the callbacks, by their class and number."""
        return {
            label: {name: getattr(callback, name) for name in callback.state_attributes}
            for label, callback in self._labelled().items()
        }

    def restore_state(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Set the ``state_attributes``; a callback without a saved state is not changed."""
        for label, callback in self._labelled().items():
            for name, value in state.get(label, {}).items():
                setattr(callback, name, value)

    def _labelled(self) -> dict[str, Callback]:
        counts: Counter[str] = Counter()
        labelled = {}
        for callback in self.callbacks:
            kind = type(callback).__name__
            counts[kind] += 1
            labelled[f"{kind} {counts[kind]}"] = callback
        return labelled

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


def _call_each(callbacks: Iterable[Callback], hook: str, *arguments: Any) -> None:
    for callback in callbacks:
        getattr(callback, hook)(*arguments)


def _overrides(callback: Callback, hook: str) -> bool:
    if getattr(getattr(callback, hook), "__func__", None) is not getattr(Callback, hook):
        return True
    return hook in _OTHER_NAMES and _overrides(callback, _OTHER_NAMES[hook])


def _may_add_logs(callback: Callback) -> bool:
    """Whether a hook of the user's own may add values to the logs of an epoch."""
    return not (is_of_lampas(callback.on_epoch_end) and is_of_lampas(callback.on_test_end))


Mode = Literal["auto", "min", "max"]


class MonitorCallback(Callback):
    """Base of callbacks that look for improvements of a logged value.

    Args:
        monitor: name of the logged value.
        mode: whether "min" or "max" is better; "auto" asks the metric of this name.

    Raises:
        ArgumentError: for an unknown mode.
    """

    def __init__(self, monitor: str, mode: Mode) -> None:
        self.monitor, self.mode = monitor, mode

    def check_logs(self, logs: Logs) -> None:
        get_monitored_value(self.monitor, logs, type(self).__name__)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        # Multiplied by it, smaller values are better.
        self._sign = -1.0 if self._larger_is_better() else 1.0

    def current(self, logs: Logs | None) -> float | None:
        """The monitored value; None after an epoch without validation."""
        is_left_out = self.fit_state is not None and not self.fit_state.validated
        if is_left_out and self.monitor.startswith("val_"):
            return None
        return get_monitored_value(self.monitor, logs, type(self).__name__)

    def _larger_is_better(self) -> bool:
        """Whether an improvement is an increase.

        Raises:
            ArgumentError: in mode "auto", if it is not known.
        """
        name = self.monitor.removeprefix("val_")
        if self.mode != "auto" or name == "loss":
            return self.mode == "max"
        metrics = {metric.name: metric for metric in self.model.compile_options.metrics}
        metric = metrics.get(self.monitor, metrics.get(name))
        if metric is None or metric.larger_is_better is None:
            hint = "" if metric else f" Metrics of the model: {', '.join(['loss', *metrics])}."
            raise ArgumentError(
                f"{type(self).__name__} monitors {self.monitor!r}, and it is not known whether "
                f'larger or smaller values are better: give mode="max" or mode="min".{hint}'
            )
        return metric.larger_is_better


def get_monitored_value(monitor: str, logs: Logs | None, callback: str) -> float:
    """The value of ``monitor`` in the logs.

    Args:
        monitor: name of a logged value.
        logs: the logs of an epoch.
        callback: name of the callback in error messages.

    Raises:
        ArgumentError: if it is not logged; names the values that are.
    """
    logs = logs or {}
    if monitor not in logs:
        hint = ""
        if monitor.startswith("val_") and not any(name.startswith("val_") for name in logs):
            hint = " Give fit validation_data= or validation_split=."
        raise ArgumentError(
            f"{callback} monitors {monitor!r}, which is not logged; logged are: {', '.join(logs)}."
            f"{hint}"
        )
    return float(logs[monitor])
