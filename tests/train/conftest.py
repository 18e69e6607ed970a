import signal

import pytest

import lampas as lp
from tests.train.small_nets import class_examples


@pytest.fixture(autouse=True)
def fresh_seed():
    lp.set_seed(0)


@pytest.fixture
def examples():
    """21 examples: with batches of 8 the last one is short."""
    return class_examples(21)


@pytest.fixture(autouse=True)
def _ctrl_c_is_python_s():
    """A test run in the background inherits that Ctrl-C is ignored; here it is not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
