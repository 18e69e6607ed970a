"""Batches of limited size, a bounded queue, and its thread."""

import asyncio

import httpx
import numpy as np
import pytest

from lampas.app.automl.task import PredictionBatch
from lampas.app.serving.batcher import Batcher, _Job
from lampas.app.serving.limits import Limits
from lampas.app.serving.predict_request import Examples
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


@pytest.mark.long
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


def job(count, columns=2):
    batch = PredictionBatch(["x"] * count, np.ones((count, columns), np.float32))
    return _Job(Examples(batch, []))


@pytest.fixture
def batcher():
    return Batcher(predictor(), readers=None, limits=Limits())


def test_one_bad_question_spoils_no_other(batcher):
    """All wait while the first reads, and are then predicted together."""
    jobs = [job(1, columns) for columns in (2, 1, 2)]
    batcher._predict(jobs)
    first, odd, last = (job.reply for job in jobs)
    assert odd.exception() is not None
    assert first.result().predictions == last.result().predictions


def test_small_requests_are_predicted_before_the_rest_of_large_ones(batcher, monkeypatch):
    """After each batch, and what has been given up not at all."""
    large, given_up, small = job(300), job(5), job(2)
    given_up.reply.cancel()
    sizes, predict = [], batcher._predictor.predict_batch

    def predict_batch(batch):
        sizes.append((small.reply.done(), len(batch.names)))
        if len(sizes) == 1:
            batcher._queue.put(small)
        if len(sizes) == 3:
            batcher._queue.put(None)
        return predict(batch)

    monkeypatch.setattr(batcher._predictor, "predict_batch", predict_batch)
    batcher._queue.put(large)
    batcher._queue.put(given_up)
    batcher._run()
    assert sizes == [(False, 128), (False, 128), (True, 128)]
    assert len(large.reply.result().predictions) == 300
    assert small.reply.result().predictions == large.reply.result().predictions[:2]
