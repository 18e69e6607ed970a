"""Reports: figures from plain arrays, and one self-contained HTML page to show around."""

from ... import plots
from ...plots.errors import ReportError
from .report import Report

__all__ = ["Report", "ReportError", "figures"]
