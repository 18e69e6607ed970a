"""Options that every layer takes."""

import numpy as np
import pytest

import lampas as lp


def test_a_name_may_be_none():
    model = lp.Sequential([lp.Dense(2, name=None, input_shape=(3,)), lp.Dense(1, name="last")])
    assert list(model.variables()) == ["dense_1/kernel", "dense_1/bias", "last/kernel", "last/bias"]


@pytest.mark.parametrize("name", [3, b"dense", ["dense"], lp.Dense(1)])
@pytest.mark.parametrize(
    "make",
    [
        lambda name: lp.Dense(2, name=name),
        lambda name: lp.LSTM(2, name=name),
        lambda name: lp.BatchNormalization(name=name),
        lambda name: lp.Input((3,), name=name),
        lambda name: lp.MaxPool2D(name=name),
        lambda name: lp.RandomFlip(name=name),
        lambda name: lp.metrics.Accuracy(name=name),
        lambda name: lp.metrics.MeanMetricWrapper(np.subtract, name),
    ],
)
def test_a_name_is_a_string(make, name):
    with pytest.raises(lp.ArgumentError, match=r"^\w+: (name|label) must be a string, got "):
        make(name)
