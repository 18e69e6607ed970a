"""A person's own data, ready to train on."""

from .cifar import cifar10
from .collection import Images
from .flowers import oxford_flowers
from .image_reader import ImageReader
from .load import images
from .load_sound import sound
from .load_text import text
from .rows import Rows
from .series import Windows, windows
from .sound_reader import SoundReader
from .sounds import Sounds
from .tables import Table, table
from .texts import Texts

__all__ = [
    "ImageReader",
    "Images",
    "Rows",
    "SoundReader",
    "Sounds",
    "Table",
    "Texts",
    "Windows",
    "cifar10",
    "images",
    "oxford_flowers",
    "sound",
    "table",
    "text",
    "windows",
]
