"""Processes that hang, crash, grow, or read for nobody are ended and replaced."""

import asyncio
import os
import time

import httpx
import numpy as np
import pytest

from lampas.app.serving.limits import Limits
from lampas.app.serving.reader_pool import READERS
from tests.app.serving.fakes import Rows, predictor, serving

ITEMS = {"items": [{"a": 1, "b": 2}]}


class Odd(Rows):
    """Files whose names say what reading them does."""

    def read_batches(self, sources, settings):
        if "hangs" in sources[0].name:
            time.sleep(60)
        elif "crashes" in sources[0].name:
            os._exit(1)
        elif "grows" in sources[0].name:
            np.ones(100_000_000, np.uint8).sum()
        elif "fills" in sources[0].name:
            np.ones(10**11, np.uint8)
        return super().read_batches(sources, settings)


def upload(name):
    return {"files": {"f": (name, "a,b\n1,2\n")}}


def readers(url):
    return httpx.get(f"{url}/health").json()["readers"]


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def url():
    with serving(predictor(Odd()), limits=Limits(memory=2**30)) as url:
        yield url


@pytest.mark.long
def test_a_process_that_crashes_is_replaced(url):
    before = readers(url)["replaced"]
    response = httpx.post(f"{url}/predict", **upload("crashes.csv"), timeout=30)
    assert response.status_code == 422
    assert response.json()["error"].startswith("the process that read the request crashed. Send")
    wait_for(lambda: readers(url) == {"busy": 0, "free": READERS, "replaced": before + 1})
    assert httpx.post(f"{url}/predict", json=ITEMS, timeout=30).status_code == 200


@pytest.mark.long
def test_a_process_that_has_grown_is_replaced_after_its_answer(url):
    before = readers(url)["replaced"]
    assert httpx.post(f"{url}/predict", **upload("grows.csv"), timeout=30).status_code == 200
    wait_for(lambda: readers(url)["free"] == READERS)
    assert readers(url)["replaced"] == before


def test_more_memory_than_is_allowed_is_refused(url):
    response = httpx.post(f"{url}/predict", **upload("fills.csv"), timeout=30)
    assert response.status_code == 422
    assert "too much memory" in response.json()["error"]


@pytest.mark.long
def test_reading_ends_when_the_client_has_left(url):
    before = readers(url)["replaced"]
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{url}/predict", **upload("hangs.csv"), timeout=1)
    wait_for(lambda: readers(url) == {"busy": 0, "free": READERS, "replaced": before + 1})


@pytest.mark.long
def test_requests_that_hang_make_room_for_smaller_ones(url):
    """However many there are."""

    async def crowd():
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            hanging = [
                asyncio.create_task(client.post("/predict", **upload("hangs.csv")))
                for _ in range(5 * READERS)
            ]
            await asyncio.sleep(1.5)
            health = (await client.get("/health")).json()
            start = time.monotonic()
            for _ in range(3):
                assert (await client.post("/predict", json=ITEMS)).status_code == 200
            seconds = time.monotonic() - start
            ended = [task for task in hanging if task.done()]
            for task in hanging:
                task.cancel()
            return health, seconds, [task.result() for task in ended]

    wait_for(lambda: readers(url)["free"] == READERS)
    health, seconds, ended = asyncio.run(crowd())
    assert health["status"] == "busy"
    assert health["readers"]["busy"] == READERS
    assert seconds < 20  # A request hangs for 60.
    assert [response.status_code for response in ended] == [503] * 3
    assert ended[0].json()["error"].startswith("reading took long while others waited")
    wait_for(lambda: readers(url)["free"] == READERS)


@pytest.mark.long
def test_a_request_that_takes_too_long_frees_its_process():
    with serving(predictor(Odd()), limits=Limits(seconds=1)) as url:
        wait_for(lambda: readers(url)["free"] == READERS)
        response = httpx.post(f"{url}/predict", **upload("hangs.csv"), timeout=30)
        assert response.status_code == 422
        assert response.json()["error"] == "reading it takes more than 1 seconds. Send it in parts."
        wait_for(lambda: readers(url) == {"busy": 0, "free": READERS, "replaced": 1})
