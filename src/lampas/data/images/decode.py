"""One file: opened with care, read at the least cost, and turned upright.

The form that every picture is brought to: one size and one kind of colour.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image


# Some of Pillow's formats start other programs or stand for no pixels; these do neither.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "JPEG2000")
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".jp2", ".j2k"}
)
_JPEGS = ("JPEG", "MPO")
_ORIENTATION = 0x0112


class Header(NamedTuple):
    """What a file says of itself: upright size in pixels, and whether it has no colour."""

    height: int
    width: int
    grey: bool


def require_pillow() -> None:
    """Raise DataError, which says how to install it, when Pillow is not there."""
    try:
        import PIL.Image
    except ImportError as error:
        raise DataError(
            "pictures are read with Pillow, which is not installed: pip install 'lampas[app]'"
        ) from error
    PIL.Image.init()


def header(path: Path) -> Header:
    """What the file says of itself; its pixels are not read.

    Raises BrokenPictureError.
    """
    with _opened(path) as picture:
        width, height = picture.size
        # Pillow gives a TIFF's size upright, and a PNG's orientation only once it is decoded.
        if picture.format in (*_JPEGS, "WEBP") and _orientation(picture) >= 5:
            width, height = height, width
        return Header(height, width, picture.mode[:1] in ("1", "L", "I") and picture.mode != "LAB")


def decode(path: Path, form: Form) -> Pixels:
    """The picture upright, without transparency, in the given form: uint8 ``form.shape``.

    The first frame of an animation; transparent parts show white; 16-bit grey is scaled to 8 bits.
    A colour profile is not applied. Smaller sizes are averaged (bilinear with antialiasing); a JPEG
    is decoded at the smallest of its scales that is large enough.

    Raises BrokenPictureError.
    """
    with _opened(path) as picture:
        _draft(picture, form)
        try:
            picture.load()
            upright = _upright(picture)
            converted = plain(upright, form)
        except MemoryError:
            raise
        except Exception as error:  # Damaged files make decoders raise nearly anything.
            raise BrokenPictureError(str(error) or type(error).__name__) from error
        return formed(converted, form)


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    try:
        # Pillow maps a file that it opens itself into memory, and scrambles turned TIFFs by that.
        with path.open("rb") as file:
            yield _recognised(file)
    except OSError as error:
        raise BrokenPictureError(error.strerror or str(error)) from error


def _recognised(file: BinaryIO) -> Image:
    import PIL.Image

    try:
        picture = PIL.Image.open(file, formats=[f for f in FORMATS if f in PIL.Image.OPEN])
    except PIL.UnidentifiedImageError as error:
        empty = file.seek(0, os.SEEK_END) == 0
        reason = "the file is empty" if empty else "it is not a picture in a format known here"
        raise BrokenPictureError(reason) from error
    except PIL.Image.DecompressionBombError as error:
        raise _too_large() from error
    except MemoryError:
        raise
    except Exception as error:  # As above.
        raise BrokenPictureError(str(error) or type(error).__name__) from error
    most = PIL.Image.MAX_IMAGE_PIXELS
    if most is not None and picture.width * picture.height > most:
        raise _too_large()
    return picture


def _too_large() -> BrokenPictureError:
    import PIL.Image

    return BrokenPictureError(
        f"it has more than {PIL.Image.MAX_IMAGE_PIXELS:,} pixels, which may be an attack on the "
        "memory; if you trust it, raise PIL.Image.MAX_IMAGE_PIXELS"
    )


def _orientation(picture: Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # Damaged metadata, of which cameras write plenty, spoil no pixel.
        return 1


def _draft(picture: Image, form: Form) -> None:
    """Let a JPEG be decoded at a half, a quarter or an eighth where that is large enough."""
    if picture.format in _JPEGS:
        size = form.width, form.height
        turned = _orientation(picture) >= 5
        picture.draft("L" if form.color == "grey" else None, size[::-1] if turned else size)


def _upright(picture: Image) -> Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(_orientation(picture))
    return picture if turn is None else picture.transpose(turn)


Color = Literal["rgb", "grey"]
Resize = Literal["crop", "stretch", "pad"]
Pixels = npt.NDArray[np.uint8]


class BrokenPictureError(Exception):
    """Why one file could not be decoded; never leaves this package."""


@dataclass(frozen=True)
class Form:
    """What every picture is brought to.

    Args:
        height: in pixels.
        width: in pixels.
        color: ``"rgb"`` or ``"grey"``.
        resize: ``"crop"`` fills the form and cuts off what hangs over, ``"stretch"`` changes the
            proportions, ``"pad"`` fits it in and leaves the rest black.
    """

    height: int
    width: int
    color: Color
    resize: Resize

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, 3 if self.color == "rgb" else 1


def plain(picture: Image, form: Form) -> Image:
    """A picture of any mode in plain colour or grey, without transparency.

    Raises BrokenPictureError when nothing says how its numbers become colours.
    """
    import PIL.Image

    mode = "RGB" if form.color == "rgb" else "L"

    if picture.mode.startswith("I"):
        picture = _eight_bits(picture)
    if picture.mode == "F":
        raise BrokenPictureError("its pixels are floating-point numbers of unknown range")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = PIL.Image.new("RGBA", picture.size, "white")
        picture = PIL.Image.alpha_composite(white, picture)
    return picture if picture.mode == mode else picture.convert("RGB").convert(mode)


def _eight_bits(picture: Image) -> Image:
    """16 bits to 8: 65535 becomes 255, and what lies between is rounded."""
    import PIL.Image

    values = np.asarray(picture)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise BrokenPictureError(f"its pixels reach from {low} to {high}, beyond 16 bits")
    return PIL.Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))


def formed(picture: Image, form: Form) -> Pixels:
    """A plain picture in the form's size, as an array."""
    return np.asarray(_resized(picture, form)).reshape(form.shape)


def _resized(picture: Image, form: Form) -> Image:
    import PIL.Image

    if form.resize == "pad":
        scale = min(form.width / picture.width, form.height / picture.height)
        inner = _scaled(picture.width, scale), _scaled(picture.height, scale)
        page = PIL.Image.new(picture.mode, (form.width, form.height))
        corner = (form.width - inner[0]) // 2, (form.height - inner[1]) // 2
        page.paste(_sampled(picture, inner, (0, 0, *picture.size)), corner)
        return page
    cut = (0.0, 0.0)
    if form.resize == "crop":
        scale = max(form.width / picture.width, form.height / picture.height)
        width, height = form.width / scale, form.height / scale
        # Rounding may leave a hair less than nothing to cut off.
        cut = max(0.0, picture.width - width), max(0.0, picture.height - height)
    box = cut[0] / 2, cut[1] / 2, picture.width - cut[0] / 2, picture.height - cut[1] / 2
    return _sampled(picture, (form.width, form.height), box)


def _scaled(length: int, scale: float) -> int:
    return max(1, round(length * scale))


def _sampled(
    picture: Image, size: tuple[int, int], box: tuple[float, float, float, float]
) -> Image:
    from PIL.Image import Resampling

    return picture.resize(size, Resampling.BILINEAR, box, reducing_gap=2.0)
