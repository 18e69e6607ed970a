"""Convolution kernels that others have trained on ImageNet: fetched, converted once, put in."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from ..core.build import dry_run
from ..core.errors import ArgumentError, FileError, unknown_name
from ..core.filesystem import cache_folder, write_whole
from ..download import bundles
from ..download.bundles import Bundle
from ..download.fetch import fetch
from ..layers import Conv2D
from ..train.sequential import Sequential
from .safe_pickle import read_pickle

FEATURES = "imagenet-features"
"""The one kind of pretrained weights that there is."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Kernels:
    """Kernels and biases of all convolutions of a network.

    Args:
        bundle: where they come from: a pickle of dicts, ``root -> Conv_0 -> kernel`` and ``bias``.
        root: the name of the network in there.
        filters: number of filters of each convolution, to tell before a download what fits.
    """

    bundle: Bundle
    root: str
    filters: tuple[int, ...]


ALEXNET_KERNELS = Kernels(bundles.ALEXNET_KERNELS, "AlexNet_0", (64, 192, 384, 256, 256))
VGG16_KERNELS = Kernels(
    bundles.VGG16_KERNELS,
    "VGG16_0",
    (*(64, 64, 128, 128, 256, 256, 256), *(512, 512, 512, 512, 512, 512)),
)


def load_kernels(network: str, features: Sequential, kernels: Kernels | None, weights: str) -> None:
    """Build ``features`` and give its convolutions pretrained kernels and biases.

    The first time they are downloaded and kept in the cache as a safetensors file.

    Raises:
        UnknownNameError: for weights of another name.
        ArgumentError: when there are none for this network, or they do not fit it.
        DatasetError: when they can not be had.
    """
    if weights != FEATURES:
        raise unknown_name("weights", weights, [FEATURES])
    convolutions = [layer for layer in features.layers if isinstance(layer, Conv2D)]
    if kernels is None:
        raise ArgumentError(
            f"there are no pretrained weights for {network}; AlexNet and VGG16 have some."
        )
    _check(features, convolutions, kernels)
    arrays = load_arrays(kernels)
    shape = features.input_shape or ()
    # On shapes alone: there is no need to draw values that are replaced at once.
    dry_run([features], lambda: features(jnp.zeros((1, *shape))))
    for number, layer in enumerate(convolutions):
        layer.kernel.value = jnp.asarray(arrays[f"{number}/kernel"])
        assert layer.bias is not None
        layer.bias.value = jnp.asarray(arrays[f"{number}/bias"])


def _check(features: Sequential, convolutions: Sequence[Conv2D], kernels: Kernels) -> None:
    filters = tuple(layer.filters for layer in convolutions)
    if filters != kernels.filters:
        raise ArgumentError(
            f"the pretrained kernels are for the network in full, width=1.0 with "
            f"{kernels.filters[0]} filters in the first convolution; this one has {filters[0]}."
        )
    channels = (features.input_shape or (0,))[-1]
    if channels != 3:
        raise ArgumentError(
            "the pretrained kernels are for pictures in red, green and blue, got an input_shape "
            f"with {channels} channels. Repeat a grey one three times: x.repeat(3, axis=-1)."
        )


def load_arrays(kernels: Kernels) -> Arrays:
    """``"0/kernel"``, ``"0/bias"``, ``"1/kernel"`` ... of a network, float32, from the cache.

    A file in the cache that is missing or damaged is made anew from the published one.

    Raises DatasetError when that can not be had, FileError when it is not what it should be.
    """
    path = cache_folder("models", f"{kernels.bundle.name}.safetensors")
    arrays = _cached(path)
    if arrays is None:
        ((name, content),) = fetch(kernels.bundle, keep=False).items()
        arrays = convert(content, name, kernels)
        _keep(path, arrays)
    return arrays


def convert(content: bytes, name: str, kernels: Kernels) -> Arrays:
    """The arrays in a pickle under their names here.

    Raises FileError, which begins with ``name``, when it does not hold all of them in shape.
    """
    layers = read_pickle(content, name).get(kernels.root, {})
    arrays: Arrays = {}
    for number, filters in enumerate(kernels.filters):
        layer = layers.get(f"Conv_{number}", {}) if isinstance(layers, Mapping) else {}
        for part, rank in (("kernel", 4), ("bias", 1)):
            array = layer.get(part)
            if not isinstance(array, np.ndarray) or (array.ndim, array.shape[-1]) != (
                rank,
                filters,
            ):
                raise FileError(
                    f"{name}: {kernels.root}/Conv_{number}/{part} should be an array of {rank} "
                    f"axes for {filters} filters."
                )
            arrays[f"{number}/{part}"] = np.ascontiguousarray(array, np.float32)
    return arrays


def _cached(path: Path) -> Arrays | None:
    """The arrays in the file, or None if it is missing, broken or was changed."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays if (file.metadata() or {}).get("sha256") == _digest(arrays) else None
    except (OSError, SafetensorError):
        return None


def _keep(path: Path, arrays: Arrays) -> None:
    from safetensors.numpy import save

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, save(arrays, metadata={"sha256": _digest(arrays)}))
    except OSError as error:
        warnings.warn(
            f"{path} could not be written ({error}); the weights will be fetched again next time. "
            "Set LAMPAS_CACHE to a folder that can be written to.",
            stacklevel=2,
        )


def _digest(arrays: Arrays) -> str:
    """One sha256 of all arrays, whatever their order."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(name.encode())
        found.update(arrays[name].tobytes())
    return found.hexdigest()
