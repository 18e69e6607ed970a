"""Pretrained kernels come from a published pickle into a network, once and unharmed."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

import lampas as lp
from lampas import VGG16, VGG19, AlexNet
from lampas.applications import alexnet, pretrained
from lampas.applications.pretrained import ALEXNET_WEIGHTS, VGG16_WEIGHTS
from lampas.datasets import DatasetError
from lampas.download.fetch import DatasetFiles
from lampas.download.packages import SourceDistribution
from tests.download.support import MemorySource, published

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
def source(monkeypatch) -> MemorySource:
    """A source that has the file; AlexNet is made of as few filters as the file has."""
    return offer(monkeypatch, pickled())


def offer(monkeypatch: pytest.MonkeyPatch, content: bytes) -> MemorySource:
    source = MemorySource("shelf", {"alexnet.ckpt.gz": content})
    files = (published("alexnet.ckpt.gz", content),)
    dataset = DatasetFiles("toy", "Toy", 1, files, (source,), "")
    weights = pretrained.PretrainedWeights(dataset, "AlexNet_0", FILTERS)
    monkeypatch.setattr(alexnet, "ALEXNET_WEIGHTS", weights)
    scale = dict(zip((64, 192, 384, 256), FILTERS, strict=False))
    monkeypatch.setattr(alexnet, "scale_width", lambda units, width: scale.get(units, 7))
    return source


def base(**options) -> AlexNet:
    shape = {"input_shape": (63, 63, 3)} | options
    return AlexNet(include_top=False, weights="imagenet-features", **shape)


def test_kernels_and_biases_are_those_of_the_file(source) -> None:
    variables = base().variables()
    layers = pickle.loads(source.contents["alexnet.ckpt.gz"])["AlexNet_0"]
    assert len(variables) == 10
    for number in range(5):
        for part in ("kernel", "bias"):
            ours = variables[f"features/conv{number + 1}/{part}"].numpy()
            np.testing.assert_array_equal(ours, layers[f"Conv_{number}"][part])


def test_the_file_is_fetched_once_and_no_pickle_is_kept(source, cache) -> None:
    first, second = base(), base()
    assert source.requests == 1
    kept = [path.name for path in cache.rglob("*") if path.is_file() and "toy" in str(path)]
    assert kept == ["toy.safetensors"]
    for path, variable in first.variables().items():
        np.testing.assert_array_equal(variable.numpy(), second.variables()[path].numpy())


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:-9], lambda b: b[:-9] + b"\1" * 9])
def test_a_damaged_copy_is_recreated(source, cache, damage) -> None:
    expected = base().variables()["features/conv5/bias"].numpy()
    path = cache / "models" / "toy.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(base().variables()["features/conv5/bias"].numpy(), expected)
    assert source.requests == 2


def test_a_cache_that_cannot_be_written_warns_and_goes_on(source, cache, monkeypatch) -> None:
    cache.write_text("in the way")
    with pytest.warns(UserWarning, match="could not be written .* Set LAMPAS_CACHE"):
        base()


def test_a_saved_network_opens_without_the_weights(source, tmp_path) -> None:
    net = base()
    net.freeze()
    net.save(tmp_path / "net.safetensors")
    source.contents.clear()
    (tmp_path / "cache/models/toy.safetensors").unlink()
    again = lp.load(tmp_path / "net.safetensors")
    assert not again.parameters()
    for path, variable in net.variables().items():
        np.testing.assert_array_equal(again.variables()[path].numpy(), variable.numpy())


@pytest.mark.long
def test_the_head_is_initialized_when_the_features_are_loaded(source) -> None:
    net = AlexNet(2, (63, 63, 3), weights="imagenet-features")
    assert {path.split("/")[0] for path in net.variables()} == {"features", "head"}


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
def test_unknown_weights_are_reported(name) -> None:
    with pytest.raises(lp.UnknownNameError, match=r"Unknown weights .* Known: imagenet-features"):
        VGG16(weights=name)


def test_what_does_not_fit_is_reported_before_a_download() -> None:
    with pytest.raises(lp.ArgumentError, match=r"width=1.0, with 64 .* this network has 32"):
        VGG16(weights="imagenet-features", width=0.5)
    with pytest.raises(lp.ArgumentError, match=r"input_shape with 1 channels. Repeat a grey"):
        AlexNet(weights="imagenet-features", input_shape=(96, 96, 1))
    with pytest.raises(lp.ArgumentError, match="no pretrained weights for VGG19; AlexNet and"):
        VGG19(weights="imagenet-features")


def test_weights_that_cannot_be_had_raise_an_error_that_says_what_to_do(source) -> None:
    source.contents.clear()
    weights = alexnet.ALEXNET_WEIGHTS
    dataset = replace(weights.published, alternative=ALEXNET_WEIGHTS.published.alternative)
    with pytest.raises(DatasetError, match=r"(?s)shelf: 404.*or omit weights= to start"):
        pretrained.cached_arrays(replace(weights, published=dataset))


@pytest.mark.parametrize("weights", [ALEXNET_WEIGHTS, VGG16_WEIGHTS])
def test_the_published_files_are_pinned(weights) -> None:
    (file,), (source,) = weights.published.files, weights.published.sources
    assert len(file.sha256) == len(source.sha256) == 64
    assert isinstance(source, SourceDistribution)
    assert "==" in source.name


def test_the_kernels_fit_the_networks() -> None:
    for net, kernels in (
        (AlexNet(), pretrained.ALEXNET_WEIGHTS),
        (VGG16(), pretrained.VGG16_WEIGHTS),
    ):
        layers = [layer for layer in net.features.layers if isinstance(layer, lp.Conv2D)]
        assert tuple(layer.filters for layer in layers) == kernels.filters
