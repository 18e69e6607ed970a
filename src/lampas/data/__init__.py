"""A person's own data, ready to train on."""

from ..datasets.published import cifar10, oxford_flowers
from .audio.dataset import Sounds
from .audio.load import sound
from .audio.reader import SoundReader
from .images.dataset import Images
from .images.load import images
from .images.reader import ImageReader
from .lazy_rows import Rows
from .series import Windows, windows
from .tables import Table, table
from .text.dataset import Texts
from .text.load import text

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
