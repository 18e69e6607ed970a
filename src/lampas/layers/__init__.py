"""Layers: one concept a file."""

from .activation import Activation
from .attention_pool import AttentionPool1D
from .augment import (
    CenterCrop,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Resizing,
)
from .autoregression import Autoregression
from .border import Cropping2D, ZeroPadding2D
from .conv import Conv1D, Conv2D, Conv3D
from .conv_transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from .dense import Dense
from .depthwise import DepthwiseConv1D, DepthwiseConv2D
from .dropout import Dropout
from .embedding import Embedding
from .embedding_bag import EmbeddingBag
from .layer import Layer
from .local_response_norm import LocalResponseNormalization
from .masking import Masking
from .naive import NaiveResidual
from .norm import BatchNormalization, LayerNormalization
from .normalization import Normalization
from .pool import (
    AveragePool1D,
    AveragePool2D,
    AveragePool3D,
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePool1D,
    GlobalAveragePool2D,
    GlobalAveragePool3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from .recurrent import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Cell,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
)
from .rescaling import Rescaling
from .reshape import Flatten, Input, Reshape
from .separable import SeparableConv1D, SeparableConv2D
from .spectrogram import MelSpectrogram
from .table_encoding import TableEncoding
from .table_reader import TableReader
from .text_vectorization import TextVectorization
from .time_distributed import TimeDistributed
from .upsampling import UpSampling2D

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "AttentionPool1D",
    "Autoregression",
    "AveragePool1D",
    "AveragePool2D",
    "AveragePool3D",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "BatchNormalization",
    "Bidirectional",
    "Cell",
    "CenterCrop",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Cropping2D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "EmbeddingBag",
    "Flatten",
    "GRUCell",
    "GlobalAveragePool1D",
    "GlobalAveragePool2D",
    "GlobalAveragePool3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "Input",
    "LSTMCell",
    "Layer",
    "LayerNormalization",
    "LocalResponseNormalization",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "MelSpectrogram",
    "NaiveResidual",
    "Normalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv1D",
    "SeparableConv2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "TableEncoding",
    "TableReader",
    "TextVectorization",
    "TimeDistributed",
    "UpSampling2D",
    "ZeroPadding2D",
]
