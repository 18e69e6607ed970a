"""Callbacks: what can be done while a fit goes on."""

from .base import Callback, CallbackList
from .csv_logger import CSVLogger
from .early_stopping import EarlyStopping
from .model_checkpoint import ModelCheckpoint

__all__ = ["CSVLogger", "Callback", "CallbackList", "EarlyStopping", "ModelCheckpoint"]
