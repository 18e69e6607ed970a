"""Numbers to colors."""

from __future__ import annotations

import numpy as np

from lampas.plots.colors import diverging, heat_colormap, mosaic, rgb
from lampas.plots.style import FLAME, SEA


def test_diverging_is_blue_clear_orange():
    below, zero, above = diverging(np.array([-1.0, 0.0, 0.5]))
    assert below[:3].tolist() == rgb(SEA).tolist()
    assert above[:3].tolist() == rgb(FLAME).tolist()
    assert [below[3], zero[3], above[3]] == [255, 0, 128]


def test_embers_only_get_lighter():
    light = heat_colormap(np.linspace(0, 1, 200))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) >= 0).all()
    assert light[-1] - light[0] > 200


def test_mosaic_keeps_every_tile_in_its_place():
    tiles = np.zeros((5, 30, 30, 4), np.uint8)
    tiles[:] = (np.arange(5) + 1)[:, None, None, None]
    grid = mosaic(tiles, columns=3, gap=0.1)
    assert grid.shape == (2 * 32 + 3, 3 * 32 + 2 * 3, 4)
    centres = grid[[16, 16 + 35]][:, [16, 16 + 35, 16 + 70], 0]
    assert centres.tolist() == [[1, 2, 3], [4, 5, 0]]


def test_small_tiles_are_enlarged():
    assert mosaic(np.zeros((1, 3, 3, 4), np.uint8), columns=1).shape == (26, 26, 4)
