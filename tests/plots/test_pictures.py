"""Galleries: how many, in which shades, under which captions."""

import numpy as np
import pytest

from lampas.core.errors import DataError, ShapeError
from lampas.plots import pictures
from lampas.plots.images import show_picture, showable


def test_every_picture_is_there_with_its_caption():
    captions = [f"true {i}, said 9 (98 %)" for i in range(7)]
    figure = pictures(np.zeros((7, 8, 8), np.uint8), captions, columns=3)
    assert len(figure.axes) == 7
    written = [" ".join(ax.texts[0].get_text().split()) for ax in figure.axes]
    assert written == captions
    lefts = {round(ax.get_position().x0, 6) for ax in figure.axes}
    tops = {round(ax.get_position().y1, 6) for ax in figure.axes}
    assert (len(lefts), len(tops)) == (3, 3)


@pytest.mark.parametrize("columns", [1, 6, 40])
def test_one_picture_in_any_number_of_columns(columns):
    figure = pictures([np.zeros((5, 5))], ["alone"], columns=columns)
    width, height = figure.get_size_inches()
    assert len(figure.axes) == 1
    assert 0 < width < 7.6
    assert height > 0


def test_captions_stay_inside_the_figure_and_off_the_next_row():
    long = "a caption that needs more than a single line to be read"
    figure = pictures(np.zeros((8, 8, 8)), [long] * 8, columns=4)
    figure.draw_without_rendering()
    first, below = figure.axes[0], figure.axes[4]
    assert first.texts[0].get_window_extent().y0 >= below.get_window_extent().y1
    assert below.texts[0].get_window_extent().y0 >= 0


def test_pictures_of_unlike_sizes_and_kinds():
    images = [np.zeros((4, 8)), np.zeros((9, 3, 3), np.uint8), np.ones((5, 5, 1), bool)]
    assert [image.shape for image in showable(images)] == [(4, 8, 3), (9, 3, 3), (5, 5, 3)]
    assert len(pictures(images).axes) == 3


def test_whole_numbers_are_bytes_and_floats_are_shares():
    assert show_picture(np.array([[0, 128, 255]], np.uint8))[0, :, 0].tolist() == [0, 128, 255]
    assert show_picture(np.array([[0, 300, -5]]))[0, :, 0].tolist() == [0, 255, 0]
    assert show_picture(np.array([[0.0, 0.2, 1.0]]))[0, :, 0].tolist() == [0, 51, 255]
    assert show_picture(np.array([[True, False]]))[0, :, 0].tolist() == [255, 0]


def test_floats_out_of_range_are_stretched_all_alike():
    dim, bright = showable([np.array([[-1.0, 0.0]]), np.array([[0.0, 1.0]])])
    assert dim[0, :, 0].tolist() == [0, 128]
    assert bright[0, :, 0].tolist() == [128, 255]
    assert show_picture(np.array([[0.0, 51.0, 255.0]]))[0, :, 0].tolist() == [0, 51, 255]


def test_half_precision_and_nan_are_shown():
    assert show_picture(np.array([[1.0, np.nan]], np.float16))[0, :, 0].tolist() == [255, 0]
    assert show_picture(np.full((2, 2), np.nan)).max() == 0


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (1, 4, 4, 3)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ShapeError, match="height, width"):
        pictures([np.zeros(shape)])


def test_no_picture_and_too_few_captions():
    with pytest.raises(DataError, match="no picture"):
        pictures([])
    with pytest.raises(ShapeError, match="2 pictures need as many captions; 1"):
        pictures(np.zeros((2, 3, 3)), ["one"])
