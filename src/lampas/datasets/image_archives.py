"""Published archives of pictures: fetched once, verified, unpacked into the cache."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import shutil
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..core.filesystem import cache_folder
from ..download.errors import DatasetError

_PIECE = 1 << 20
_DAY = 86400.0


@dataclass(frozen=True)
class PictureArchive:
    """An archive of pictures on the web, each class in a folder of its own.

    Args:
        name: the set's name and that of its folder in the cache.
        title: its name for people.
        address: the archive's URL.
        size: of the archive in bytes.
        sha256: of the archive, in hexadecimal.
        folder: the one in the archive that has the classes.
        source: whose pictures they are, and the licence.
        timeout: seconds of silence after which the address counts as out of reach.
    """

    name: str
    title: str
    address: str
    size: int
    sha256: str
    folder: str
    source: str
    timeout: float = 5.0


TF_FLOWERS = PictureArchive(
    name="tf_flowers",
    title="TensorFlow's flowers",
    address="https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
    size=228_813_984,
    sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
    folder="flower_photos",
    source="3,670 photographs of flowers in five classes, collected by the TensorFlow team (2019); "
    "each under CC BY 2.0, by the photographers that LICENSE.txt beside the pictures names.",
)

NIH_MALARIA = PictureArchive(
    name="nih_malaria",
    title="the NIH's malaria cells",
    address="https://data.lhncbc.nlm.nih.gov/public/Malaria/cell_images.zip",
    size=353_452_851,
    sha256="0a949556b2414159b5100192609805376654c4266d8d187be9b1922fad43c668",
    folder="cell_images",
    source="27,558 red blood cells from thin smears of 201 people, by the U.S. National Library of "
    "Medicine (S. Rajaraman et al., PeerJ 6:e4568, 2018; public domain).",
)


def fetch_pictures(archive: PictureArchive) -> Path:
    """The folder with a sub-folder for each class, from the cache or fetched into it.

    A line on stderr says so when the download begins. The folder appears when it is whole.

    Raises:
        DatasetError: when the archive can not be had or kept; the message is one line.
    """
    home = cache_folder("datasets", archive.name)
    kept = home / archive.folder
    if kept.is_dir():
        return kept
    try:
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        with TemporaryDirectory(prefix=".fetch-", dir=home) as draft:
            packed = Path(draft, archive.address.rsplit("/", 1)[-1])
            _download(archive, packed)
            _unpack(packed, Path(draft, "unpacked"))
            _keep(Path(draft, "unpacked", archive.folder), kept)
    except OSError as error:
        raise DatasetError(f"{home} can not hold it ({error.strerror or error})") from error
    return kept


def _download(archive: PictureArchive, path: Path) -> None:
    """Write the archive to ``path``, whole and verified."""
    digest, length = hashlib.sha256(), 0
    with _opened(archive) as response, path.open("wb") as file:
        print(
            f"Fetching {archive.title} ({archive.size / 1e6:.0f} MB) ...",
            file=sys.stderr,
            flush=True,
        )
        while piece := _read(archive, response):
            length += len(piece)
            digest.update(piece)
            file.write(piece)
            if length > archive.size:
                break
    if length != archive.size or digest.hexdigest() != archive.sha256:
        raise DatasetError(
            f"{archive.address} is damaged or not the published file ({length:,} bytes, "
            f"sha256 {digest.hexdigest()[:12]}..., expected {archive.size:,} and "
            f"{archive.sha256[:12]}...)"
        )


def _opened(archive: PictureArchive) -> http.client.HTTPResponse:
    try:
        response = urllib.request.urlopen(archive.address, timeout=archive.timeout)
    except urllib.error.HTTPError as error:
        with error:
            raise DatasetError(f"{archive.address}: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(archive, error) from error
    assert isinstance(response, http.client.HTTPResponse)
    return response


def _read(archive: PictureArchive, response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(_PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(archive, error) from error


def _unreachable(archive: PictureArchive, error: Exception) -> DatasetError:
    return DatasetError(f"{archive.address}: {getattr(error, 'reason', None) or error}")


def _unpack(packed: Path, folder: Path) -> None:
    try:
        if packed.suffix == ".zip":
            with zipfile.ZipFile(packed) as members:
                members.extractall(folder)
        else:
            with tarfile.open(packed) as members:
                members.extractall(folder, filter="data")
    except (EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{packed.name} can not be unpacked ({error})") from error


def _keep(folder: Path, kept: Path) -> None:
    """Move a whole folder to its place, unless another process was quicker."""
    try:
        folder.replace(kept)
    except OSError:
        if not kept.is_dir():
            raise


def _sweep(home: Path) -> None:
    """Remove what a process that was killed while fetching has left."""
    for draft in home.glob(".fetch-*"):
        with contextlib.suppress(FileNotFoundError):  # Another process may sweep too.
            if time.time() - draft.stat().st_mtime > _DAY:
                shutil.rmtree(draft, ignore_errors=True)
