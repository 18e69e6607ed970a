"""One server for the tests that need no other, and a client of it."""

import httpx
import pytest

from tests.app.serving.fakes import predictor, serving


@pytest.fixture(scope="session")
def address():
    with serving(predictor()) as url:
        yield url


@pytest.fixture
def client(address):
    with httpx.Client(base_url=address, timeout=30) as made:
        yield made
