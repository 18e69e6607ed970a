"""Progress of a fit on the terminal, refreshed by time instead of by batch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from ..core.terminal import plain_console
from .callbacks.base import Callback, Logs

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Verbose = Literal["auto", 0, 1, 2]
LINE_SECONDS = 0.5
"""Epochs that are shorter share a line."""


def format_logs(logs: Mapping[str, float]) -> str:
    """``loss 0.1234 · accuracy 0.9876``."""
    return " · ".join(f"{name} {value:.4g}" for name, value in logs.items())


class ProgressBar(Callback):
    """A live bar with loss, metrics, speed and time left; plain lines if there is no terminal.

    Args:
        verbose: 1 or "auto" for the live bar, 2 for one line per epoch.
    """

    reads_logs_only: ClassVar[bool] = True

    def __init__(self, verbose: Verbose) -> None:
        self.console = plain_console()
        self.every_line = verbose == 2
        self.live = verbose != 2 and self.console.is_terminal
        self._bar: Bar | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._line = time.perf_counter()
        self._since: tuple[float, int] | None = None
        if self.live:
            self._bar = _bar(self.console)
            self._task = self._bar.add_task("", total=self.params["steps"], logs="compiling")
            self._bar.start()

    def on_progress(self, epoch: int, step: int, logs: Logs) -> None:
        if self._bar is None:
            return
        assert self.fit_state is not None
        steps, epochs = self.fit_state.source.steps, self.params["epochs"]
        now, done = time.perf_counter(), self.fit_state.position.step
        if self._since is None:
            # The time of the first steps was mostly compilation.
            self._since = now, done
        began, before = self._since
        steps_per_second = (done - before) / (now - began) if done > before else 0.0
        speed = left = ""
        if steps_per_second:
            speed = f" · {steps_per_second * self.params['batch_size']:,.0f} examples/s"
            if steps:
                left = f" · {(epochs * steps - done) / steps_per_second:.0f} s left"
        title, shown = f"epoch {epoch + 1}/{epochs}", format_logs(logs) + speed + left
        self._bar.update(self._task, completed=step, total=steps, description=title, logs=shown)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        now = time.perf_counter()
        last = epoch + 1 == self.params["epochs"] or self.model.stop_training
        if not (self.every_line or last or now - self._line >= LINE_SECONDS):
            return
        # Not above: epochs may last microseconds.
        from rich.markup import escape

        seconds, self._line = now - self._line, now
        width = len(str(self.params["epochs"]))
        line = f"epoch {epoch + 1:{width}}/{self.params['epochs']}  {format_logs(logs or {})}"
        self.console.print(f"{escape(line)}  [dim]({seconds:.2g} s)[/dim]", soft_wrap=True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _bar(console: object) -> Bar:
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total}"),
        TextColumn("{task.fields[logs]}", markup=False),
        console=console,  # type: ignore[arg-type]
        transient=True,
        refresh_per_second=5,
    )
