"""Decode an image file to pixels of a given size and color mode."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError
from ..labels import UnreadableFileError, not_installed

if TYPE_CHECKING:
    from PIL.Image import Image

Color = Literal["rgb", "grey"]
Resize = Literal["crop", "stretch", "pad"]
Pixels = npt.NDArray[np.uint8]

# Some of Pillow's other formats start external programs or have no pixels.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "JPEG2000")
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".jp2", ".j2k"}
)
UNSUPPORTED_SUFFIXES = frozenset(
    {".heic", ".heif", ".hif", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"}
    | {".psd", ".svg", ".ai", ".eps", ".pdf", ".dcm", ".jxl", ".exr", ".xcf"}
)
"""Suffixes of other files with images, which are to be converted first."""
_JPEGS = ("JPEG", "MPO")
_ORIENTATION = 0x0112
_TRANSPOSES = (
    *("FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM", "TRANSPOSE"),
    *("ROTATE_270", "TRANSVERSE", "ROTATE_90"),
)
"""What turns an image upright, for the orientations 2 to 8."""


class UnreadableImageError(UnreadableFileError):
    """Reason why a file cannot be decoded; never leaves this package."""


@dataclass(frozen=True)
class ImageFormat:
    """Format that all images are converted to.

    Args:
        height: height in pixels.
        width: width in pixels.
        color: ``"rgb"`` or ``"grey"``.
        resize: ``"crop"`` fills the format and cuts off the rest, ``"stretch"`` changes the
            proportions, ``"pad"`` fits the image in and fills the rest with black.
    """

    height: int
    width: int
    color: Color
    resize: Resize

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and number of channels."""
        return self.height, self.width, 3 if self.color == "rgb" else 1


def parse_size(size: Sequence[int] | int) -> tuple[int, int]:
    """Height and width, given as such or as one number for both; raises ArgumentError."""
    sides = (size, size) if isinstance(size, int | np.integer) else tuple(size)
    if len(sides) != 2 or not all(isinstance(n, int | np.integer) and n > 0 for n in sides):
        raise ArgumentError(
            f"size must be (height, width) in pixels, or one number for both, got {size!r}."
        )
    return int(sides[0]), int(sides[1])


class Header(NamedTuple):
    """Upright size of an image in pixels, and whether it is greyscale."""

    height: int
    width: int
    grey: bool


def require_pillow() -> None:
    """Raise DataError if Pillow is not installed."""
    try:
        import PIL.Image
    except ImportError as error:
        raise not_installed("images are read with Pillow") from error
    PIL.Image.init()


def read_header(path: Path) -> Header:
    """Return the size and mode of an image without decoding its pixels.

    Raises:
        UnreadableImageError: if the file cannot be opened as an image.
    """
    with _opened(path) as image:
        width, height = image.size
        # Pillow gives a TIFF's size upright, and a PNG's orientation only once it is decoded.
        if image.format in (*_JPEGS, "WEBP") and _orientation(image) >= 5:
            width, height = height, width
        return Header(height, width, image.mode[:1] in ("1", "L", "I") and image.mode != "LAB")


def decode(path: Path, image_format: ImageFormat) -> Pixels:
    """Return the image upright, without transparency, in a format: uint8 ``image_format.shape``.

    Of an animation, the first frame is used. Transparent parts become white; 16-bit grey is scaled
    to 8 bits. A color profile is not applied. Downscaling averages (bilinear with antialiasing); a
    JPEG is decoded at the smallest of its scales that is large enough.

    Raises:
        UnreadableImageError: if the file cannot be decoded.
    """
    with _opened(path) as image:
        _set_jpeg_scale(image, image_format)
        try:
            image.load()
            converted = to_plain_mode(image, image_format)
        except MemoryError:
            raise
        except Exception as error:  # Damaged files make decoders raise nearly anything.
            raise UnreadableImageError(str(error) or type(error).__name__) from error
        return resize_to_format(converted, image_format)


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    try:
        # Given a path, Pillow would memory-map the file and then scramble rotated TIFFs.
        with path.open("rb") as file:
            yield _identify(file)
    except OSError as error:
        raise UnreadableImageError(error.strerror or str(error)) from error


def _identify(file: BinaryIO) -> Image:
    import PIL.Image

    try:
        image = PIL.Image.open(file, formats=[f for f in FORMATS if f in PIL.Image.OPEN])
    except PIL.UnidentifiedImageError as error:
        empty = file.seek(0, os.SEEK_END) == 0
        reason = "the file is empty" if empty else "it is not an image in a supported format"
        raise UnreadableImageError(reason) from error
    except PIL.Image.DecompressionBombError as error:
        raise _too_large() from error
    except MemoryError:
        raise
    except Exception as error:  # As above.
        raise UnreadableImageError(str(error) or type(error).__name__) from error
    max_pixels = PIL.Image.MAX_IMAGE_PIXELS
    if max_pixels is not None and image.width * image.height > max_pixels:
        raise _too_large()
    return image


def _too_large() -> UnreadableImageError:
    import PIL.Image

    return UnreadableImageError(
        f"it has more than {PIL.Image.MAX_IMAGE_PIXELS:,} pixels, which may be an attempt to "
        "exhaust the memory; if you trust it, raise PIL.Image.MAX_IMAGE_PIXELS"
    )


def _orientation(image: Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # Damaged metadata is common and does not affect the pixels.
        return 1


def _set_jpeg_scale(image: Image, image_format: ImageFormat) -> None:
    """Let a JPEG be decoded at 1/2, 1/4 or 1/8 if that is large enough."""
    if image.format in _JPEGS:
        size = image_format.width, image_format.height
        rotated = _orientation(image) >= 5
        image.draft("L" if image_format.color == "grey" else None, size[::-1] if rotated else size)


def _upright(image: Image) -> Image:
    from PIL.Image import Transpose

    orientation = _orientation(image)
    if not 2 <= orientation <= 8:
        return image
    return image.transpose(Transpose[_TRANSPOSES[orientation - 2]])


def to_plain_mode(image: Image, image_format: ImageFormat) -> Image:
    """Convert an image of any mode to RGB or grey, upright and without transparency.

    Raises:
        UnreadableImageError: if the range of the pixel values is unknown.
    """
    import PIL.Image

    image = _upright(image)
    mode = "RGB" if image_format.color == "rgb" else "L"
    if image.mode.startswith("I"):
        image = _to_eight_bits(image)
    if image.mode == "F":
        raise UnreadableImageError("its pixels are floating-point numbers of unknown range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = PIL.Image.new("RGBA", image.size, "white")
        image = PIL.Image.alpha_composite(white, image)
    return image if image.mode == mode else image.convert("RGB").convert(mode)


def _to_eight_bits(image: Image) -> Image:
    """Scale 16 bits to 8, rounded: 65535 becomes 255."""
    import PIL.Image

    values = np.asarray(image)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise UnreadableImageError(f"its pixels range from {low} to {high}, beyond 16 bits")
    return PIL.Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))


def resize_to_format(image: Image, image_format: ImageFormat) -> Pixels:
    """Resize an image of plain mode to the format's size; return its pixels."""
    import PIL.Image

    size = image_format.width, image_format.height
    if image_format.resize == "pad":
        scale = min(size[0] / image.width, size[1] / image.height)
        inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        corner = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
        resized = PIL.Image.new(image.mode, size)
        resized.paste(_resample(image, inner, (0, 0, *image.size)), corner)
    else:
        cut = (0.0, 0.0)
        if image_format.resize == "crop":
            scale = max(size[0] / image.width, size[1] / image.height)
            width, height = size[0] / scale, size[1] / scale
            # Rounding may make these slightly negative.
            cut = max(0.0, image.width - width), max(0.0, image.height - height)
        box = cut[0] / 2, cut[1] / 2, image.width - cut[0] / 2, image.height - cut[1] / 2
        resized = _resample(image, size, box)
    return np.asarray(resized).reshape(image_format.shape)


def _resample(image: Image, size: tuple[int, int], box: tuple[float, float, float, float]) -> Image:
    from PIL.Image import Resampling

    return image.resize(size, Resampling.BILINEAR, box, reducing_gap=2.0)
