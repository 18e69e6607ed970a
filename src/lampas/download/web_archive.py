"""Fetch an archive from the web, verify it and unpack it into the cache."""

from __future__ import annotations

import hashlib
import http.client
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..core.filesystem import cache_dir
from .errors import DatasetError, web_reason
from .files import announce, remove_stale

_CHUNK_SIZE = 1 << 20
_DAY = 86400.0


@dataclass(frozen=True)
class WebArchive:
    """A .tgz or .zip archive on the web with one folder per class.

    Args:
        name: name of the data set and of its folder in the cache.
        title: name to display.
        address: URL of the archive.
        size: size of the archive in bytes.
        sha256: SHA-256 of the archive, in hexadecimal.
        folder: the folder in the archive that contains the classes.
        source: origin and licence of the data.
        timeout: seconds without data after which the server counts as unreachable.
    """

    name: str
    title: str
    address: str
    size: int
    sha256: str
    folder: str
    source: str
    timeout: float = 5.0


def fetch_archive(archive: WebArchive) -> Path:
    """Return the unpacked folder, from the cache or after fetching it.

    A line on stderr announces the download. The folder appears in the cache only when it is
    complete.

    Raises:
        DatasetError: the archive cannot be fetched or stored; the message is one line.
    """
    cache_folder = cache_dir("datasets", archive.name)
    folder = cache_folder / archive.folder
    if folder.is_dir():
        return folder
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        remove_stale(cache_folder, ".fetch-*", _DAY)
        with TemporaryDirectory(prefix=".fetch-", dir=cache_folder) as temporary:
            packed = Path(temporary, archive.address.rsplit("/", 1)[-1])
            _download(archive, packed)
            _unpack(packed, Path(temporary, "unpacked"))
            _move(Path(temporary, "unpacked", archive.folder), folder)
    except OSError as error:
        raise DatasetError(f"{cache_folder} cannot store it ({error.strerror or error})") from error
    return folder


def _download(archive: WebArchive, path: Path) -> None:
    """Write the archive to ``path`` and verify it."""
    digest, length = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in _chunks(archive):
            length += len(chunk)
            digest.update(chunk)
            file.write(chunk)
            if length > archive.size:
                break
    if length != archive.size or digest.hexdigest() != archive.sha256:
        raise DatasetError(
            f"{archive.address} is damaged or not the published file ({length:,} bytes, "
            f"sha256 {digest.hexdigest()[:12]}..., expected {archive.size:,} and "
            f"{archive.sha256[:12]}...)"
        )


def _chunks(archive: WebArchive) -> Iterator[bytes]:
    try:
        with urllib.request.urlopen(archive.address, timeout=archive.timeout) as response:
            announce(archive.title, round(archive.size / 1e6))
            while chunk := response.read(_CHUNK_SIZE):
                yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise DatasetError(f"{archive.address}: {web_reason(error)}") from error


def _unpack(packed: Path, folder: Path) -> None:
    try:
        if packed.suffix == ".zip":
            with zipfile.ZipFile(packed) as members:
                members.extractall(folder)
        else:
            with tarfile.open(packed) as members:
                members.extractall(folder, filter="data")
    except (EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{packed.name} cannot be unpacked ({error})") from error


def _move(source: Path, target: Path) -> None:
    """Move a complete folder to its place, unless another process was faster."""
    try:
        source.replace(target)
    except OSError:
        if not target.is_dir():
            raise
