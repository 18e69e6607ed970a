"""Keras for the tests that compare with it."""

import pytest


@pytest.fixture(scope="session")
def keras():
    """Keras on the backend that tests/conftest.py chooses; a process can import only one."""
    pytest.importorskip("torch")
    return pytest.importorskip("keras")
