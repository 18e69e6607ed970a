from __future__ import annotations

import gzip
import subprocess
import sys
import threading

import pytest

from lampas.core.errors import LampasError
from lampas.datasets import DatasetError
from lampas.download.fetch import fetch
from lampas.download.sources import Mirror
from tests.download.support import MemorySource, dataset_files, packed
from tests.download.support import source as make_source


def test_fetches_once_and_says_so(cache, capsys):
    source = make_source(a=b"A", b=b"B")
    toy = dataset_files(source, a=b"A", b=b"B")
    assert fetch(toy) == fetch(toy) == {"a.gz": b"A", "b.gz": b"B"}
    assert source.requests == 2
    assert capsys.readouterr() == ("", "Fetching Toy (1 MB) ...\n")
    assert {path.name for path in (cache / "datasets" / "toy").iterdir()} == {"a.gz", "b.gz"}


def test_the_next_source_is_asked_for_what_is_missing_only():
    first, second, third = make_source(a=b"A"), make_source(a=b"A", b=b"B"), make_source()
    toy = dataset_files(first, second, third, a=b"A", b=b"B")
    assert fetch(toy) == {"a.gz": b"A", "b.gz": b"B"}
    assert (first.requests, second.requests, third.requests) == (2, 1, 0)


@pytest.mark.parametrize("bad", [b"", b"tampered", packed(b"A")[:-3], packed(b"AA")])
def test_a_tampered_or_short_file_is_refused_and_the_next_source_asked(cache, bad):
    toy = dataset_files(MemorySource("bad", {"a.gz": bad}), make_source(a=b"A"), a=b"A")
    assert fetch(toy) == {"a.gz": b"A"}
    assert gzip.decompress((cache / "datasets/toy/a.gz").read_bytes()) == b"A"


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b broken", packed(b"other")])
def test_a_damaged_cache_is_fetched_again_in_the_bundles_order(cache, damage):
    source = make_source(a=b"A", b=b"B")
    toy = dataset_files(source, a=b"A", b=b"B")
    fetch(toy)
    (cache / "datasets/toy/a.gz").write_bytes(damage)
    assert list(fetch(toy).items()) == [("a.gz", b"A"), ("b.gz", b"B")]
    assert source.requests == 3
    assert gzip.decompress((cache / "datasets/toy/a.gz").read_bytes()) == b"A"


def test_a_file_put_into_the_folder_by_hand_is_enough(cache, capsys):
    (cache / "datasets/toy").mkdir(parents=True)
    (cache / "datasets/toy/a.gz").write_bytes(packed(b"A", 1))
    assert fetch(dataset_files(a=b"A")) == {"a.gz": b"A"}
    assert capsys.readouterr().err == ""


def test_out_of_reach_the_error_tells_all(cache):
    folder = cache / "datasets" / "toy"
    folder.mkdir(parents=True)
    (folder / "b.gz").write_bytes(b"broken")
    toy = dataset_files(
        make_source("first"), MemorySource("second", {"a.gz": b"x"}), a=b"A", b=b"B"
    )
    with pytest.raises(LampasError) as caught:
        fetch(toy)
    assert str(caught.value) == (
        "Toy is not in the cache and could not be fetched. Tried:\n"
        f"  {folder}: no a.gz; b.gz is damaged or not the published file "
        "(sha256 f526795c9539..., expected df7e70e50215...)\n"
        "  first: 404 (a.gz)\n"
        "  second: a.gz is damaged or not the published file "
        "(sha256 2d711642b726..., expected 559aead08264...)\n"
        f"Connect to the internet and try again; or put a.gz, b.gz into {folder}; "
        "or use lampas.datasets.digits(), which needs no network."
    )


def test_a_failed_download_leaves_nothing(cache):
    with pytest.raises(DatasetError):
        fetch(dataset_files(MemorySource("bad", {"a.gz": b"tampered"}), a=b"A"))
    assert not cache.exists()


def test_without_a_place_to_keep_it_the_data_is_there_all_the_same(cache):
    cache.write_text("not a folder")
    with pytest.warns(UserWarning, match="could not be stored"):
        assert fetch(dataset_files(make_source(a=b"A"), a=b"A")) == {"a.gz": b"A"}


CONTENT = bytes(100_000)
CHILD = """
import sys
from lampas.download.fetch import fetch
from lampas.download.sources import Mirror
from tests.download.support import dataset_files
assert fetch(dataset_files(Mirror(sys.argv[1]), a=bytes(100_000))) == {"a.gz": bytes(100_000)}
"""


def child(address: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CHILD, address], stderr=subprocess.PIPE)


@pytest.mark.long
def test_killed_in_mid_download_it_leaves_nothing(cache, serve):
    halfway, killed = threading.Event(), threading.Event()

    def stall(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(CONTENT[: len(CONTENT) // 2])
        halfway.set()
        killed.wait(30)

    with child(serve(stall)) as process:
        assert halfway.wait(30)
        process.kill()
        process.communicate()
    killed.set()
    assert [path for path in cache.rglob("*") if path.is_file()] == []


@pytest.mark.long
def test_two_processes_at_once_both_succeed(cache, serve):
    together = threading.Barrier(2, timeout=30)

    def answer(handler):
        together.wait()
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(packed(CONTENT))

    address = serve(answer)
    with child(address) as first, child(address) as second:
        errors = [process.communicate()[1] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), errors
    assert [path.name for path in (cache / "datasets/toy").iterdir()] == ["a.gz"]
    assert fetch(dataset_files(Mirror("http://127.0.0.1:1/"), a=CONTENT)) == {"a.gz": CONTENT}
