"""Lampas: a deep-learning framework on JAX with Keras's interface and compiled training loops."""

from typing import TYPE_CHECKING, Any

from . import activations as activations
from . import applications as applications
from . import callbacks as callbacks
from . import constraints as constraints
from . import data as data
from . import datasets as datasets
from . import initializers as initializers
from . import layers as layers
from . import losses as losses
from . import metrics as metrics
from . import models as models
from . import ops as ops
from . import optimizers as optimizers
from . import regularizers as regularizers
from . import saving as saving
from .applications import VGG16 as VGG16
from .applications import VGG19 as VGG19
from .applications import AlexNet as AlexNet
from .applications import LeNet5 as LeNet5
from .applications import Perceptron as Perceptron
from .core.absent import absent as _absent
from .core.context import forward_pass as forward_pass
from .core.context import is_training as is_training
from .core.context import random_key as random_key
from .core.errors import ArgumentError as ArgumentError
from .core.errors import DataError as DataError
from .core.errors import DivergedError as DivergedError
from .core.errors import FileError as FileError
from .core.errors import LampasError as LampasError
from .core.errors import NotBuiltError as NotBuiltError
from .core.errors import ShapeError as ShapeError
from .core.errors import UnknownNameError as UnknownNameError
from .core.functional import functional as functional
from .core.masks import get_mask as get_mask
from .core.masks import set_mask as set_mask
from .core.module import Module as Module
from .core.random import set_seed as set_seed
from .core.tracebacks import set_traceback_filtering as set_traceback_filtering
from .core.variable import Parameter as Parameter
from .core.variable import State as State
from .core.variable import Variable as Variable
from .forecasting import forecast as forecast
from .inspection.explain import explain as explain
from .inspection.gradient_flow import gradient_flow as gradient_flow
from .inspection.lr_finder import LRFinderResult as LRFinderResult
from .inspection.lr_finder import lr_find as lr_find
from .inspection.saliency import grad_cam as grad_cam
from .inspection.saliency import saliency as saliency
from .layers import *  # noqa: F403
from .losses import Loss as Loss
from .metrics import Metric as Metric
from .optimizers import SGD as SGD
from .optimizers import Adadelta as Adadelta
from .optimizers import Adagrad as Adagrad
from .optimizers import Adam as Adam
from .optimizers import Adamax as Adamax
from .optimizers import AdamW as AdamW
from .optimizers import Lamb as Lamb
from .optimizers import Lion as Lion
from .optimizers import Nadam as Nadam
from .optimizers import Optimizer as Optimizer
from .optimizers import RMSprop as RMSprop
from .optimizers import schedules as schedules
from .regularizers import *  # noqa: F403
from .saving import load as load
from .train.callbacks import *  # noqa: F403
from .train.checkpoint import Checkpoint as Checkpoint
from .train.custom_loop import jit as jit
from .train.custom_loop import value_and_grad as value_and_grad
from .train.history import History as History
from .train.model import Model as Model
from .train.sequential import Sequential as Sequential

if TYPE_CHECKING:
    from .estimators import Classifier as Classifier
    from .estimators import Regressor as Regressor

__version__ = "0.1.0"

_NOT_PUBLIC = {
    *("TYPE_CHECKING", "Any", "app", "core", "download", "estimators", "evaluation", "forecasting"),
    *("graph", "inspection", "kernels", "parsing", "plots", "train"),
}
__all__ = sorted({name for name in globals() if name[0] != "_"} - _NOT_PUBLIC)


def __getattr__(name: str) -> Any:
    """Import the estimators on first access, since scikit-learn is an optional dependency."""
    if name in ("Classifier", "Regressor"):
        from . import estimators

        return getattr(estimators, name)
    raise _absent(f"module {__name__!r}", name)


def __dir__() -> list[str]:
    return sorted({*globals(), "Classifier", "Regressor"})
