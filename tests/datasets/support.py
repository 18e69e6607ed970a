"""Small published files, and sources that hand them out."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from lampas.download.bundles import Bundle
from lampas.download.errors import DatasetError
from lampas.download.files import DataFile

packed = partial(gzip.compress, mtime=0)
"""Zipped, the same at any time: such bytes name tests, and all processes must agree on these."""


def published(name: str, content: bytes) -> DataFile:
    return DataFile(name, len(content), hashlib.sha256(content).hexdigest())


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def bundle(*sources: object, **contents: bytes) -> Bundle:
    """A bundle ``toy`` of one file ``<key>.gz`` a keyword."""
    files = tuple(published(f"{key}.gz", content) for key, content in contents.items())
    return Bundle("toy", "Toy", 1, files, sources)


@dataclass
class Shelf:
    """A source in memory; a file that it does not hold is its error."""

    title: str
    held: dict[str, bytes]
    asked: int = 0

    def __str__(self) -> str:
        return self.title

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        for file in files:
            self.asked += 1
            if file.name not in self.held:
                raise DatasetError(f"404 ({file.name})")
            yield file, self.held[file.name]


def shelf(title: str = "shelf", **contents: bytes) -> Shelf:
    return Shelf(title, {f"{key}.gz": gzip.compress(value) for key, value in contents.items()})
