"""Exclusive or is learned, and the run is written."""

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import xor
from tests.app.examples.example_runs import load_run


@pytest.mark.long
def test_xor_is_right_for_every_seed():
    for seed in range(10):
        lp.set_seed(seed)
        model, _ = xor.train_model(epochs=500, batch_size=4)
        np.testing.assert_array_equal(model.predict(xor.X) > 0.5, xor.Y)


def test_xor_writes_its_run(tmp_path):
    result = xor.run(seed=3, out=tmp_path, verbose=0)
    assert result.right == 4
    assert result.report == tmp_path / "report.html"
    np.testing.assert_array_equal(load_run(tmp_path).predict(xor.X) > 0.5, xor.Y)
