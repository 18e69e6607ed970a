"""Callbacks do at each epoch what Keras's of the same name do."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import lampas as lp

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

OPTIONS = [
    {"patience": 1, "factor": 0.5},
    {"patience": 2, "factor": 0.1, "min_delta": 0.3},
    {"patience": 1, "factor": 0.5, "cooldown": 1},
    {"patience": 2, "factor": 0.5, "cooldown": 3, "min_lr": 0.1},
    {"patience": 2, "factor": 0.5, "mode": "max"},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("seed", range(5))
def test_plateaus_lower_the_rate_at_the_same_epochs(
    keras: ModuleType, options: dict, seed: int
) -> None:
    values = np.random.default_rng(seed).normal(size=40).cumsum()
    found = []
    for kind in (lp.ReduceLROnPlateau, keras.callbacks.ReduceLROnPlateau):
        callback = kind("loss", **options)
        model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=1.0, schedule=None))
        callback.set_model(model)
        callback.on_train_begin()
        rates = []
        for epoch, value in enumerate(values):
            callback.on_epoch_end(epoch, {"loss": value})
            rates.append(float(model.optimizer.learning_rate))
        found.append(rates)
    np.testing.assert_allclose(*found)
