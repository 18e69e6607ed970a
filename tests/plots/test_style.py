"""The style applies only to our figures, and its colours are distinguishable."""

import itertools
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lampas import plots
from lampas.app.report import Report
from lampas.core.errors import LampasError
from lampas.plots.style import PALETTE, new_figure, style

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "all colours": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], LUMINANCE, [0.0193, 0.1192, 0.9505]])


def linear(colour):
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(light):
    xyz = TO_XYZ @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
def test_palette_is_distinguishable(sight):
    seen = [lab(np.array(SIGHT[sight]) @ linear(colour)) for colour in PALETTE]
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert nearest > 20  # CIE 1976; a just noticeable difference is 2.3


@pytest.mark.parametrize("ground", ["#ffffff", "#11161f"])
def test_palette_is_seen_by_day_and_by_night(ground):
    around = linear(ground) @ LUMINANCE + 0.05
    for colour in PALETTE:
        light = linear(colour) @ LUMINANCE + 0.05
        assert max(light / around, around / light) > 2


def test_style_leaves_matplotlib_as_it_was():
    before = dict(matplotlib.rcParams)
    plots.training_curves({"loss": [1.0, 0.5]})
    with style():
        assert matplotlib.rcParams["axes.spines.top"] is False
        new_figure(2, 1)
    assert dict(matplotlib.rcParams) == before


def test_pyplot_is_never_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    Report("r").figure(plots.training_curves({"loss": [1.0, 0.5]}))


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(LampasError, match=r"pip install 'lampas\[app\]'"):
        plots.training_curves({"loss": [1.0]})


def test_a_report_without_figures_needs_no_matplotlib(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert Report("r").facts({"a": 1}).write(tmp_path / "r.html").exists()
