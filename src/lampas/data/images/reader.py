"""Picture files as the first layer of a model takes them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, get_args

import numpy as np

from ...core.errors import ArgumentError, unknown_name
from ..file_reader import FileReader, place
from .decode import (
    BrokenPictureError,
    Color,
    Form,
    Pixels,
    Resize,
    decode,
    formed,
    plain,
    require_pillow,
)


class ImageReader(FileReader):
    """Picture files to pixels: the first layer of a model that takes raw pictures.

    It gives the pixels that `lampas.data.images` gives, of paths, of what is in files, or of
    Pillow's images. Arrays pass through. More than ``PIL.Image.MAX_IMAGE_PIXELS`` are refused
    before they are decoded.

    Args:
        size: height and width in pixels, or one number for both.
        color: ``"rgb"`` or ``"grey"``.
        resize: ``"crop"`` what hangs over in the middle, ``"stretch"``, or ``"pad"`` with black.
        name: the layer's name in paths and summaries.

    Shape: ``n`` files to ``(n, height, width, 3)``, or 1 where grey, uint8.
    Raises ArgumentError for a size or a choice that is none, DataError for what is no picture.
    """

    what: ClassVar[str] = "picture"

    def __init__(
        self,
        size: Sequence[int] | int,
        color: Color = "rgb",
        resize: Resize = "crop",
        *,
        name: str | None = None,
    ) -> None:
        for what, chosen, known in (("color", color, Color), ("resize", resize, Resize)):
            if chosen not in get_args(known):
                raise unknown_name(what, chosen, get_args(known))
        sides = (size, size) if isinstance(size, int) else tuple(size)
        if len(sides) != 2 or not all(isinstance(side, int) and side > 0 for side in sides):
            raise ArgumentError(
                f"size must be (height, width) in pixels, or one number for both, got {size!r}."
            )
        self.form = Form(sides[0], sides[1], color, resize)
        self.name = name

    def require(self) -> None:
        require_pillow()

    def is_file(self, item: Any) -> bool:
        return super().is_file(item) or _is_pillow(item)

    def outcome(self, file: Any) -> np.ndarray | str:
        try:
            return _upright(file, self.form) if _is_pillow(file) else decode(place(file), self.form)
        except BrokenPictureError as error:
            return str(error)

    def outcomes(self, files: Sequence[Any]) -> list[np.ndarray | str]:
        with warnings.catch_warnings():
            # Oddities in metadata spoil no pixel, and what does is told as a broken file.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            return super().outcomes(files)


def _is_pillow(item: Any) -> bool:
    return any(base.__module__ == "PIL.Image" for base in type(item).__mro__)


def _upright(picture: Any, form: Form) -> Pixels:
    from PIL import ImageOps

    return formed(plain(ImageOps.exif_transpose(picture), form), form)
