"""Reports as one self-contained HTML page."""

from .report import Report, ReportError

__all__ = ["Report", "ReportError"]
