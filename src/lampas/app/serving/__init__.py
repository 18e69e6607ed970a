"""Serve a trained run over HTTP: predictions for JSON and files, and a web page for both."""

from .limits import Limits
from .server import serve

__all__ = ["Limits", "serve"]
