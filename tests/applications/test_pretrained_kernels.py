"""Pretrained kernels come from a published pickle into a network, once and unharmed."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

import lampas as lp
from lampas import VGG16, VGG19, AlexNet
from lampas.applications import alexnet, pretrained
from lampas.datasets import DatasetError
from lampas.download.bundles import ALEXNET_KERNELS, VGG16_KERNELS, Bundle
from lampas.download.packages import SourcePackage
from tests.datasets.support import Shelf, published

FILTERS = (4, 6, 5, 3, 3)
"""Those of AlexNet at this width, with a pickle to match."""
random = np.random.default_rng(0)


def pickled(leave: str = "", filters: tuple[int, ...] = FILTERS) -> bytes:
    """A file in the layout of the published one."""
    layers, before = {}, 3
    for number, (count, size) in enumerate(zip(filters, (11, 5, 3, 3, 3), strict=True)):
        layers[f"Conv_{number}"] = {
            "kernel": random.normal(size=(size, size, before, count)).astype(np.float32),
            "bias": random.normal(size=count).astype(np.float32),
        }
        before = count
    layers.pop(leave, None)
    tree = {"AlexNet_0": layers, "NetLinLayer_0": {"Conv_0": {"kernel": np.zeros((1, 1, 4, 1))}}}
    return pickle.dumps(tree, 3)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMPAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def shelf(monkeypatch) -> Shelf:
    """A source that has the file; AlexNet is made of as few filters as the file has."""
    return offer(monkeypatch, pickled())


def offer(monkeypatch: pytest.MonkeyPatch, content: bytes) -> Shelf:
    source = Shelf("shelf", {"alexnet.ckpt.gz": content})
    bundle = Bundle("toy", "Toy", 1, (published("alexnet.ckpt.gz", content),), (source,))
    kernels = pretrained.Kernels(bundle, "AlexNet_0", FILTERS)
    monkeypatch.setattr(alexnet, "ALEXNET_KERNELS", kernels)
    scale = dict(zip((64, 192, 384, 256), FILTERS, strict=False))
    monkeypatch.setattr(alexnet, "scaled", lambda units, width: scale.get(units, 7))
    return source


def base(**options) -> AlexNet:
    shape = {"input_shape": (63, 63, 3)} | options
    return AlexNet(include_top=False, weights="imagenet-features", **shape)


def test_kernels_and_biases_are_those_of_the_file(shelf) -> None:
    variables = base().variables()
    layers = pickle.loads(shelf.held["alexnet.ckpt.gz"])["AlexNet_0"]
    assert len(variables) == 10
    for number in range(5):
        for part in ("kernel", "bias"):
            ours = variables[f"features/conv{number + 1}/{part}"].numpy()
            np.testing.assert_array_equal(ours, layers[f"Conv_{number}"][part])


def test_the_file_is_fetched_once_and_no_pickle_is_kept(shelf, cache) -> None:
    first, second = base(), base()
    assert shelf.asked == 1
    kept = [path.name for path in cache.rglob("*") if path.is_file() and "toy" in str(path)]
    assert kept == ["toy.safetensors"]
    for path, variable in first.variables().items():
        np.testing.assert_array_equal(variable.numpy(), second.variables()[path].numpy())


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:-9], lambda b: b[:-9] + b"\1" * 9])
def test_a_damaged_copy_is_made_anew(shelf, cache, damage) -> None:
    expected = base().variables()["features/conv5/bias"].numpy()
    path = cache / "models" / "toy.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(base().variables()["features/conv5/bias"].numpy(), expected)
    assert shelf.asked == 2


def test_a_cache_that_can_not_be_written_warns_and_goes_on(shelf, cache, monkeypatch) -> None:
    cache.write_text("in the way")
    with pytest.warns(UserWarning, match="could not be written .* Set LAMPAS_CACHE"):
        base()


def test_a_saved_network_opens_without_the_weights(shelf, tmp_path) -> None:
    net = base()
    net.freeze()
    net.save(tmp_path / "net.safetensors")
    shelf.held.clear()
    (tmp_path / "cache/models/toy.safetensors").unlink()
    again = lp.load(tmp_path / "net.safetensors")
    assert not again.parameters()
    for path, variable in net.variables().items():
        np.testing.assert_array_equal(again.variables()[path].numpy(), variable.numpy())


def test_the_top_is_drawn_when_the_features_are_loaded(shelf) -> None:
    net = AlexNet(2, (63, 63, 3), weights="imagenet-features")
    assert {path.split("/")[0] for path in net.variables()} == {"features", "top"}


def test_what_is_missing_in_the_file_is_named(monkeypatch) -> None:
    offer(monkeypatch, pickled(leave="Conv_3"))
    with pytest.raises(lp.FileError, match=r"alexnet.ckpt.gz: AlexNet_0/Conv_3/kernel should be"):
        base()


def test_another_number_of_filters_in_the_file_is_an_error(monkeypatch) -> None:
    offer(monkeypatch, pickled(filters=(4, 6, 5, 3, 2)))
    with pytest.raises(lp.FileError, match=r"Conv_4/kernel should be an array of 4 axes for 3"):
        base()


def test_a_malicious_file_is_refused(monkeypatch) -> None:
    class Evil:
        def __reduce__(self):
            return print, ("run!",)

    offer(monkeypatch, pickle.dumps({"AlexNet_0": Evil()}, 3))
    with pytest.raises(lp.FileError, match=r"alexnet.ckpt.gz asks for builtins.print"):
        base()


@pytest.mark.parametrize("name", ["imagenet", "imagenet-feature", ""])
def test_unknown_weights_are_told(name) -> None:
    with pytest.raises(lp.UnknownNameError, match=r"Unknown weights .* Known: imagenet-features"):
        VGG16(weights=name)


def test_what_does_not_fit_is_told_before_a_download() -> None:
    with pytest.raises(lp.ArgumentError, match=r"width=1.0 with 64 filters .* this one has 32"):
        VGG16(weights="imagenet-features", width=0.5)
    with pytest.raises(lp.ArgumentError, match=r"input_shape with 1 channels. Repeat a grey one"):
        AlexNet(weights="imagenet-features", input_shape=(96, 96, 1))
    with pytest.raises(lp.ArgumentError, match="no pretrained weights for VGG19; AlexNet and"):
        VGG19(weights="imagenet-features")


def test_weights_that_can_not_be_had_are_told_with_what_to_do(shelf) -> None:
    shelf.held.clear()
    kernels = alexnet.ALEXNET_KERNELS
    bundle = replace(kernels.bundle, otherwise=ALEXNET_KERNELS.otherwise)
    with pytest.raises(DatasetError, match=r"(?s)shelf: 404.*or start without weights="):
        pretrained.load_arrays(replace(kernels, bundle=bundle))


@pytest.mark.parametrize("bundle", [ALEXNET_KERNELS, VGG16_KERNELS])
def test_the_published_files_are_pinned(bundle) -> None:
    (file,), (source,) = bundle.files, bundle.sources
    assert len(file.sha256) == len(source.sha256) == 64
    assert isinstance(source, SourcePackage)
    assert "==" in source.name


def test_the_kernels_fit_the_networks() -> None:
    for net, kernels in (
        (AlexNet(), pretrained.ALEXNET_KERNELS),
        (VGG16(), pretrained.VGG16_KERNELS),
    ):
        layers = [layer for layer in net.features.layers if isinstance(layer, lp.Conv2D)]
        assert tuple(layer.filters for layer in layers) == kernels.filters
