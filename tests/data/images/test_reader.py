"""Image files as a model's first layer reads them: the same pixels as lampas.data.images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lampas as lp
from lampas.data.images.reader import ImageReader
from tests.data.image_files import noise, save


def upside_down(path: Path) -> Path:
    """A JPEG whose metadata says to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 8
    return save(path, noise(5, 40, 60), exif=exif)


@pytest.fixture
def files(root):
    """Images of many kinds, two classes."""
    return [
        save(root / "a" / "0.png", noise(0, 9, 14)),
        save(root / "a" / "1.jpg", noise(1, 100, 80)),
        save(root / "a" / "2.png", noise(2, 12, 12, channels=1)),
        save(root / "b" / "3.png", noise(3, 30, 20, channels=4)),
        upside_down(root / "b" / "4.jpg"),
    ]


@pytest.mark.parametrize(
    ("size", "color", "resize"),
    [((16, 12), "rgb", "crop"), (8, "grey", "stretch"), ((10, 20), "rgb", "pad")],
)
def test_paths_and_contents_give_the_pixels_that_images_gives(root, files, size, color, resize):
    expected = lp.data.images(root, size, color, resize=resize, verbose=0).x
    reader = ImageReader(size, color, resize)
    np.testing.assert_array_equal(reader.convert(files), expected)
    np.testing.assert_array_equal(reader.convert([str(file) for file in files]), expected)
    np.testing.assert_array_equal(reader.convert([file.read_bytes() for file in files]), expected)
    np.testing.assert_array_equal(reader.convert(np.array([str(file) for file in files])), expected)


def test_pillow_images_are_read_upright(root):
    path = upside_down(root / "x.png")
    with Image.open(path) as picture:
        found = ImageReader((60, 40)).convert([picture])
    np.testing.assert_array_equal(found, ImageReader((60, 40)).convert([path]))
    np.testing.assert_array_equal(found[0], np.rot90(noise(5, 40, 60), 1))


def test_a_model_takes_files_and_arrays_alike_also_from_a_file_of_its_own(root, files):
    model = lp.Sequential([ImageReader((8, 6)), lp.Rescaling(1 / 255), lp.Flatten(), lp.Dense(2)])
    pixels = ImageReader((8, 6)).convert(files)
    said = model.predict(pixels)
    np.testing.assert_array_equal(model.predict(files), said)
    model.save(root / "model.safetensors")
    loaded = lp.load(root / "model.safetensors")
    np.testing.assert_array_equal(loaded.predict([file.read_bytes() for file in files]), said)


def test_what_cannot_be_read_is_named(root, files):
    (root / "empty.png").touch()
    (root / "text.jpg").write_text("no picture")
    cut = root / "cut.png"
    cut.write_bytes(files[0].read_bytes()[:60])
    reader = ImageReader(8)
    with pytest.raises(lp.DataError) as error:
        reader.convert(
            [files[0], root / "empty.png", b"nothing", root / "none.png", cut, "x.png", 3]
        )
    message = str(error.value)
    assert message.startswith("6 of 7 images cannot be read:")
    assert f"{root / 'empty.png'}: the file is empty" in message
    assert "number 2: it is not an image in a supported format" in message
    assert f"{root / 'none.png'}: No such file or directory" in message
    assert "and 1 more" in message
    with pytest.raises(lp.DataError, match="number 1: it is of type int, not a file"):
        reader.convert([files[0], 3])
    with pytest.raises(lp.DataError, match="expects a list of image files, got a single one"):
        reader.convert(files[0])


def test_a_huge_image_is_refused_before_it_is_decoded(root, files, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    with pytest.raises(lp.DataError, match="more than 50 pixels, which may be an attempt"):
        ImageReader(8).convert([files[0].read_bytes()])


def test_arrays_are_not_read():
    reader = ImageReader(8)
    assert not reader.accepts(np.zeros((2, 8, 8, 3), np.uint8))
    assert not reader.accepts([np.zeros((8, 8, 3))])


@pytest.mark.parametrize("size", [0, (8,), (8, 8, 3), (8, 2.5)])
def test_a_size_that_is_none_is_reported(size):
    with pytest.raises(lp.ArgumentError, match="size must be"):
        ImageReader(size)


def test_choices_that_are_none_are_reported():
    with pytest.raises(lp.ArgumentError, match="color"):
        ImageReader(8, "gray")
    with pytest.raises(lp.ArgumentError, match="resize"):
        ImageReader(8, resize="squeeze")
