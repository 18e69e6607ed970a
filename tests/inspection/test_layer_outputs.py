"""Every layer's output can be seen."""

import numpy as np
import pytest

import lampas as lp
from lampas.inspection.layer_outputs import layer_outputs


@pytest.mark.long
def test_outputs_are_those_of_the_layers_one_by_one():
    model = lp.Sequential([lp.Dense(3, "tanh"), lp.Dropout(0.5), lp.Dense(2)])
    x = np.ones((4, 5), np.float32)
    model(x)
    seen = layer_outputs(model, x)
    assert list(seen) == ["dense_1", "dropout_1", "dense_2"]
    hidden = np.tanh(x @ model.layers[0].kernel.numpy())
    np.testing.assert_allclose(seen["dense_1"], hidden, rtol=1e-5)
    np.testing.assert_array_equal(seen["dropout_1"], seen["dense_1"])
    np.testing.assert_allclose(seen["dense_2"], np.asarray(model(x)))
