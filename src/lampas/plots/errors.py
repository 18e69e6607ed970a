"""The exception of this package."""

from __future__ import annotations

from ..core.errors import LampasError


class PlotError(LampasError):
    """A figure cannot be drawn because matplotlib is missing."""
