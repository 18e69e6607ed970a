"""Drawn pictures: stand-ins for photographs where there is no network, made by chance and seed."""

from .cells import drawn_cells
from .flowers import drawn_flowers

__all__ = ["drawn_cells", "drawn_flowers"]
