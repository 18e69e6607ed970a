"""A trained run over HTTP: JSON and files in, answers out, with a page to drop a file on."""

from .limits import Limits
from .server import serve

__all__ = ["Limits", "serve"]
