"""A person's own data, ready to train on."""

from .cifar import cifar10
from .collection import Images
from .flowers import oxford_flowers
from .load import images
from .rows import Rows
from .series import Windows, windows

__all__ = [
    "Images",
    "Rows",
    "Windows",
    "cifar10",
    "images",
    "oxford_flowers",
    "windows",
]
