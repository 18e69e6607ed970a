"""Networks that are taught, trained from the same weights, give the same numbers in Keras."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

import lampas
from tests.idioms.architectures import ARCHITECTURES, Network, fill, weights

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
CLOSE: Any = {"rtol": 1e-5, "atol": 1e-5}
EPOCHS = 4


def trained(kit: Any, name: str) -> tuple[Network, list[float]]:
    network = ARCHITECTURES[name](kit)
    fill(network.model)
    network.model.compile(kit.optimizers.SGD(0.02, momentum=0.9), network.loss)
    return network, network.fit(EPOCHS)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_eight_steps_are_keras_s(keras: ModuleType, name: str) -> None:
    (mine, my_losses), (theirs, their_losses) = trained(lampas, name), trained(keras, name)
    np.testing.assert_allclose(my_losses, their_losses, **CLOSE)
    expected = weights(theirs.model)
    assert expected.keys() == weights(mine.model).keys()
    for path, weight in weights(mine.model).items():
        np.testing.assert_allclose(weight, expected[path], **CLOSE, err_msg=path)
    np.testing.assert_allclose(mine.outputs(), theirs.outputs(), **CLOSE)
    for part, reference in zip(mine.parts, theirs.parts, strict=True):
        inputs = [
            np.random.default_rng(0).uniform(0, 2, (3, *shape[1:])).astype(dtype)
            for shape, dtype in ((t.shape, np.dtype(t.dtype)) for t in part.inputs)
        ]
        inputs = inputs if len(inputs) > 1 else inputs[0]
        outputs = (network.predict(inputs, verbose=0) for network in (part, reference))
        for a, b in zip(*map(jax.tree.leaves, outputs), strict=True):
            np.testing.assert_allclose(a, b, **CLOSE)
