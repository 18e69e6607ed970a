"""What to be wary of in a table, told in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..listing import count, few
from .columns import Column, kinds_of
from .leakage import leaks
from .targets import Target

if TYPE_CHECKING:
    import pandas as pd

FEW, MOST = 0.05, 0.8
"""Shares from which on a class is small, and one class all but rules."""
GAPS = 0.5


def warnings_of(
    found: Mapping[str, Column], answer: Target, x: pd.DataFrame, target: str
) -> Iterator[str]:
    """Of single columns first, then of the classes and the rows."""
    yield from answer.warnings
    yield from (one.warning for one in found.values() if one.warning)
    for name, score in leaks(x, kinds_of(found), answer).items():
        yield (
            f"{name!r} alone predicts {target!r} almost always (score {score:.3f} of 1 on held-out "
            f"rows). If it is not known when you predict, leave it out: --as {name}=leave-out."
        )
    if gaps := [f"{c.name!r} ({c.missing:.0%})" for c in found.values() if GAPS <= c.missing < 1]:
        yield f"mostly empty: {few(gaps)}."
    yield from _of_classes(answer)
    yield from _of_copies(x, answer)


def _of_classes(answer: Target) -> Iterator[str]:
    if not answer.classes:
        return
    counts = np.bincount(answer.y, minlength=len(answer.classes))
    shares = counts / counts.sum()
    most, least = int(shares.argmax()), int(shares.argmin())
    if shares[most] >= MOST:
        yield (
            f"{shares[most]:.0%} of the rows are {answer.classes[most]!r}: to say that always "
            "would be right as often. Look at each class, not at the accuracy alone."
        )
    elif shares[least] < FEW:
        yield (
            f"the class {answer.classes[least]!r} has {count(int(counts[least]), 'row')} of "
            f"{counts.sum():,}: what is measured of it will be unsure."
        )


def _of_copies(x: pd.DataFrame, answer: Target) -> Iterator[str]:
    import pandas

    said = pandas.util.hash_pandas_object(x, index=False).to_numpy()
    both = np.unique(np.column_stack((said, answer.y.astype(np.float64).view(np.uint64))), axis=0)
    different = len(np.unique(said))
    if copies := len(x) - len(both):
        yield (
            f"{count(copies, 'row')} {'repeats' if copies == 1 else 'repeat'} another; "
            "copies stay in one part of the split."
        )
    if answer.classes and (torn := len(both) - different):
        yield (
            f"{count(torn, 'row')} {'says' if torn == 1 else 'say'} the same as another of a "
            "different class: no method can get all of them right."
        )
