import numpy as np
import pytest

import lampas as lp
from lampas.train.callbacks.stopping import TerminateOnNaN


def test_it_ends_a_fit_that_diverges(capsys: pytest.CaptureFixture[str]) -> None:
    x = np.ones((4, 1), np.float32)
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x, epochs=1, verbose=0)
    before = model.get_weights()
    history = model.fit(x * 1e30, x, epochs=3, verbose=0, callbacks=[TerminateOnNaN()])
    assert model.stop_training
    assert len(history.epoch) < 3
    assert "The fit ends early." in capsys.readouterr().out
    for kept, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, now)
