import pytest

import lampas as lp


@pytest.fixture(autouse=True)
def fresh_seed():
    lp.set_seed(0)
