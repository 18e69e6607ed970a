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


def test_one_bad_question_spoils_no_other():
    """All wait while the first reads, and are then predicted together."""
    batches = [PredictionBatch(["x"], np.ones((1, columns), np.float32)) for columns in (2, 1, 2)]
    batcher = Batcher(predictor(), readers=None, limits=Limits())
    jobs = [_Job(Examples([batch], [])) for batch in batches]
    batcher._predict(jobs)
    first, odd, last = (job.reply for job in jobs)
    assert odd.exception() is not None
    assert first.result().predictions == last.result().predictions


def test_what_was_given_up_is_not_predicted():
    batcher = Batcher(predictor(), readers=None, limits=Limits())
    given_up, waiting = (_Job(Examples([], [])) for _ in range(2))
    given_up.reply.cancel()
    batcher._queue.put(waiting)
    assert batcher._with_waiting(given_up) == [waiting]
