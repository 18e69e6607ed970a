"""Every function that keeps a record of its runs, by the name in ``config.json``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

RUNS: dict[str, Callable[..., Any]] = {
    "boundary": boundary.run,
    "chirp": chirp.run,
    "flowers": flowers.run,
    "function": function_fit.run,
    "malaria": malaria.run,
    "mnist": mnist.run,
    "sound": sound.run,
    "stamps": stamps.run,
    "text": text.run,
    "train": pipeline.run,
    "xor": xor.run,
}
