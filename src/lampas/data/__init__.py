"""A person's own data, ready to train on."""

from .cifar import cifar10
from .collection import Images
from .flowers import oxford_flowers
from .load import images
from .load_sound import sound
from .load_text import text
from .rows import Rows
from .series import Windows, windows
from .sounds import Sounds
from .texts import Texts

__all__ = [
    "Images",
    "Rows",
    "Sounds",
    "Texts",
    "Windows",
    "cifar10",
    "images",
    "oxford_flowers",
    "sound",
    "text",
    "windows",
]
