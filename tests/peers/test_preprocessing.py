from __future__ import annotations

import numpy as np
import pytest

from lampas.layers.preprocessing.normalization import Normalization

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.mark.parametrize("axis", [-1, 1, (1, 2), None])
def test_it_adapts_and_computes_as_keras_does(keras, axis):
    x = np.random.default_rng(0).normal(3, 2, (20, 4, 5)).astype(np.float32)
    ours, theirs = Normalization(axis), keras.layers.Normalization(axis)
    ours.adapt(x)
    theirs.adapt(x)
    np.testing.assert_allclose(ours(x), np.asarray(theirs(x)), rtol=1e-4, atol=1e-5)
    given = {"mean": 2.0, "variance": 9.0, "invert": True}
    back, theirs = Normalization(axis, **given), keras.layers.Normalization(axis, **given)
    np.testing.assert_allclose(back(x), np.asarray(theirs(x)), rtol=1e-5)
