"""A server in its own process under attack: others are answered, and memory stays flat."""

import contextlib
import gzip
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.soak
SCRIPT = """
import sys
from pathlib import Path
from tests.app.serving.kinds import table_predictor
from lampas.app.automl.manifest import MODEL
from lampas.app.serving.server import serve
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    predictor = table_predictor()
    predictor.manifest.write(folder)
    predictor.model.save(folder / MODEL)
    serve(folder, "127.0.0.1", 0)
"""
ROOT = Path(__file__).parents[2]
HEADER = "age,price,sex,smoker,day,note\n"
ROW = "30,1000,male,yes,2020-01-01,good\n"
ITEM = {"age": 30, "price": 1000, "sex": "male", "smoker": True, "day": None, "note": "good"}
CONNECTIONS, SECONDS, UPLOADS = 500, 30, 50


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The process and the address of the server."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path_factory.mktemp("run"))]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as process:
        address = re.search(r"http://\S+", process.stdout.readline())[0]
        answer(address, timeout=60)
        yield process, address
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def answer(address, timeout=2.0):
    response = httpx.post(f"{address}predict", json={"items": [ITEM]}, timeout=timeout)
    assert response.status_code == 200


def answer_for(address, seconds):
    """All requests in this time are answered within 2 s."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer(address)
        time.sleep(0.2)


@pytest.mark.parametrize("byte", [b"", b"x"])
def test_idle_connections(server, byte):
    """Nothing is sent, or a byte of a header each second."""
    _, address = server
    stop = threading.Event()

    def hold():
        lines = [connect(address) for _ in range(CONNECTIONS)]
        while not stop.wait(1):
            for i, line in enumerate(lines):
                with contextlib.suppress(OSError):
                    line.sendall(byte)
                    continue
                line.close()
                lines[i] = connect(address)
        for line in lines:
            line.close()

    thread = threading.Thread(target=hold)
    thread.start()
    answer_for(address, SECONDS)
    stop.set()
    thread.join()


def connect(address):
    host, port = re.search(r"//([\d.]+):(\d+)", address).groups()
    return socket.create_connection((host, int(port)), 10)


def test_uploads_that_unpack_to_much(server):
    """120 MB of empty lines in 122 kB, ten in one request, again and again."""
    _, address = server
    content = gzip.compress(HEADER.encode() + b"\n" * 120_000_000)
    files = [("files", (f"{n}.csv.gz", content)) for n in range(10)]
    stop, statuses = threading.Event(), set()

    def upload():
        while not stop.is_set():
            response = httpx.post(f"{address}predict", files=files, timeout=120)
            statuses.add(response.status_code)

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    answer_for(address, SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    assert statuses <= {422, 503}


def test_memory_after_the_largest_uploads(server):
    """Of the server and its processes, each byte that several share counted once.

    Before, there is one upload of each kind.
    """
    process, address = server
    name, row = HEADER.strip(), ROW.strip().replace("good", "good " * 320)
    content = "\n".join([name, *[row] * 9_900])
    assert 15 * 2**20 < len(content) < 16 * 2**20
    uploads = [
        {"files": {"files": ("x.csv", content)}},
        {"files": {"files": ("x.csv.gz", gzip.compress(content.encode()))}},
        {"json": {"items": [ITEM | {"note": "good " * 300}] * 9_900}},
    ]
    for upload in uploads:
        answer_all(address, upload)
    time.sleep(3)
    before = memory(process.pid)
    for number in range(UPLOADS):
        answer_all(address, uploads[number % len(uploads)])
    time.sleep(3)
    assert memory(process.pid) < 1.2 * before


def answer_all(address, upload):
    response = httpx.post(f"{address}predict", timeout=60, **upload)
    assert response.status_code == 200
    assert len(response.json()["answers"]) == 9_900


def memory(pid):
    """Proportional set size in kB of a process and all that it has started."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        pytest.skip("/proc is of Linux")
    size = int(re.search(r"^Pss: +(\d+)", rollup.read_text(), re.MULTILINE)[1])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = [p for p in Path(f"/proc/{pid}/task").iterdir() if p.name != str(pid)]
    for thread in threads:
        children += (thread / "children").read_text().split()
    return size + sum(memory(int(child)) for child in children)
