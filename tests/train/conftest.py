import pytest
from small_nets import class_examples

import lampas as lp


@pytest.fixture(autouse=True)
def fresh_seed():
    lp.set_seed(0)


@pytest.fixture
def examples():
    """21 examples: with batches of 8 the last one is short."""
    return class_examples(21)
