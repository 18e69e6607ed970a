"""Training by the clock."""

from __future__ import annotations

import time

from ..train.callbacks.base import Callback, Logs


class TimeLimit(Callback):
    """Ends a fit with the epoch in which so many seconds are over; ``over`` tells that it did."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._end = time.monotonic() + self.seconds

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if time.monotonic() > self._end:
            self.over = self.model.stop_training = True
