"""Write what TensorBoard shows: curves of the logged values, the learning rate, histograms."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ...core.arguments import NonNegativeInt
from ...core.errors import FileError
from .base import Callback, Logs

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter


class TensorBoard(Callback):
    """Event files for TensorBoard: ``tensorboard --logdir logs``.

    Training values are written to ``log_dir/train``, validation values to ``log_dir/validation``,
    those of batches to ``log_dir/batches``, with Keras's names (``epoch_loss``,
    ``epoch_learning_rate``, ``dense_1/kernel/histogram``). A resumed fit continues the same curves;
    another fit in the same folder replaces them. Needs tensorboardX:
    ``pip install 'lampas[tensorboard]'``.

    Args:
        log_dir: the folder.
        histogram_freq: epochs between histograms of the weights; 0 for none.
        update_freq: "epoch", "batch", or the number of batches after which the means so far are
            written, too. The compiled program stops after each batch then, which costs about a
            fifth of a millisecond per batch.

    Raises:
        ArgumentError: for other frequencies.
        FileError: in the fit, if files cannot be written, or tensorboardX is not installed.

    Example:
        >>> import lampas as lp
        >>> lp.TensorBoard("logs", histogram_freq=5).log_dir.name
        'logs'
    """

    def __init__(
        self,
        log_dir: str | Path = "logs",
        histogram_freq: NonNegativeInt = 0,
        *,
        update_freq: Literal["epoch", "batch"] | NonNegativeInt = "epoch",
    ) -> None:
        named: dict[object, int] = {"epoch": 0, "batch": 1}
        every = named.get(update_freq, update_freq)
        self.log_dir = Path(log_dir)
        self.histogram_freq = histogram_freq
        self._every = int(every)
        self._writers: dict[str, SummaryWriter] = {}
        if every:
            # Without this hook the compiled program does not stop after each batch.
            self.on_train_batch_end = self._batch  # type: ignore[method-assign]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        _library()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        val_logs = {n.removeprefix("val_"): v for n, v in logs.items() if n.startswith("val_")}
        train_logs = {name: value for name, value in logs.items() if not name.startswith("val_")}
        rate = {"learning_rate": self.model.optimizer.learning_rate}
        self._write("train", "epoch", {**train_logs, **rate}, epoch)
        if val_logs:
            self._write("validation", "epoch", val_logs, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for path, variable in self.model.variables().items():
                values = np.asarray(variable.value, np.float32).ravel()
                self._writer("train", epoch).add_histogram(f"{path}/histogram", values, epoch)

    def on_train_end(self, logs: Logs | None = None) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _batch(self, batch: int, logs: Logs | None = None) -> None:
        assert self.fit_state is not None
        step = self.fit_state.position.step
        if step % self._every == 0:
            # Steps and epochs count differently, and a resumed fit purges by one number.
            self._write("batches", "batch", logs or {}, step)

    def _write(self, kind: str, prefix: str, values: Mapping[str, float], step: int) -> None:
        writer = self._writer(kind, step)
        for name, value in values.items():
            writer.add_scalar(f"{prefix}_{name}", float(value), step)

    def _writer(self, kind: str, step: int) -> SummaryWriter:
        """The writer of a kind; entries of an interrupted fit from ``step`` on are hidden."""
        if kind not in self._writers:
            try:
                folder = self.log_dir / kind
                folder.mkdir(parents=True, exist_ok=True)
                # Names contain whole seconds; a second fit within one would get the same name.
                suffix = f".{time.time_ns()}"
                self._writers[kind] = _library()(
                    str(folder), purge_step=step, filename_suffix=suffix
                )
            except OSError as error:
                raise FileError(
                    f"TensorBoard cannot write to {self.log_dir}: {error.strerror}."
                ) from error
        return self._writers[kind]


def _library() -> type[SummaryWriter]:
    try:
        from tensorboardX import SummaryWriter
    except ImportError as error:
        raise FileError(
            "TensorBoard's files are written with tensorboardX, which is not installed: "
            "pip install 'lampas[tensorboard]'"
        ) from error
    return SummaryWriter
