from __future__ import annotations

import pytest

from lampas.core.errors import UnknownNameError
from lampas.datasets import Dataset, load, names


def test_every_name_loads_by_name():
    assert names() == ("digits", "mnist_5k", "mnist", "fashion_mnist")
    assert isinstance(load("digits"), Dataset)


@pytest.mark.parametrize(
    ("name", "near"), [("minst", "mnist"), ("Fashion-MNIST", "fashion_mnist"), ("digit", "digits")]
)
def test_an_unknown_name_gets_the_nearest_and_all(name, near):
    with pytest.raises(UnknownNameError) as caught:
        load(name)
    assert f"Did you mean {near!r}?" in str(caught.value)
    assert all(known in str(caught.value) for known in names())
