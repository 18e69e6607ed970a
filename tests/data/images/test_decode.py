"""Every mode and format becomes the pixels it shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lampas.data.images.decode import (
    ImageFormat,
    UnreadableImageError,
    decode,
    read_header,
    resize_to_format,
)
from tests.data.image_files import noise, save

RGB = noise(0, 6, 9)
GREY = noise(1, 6, 9, 1)
RAMP = np.linspace(0, 65535, 6 * 9).astype(np.uint16).reshape(6, 9)


def form(color="rgb", height=6, width=9, resize="crop"):
    return ImageFormat(height, width, color, resize)


def luma(rgb):
    """ITU-R 601, as television weighs the colours."""
    return rgb @ np.array([0.299, 0.587, 0.114])


def test_colour_and_grey_come_out_as_saved(tmp_path):
    path = save(tmp_path / "a.png", RGB)
    np.testing.assert_array_equal(decode(path, form()), RGB)
    grey = decode(path, form("grey"))
    assert grey.shape == (6, 9, 1)
    assert np.abs(grey[..., 0] - luma(RGB)).max() <= 1
    path = save(tmp_path / "b.png", GREY)
    np.testing.assert_array_equal(decode(path, form("grey"))[..., 0], GREY)
    np.testing.assert_array_equal(decode(path, form()), np.stack([GREY] * 3, -1))


def test_one_bit_is_black_and_white(tmp_path):
    bits = GREY > 127
    path = save(tmp_path / "a.png", Image.fromarray(bits))
    assert read_header(path).grey
    np.testing.assert_array_equal(decode(path, form("grey"))[..., 0], 255 * bits)


@pytest.mark.parametrize("suffix", ["png", "tif", "pgm"])
def test_sixteen_bits_are_scaled_and_rounded_not_cut(tmp_path, suffix):
    path = save(tmp_path / f"a.{suffix}", RAMP)
    assert read_header(path) == (6, 9, True)
    np.testing.assert_array_equal(decode(path, form("grey"))[..., 0], np.rint(RAMP / 257))


def test_a_palette_with_a_transparent_colour_shows_white_there(tmp_path):
    image = Image.fromarray(np.arange(54, dtype=np.uint8).reshape(6, 9) % 3, "P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    truth = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]])[np.asarray(image)]
    np.testing.assert_array_equal(decode(save(tmp_path / "a.png", image), form()), truth)
    truth[np.asarray(image) == 1] = 255
    path = save(tmp_path / "b.png", image, transparency=1)
    np.testing.assert_array_equal(decode(path, form()), truth)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_lies_on_white(tmp_path, mode):
    colours = RGB if mode == "RGBA" else GREY[..., None]
    alpha = noise(2, 6, 9, 1)
    image = Image.fromarray(np.concatenate([colours, alpha[..., None]], -1), mode)
    share = alpha[..., None] / 255
    truth = np.broadcast_to(colours * share + 255 * (1 - share), (6, 9, 3))
    found = decode(save(tmp_path / "a.png", image), form())
    assert np.abs(found - truth).max() <= 1


def test_a_grey_image_with_a_transparent_value(tmp_path):
    grey = np.repeat(np.array([[10], [200]], np.uint8), 9, 1).repeat(3, 0)
    path = save(tmp_path / "a.png", grey, transparency=10)
    np.testing.assert_array_equal(np.unique(decode(path, form("grey"))), [200, 255])


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk_is_ink_on_paper(tmp_path, suffix):
    ink = np.zeros((16, 16, 4), np.uint8)
    ink[:8, :, 1:3] = 255  # Magenta and yellow are red.
    ink[8:, :, 3] = 255
    options = {"quality": 100} if suffix == "jpg" else {}
    path = save(tmp_path / f"a.{suffix}", Image.fromarray(ink, "CMYK"), **options)
    found = decode(path, form("rgb", 16, 16)).astype(int)
    assert np.abs(found[:8] - [255, 0, 0]).max() <= 3
    assert found[8:].max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tif", "jpg"])
def test_every_orientation_comes_upright(tmp_path, orientation, suffix):
    """What a camera stored for an upright scene, by the table of the EXIF standard."""
    upright = np.zeros((32, 48), np.uint8)
    upright[:16, :24], upright[:16, 24:], upright[16:, :24] = 80, 160, 240
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: upright.T[::-1],  # To be turned clockwise by 90 degrees.
        7: upright.T[::-1, ::-1],
        8: upright.T[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"a.{suffix}", np.ascontiguousarray(stored), exif=exif)
    if suffix != "png":
        assert read_header(path)[:2] == (32, 48)
    assert np.abs(decode(path, form("grey", 32, 48))[..., 0].astype(int) - upright).max() <= 2
    if suffix == "jpg":  # At half the size too, which a JPEG is decoded at.
        half = decode(path, form("grey", 16, 24))[..., 0].astype(int)
        assert np.abs(half - upright[::2, ::2]).max() <= 2


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_metadata_spoil_no_pixel(tmp_path):
    path = save(tmp_path / "a.jpg", GREY, exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert decode(path, form("grey")).shape == (6, 9, 1)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tif"])
def test_the_first_frame_of_an_animation(tmp_path, suffix):
    frames = [Image.new("RGB", (9, 6), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if suffix == "webp" else {}
    path = save(
        tmp_path / f"a.{suffix}", frames[0], save_all=True, append_images=frames[1:], **options
    )
    assert (decode(path, form()) == [255, 0, 0]).all()


def test_a_camera_file_of_several_images(tmp_path):
    path = tmp_path / "a.jpg"
    Image.new("L", (18, 12), 90).save(
        path, "MPO", save_all=True, append_images=[Image.new("L", (9, 6))]
    )
    assert np.abs(decode(path, form("grey")).astype(int) - 90).max() <= 1


@pytest.mark.parametrize("suffix", ["bmp", "ppm", "webp", "jp2", "tif", "gif", "jpg", "avif"])
def test_every_format_is_read(tmp_path, suffix):
    options = {"lossless": True} if suffix == "webp" else {}
    path = save(tmp_path / f"a.{suffix}", np.full((6, 9, 3), 200, np.uint8), **options)
    assert read_header(path)[:2] == (6, 9)
    assert np.abs(decode(path, form()).astype(int) - 200).max() <= 2


LEFT_TO_RIGHT = np.repeat(np.arange(0, 240, 20, dtype=np.uint8)[None], 6, 0)


def test_crop_keeps_the_middle(tmp_path):
    path = save(tmp_path / "a.png", LEFT_TO_RIGHT)  # 6 high, 12 wide.
    np.testing.assert_array_equal(decode(path, form("grey", 6, 6))[..., 0], LEFT_TO_RIGHT[:, 3:9])
    np.testing.assert_array_equal(decode(path, form("grey", 3, 12))[..., 0], LEFT_TO_RIGHT[:3])


def test_stretch_keeps_everything(tmp_path):
    path = save(tmp_path / "a.png", LEFT_TO_RIGHT)
    found = decode(path, form("grey", 6, 6, "stretch"))[..., 0].astype(int)
    # Inside the edges, halving with antialiasing gives the mean of each pair on a ramp.
    assert np.abs(found[:, 1:-1] - (LEFT_TO_RIGHT[:, 2:10:2] + 10.0)).max() <= 1


def test_pad_is_black_around(tmp_path):
    path = save(tmp_path / "a.png", np.full((6, 12), 200, np.uint8))
    found = decode(path, form("grey", 8, 8, "pad"))[..., 0]
    np.testing.assert_array_equal(found[2:6], 200)
    np.testing.assert_array_equal(found[[0, 1, 6, 7]], 0)


def test_an_enlarged_image_keeps_its_proportions(tmp_path):
    path = save(tmp_path / "a.png", np.full((1, 1), 7, np.uint8))
    assert (decode(path, form("grey", 5, 4)) == 7).all()


sides = st.tuples(st.integers(1, 300), st.integers(1, 300))


@given(sides, sides, st.sampled_from(["crop", "stretch", "pad"]))
def test_any_size_comes_to_any_other(size, expected, resize):
    target = form("grey", *expected, resize)
    found = resize_to_format(Image.new("L", size, 90), target)
    assert found.shape == (*expected, 1)
    if resize == "pad":
        # All of the image and, beside it, all of the rest.
        assert 90 in found
        assert set(np.unique(found)) <= {0, 90}
        rows, columns = (found[..., 0] == 90).any(1).sum(), (found[..., 0] == 90).any(0).sum()
        assert rows == expected[0] or columns == expected[1]
    else:
        assert (found == 90).all()


def broken(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "gif"])
def test_a_truncated_file_is_broken(tmp_path, suffix):
    whole = save(tmp_path / f"a.{suffix}", noise(3, 64, 64)).read_bytes()
    with pytest.raises(UnreadableImageError):
        decode(broken(tmp_path / f"b.{suffix}", whole[: len(whole) // 2]), form())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"this is no picture", "not an image in a supported format"),
        (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            "not an image in a supported format",
        ),
    ],
)
def test_what_is_not_an_image_is_reported_why(tmp_path, content, reason):
    for read in (read_header, lambda path: decode(path, form())):
        with pytest.raises(UnreadableImageError, match=reason):
            read(broken(tmp_path / "a.jpg", content))


def test_a_file_that_is_not_there_and_one_that_is_a_folder(tmp_path):
    with pytest.raises(UnreadableImageError, match="No such file"):
        decode(tmp_path / "a.jpg", form())


def test_numbers_without_a_range_are_no_image(tmp_path):
    path = save(tmp_path / "a.tif", RAMP.astype(np.float32))
    with pytest.raises(UnreadableImageError, match="floating-point numbers of unknown range"):
        decode(path, form())
    path = save(tmp_path / "b.tif", RAMP.astype(np.int32) * 2)
    with pytest.raises(UnreadableImageError, match="range from 0 to 131070, beyond 16 bits"):
        decode(path, form())


@pytest.mark.parametrize("most", [40, 20])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_an_image_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch, most):
    """Pillow itself warns above the limit and refuses above twice the limit."""
    path = save(tmp_path / "a.png", RGB)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
    with pytest.raises(UnreadableImageError, match=rf"more than {most} pixels.*MAX_IMAGE_PIXELS"):
        decode(path, form())


def test_a_large_jpeg_is_decoded_small_and_looks_the_same(tmp_path):
    y, x = np.mgrid[:256, :384]
    scene = np.stack([x * 255 // 383, y * 255 // 255, (x + y) * 255 // 638], -1).astype(np.uint8)
    small = decode(save(tmp_path / "a.jpg", scene, quality=95), form("rgb", 30, 45)).astype(int)
    truth = decode(save(tmp_path / "a.png", scene), form("rgb", 30, 45)).astype(int)
    assert np.abs(small - truth).max() <= 6
