"""Variables that models and layers create in ``__init__``."""

import numpy as np
import pytest

import lampas as lp


class Scaled(lp.Model):
    def __init__(self):
        super().__init__()
        self.factor = self.add_weight((3,), "ones", name="factor")
        self.shift = lp.Variable(0.5, name="shift")
        self.calls = lp.Variable(lp.initializers.Zeros(), (2,), trainable=False)

    def call(self, inputs):
        return inputs * self.factor + self.shift


def test_variables_of_a_model_are_trained_and_saved(tmp_path):
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    model = Scaled()
    assert list(model.parameters()) == ["factor", "shift"]
    assert list(model.state_variables()) == ["calls"]
    np.testing.assert_allclose(model(x), x + 0.5)
    model.compile(lp.SGD(0.1), "mse")
    model.fit(x, x + 1, batch_size=8, verbose=0)
    # The error is -0.5 everywhere, and the mean is over 24 numbers.
    np.testing.assert_allclose(model.shift.numpy(), 0.5 + 0.1, rtol=1e-5)
    np.testing.assert_allclose(model.factor.numpy(), 1 + 0.1 * x.sum(0) / 24, rtol=1e-5)
    model.save(tmp_path / "scaled.safetensors")
    restored = lp.load(tmp_path / "scaled.safetensors", custom_objects={"Scaled": Scaled})
    np.testing.assert_array_equal(restored.predict(x), model.predict(x))


def test_a_variable_is_a_parameter_or_a_state():
    assert isinstance(lp.Variable(0.0), lp.Parameter)
    assert isinstance(lp.Variable(np.ones(2), trainable=False), lp.State)
    assert lp.Variable(3).dtype == np.float32
    assert lp.Variable(np.array([1, 2])).dtype == np.int32
    assert isinstance(lp.Parameter(value=np.ones(2)), lp.Variable)
    with pytest.raises(lp.ArgumentError, match=r"got 'zeros'\. Write initializers\.get\('zeros'\)"):
        lp.Variable("zeros", (3,))
