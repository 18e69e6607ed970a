"""What a model says, in the form of its task."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..train.model import Model
from .kind import Said, Task


def outputs(model: Model, task: Task, x: Any) -> Said:
    """Probabilities ``(n, classes)``, values ``(n,)`` or the steps that follow ``(n, horizon)``."""
    said = np.asarray(model.predict(x))
    return said[:, 0] if task == "regress" else said
