"""A server in its own process: started, queried, stopped by Ctrl-C."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from lampas.app.serving.server import listen, serve
from lampas.core.errors import ArgumentError, FileError

SCRIPT = """
import sys
from pathlib import Path
from tests.app.serving.fakes import write_run
from lampas.app.serving.server import serve
folder = Path(sys.argv[1])
write_run(folder)
serve(folder, sys.argv[2], 0)
"""
ROOT = Path(__file__).parents[3]


def begun(folder, host):
    """The process, and the address that it prints."""
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(folder), host]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    first = process.stdout.readline()
    assert first, process.stderr.read()
    return process, re.fullmatch(r"serving .* at (http://\S+) until Ctrl-C\n", first)[1]


def test_a_run_is_served_until_control_c(tmp_path):
    process, address = begun(tmp_path, "127.0.0.1")
    answer = httpx.post(f"{address}predict", json={"items": [{"a": 1, "b": 2}]}, timeout=30)
    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=20)
    assert answer.status_code == 200
    assert process.returncode == 0
    (line,) = log.splitlines()
    assert re.fullmatch(r"\S+ \S+ 127.0.0.1 POST '/predict' 200 \d+ ms", line)


@pytest.mark.long
def test_beyond_this_machine_a_token_is_made(tmp_path):
    process, address = begun(tmp_path, "0.0.0.0")
    port, token = re.fullmatch(r"http://\S+:(\d+)/#token=(\S{20,})", address).groups()
    url = f"http://127.0.0.1:{port}/health"
    codes = [
        httpx.get(url, headers={"Authorization": f"Bearer {given}"}, timeout=30).status_code
        for given in ("wrong", token)
    ]
    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=20)
    assert codes == [401, 200]
    assert token not in log


def test_an_address_that_is_taken():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ArgumentError) as error:
            listen("127.0.0.1", port)
    assert str(error.value) == (
        f"cannot listen on 127.0.0.1 port {port}: Address already in use. Choose another --host "
        "or --port."
    )


@pytest.mark.parametrize("host", ["no.such.host.invalid", "::x", "x" * 99])
def test_no_address(host):
    with pytest.raises(ArgumentError, match=f"on {host} port 0: the address does not exist"):
        listen(host, 0)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_no_port(port):
    with pytest.raises(ArgumentError, match=f"port {port}: ports are numbers from 0 to 65,535"):
        listen("127.0.0.1", port)


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_the_newer_loopback():
    try:
        with listen("::1", 0) as listener:
            assert listener.family == socket.AF_INET6
    except ArgumentError:
        pytest.skip("IPv6 is switched off")


@pytest.mark.parametrize("token", ["", "short", "with a space", "tökenöfmine", "with\nbreak"])
def test_a_token_that_cannot_be_used(token, tmp_path):
    with pytest.raises(ArgumentError, match="a token needs 8 or more"):
        serve(tmp_path, token=token)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(FileError, match=r"cannot read .*run.json"):
        serve(tmp_path)


def test_a_missing_library_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(FileError, match=r"and uvicorn is not installed: pip install"):
        serve(tmp_path)
