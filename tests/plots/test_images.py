"""Image grids and augmentations."""

from __future__ import annotations

import numpy as np
import pytest

from lampas import plots
from lampas.core.errors import DataError, ShapeError
from lampas.plots import image_grid
from lampas.plots.images import displayable_image, displayable_images


def test_every_image_is_there_with_its_caption():
    captions = [f"true {i}, said 9 (98 %)" for i in range(7)]
    figure = image_grid(np.zeros((7, 8, 8), np.uint8), captions, columns=3)
    assert len(figure.axes) == 7
    written = [" ".join(ax.texts[0].get_text().split()) for ax in figure.axes]
    assert written == captions
    lefts = {round(ax.get_position().x0, 6) for ax in figure.axes}
    tops = {round(ax.get_position().y1, 6) for ax in figure.axes}
    assert (len(lefts), len(tops)) == (3, 3)


@pytest.mark.parametrize("columns", [1, 6, 40])
def test_one_image_in_any_number_of_columns(columns):
    figure = image_grid([np.zeros((5, 5))], ["alone"], columns=columns)
    width, height = figure.get_size_inches()
    assert len(figure.axes) == 1
    assert 0 < width < 7.6
    assert height > 0


def test_captions_stay_inside_the_figure_and_off_the_next_row():
    long = "a caption that needs more than a single line to be read"
    figure = image_grid(np.zeros((8, 8, 8)), [long] * 8, columns=4)
    figure.draw_without_rendering()
    first, below = figure.axes[0], figure.axes[4]
    assert first.texts[0].get_window_extent().y0 >= below.get_window_extent().y1
    assert below.texts[0].get_window_extent().y0 >= 0


def test_images_of_unlike_sizes_and_kinds():
    images = [np.zeros((4, 8)), np.zeros((9, 3, 3), np.uint8), np.ones((5, 5, 1), bool)]
    assert [image.shape for image in displayable_images(images)] == [
        (4, 8, 3),
        (9, 3, 3),
        (5, 5, 3),
    ]
    assert len(image_grid(images).axes) == 3


def test_whole_numbers_are_bytes_and_floats_are_shares():
    assert displayable_image(np.array([[0, 128, 255]], np.uint8))[0, :, 0].tolist() == [0, 128, 255]
    assert displayable_image(np.array([[0, 300, -5]]))[0, :, 0].tolist() == [0, 255, 0]
    assert displayable_image(np.array([[0.0, 0.2, 1.0]]))[0, :, 0].tolist() == [0, 51, 255]
    assert displayable_image(np.array([[True, False]]))[0, :, 0].tolist() == [255, 0]


def test_floats_out_of_range_are_stretched_all_alike():
    dim, bright = displayable_images([np.array([[-1.0, 0.0]]), np.array([[0.0, 1.0]])])
    assert dim[0, :, 0].tolist() == [0, 128]
    assert bright[0, :, 0].tolist() == [128, 255]
    assert displayable_image(np.array([[0.0, 51.0, 255.0]]))[0, :, 0].tolist() == [0, 51, 255]


def test_half_precision_and_nan_are_shown():
    assert displayable_image(np.array([[1.0, np.nan]], np.float16))[0, :, 0].tolist() == [255, 0]
    assert displayable_image(np.full((2, 2), np.nan)).max() == 0


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (1, 4, 4, 3)])
def test_what_is_not_an_image_is_refused(shape):
    with pytest.raises(ShapeError, match="height, width"):
        image_grid([np.zeros(shape)])


def test_no_image_and_too_few_captions():
    with pytest.raises(DataError, match="no image"):
        image_grid([])
    with pytest.raises(ShapeError, match="2 images need as many captions, got 1"):
        image_grid(np.zeros((2, 3, 3)), ["one"])


RNG = np.random.default_rng(0)


PICTURES = RNG.integers(0, 256, (4, 8, 6, 3)).astype(np.uint8)


def shown(ax):
    return np.asarray(ax.images[0].get_array())


def words(figure):
    return [text.get_text() for text in figure.texts]


@pytest.mark.long
def test_a_row_is_the_original_and_then_its_variants():
    variants = np.stack([PICTURES[:, ::-1], PICTURES[:, :, ::-1]], 1)
    figure = plots.augmentations(PICTURES, variants, list("abcd"))
    for row, picture in enumerate(PICTURES):
        original, *others = figure.axes[3 * row : 3 * row + 3]
        np.testing.assert_array_equal(shown(original), picture)
        np.testing.assert_array_equal([shown(ax) for ax in others], variants[row])
        lefts = [ax.get_position().x0 for ax in (original, *others)]
        assert lefts == sorted(lefts)
    assert words(figure) == ["original", "random variants", *"abcd"]


def test_floats_made_of_bytes_keep_their_shades():
    figure = plots.augmentations(PICTURES, PICTURES[:, None].astype(np.float32) + 0.2)
    for original, variant in zip(figure.axes[::2], figure.axes[1::2], strict=True):
        np.testing.assert_array_equal(shown(original), shown(variant))


@pytest.mark.long
@pytest.mark.parametrize("variants", [1, 5, 11])
def test_any_number_of_variants_keeps_to_the_page(variants):
    figure = plots.augmentations(PICTURES, PICTURES[:, None].repeat(variants, 1))
    assert figure.get_figwidth() <= 7.51
    assert len(figure.axes) == 4 * (variants + 1)


def test_augmentations_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="4 originals need as many rows of variants, got 3"):
        plots.augmentations(PICTURES, PICTURES[:3, None])
    with pytest.raises(ShapeError, match="4 rows need as many captions, got 1"):
        plots.augmentations(PICTURES, PICTURES[:, None], ["a"])
    with pytest.raises(DataError, match="no variant"):
        plots.augmentations(PICTURES, PICTURES[:, None][:, :0])
    with pytest.raises(ShapeError, match=r"n, k, height.*\(4, 3, 1, 8, 6, 3\)"):
        plots.augmentations(PICTURES, PICTURES[:, None, None].repeat(3, 1))
    with pytest.raises(ShapeError, match=r"the same number of variants, got \[1, 2\]"):
        plots.augmentations(PICTURES[:2], [PICTURES[:1], PICTURES[:2]])
