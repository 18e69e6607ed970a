"""The layer that reads image files."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, get_args

import numpy as np

from ..file_reader import FileReader, as_openable
from ..labels import check_choice, value_or_reason
from . import decode
from .decode import Color, ImageFormat, Resize


class ImageReader(FileReader):
    """Image files to pixels: the first layer of a model that takes image files.

    It returns the pixels that `lampas.data.images` returns. Files are paths, the bytes of a file,
    or Pillow images. Arrays pass through unchanged. Images of more than
    ``PIL.Image.MAX_IMAGE_PIXELS`` are refused before they are decoded.

    Args:
        size: height and width in pixels, or one number for both.
        color: ``"rgb"`` or ``"grey"``.
        resize: how other proportions fit: ``"crop"`` the center, ``"stretch"``, or ``"pad"`` with
            black.
        name: the layer's name in paths and summaries.

    Shape:
        ``n`` files to ``(n, height, width, 3)``, or 1 channel if grey, uint8.

    Raises:
        ArgumentError: if ``size``, ``color`` or ``resize`` is invalid.
        DataError: when it is called with files that cannot be read.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> reader = lp.data.ImageReader(size=(4, 6))
        >>> reader(np.zeros((2, 4, 6, 3), np.uint8)).shape
        (2, 4, 6, 3)
    """

    noun: ClassVar[str] = "image"

    def __init__(
        self,
        size: Sequence[int] | int,
        color: Color = "rgb",
        resize: Resize = "crop",
        *,
        name: str | None = None,
    ) -> None:
        check_choice("color", color, get_args(Color))
        check_choice("resize", resize, get_args(Resize))
        self.format = ImageFormat(*decode.parse_size(size), color, resize)
        self.name = name

    def require(self) -> None:
        decode.require_pillow()

    def is_file(self, item: Any) -> bool:
        return super().is_file(item) or _is_pillow(item)

    def read_one(self, file: Any) -> np.ndarray | str:
        if _is_pillow(file):
            return value_or_reason(_convert, file, self.format)
        return value_or_reason(decode.decode, as_openable(file), self.format)

    def read_many(self, files: Sequence[Any]) -> list[np.ndarray | str]:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata, which does no harm; broken pixels raise an error.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            return super().read_many(files)


def _is_pillow(item: Any) -> bool:
    return any(base.__module__ == "PIL.Image" for base in type(item).__mro__)


def _convert(image: Any, image_format: ImageFormat) -> np.ndarray:
    image.load()  # The orientation of a PNG is known only then.
    return decode.resize_to_format(decode.to_plain_mode(image, image_format), image_format)
