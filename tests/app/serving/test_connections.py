"""Idle, slow and crowding connections: they are closed, and others are answered."""

import socket
import time

import httpx
import pytest

from lampas.app.serving.limits import Limits
from tests.app.serving.fakes import predictor, serving

ITEMS = {"items": [{"a": 1, "b": 2}]}
CROWD = 20
LIMITS = Limits(connections=30, peer_connections=CROWD, seconds=0.5, idle_seconds=0.5)


def port(url):
    return int(url.rpartition(":")[2])


def connect(url, address="127.0.0.1"):
    """A connection from another address of this machine, as if from another client."""
    return socket.create_connection(("127.0.0.1", port(url)), 10, (address, 0))


def seconds_to_answer(url):
    start = time.perf_counter()
    assert httpx.post(f"{url}/predict", json=ITEMS, timeout=10).status_code == 200
    return time.perf_counter() - start


@pytest.fixture(scope="module")
def url():
    limits = Limits(connections=30, peer_connections=CROWD)
    with serving(predictor(), limits=limits) as url:
        seconds_to_answer(url)  # once everything has started
        yield url


def close_all(lines):
    for line in lines:
        line.close()


@pytest.mark.parametrize("sent", [b"", b"POST /pre", b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b"])
def test_idle_connections_give_way_to_new_ones(url, sent, caplog):
    lines = [connect(url) for _ in range(3 * CROWD)]
    for line in lines:
        line.sendall(sent)
    assert seconds_to_answer(url) < 2
    assert "127.0.0.1 connection closed: it has 20 connections" in caplog.text or sent
    closed = 0
    for line in lines[:CROWD]:
        line.settimeout(5)
        try:
            closed += line.recv(100) == b""
        except ConnectionResetError:  # It was closed before all bytes were read.
            closed += 1
    assert closed == CROWD
    close_all(lines)


@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="127.0.0.2 is of Linux")
def test_a_crowd_of_one_client_leaves_room_for_others(url):
    crowd = [connect(url, "127.0.0.2") for _ in range(3 * CROWD)]
    with connect(url, "127.0.0.3") as other:
        time.sleep(0.2)
        other.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 200")
    close_all(crowd)


BODY = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_bodies_that_never_end_give_way_too(url):
    lines = [connect(url) for _ in range(3 * CROWD)]
    for line in lines:
        line.sendall(BODY + b"Content-Length: 100\r\n\r\n{")
    assert seconds_to_answer(url) < 2
    close_all(lines)


@pytest.mark.long
def test_a_connection_without_a_request_is_closed():
    """However slowly its headers come, also after an earlier request."""
    with serving(predictor(), limits=LIMITS) as url:
        for before in (b"", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            with connect(url) as line:
                start = time.monotonic()
                line.sendall(before)
                if before:
                    assert line.recv(10_000).startswith(b"HTTP/1.1 200")
                line.settimeout(0.05)
                closed = False
                while not closed and time.monotonic() - start < 5:
                    try:
                        line.sendall(b"x")
                        closed = line.recv(10_000) == b""
                    except TimeoutError:
                        continue
                    except OSError:
                        closed = True
                assert closed
                assert time.monotonic() - start < 3


@pytest.mark.long
def test_responses_that_are_not_taken_end_the_connection():
    """They would hold memory for as long as it is open."""
    limits = Limits(seconds=0.1, idle_seconds=0.1)
    with serving(predictor(), limits=limits) as url, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", port(url)))
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
        end, is_open = time.monotonic() + 20, True
        while is_open:
            assert time.monotonic() < end
            time.sleep(0.05)
            try:
                line.send(b"x")
            except OSError:
                is_open = False


@pytest.mark.parametrize("kind", [b"application/json", b"a/b"])
@pytest.mark.parametrize("pause", [0, 0.1])
def test_chunks_that_are_not_http(url, kind, pause, caplog):
    """Before or after the response, they end the connection, and nothing else."""
    with connect(url) as line:
        line.sendall(
            BODY.replace(b"application/json", kind) + b"Transfer-Encoding: chunked\r\n\r\n"
        )
        time.sleep(pause)
        line.sendall(b"ZZ\r\n")
        answer = line.recv(10_000)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 415"))
    assert seconds_to_answer(url) < 2
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("chunk", "status"), [(b"1\r\n \r\n" * 999, b"422"), (b"1\r\n \r\n" * 1001, b"400")]
)
def test_tiny_chunks_are_refused_if_there_are_many(url, chunk, status):
    """After that many, the rest is not parsed."""
    body = b'{"items": [0]}'
    chunks = chunk + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    with connect(url) as line:
        line.sendall(BODY + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        assert line.recv(10_000).startswith(b"HTTP/1.1 " + status)


def test_large_chunks_are_accepted(url):
    item = b'{"a": 1, "b": 2}'
    content = b'{"items": [%b]}' % b",".join([item + b" " * 1000] * 1500)
    pieces = (content[start : start + 1000] for start in range(0, len(content), 1000))
    response = httpx.post(
        f"{url}/predict", content=pieces, timeout=30, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 200
