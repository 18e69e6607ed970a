"""Layers that augment images during training, and layers that crop and resize them."""

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
