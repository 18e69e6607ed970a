"""Lampas: a deep-learning framework on JAX with Keras's interface and compiled training loops."""

from typing import TYPE_CHECKING, Any

from . import activations as activations
from . import applications as applications
from . import data as data
from . import datasets as datasets
from . import initializers as initializers
from . import layers as layers
from . import losses as losses
from . import metrics as metrics
from . import optimizers as optimizers
from . import regularizers as regularizers
from .applications import VGG16 as VGG16
from .applications import VGG19 as VGG19
from .applications import AlexNet as AlexNet
from .applications import LeNet5 as LeNet5
from .applications import Perceptron as Perceptron
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
from .layers import GRU as GRU
from .layers import LSTM as LSTM
from .layers import RNN as RNN
from .layers import Activation as Activation
from .layers import AttentionPool1D as AttentionPool1D
from .layers import Autoregression as Autoregression
from .layers import AveragePool1D as AveragePool1D
from .layers import AveragePool2D as AveragePool2D
from .layers import AveragePool3D as AveragePool3D
from .layers import AveragePooling1D as AveragePooling1D
from .layers import AveragePooling2D as AveragePooling2D
from .layers import AveragePooling3D as AveragePooling3D
from .layers import BatchNormalization as BatchNormalization
from .layers import Bidirectional as Bidirectional
from .layers import Cell as Cell
from .layers import CenterCrop as CenterCrop
from .layers import Conv1D as Conv1D
from .layers import Conv1DTranspose as Conv1DTranspose
from .layers import Conv2D as Conv2D
from .layers import Conv2DTranspose as Conv2DTranspose
from .layers import Conv3D as Conv3D
from .layers import Conv3DTranspose as Conv3DTranspose
from .layers import Cropping2D as Cropping2D
from .layers import Dense as Dense
from .layers import DepthwiseConv1D as DepthwiseConv1D
from .layers import DepthwiseConv2D as DepthwiseConv2D
from .layers import Dropout as Dropout
from .layers import Embedding as Embedding
from .layers import EmbeddingBag as EmbeddingBag
from .layers import Flatten as Flatten
from .layers import GlobalAveragePool1D as GlobalAveragePool1D
from .layers import GlobalAveragePool2D as GlobalAveragePool2D
from .layers import GlobalAveragePool3D as GlobalAveragePool3D
from .layers import GlobalAveragePooling1D as GlobalAveragePooling1D
from .layers import GlobalAveragePooling2D as GlobalAveragePooling2D
from .layers import GlobalAveragePooling3D as GlobalAveragePooling3D
from .layers import GlobalMaxPool1D as GlobalMaxPool1D
from .layers import GlobalMaxPool2D as GlobalMaxPool2D
from .layers import GlobalMaxPool3D as GlobalMaxPool3D
from .layers import GlobalMaxPooling1D as GlobalMaxPooling1D
from .layers import GlobalMaxPooling2D as GlobalMaxPooling2D
from .layers import GlobalMaxPooling3D as GlobalMaxPooling3D
from .layers import GRUCell as GRUCell
from .layers import Input as Input
from .layers import LastValueResidual as LastValueResidual
from .layers import Layer as Layer
from .layers import LayerNormalization as LayerNormalization
from .layers import LocalResponseNormalization as LocalResponseNormalization
from .layers import LSTMCell as LSTMCell
from .layers import Masking as Masking
from .layers import MaxPool1D as MaxPool1D
from .layers import MaxPool2D as MaxPool2D
from .layers import MaxPool3D as MaxPool3D
from .layers import MaxPooling1D as MaxPooling1D
from .layers import MaxPooling2D as MaxPooling2D
from .layers import MaxPooling3D as MaxPooling3D
from .layers import MelSpectrogram as MelSpectrogram
from .layers import Normalization as Normalization
from .layers import RandomBrightness as RandomBrightness
from .layers import RandomContrast as RandomContrast
from .layers import RandomCrop as RandomCrop
from .layers import RandomFlip as RandomFlip
from .layers import RandomRotation as RandomRotation
from .layers import RandomTranslation as RandomTranslation
from .layers import RandomZoom as RandomZoom
from .layers import Rescaling as Rescaling
from .layers import Reshape as Reshape
from .layers import Resizing as Resizing
from .layers import SeparableConv1D as SeparableConv1D
from .layers import SeparableConv2D as SeparableConv2D
from .layers import SimpleRNN as SimpleRNN
from .layers import SimpleRNNCell as SimpleRNNCell
from .layers import TableEncoding as TableEncoding
from .layers import TableReader as TableReader
from .layers import TextVectorization as TextVectorization
from .layers import TimeDistributed as TimeDistributed
from .layers import UpSampling2D as UpSampling2D
from .layers import ZeroPadding2D as ZeroPadding2D
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
from .regularizers import L1 as L1
from .regularizers import L1L2 as L1L2
from .regularizers import L2 as L2
from .regularizers import L2Norm as L2Norm
from .serialization import load as load
from .train.callbacks import Callback as Callback
from .train.callbacks import CSVLogger as CSVLogger
from .train.callbacks import EarlyStopping as EarlyStopping
from .train.callbacks import HealthMonitor as HealthMonitor
from .train.callbacks import LambdaCallback as LambdaCallback
from .train.callbacks import LearningRateScheduler as LearningRateScheduler
from .train.callbacks import ModelCheckpoint as ModelCheckpoint
from .train.callbacks import ReduceLROnPlateau as ReduceLROnPlateau
from .train.callbacks import TensorBoard as TensorBoard
from .train.callbacks import TerminateOnNaN as TerminateOnNaN
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
    *("inspection", "kernels", "parsing", "plots", "serialization", "train"),
}
__all__ = sorted({name for name in globals() if name[0] != "_"} - _NOT_PUBLIC)


def __getattr__(name: str) -> Any:
    """Import the estimators on first access, since scikit-learn is an optional dependency."""
    if name in ("Classifier", "Regressor"):
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "Classifier", "Regressor"})
