"""Layers that vary pictures while a model learns, and bring them to one size."""

from .color import RandomBrightness, RandomContrast
from .crop import CenterCrop, RandomCrop, Resizing
from .geometric import RandomFlip, RandomRotation, RandomTranslation, RandomZoom

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
