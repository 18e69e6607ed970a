from __future__ import annotations

import gzip
import os
import time

import pytest

from lampas.datasets import DatasetError
from lampas.download import files as store
from tests.datasets.support import published

FILE = published("a.gz", b"content")


def test_what_is_kept_is_loaded(cache):
    store.keep(FILE, b"content", cache)
    assert store.load(FILE, cache) == b"content"
    assert [path.name for path in cache.iterdir()] == ["a.gz"]
    assert gzip.decompress((cache / "a.gz").read_bytes()) == b"content"


def test_others_may_read_what_one_has_fetched(cache):
    store.keep(FILE, b"content", cache)
    umask = os.umask(0)
    os.umask(umask)
    assert (cache / "a.gz").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    ("content", "message"), [(None, r"^no a\.gz$"), (b"tampered", r"^a\.gz is damaged")]
)
def test_a_missing_or_damaged_file_is_told(cache, content, message):
    cache.mkdir()
    if content is not None:
        (cache / "a.gz").write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        store.load(FILE, cache)


def test_an_unreadable_file_is_told(cache):
    (cache / "a.gz").mkdir(parents=True)
    with pytest.raises(DatasetError, match=r"^a\.gz can not be read"):
        store.load(FILE, cache)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_interrupted_while_writing_it_leaves_nothing(cache, monkeypatch, error):
    def interrupt(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(error):
        store.keep(FILE, b"content", cache)
    assert list(cache.iterdir()) == []


def test_what_a_killed_process_left_is_swept_when_old(cache):
    cache.mkdir()
    old, young = cache / ".a.gz.1.part", cache / ".a.gz.2.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    store.keep(FILE, b"content", cache)
    assert sorted(path.name for path in cache.iterdir()) == [young.name, "a.gz"]


def test_a_folder_that_can_not_be_written_is_a_warning(cache):
    cache.write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match=r"a\.gz could not be kept .* Set LAMPAS_CACHE"):
        store.keep(FILE, b"content", cache)
