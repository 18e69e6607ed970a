"""What a network must beat to be worth its name as a forecaster."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..app.automl.task import Parts, Said, Settings, Yardstick
from ..data.series import Windows

PERSISTENCE, SEASONAL, LINEAR = "persistence", "seasonal naive", "linear autoregression"
STRENGTHS = (1e-8, 1e-5, 1e-3, 1e-2, 1e-1)
"""Of the penalty, in mean squares of the inputs; the validation part chooses."""
Floats = npt.NDArray[np.float64]


def yardsticks(parts: Parts, settings: Settings) -> list[Yardstick]:
    """Naive forecasts and a linear one, on the same windows."""
    found = [
        Yardstick(name, said, name != PERSISTENCE, 0.0)
        for name, said in naive(parts.test, settings["season"]).items()
    ]
    started = time.perf_counter()
    said = linear(*parts)
    return [*found, Yardstick(LINEAR, said, True, time.perf_counter() - started)]


def naive(part: Windows, season: int) -> dict[str, Said]:
    """What needs no learning: the last value again, and the last season again if there is one."""
    found: dict[str, Said] = {PERSISTENCE: _again(part, 1)}
    if season:
        found[SEASONAL] = _again(part, season)
    return found


def linear(train: Windows, validation: Windows, test: Windows) -> Said:
    """Each step a weighted sum of all that is looked at, by least squares with a small penalty.

    As the network does, it forecasts the change from the last value.
    """
    end = int(train.steps[-1, -1]) + 1
    scale = np.maximum(np.asarray(train.inputs[:end], np.float64).std(0), 1e-12)
    x, held, kept = (_changes(part, scale) for part in (train, validation, test))
    change = train.y - _again(train, 1)
    products, mean = x.T @ x, np.square(x).mean() * len(x)
    weights = [
        np.linalg.solve(products + strength * mean * np.eye(x.shape[1]), x.T @ change)
        for strength in STRENGTHS
    ]
    wanted = validation.y - _again(validation, 1)
    best = min(weights, key=lambda one: float(np.square(held @ one - wanted).mean()))
    return kept @ best + _again(test, 1)


def _again(part: Windows, season: int) -> Floats:
    """``(windows, horizon)``: the last season before each, repeated."""
    first = part.starts[:, None] + part.length - season
    # A series may begin within its first season.
    return np.asarray(
        part.targets[np.maximum(first + np.arange(part.horizon) % season, 0)], np.float64
    )


def _changes(part: Windows, scale: Floats) -> Floats:
    """Windows less their last step, scaled, flat, with a one: ``(windows, features)``."""
    x = (part.x - part.x[:, -1:]) / scale
    return np.concatenate([x.reshape(len(part), -1), np.ones((len(part), 1))], 1)


def by_step(y: Floats, said: Said) -> Floats:
    """Root mean square error of each step ahead, ``(horizon,)``."""
    return np.sqrt(np.square(np.asarray(said) - y).mean(0))


def spread(errors: Floats) -> Iterator[tuple[str, int]]:
    """The windows with the best, the middle and the worst forecast."""
    order = np.argsort(errors, kind="stable")
    yield from zip(
        ("best", "middle", "worst"), order[[0, len(order) // 2, -1]].tolist(), strict=True
    )
