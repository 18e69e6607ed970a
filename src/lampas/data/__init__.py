"""Load tables, images, recordings, texts and time series as datasets."""

from .audio.dataset import Sounds
from .audio.load import sound
from .audio.reader import SoundReader
from .images.dataset import Images
from .images.load import images
from .images.reader import ImageReader
from .lazy_rows import LazyRows
from .series import Windows, windows
from .tables import Table, table
from .text.dataset import Texts
from .text.load import text

__all__ = [
    "ImageReader",
    "Images",
    "LazyRows",
    "SoundReader",
    "Sounds",
    "Table",
    "Texts",
    "Windows",
    "images",
    "sound",
    "table",
    "text",
    "windows",
]
