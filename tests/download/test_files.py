from __future__ import annotations

import gzip
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.datasets import DatasetError
from lampas.download import files as cache_files
from lampas.download.files import compress
from tests.download.support import packed, published

CONTENT = b"content " * 1000
FILE = published("a.gz", CONTENT)


@pytest.mark.parametrize("raw", [CONTENT, packed(CONTENT, 1), packed(CONTENT, 9)])
def test_zipped_in_any_way_or_not_it_is_the_same_file(raw):
    assert FILE.verify(raw) == CONTENT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x1f\x8b",
        CONTENT[:-1],
        packed(CONTENT)[:-9],
        packed(CONTENT)[:30] + b"\x00" + packed(CONTENT)[31:],
        packed(CONTENT + b"more"),
        packed(b"other"),
    ],
)
def test_anything_else_is_refused_by_name(raw):
    with pytest.raises(DatasetError, match=r"^a\.gz is damaged"):
        FILE.verify(raw)


@given(st.binary())
def test_no_bytes_make_it_fail_otherwise(raw):
    with pytest.raises(DatasetError):
        FILE.verify(b"\x1f\x8b\x08" + raw)


def test_a_bomb_is_not_unfolded(monkeypatch):
    lengths = []
    read = gzip.GzipFile.read
    monkeypatch.setattr(
        gzip.GzipFile, "read", lambda self, size: lengths.append(size) or read(self, size)
    )
    with pytest.raises(DatasetError):
        FILE.verify(packed(bytes(10_000_000)))
    assert lengths == [FILE.size + 1]


def test_zipping_is_repeatable_and_done_once():
    assert compress(CONTENT) == compress(CONTENT) == compress(compress(CONTENT))
    assert gzip.decompress(compress(CONTENT)) == CONTENT


STORED = published("a.gz", b"content")


def test_what_is_kept_is_loaded(cache):
    cache_files.store(STORED, b"content", cache)
    assert cache_files.load(STORED, cache) == b"content"
    assert [path.name for path in cache.iterdir()] == ["a.gz"]
    assert gzip.decompress((cache / "a.gz").read_bytes()) == b"content"


def test_others_may_read_what_one_has_fetched(cache):
    cache_files.store(STORED, b"content", cache)
    umask = os.umask(0)
    os.umask(umask)
    assert (cache / "a.gz").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    ("content", "message"), [(None, r"^no a\.gz$"), (b"tampered", r"^a\.gz is damaged")]
)
def test_a_missing_or_damaged_file_is_reported(cache, content, message):
    cache.mkdir()
    if content is not None:
        (cache / "a.gz").write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        cache_files.load(STORED, cache)


def test_an_unreadable_file_is_reported(cache):
    (cache / "a.gz").mkdir(parents=True)
    with pytest.raises(DatasetError, match=r"^a\.gz cannot be read"):
        cache_files.load(STORED, cache)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_interrupted_while_writing_it_leaves_nothing(cache, monkeypatch, error):
    def interrupt(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(error):
        cache_files.store(STORED, b"content", cache)
    assert list(cache.iterdir()) == []


def test_what_a_killed_process_left_is_swept_when_old(cache):
    cache.mkdir()
    old, young = cache / ".a.gz.1.part", cache / ".a.gz.2.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    cache_files.store(STORED, b"content", cache)
    assert sorted(path.name for path in cache.iterdir()) == [young.name, "a.gz"]


def test_a_folder_that_cannot_be_written_is_a_warning(cache):
    cache.write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match=r"a\.gz could not be stored .* Set LAMPAS_CACHE"):
        cache_files.store(STORED, b"content", cache)
