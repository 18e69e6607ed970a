"""Pretrained against not, on a folder of drawn pictures and with kernels of the test's own."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import stamps
from lampas.applications import pretrained


@pytest.fixture
def folder(tmp_path):
    """Red and green squares, which any network can tell apart."""
    from PIL import Image

    random = np.random.default_rng(0)
    for channel, name in enumerate(("red", "green")):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(10):
            pixels = random.integers(0, 60, (32, 32, 3), np.uint8)
            pixels[8:24, 8:24, channel] += 150
            Image.fromarray(pixels).save(tmp_path / "data" / name / f"{number}.png")
    return tmp_path / "data"


@pytest.fixture
def kernels(monkeypatch):
    """A narrow VGG-16 with kernels that are there: each map passes on one map before it."""
    narrow = partial(lp.VGG16, width=0.125)
    layers = narrow(include_top=False).features.layers
    filters = tuple(layer.filters for layer in layers if isinstance(layer, lp.Conv2D))

    def made(wanted: pretrained.PretrainedWeights) -> pretrained.Arrays:
        arrays, before = {}, 3
        for number, count in enumerate(wanted.filters):
            kernel = np.zeros((3, 3, before, count), np.float32)
            kernel[1, 1, np.arange(count) % before, np.arange(count)] = 1
            arrays |= {f"{number}/kernel": kernel, f"{number}/bias": np.zeros(count, np.float32)}
            before = count
        return arrays

    monkeypatch.setattr(stamps, "VGG16", narrow)
    monkeypatch.setattr(lp.VGG16, "pretrained", replace(pretrained.VGG16_WEIGHTS, filters=filters))
    monkeypatch.setattr(pretrained, "cached_arrays", made)


@pytest.mark.long
def test_three_networks_meet_on_one_split_and_the_best_is_kept(folder, kernels, tmp_path):
    out = tmp_path / "run"
    result = stamps.run(folder, size=32, epochs=3, out=out, verbose=0)
    assert result.pretrained == 1
    page = result.report.read_text()
    for name in (stamps.PRETRAINED, stamps.UNTRAINED, stamps.SCRATCH):
        assert name in page
    assert "All test images are classified correctly" in page
    rows = list(csv.DictReader((out / "history.csv").read_text().splitlines()))
    assert len(rows) == stamps.HEAD_EPOCHS
    model = lp.load(out / "model.safetensors")
    assert all(path.startswith("sequential_1/") for path in model.parameters())
    pictures = lp.data.images(folder, 32, verbose=0)
    assert (model.predict(pictures.x).argmax(1) == pictures.y).mean() == 1


def test_a_folder_that_is_not_there_is_told_before_anything_is_fetched(tmp_path):
    with pytest.raises(lp.FileError, match="there is no folder or CSV file"):
        stamps.run(tmp_path / "none", out=tmp_path / "run")
