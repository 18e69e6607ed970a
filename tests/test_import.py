"""The public names of the package, and what ``import lampas`` loads."""

import inspect
import subprocess
import sys

import pytest

import lampas as lp

HEAVY = ["optax", "rich", "typer", "matplotlib", "pandas", "sklearn", "safetensors"]
HEAVY += ["PIL", "torch", "keras", "soundfile", "starlette", "uvicorn"]

PUBLIC_NAMES = """
Activation Adadelta Adagrad Adam AdamW Adamax Add AlexNet ArgumentError AttentionPool1D AugMix
AutoContrast Autoregression Average AveragePool1D AveragePool2D AveragePool3D AveragePooling1D
AveragePooling2D AveragePooling3D BatchNormalization Bidirectional CSVLogger Callback Cell
CenterCrop Checkpoint Concatenate ContrastLimitedAdaptiveHistogramEqualization Conv1D
Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Cropping2D CutMix DataError Dense
DepthwiseConv1D DepthwiseConv2D DivergedError Dot Dropout EarlyStopping Embedding EmbeddingBag
Equalization FileError Flatten GRU GRUCell GlobalAveragePool1D GlobalAveragePool2D
GlobalAveragePool3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D
GlobalMaxPooling3D HealthMonitor History Input InputLayer L1 L1L2 L2 L2Norm LRFinderResult LSTM
LSTMCell Lamb Lambda LambdaCallback LampasError LastValueResidual Layer LayerNormalization LeNet5
LearningRateScheduler Lion LocalResponseNormalization Loss Masking MaxPool1D MaxPool2D MaxPool3D
MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram Metric Minimum MixUp Model
ModelCheckpoint Module Multiply Nadam Normalization NotBuiltError Optimizer Parameter Perceptron
RMSprop RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast
RandomCrop RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert
RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation
RandomZoom ReduceLROnPlateau Rescaling Reshape Resizing SGD SeparableConv1D SeparableConv2D
Sequential ShapeError SimpleRNN SimpleRNNCell Solarization State Subtract TableEncoding TableReader
TensorBoard TerminateOnNaN TextVectorization TimeDistributed UnknownNameError UpSampling2D VGG16
VGG19 Variable ZeroPadding2D activations applications callbacks constraints data datasets explain
forecast forward_pass functional get_mask grad_cam gradient_flow initializers is_training jit layers
load losses lr_find metrics models ops optimizers random_key regularizers saliency saving schedules
set_mask set_seed set_traceback_filtering value_and_grad
"""
"""A snapshot: a change of the public interface has to be made here too."""


def run(script):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )


def test_import_loads_nothing_that_is_not_needed_yet():
    done = run(f"import sys, lampas; print([m for m in {HEAVY} if m in sys.modules])")
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


def test_import_starts_no_device():
    done = run(
        "import lampas; from jax._src import xla_bridge as x; print(x.backends_are_initialized())"
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "False"


def test_the_public_names_are_these():
    assert lp.__all__ == PUBLIC_NAMES.split()
    assert set(lp.__all__) <= set(dir(lp))


@pytest.mark.parametrize("name", lp.__all__)
def test_every_public_name_exists_and_is_documented(name):
    value = getattr(lp, name)
    assert inspect.getdoc(value), name
    if inspect.isclass(value):
        assert value.__doc__, name


@pytest.mark.parametrize(
    "part",
    [
        *("activations", "callbacks", "constraints", "initializers", "losses", "metrics"),
        *("models", "optimizers", "regularizers", "saving", "schedules"),
    ],
)
def test_every_name_of_a_part_exists_and_is_documented(part):
    module = getattr(lp, part)
    for name in module.__all__:
        assert vars(module)[name].__doc__, name


def test_the_errors_are_of_one_family():
    kinds = [value for name in lp.__all__ if name.endswith("Error") and (value := vars(lp)[name])]
    assert lp.LampasError in kinds
    assert all(issubclass(kind, lp.LampasError) for kind in kinds)


def test_the_version_is_that_of_the_installed_package():
    from importlib.metadata import version

    assert lp.__version__ == version("lampas")
