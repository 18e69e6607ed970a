"""The error of this package."""

from __future__ import annotations

from ..core.errors import LampasError


class DatasetError(LampasError):
    """A data set could not be had: not fetched, damaged, or not what its name says."""
