"""The form that every picture is brought to: one size and one kind of colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

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
