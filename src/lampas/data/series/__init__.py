"""Series of numbers in time, cut into windows to forecast from."""

from .series import Series
from .windows import Windows, windows

__all__ = ["Series", "Windows", "windows"]
