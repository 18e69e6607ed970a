"""The programs that download a package: each registry's own client, told not to wait or install.

A package that its registry has as source code only: had without running any of it.

Reads members of the archives that package registries hand out; nothing is unpacked to disk.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from .errors import DatasetError
from .files import DataFile


@dataclass(frozen=True)
class Client:
    """A program that puts one package, as an archive, into the folder that it is run in.

    Args:
        title: what a person would type, for messages.
        command: what is run; the package's name follows it.
        hint: what may help when it fails.
        timeout: seconds after which it is stopped.
    """

    title: str
    command: tuple[str, ...]
    hint: str = ""
    timeout: float = 300.0

    def download(self, package: str, folder: Path) -> Path:
        """Downloads ``package`` into the empty ``folder`` and returns the archive's path.

        Raises DatasetError when the program is not there, fails, is too slow or leaves no archive.
        """
        self.run(package, folder)
        archives = sorted(folder.iterdir())
        if len(archives) != 1:
            raise DatasetError(f"left {len(archives)} files where one archive was expected")
        return archives[0]

    def run(
        self, package: str, folder: Path, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Runs the program for ``package`` in ``folder``, with more environment variables.

        Raises DatasetError when it is not there, fails or is too slow.
        """
        program = shutil.which(self.command[0])
        if program is None:
            raise DatasetError(f"{self.command[0]} is not installed")
        try:
            result = subprocess.run(
                [program, *self.command[1:], package],
                cwd=folder,
                env={**os.environ, "LC_ALL": "C", **environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout,
            )
        except subprocess.TimeoutExpired as error:
            raise DatasetError(f"took longer than {self.timeout:g} seconds") from error
        except OSError as error:
            raise DatasetError(f"could not be run ({error})") from error
        if result.returncode:
            raise DatasetError(_gist(result.stderr, result.returncode) + self.hint)


def _gist(stderr: str, status: int) -> str:
    """The first line that speaks of an error, else the last line, else the status."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\berr(or)?\b|^E:", line, re.IGNORECASE)]
    return (errors[:1] or lines[-1:] or [f"ended with status {status}"])[0]


# Off the network each fails at its first try. npm's limit is for a whole download, the others' for
# a silence.
NPM = Client(
    "npm pack",
    (
        *("npm", "pack", "--ignore-scripts", "--loglevel=error", "--no-update-notifier"),
        *("--fetch-retries=0", "--fetch-timeout=60000"),
    ),
)
_PIP = (
    *(sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--no-input"),
    *("--disable-pip-version-check", "--retries=0", "--timeout=5"),
)
PIP = Client("pip download", (*_PIP, "--only-binary=:all:"))
# For `SourcePackage` alone, which sees to it that nothing is built; takes a file of requirements.
PIP_SOURCE = Client(
    "pip download", (*_PIP, "--no-binary=:all:", "--require-hashes", "--no-clean", "--requirement")
)
APT = Client(
    "apt-get download",
    (
        *("apt-get", "download", "--option=Acquire::Retries=0"),
        *("--option=Acquire::http::Timeout=5", "--option=Acquire::https::Timeout=5"),
    ),
    hint=" (it needs apt's package lists: `apt-get update` fetches them)",
)


@dataclass(frozen=True)
class SourcePackage:
    """A source package of PyPI, which pip downloads, verifies and unpacks.

    pip would go on to run the package's ``setup.py``, and can not be told not to. Two things stand
    before that: an archive of another sha256 is refused unopened, and the tools to build it with
    are constrained to versions that do not exist. So pip ends with an error, and what it has
    unpacked by then is read.

    Args:
        name: the package's name and version, as ``"toy==1.0"``.
        sha256: of the archive, in hexadecimal.
        folder: where the files lie inside the package, with the slash at its end.
        client: the program that downloads it.
    """

    name: str
    sha256: str
    folder: str
    client: Client = PIP_SOURCE

    def __str__(self) -> str:
        return f"{self.client.title} {self.name}"

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """See `Source.read`. The package holds a file as named, or unzipped without ``.gz``."""
        try:
            with TemporaryDirectory(prefix="lampas-") as folder:
                trouble = self._unpack(Path(folder))
                for file in files:
                    yield file, self._find(file, Path(folder), trouble)
        except OSError as error:
            raise DatasetError(f"could not use a temporary folder ({error})") from error

    def _unpack(self, folder: Path) -> DatasetError | None:
        """What pip ended with; the files are in ``folder`` all the same, if it got that far."""
        wanted, none = folder / "wanted.txt", folder / "none.txt"
        wanted.write_text(f"{self.name} --hash=sha256:{self.sha256}\n")
        none.write_text("".join(f"{tool}<0\n" for tool in _BUILD_TOOLS))
        place = {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
        constraints = {"PIP_CONSTRAINT": str(none), "PIP_BUILD_CONSTRAINT": str(none)}
        try:
            self.client.run(wanted.name, folder, {**place, **constraints})
        except DatasetError as error:
            return error
        return None

    def _find(self, file: DataFile, folder: Path, trouble: DatasetError | None) -> bytes:
        path = self.folder + file.name
        for name in (path, path.removesuffix(".gz")):
            for found in folder.glob(f"pip-*/*/{name}"):
                return found.read_bytes()
        raise trouble or DatasetError(f"the package has no {path}")


_BUILD_TOOLS = ("setuptools", "wheel", "flit-core", "hatchling", "poetry-core", "pdm-backend")


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
