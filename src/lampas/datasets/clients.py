"""The programs that download a package: each registry's own client, told not to wait or install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .errors import DatasetError


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
