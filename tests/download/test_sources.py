from __future__ import annotations

import gzip
import time

import pytest

from lampas.datasets import DatasetError
from lampas.download.sources import Mirror
from tests.download.support import published

CONTENT = bytes(range(256)) * 50
FILE = published("a.gz", CONTENT)
OTHER = published("b.gz", b"o")


def send(handler, content, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    handler.end_headers()
    handler.wfile.write(content)


def test_serves_the_files_under_their_names(serve):
    contents = {"/a.gz": gzip.compress(CONTENT), "/b.gz": gzip.compress(b"o")}
    mirror = Mirror(serve(lambda handler: send(handler, contents[handler.path])))
    assert dict(mirror.read([FILE, OTHER])) == {FILE: contents["/a.gz"], OTHER: contents["/b.gz"]}
    assert str(mirror) == mirror.address


def test_an_http_error_is_reported_with_the_file(serve):
    mirror = Mirror(serve(lambda handler: handler.send_error(403)))
    with pytest.raises(DatasetError, match=r"^HTTP Error 403: Forbidden \(a\.gz\)$"):
        list(mirror.read([FILE]))


def test_a_refused_connection_is_reported_and_tried_once(serve):
    mirror = Mirror("http://127.0.0.1:1/")
    with pytest.raises(DatasetError, match=r"refused.*\(a\.gz\)$"):
        list(mirror.read([FILE, OTHER]))


def test_no_answer_at_all_is_reported(serve):
    mirror = Mirror(serve(lambda handler: handler.connection.close()))
    with pytest.raises(DatasetError, match=r"\(a\.gz\)$"):
        list(mirror.read([FILE]))


def test_silence_ends_after_the_timeout(serve):
    mirror = Mirror(serve(lambda handler: time.sleep(0.5)), timeout=0.1)
    with pytest.raises(DatasetError, match=r"timed out \(a\.gz\)$"):
        list(mirror.read([FILE, OTHER]))


def test_a_short_answer_does_not_pass_for_the_file(serve):
    mirror = Mirror(serve(lambda handler: send(handler, CONTENT[:99], length=len(CONTENT))))
    with pytest.raises(DatasetError):
        [file.verify(raw) for file, raw in mirror.read([FILE])]


def test_an_endless_answer_is_cut(serve):
    mirror = Mirror(serve(lambda handler: send(handler, CONTENT * 9)))
    ((_, raw),) = mirror.read([FILE])
    assert len(CONTENT) < len(raw) < 2 * len(CONTENT)
