"""Series of numbers in time, cut into windows to forecast from."""

from .cut import windows
from .table import Series
from .windows import Windows

__all__ = ["Series", "Windows", "windows"]
