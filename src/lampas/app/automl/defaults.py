"""How much regularization, and how many steps, so many examples call for."""

from __future__ import annotations

from typing import NamedTuple

FEW, MANY = 1_000, 20_000
"""Examples up to which, and from which on, nothing changes any more."""


class Amounts(NamedTuple):
    """What a network is trained with.

    Args:
        dropout: share of units left out.
        l2: factor of the squared weights in the loss.
        batch_size: examples a step.
    """

    dropout: float
    l2: float
    batch_size: int


def amounts(examples: int) -> Amounts:
    """The fewer the examples, the stronger the regularization and the smaller the steps."""
    if examples < FEW:
        return Amounts(0.3, 1e-3, 16)
    return Amounts(0.2, 1e-4, 32) if examples < MANY else Amounts(0.1, 1e-5, 128)
