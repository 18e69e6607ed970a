from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.datasets import DatasetError
from lampas.download.files import zipped
from tests.datasets.support import packed, published

CONTENT = b"content " * 1000
FILE = published("a.gz", CONTENT)


@pytest.mark.parametrize("raw", [CONTENT, packed(CONTENT, 1), packed(CONTENT, 9)])
def test_zipped_in_any_way_or_not_it_is_the_same_file(raw):
    assert FILE.content(raw) == CONTENT


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
        FILE.content(raw)


@given(st.binary())
def test_no_bytes_make_it_fail_otherwise(raw):
    with pytest.raises(DatasetError):
        FILE.content(b"\x1f\x8b\x08" + raw)


def test_a_bomb_is_not_unfolded(monkeypatch):
    lengths = []
    read = gzip.GzipFile.read
    monkeypatch.setattr(
        gzip.GzipFile, "read", lambda self, size: lengths.append(size) or read(self, size)
    )
    with pytest.raises(DatasetError):
        FILE.content(packed(bytes(10_000_000)))
    assert lengths == [FILE.size + 1]


def test_zipping_is_repeatable_and_done_once():
    assert zipped(CONTENT) == zipped(CONTENT) == zipped(zipped(CONTENT))
    assert gzip.decompress(zipped(CONTENT)) == CONTENT
