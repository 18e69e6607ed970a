"""Callbacks: code that runs at fixed points of a fit."""

from .base import Callback, CallbackList
from .health_monitor import HealthMonitor
from .learning_rate import LearningRateScheduler, ReduceLROnPlateau
from .logging import CSVLogger, LambdaCallback, ModelCheckpoint
from .stopping import EarlyStopping, TerminateOnNaN
from .tensorboard import TensorBoard

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "HealthMonitor",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]
