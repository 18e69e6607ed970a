"""What can go wrong with a report that is nobody's data."""

from __future__ import annotations

from ..core.errors import LampasError


class ReportError(LampasError):
    """A report or a figure could not be made or written."""
