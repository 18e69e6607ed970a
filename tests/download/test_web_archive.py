"""A published archive of images is fetched once, whole and verified, or refused in one line."""

import hashlib
import io
import tarfile
import time
import zipfile
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError
from lampas.datasets.image_folders import NIH_MALARIA, TF_FLOWERS
from lampas.download.web_archive import WebArchive, fetch_archive

FILES = {"toys/ball/1.png": b"round", "toys/cube/1.png": b"square", "toys/LICENSE.txt": b"free"}


def tgz():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as members:
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            members.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def zipped():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        for name, content in FILES.items():
            members.writestr(name, content)
    return packed.getvalue()


def published(address, content):
    digest = hashlib.sha256(content).hexdigest()
    return WebArchive("toys", "toys", address, len(content), digest, "toys", "nobody's", 0.5)


def sending(content, asked):
    def answer(handler):
        asked.append(handler.path)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.mark.parametrize(("name", "pack"), [("toys.tgz", tgz), ("toys.zip", zipped)])
def test_is_fetched_once_and_unpacked(serve, cache, capsys, name, pack):
    content, asked = pack(), []
    archive = published(serve(sending(content, asked)) + name, content)
    for _ in range(2):
        folder = fetch_archive(archive)
        assert folder == cache / "datasets" / "toys" / "toys"
        found = {f"toys/{f.relative_to(folder).as_posix()}" for f in folder.rglob("*.*")}
        assert found == set(FILES)
    assert asked == [f"/{name}"]
    assert capsys.readouterr().err == "Fetching toys (0 MB) ...\n"
    assert [path.name for path in folder.parent.iterdir()] == ["toys"]


@pytest.mark.parametrize("wrong", [b"", b"other", "cut", "long"])
def test_what_is_not_the_published_file_is_refused_and_not_kept(serve, cache, wrong):
    content = zipped()
    sent = {"cut": content[:-9], "long": content + b"more"}.get(wrong, wrong)
    archive = published(serve(sending(sent, [])) + "toys.zip", content)
    with pytest.raises(DatasetError, match=r"toys\.zip is damaged or not the published file \("):
        fetch_archive(archive)
    assert list((cache / "datasets" / "toys").iterdir()) == []


def test_an_archive_without_the_folder_is_refused(serve, cache):
    content = zipped()
    archive = replace(published(serve(sending(content, [])) + "toys.zip", content), folder="games")
    with pytest.raises(DatasetError):
        fetch_archive(archive)
    assert not (cache / "datasets" / "toys" / "games").exists()


def test_an_http_error_and_a_refused_connection_are_one_line_each(serve):
    address = serve(lambda handler: handler.send_error(404)) + "toys.zip"
    with pytest.raises(DatasetError, match=r"toys\.zip: HTTP Error 404: Not Found$"):
        fetch_archive(published(address, b"x"))
    with pytest.raises(DatasetError, match=r"toys\.zip: .*refused$"):
        fetch_archive(published("http://127.0.0.1:1/toys.zip", b"x"))


def test_silence_ends_after_the_timeout(serve):
    address = serve(lambda handler: time.sleep(3)) + "toys.zip"
    begun = time.perf_counter()
    with pytest.raises(DatasetError, match="timed out"):
        fetch_archive(published(address, b"x"))
    assert time.perf_counter() - begun < 2.5


def test_a_cache_that_cannot_be_written_is_reported(cache):
    (cache / "datasets").mkdir(parents=True)
    (cache / "datasets" / "toys").write_text("in the way")
    with pytest.raises(DatasetError, match=r"toys cannot store it \(.+\)"):
        fetch_archive(published("http://127.0.0.1:1/toys.zip", b"x"))


@pytest.mark.parametrize("archive", [TF_FLOWERS, NIH_MALARIA])
def test_the_published_sets_are_named_in_full(archive):
    assert archive.address.startswith("https://")
    assert len(bytes.fromhex(archive.sha256)) == 32
    assert archive.size > 200e6
