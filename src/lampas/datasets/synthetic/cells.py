"""Red blood cells in a stained smear, with and without malaria parasites, drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError
from .blood import cells, debris, finished, gametocytes, platelets, rings, trophozoites
from .smear import Scene

CLASSES = ("Parasitized", "Uninfected")
CHUNK = 128
"""Cells drawn together; part of what a seed stands for."""


def drawn_cells(
    n: int = 3000, size: int = 64, seed: int = 0
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Drawn red blood cells as Giemsa's stain shows them, cut out on black, the classes in turn.

    Parasites are rings with a dot of chromatin, one or several in a cell, ripe trophozoites with
    their pigment, and now and then the crescent of a gametocyte. Grains of stain and platelets lie
    on cells of both classes, and are what an infected cell is to be told from. Stain, light, focus
    and the shape of the cell differ from each to the next.

    Args:
        n: how many; fewer of the same seed are the first of more.
        size: pixels a side.
        seed: equal seeds give equal pictures.

    Returns:
        pictures uint8 ``(n, size, size, 3)`` and labels int32 ``(n,)``, an index into `CLASSES`.

    Raises:
        ArgumentError: when ``n`` or ``size`` is too small.
    """
    if n < 1 or size < 8:
        raise ArgumentError(f"pictures: 1 or more of 8 pixels or more, not {n} of {size}.")
    rng = np.random.RandomState(seed)
    chunks = [_chunk(rng, size) for _ in range(0, n, CHUNK)]
    return np.concatenate(chunks)[:n], np.arange(n, dtype=np.int32) % 2


def _chunk(rng: np.random.RandomState, size: int) -> npt.NDArray[np.uint8]:
    """Infected and not in turn, uint8 ``(CHUNK, size, size, 3)``."""
    scene = Scene(rng, CHUNK, size)
    cells(scene)
    infected = np.arange(CHUNK) % 2 == 0
    form = rng.rand(CHUNK)
    for number, chance in enumerate((1.0, 0.25, 0.1)):
        several = infected & (rng.rand(CHUNK) < chance)
        rings(scene, several & ((form < 0.6) | (number > 0)))
    trophozoites(scene, infected & (form >= 0.6) & (form < 0.93))
    gametocytes(scene, infected & (form >= 0.93))
    for chance in (0.35, 0.2, 0.1):
        debris(scene, rng.rand(CHUNK) < np.where(infected, 0.4, 1) * chance)
    platelets(scene, rng.rand(CHUNK) < np.where(infected, 0.04, 0.14))
    return finished(scene)
