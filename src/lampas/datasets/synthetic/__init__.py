"""Synthetic images that stand in for photographs where no network is available."""

from .cells import synthetic_cells
from .flowers import synthetic_flowers

__all__ = ["synthetic_cells", "synthetic_flowers"]
