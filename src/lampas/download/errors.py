"""The exception of failed downloads."""

from __future__ import annotations

from ..core.errors import LampasError


class DatasetError(LampasError):
    """Published files could not be fetched, or they are damaged."""
