"""Learning rates by step, from their formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence


def exponential(step: int, rate: float, steps: int, decay: float, staircase: bool) -> float:
    passed = step / steps
    return rate * decay ** (math.floor(passed) if staircase else passed)


def inverse_time(step: int, rate: float, steps: int, decay: float, staircase: bool) -> float:
    passed = step / steps
    return rate / (1 + decay * (math.floor(passed) if staircase else passed))


def polynomial(step: int, rate: float, steps: int, end: float, power: float) -> float:
    return (rate - end) * (1 - min(step, steps) / steps) ** power + end


def piecewise(step: int, boundaries: Sequence[int], values: Sequence[float]) -> float:
    for boundary, value in zip(boundaries, values, strict=False):
        if step <= boundary:
            return value
    return values[-1]


def cosine(step: int, rate: float, steps: int, alpha: float = 0.0) -> float:
    share = min(step, steps) / steps
    return rate * ((1 - alpha) * (1 + math.cos(math.pi * share)) / 2 + alpha)


def warm_cosine(
    step: int, rate: float, steps: int, target: float, warmup: int, alpha: float = 0.0
) -> float:
    if step < warmup:
        return rate + (target - rate) * step / warmup
    return cosine(step - warmup, target, steps, alpha)
