"""Functions whose runs are recorded, by their name in ``config.json``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..automl import pipeline
from ..examples import (
    boundary,
    chirp,
    flowers,
    function_fit,
    malaria,
    mnist,
    sound,
    stamps,
    text,
    xor,
)

EXAMPLES: Final[dict[str, Callable[..., Any]]] = {
    "mnist": mnist.run,
    "flowers": flowers.run,
    "malaria": malaria.run,
    "stamps": stamps.run,
    "chirp": chirp.run,
    "text": text.run,
    "sound": sound.run,
    "xor": xor.run,
    "function": function_fit.run,
    "boundary": boundary.run,
}
"""The examples of ``lampas run``, in the order of its help."""
RUNS: Final[dict[str, Callable[..., Any]]] = {**EXAMPLES, "train": pipeline.train}
