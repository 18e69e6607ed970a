"""Reports: figures from plain arrays, and one self-contained HTML page to show around."""

from . import figures
from .errors import ReportError
from .html import Report

__all__ = ["Report", "ReportError", "figures"]
