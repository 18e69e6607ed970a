"""End a fit quietly when it diverges."""

from __future__ import annotations

from typing import ClassVar

from ...core.errors import DivergedError
from .base import Callback


class TerminateOnNaN(Callback):
    """End the fit, with its history, when the loss or a gradient is not a finite number.

    Without it such a fit raises DivergedError. What the error would have said is printed, and the
    model keeps the weights from before the step.
    """

    stops_on_nan: ClassVar[bool] = True

    def on_diverged(self, error: DivergedError) -> None:
        self.model.stop_training = True
        print(f"The fit ends early. {error}")
