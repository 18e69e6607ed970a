"""Small published files, and sources that provide them."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from lampas.download.errors import DatasetError
from lampas.download.fetch import DatasetFiles
from lampas.download.files import DataFile

packed = partial(gzip.compress, mtime=0)
"""Gzip without a timestamp: the bytes name tests, so all processes must agree on them."""


def published(name: str, content: bytes) -> DataFile:
    return DataFile(name, len(content), hashlib.sha256(content).hexdigest())


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def dataset_files(*sources: object, **contents: bytes) -> DatasetFiles:
    """A data set ``toy`` with one file ``<key>.gz`` per keyword."""
    files = tuple(published(f"{key}.gz", content) for key, content in contents.items())
    alternative = "use lampas.datasets.digits(), which needs no network"
    return DatasetFiles("toy", "Toy", 1, files, sources, alternative)


@dataclass
class MemorySource:
    """A source in memory; a file that it does not have is an error."""

    title: str
    contents: dict[str, bytes]
    requests: int = 0

    def __str__(self) -> str:
        return self.title

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        for file in files:
            self.requests += 1
            if file.name not in self.contents:
                raise DatasetError(f"404 ({file.name})")
            yield file, self.contents[file.name]


def source(title: str = "shelf", **contents: bytes) -> MemorySource:
    return MemorySource(
        title, {f"{key}.gz": gzip.compress(value) for key, value in contents.items()}
    )
