"""Oversized, malformed and hostile requests: each gets one clear answer, and the server goes on."""

import gzip
import io
import socket
import tempfile
import time
import zipfile

import httpx
import pytest

from lampas.app.serving.limits import Limits
from tests.app.serving.fakes import predictor, serving

JSON = {"Content-Type": "application/json"}
SMALL = Limits(body=50_000, unpacked=100_000, cells=10_000, files=3)
HASTY = Limits(buffered=75_000, seconds=1)


@pytest.fixture(scope="module")
def small():
    with (
        serving(predictor(), limits=SMALL) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client
        assert client.get("/health").status_code == 200


@pytest.fixture(scope="module")
def hasty():
    with (
        serving(predictor(), limits=HASTY) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


@pytest.mark.long
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "Expecting value: line 1 column 1 (char 0)."),
        (b'{"items": [1', "Expecting ',' delimiter: line 1 column 13 (char 12)."),
        (b'{"items": [NaN]}', "NaN is not a finite number; use null for a missing value."),
        (
            b'{"items": [-Infinity]}',
            "-Infinity is not a finite number; use null for a missing value.",
        ),
        (b'{"items": [1e999]}', "1e999 is not a finite number; use null for a missing value."),
        (b'{"items": ["\\ud800"]}', "it is not valid UTF-8."),
        (b'{"items": ["\xff"]}', "it is not valid UTF-8."),
        (b'{"items": ' + b"[" * 20_000, "it is nested too deeply."),
        (b'{"items": [' + b"9" * 9_000 + b"]}", "an integer has more than 4,300 digits."),
    ],
)
def test_what_is_not_json(small, body, why):
    response = small.post("/predict", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"].startswith("the body is not valid JSON: " + why)


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"items": []}', b'{"items": {}}', b"null", b'"items"']
)
def test_json_of_another_form(small, body):
    response = small.post("/predict", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"] == (
        'the body must be {"items": [...]} with at least one example.'
    )


@pytest.mark.parametrize("item", [None, 1, "x", [], {}, {"a": []}, {"a": None, "b": "x"}, {"": 0}])
def test_items_of_another_form(small, item):
    assert small.post("/predict", json={"items": [item]}).status_code == 422


@pytest.mark.parametrize("kind", ["", "text/plain", "text/csv", "application/octet-stream"])
def test_another_type(small, kind):
    response = small.post("/predict", content=b"x", headers={"Content-Type": kind})
    assert response.status_code == 415
    assert kind in response.json()["error"]


def test_a_body_that_is_too_large(small):
    def unannounced():
        for _ in range(60):
            yield b" " * 1000

    for content in (b" " * 60_000, unannounced()):
        response = small.post("/predict", content=content, headers=JSON)
        assert response.status_code == 413
        assert response.json()["error"] == (
            "at most 50,000 bytes per request are accepted. Send fewer or smaller files, or use "
            "lampas predict."
        )


def connected(client):
    host, port = client.base_url.host, client.base_url.port
    return socket.create_connection((host, port), timeout=10)


HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.long
def test_a_body_that_never_comes(hasty):
    with connected(hasty) as line:
        line.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")


@pytest.mark.long
def test_more_bytes_at_a_time_than_there_is_room_for(hasty):
    with connected(hasty) as one, connected(hasty) as other:
        for line in (one, other):
            line.sendall(HEAD + b"Content-Length: 40000\r\n\r\n" + b" " * 39_000)
        answers = {line.recv(12) for line in (one, other)}
    assert answers == {b"HTTP/1.1 503", b"HTTP/1.1 408"}
    # Now there is room again.
    assert hasty.post("/predict", content=b" " * 70_000, headers=JSON).status_code == 400


def test_one_who_leaves_in_the_middle(small, caplog):
    with connected(small) as line:
        line.sendall(HEAD + b"Content-Length: 30000\r\n\r\n" + b" " * 29_000)
    time.sleep(0.05)
    assert small.post("/predict", json={"items": [{"a": 1, "b": 2}]}).status_code == 200
    assert "Traceback" not in caplog.text


def test_a_message_quotes_no_more_than_can_be_read(small):
    files = {"f": ("x.csv", "a,b\n1," + "x" * 9000)}
    response = small.post("/predict", files=files)
    assert response.status_code == 422
    (failure,) = response.json()["errors"]
    assert failure["message"].endswith("xxx …")
    assert len(failure["message"]) < 1100


@pytest.mark.parametrize("line", [b"\x16\x03\x01\x02", b"GET\r\n\r\n", b"GET / HTTP/9\r\n\r\n"])
def test_what_is_not_http(small, line):
    with connected(small) as sent:
        sent.sendall(line + b"\r\n\r\n")
        assert sent.recv(100).startswith(b"HTTP/1.1 400 ")


def packed(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


BOMBS = {
    "bomb.xlsx": packed(a=b"\0" * 200_000),
    "bomb.csv.gz": gzip.compress(b"\0" * 200_000),
    "twice.csv.gz": gzip.compress(b"\0" * 60_000) * 2,
    "far.xlsx": packed(a='<worksheet><row r="1048576"><c r="XFD1048576"/></row></worksheet>'),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_unfolds_to_too_much(small, name):
    response = small.post("/predict", files={"f": (name, BOMBS[name])})
    assert response.status_code == 422
    (failure,) = response.json()["errors"]
    assert failure["name"] == name
    assert "100,000 bytes" in failure["message"] or "10,000 cells" in failure["message"]


@pytest.mark.long
def test_nothing_is_read_or_written_by_a_name(small, tmp_path, monkeypatch):
    there = tmp_path / "there.csv"
    there.write_text("a,b\n1,2\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    for name in (str(there), f"../../..{there}"):
        files = {"f": (name, b"a,b\n" + b"5,6\n" * 2000)}
        response = small.post("/predict", files=files)
        assert response.status_code == 200
        assert response.json()["answers"][0]["name"] == "there.csv, row 1"
        assert len(response.json()["answers"]) == 2000
    assert there.read_text() == "a,b\n1,2\n"
    assert list(tmp_path.iterdir()) == [there]
