"""Batches of limited size, a bounded queue, and its thread."""

import asyncio
import time

import httpx
import numpy as np
import pytest

from lampas.app.automl.task import InputFile
from lampas.app.serving.batcher import Batcher
from lampas.app.serving.limits import Limits
from lampas.app.serving.predict_request import FilesRequest
from tests.app.serving.fakes import CLASSES, Rows, predictor, probabilities, serving

AT_ONCE = 200


def asked(number):
    """Every other request is a file."""
    row = [number / 100, 1 - number / 50]
    if number % 2:
        return row, {"json": {"items": [{"a": row[0], "b": row[1]}]}}
    return row, {"files": {"f": ("x.csv", f"a,b\n{row[0]},{row[1]}\n")}}


async def ask(client, number):
    row, body = asked(number)
    response = await client.post("/predict", **body)
    assert response.status_code == 200, response.text
    (found,) = response.json()["answers"]
    shares = [found["probabilities"][name] for name in CLASSES]
    np.testing.assert_allclose(shares, probabilities([row])[0], rtol=1e-4)


async def ask_all(url):
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
        await asyncio.gather(*(ask(client, n) for n in range(AT_ONCE)))


@pytest.mark.long
def test_two_hundred_requests_at_a_time_are_all_answered_right(address):
    asyncio.run(ask_all(address))


class Slow(Rows):
    pause = 0.3


def test_a_full_queue_says_when_to_come_again():
    async def crowd(url):
        async with httpx.AsyncClient(base_url=url, timeout=10) as client:
            posts = (client.post("/predict", **asked(0)[1]) for _ in range(8))
            return await asyncio.gather(*posts)

    with serving(predictor(Slow()), limits=Limits(waiting=1)) as url:
        responses = asyncio.run(crowd(url))
    codes = sorted(response.status_code for response in responses)
    assert codes[0] == 200
    assert codes[-1] == 503
    refused = next(response for response in responses if response.status_code == 503)
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["error"] == "too many requests are waiting. Try again in a moment."


def test_nothing_more_is_read_for_one_who_has_given_up():
    kind = Slow()
    read = []
    kind.read_batches = lambda sources, settings: (
        read.append(sources) or Slow.read_batches(kind, sources, settings)
    )
    sources = tuple(InputFile(f"{n}.csv", b"a,b\n1,2\n") for n in range(20))
    limits = Limits(seconds=0.1)
    worker = Batcher(predictor(kind), limits)
    worker.start()
    with pytest.raises(Exception, match="503"):
        asyncio.run(worker.predict(FilesRequest(sources, limits)))
    start = time.monotonic()
    worker.stop()
    assert time.monotonic() - start < 4
    assert len(read) == 1


class Odd(Rows):
    """Reads another number of columns from a file named so."""

    def read_batches(self, sources, settings):
        for one in super().read_batches(sources, settings):
            yield one._replace(x=one.x[:, :1] if "odd" in one.names[0] else one.x)


def test_one_bad_question_spoils_no_other():
    async def both(worker):
        files = [(InputFile(name, b"a,b\n1,2\n"),) for name in ("x.csv", "odd.csv", "y.csv")]
        asks = [worker.predict(FilesRequest(sources, Limits())) for sources in files]
        waiting = asyncio.gather(*asks, return_exceptions=True)
        await asyncio.sleep(0.05)  # all are in the queue before the first is read
        worker.start()
        return await waiting

    worker = Batcher(predictor(Odd()), Limits())
    first, odd, last = asyncio.run(both(worker))
    worker.stop()
    assert isinstance(odd, Exception)
    assert first.predictions[0].prediction == last.predictions[0].prediction
