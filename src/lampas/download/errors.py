"""The exception of failed downloads."""

from __future__ import annotations

import urllib.error

from ..core.errors import LampasError


class DatasetError(LampasError):
    """Published files could not be fetched, or they are damaged."""


def web_reason(error: Exception) -> str:
    """Why a request failed, in one line; closes the response of an HTTP error."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return str(error)
    return str(getattr(error, "reason", None) or error)
