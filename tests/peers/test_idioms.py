"""The idioms of teaching material give the same numbers in Keras and here."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

import lampas
from tests.idioms.snippets import OWN, SNIPPETS

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`:UserWarning"),
    pytest.mark.filterwarnings("ignore:The model does not have any trainable:UserWarning"),
]


@pytest.mark.parametrize("name", [name for name in SNIPPETS if name not in OWN])
def test_the_same_numbers(keras: ModuleType, name: str) -> None:
    mine, theirs = SNIPPETS[name](lampas), SNIPPETS[name](keras)
    for a, b in zip(leaves(mine), leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def leaves(values: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(values)]
