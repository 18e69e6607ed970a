"""A run at work: its script is written, run, and written again when more is decided."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.seed import set_seed
from ..lr_find import LearningRates, lr_find
from ..train.checkpoint import Checkpoint
from ..train.history import History
from ..train.model import Model
from ..train.progress import Verbose
from .handover import Handover
from .kind import Found, Kind, Parts, Settings
from .script import imported, render, write
from .time_limit import TimeLimit

USUAL_RATE, LEAST_RATE, MOST_RATE = 1e-3, 1e-4, 1e-2
"""Of Adam: without a range test, and the bounds within which one is believed."""
CHECKPOINT = "checkpoint"


@dataclass
class Work:
    """A run under way: the script in its folder is what is run.

    Args:
        folder: of the run.
        kind: of the data.
        found: what the look at it has found.
        settings: everything decided; the learning rate comes in with the range test.
        title: of the script.
    """

    folder: Path
    kind: Kind
    found: Found
    settings: Settings
    title: str

    def parts(self) -> Parts:
        """The data as the script loads and parts it."""
        self._write()
        set_seed(self.settings["seed"])
        return Parts(*self.script.data())

    def range_test(self, parts: Parts) -> LearningRates:
        """Choose the learning rate; the script has it from then on."""
        model = self.script.network(parts.train)
        self.script.prepare(model, parts.train)
        x, y = self.script.inputs(parts.train), self.script.targets(parts.train)
        found = lr_find(model, x, y, self.settings["batch_size"], seed=self.settings["seed"])
        bounds = {"slowest": LEAST_RATE, "fastest": MOST_RATE} | self.settings
        self.settings["rate"] = min(max(found.suggestion, bounds["slowest"]), bounds["fastest"])
        self._write()
        return found

    def fit(self, parts: Parts, minutes: float | None, verbose: Verbose) -> tuple[Model, History]:
        """Train, or go on training.

        Raises KeyboardInterrupt when Ctrl-C has ended it.
        """
        set_seed(self.settings["seed"])
        model = self.script.network(parts.train)
        self.script.prepare(model, parts.train)
        clock = TimeLimit(math.inf if minutes is None else 60 * minutes)
        history = self.script.fit(
            model,
            parts.train,
            parts.validation,
            callbacks=[clock],
            verbose=verbose,
            checkpoint=Checkpoint(self.folder / CHECKPOINT, every_seconds=10),
        )
        if history.interrupted:
            raise KeyboardInterrupt
        if clock.over:
            # The script ends where the clock has ended the run.
            self.settings["epochs"] = len(history.epoch)
            self._write()
        return model, history

    def _write(self) -> None:
        known = {"rate": USUAL_RATE} | self.settings
        code = render(self.title, self.found, known, self.kind.script(self.found, known))
        self.script: Any = imported(write(self.folder, code))
        about = self.found
        Handover(self.kind.name, about.task, about.target, about.classes, self.settings).write(
            self.folder
        )
