"""Layers that vary pictures while a model learns, and bring them to one size."""

from .brightness import RandomBrightness
from .contrast import RandomContrast
from .crop import CenterCrop, RandomCrop
from .flip import RandomFlip
from .resizing import Resizing
from .rotation import RandomRotation
from .translation import RandomTranslation
from .zoom import RandomZoom

__all__ = [
    "CenterCrop",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "Resizing",
]
