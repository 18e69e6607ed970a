"""The idioms of teaching material, as snippets that only import Lampas in place of Keras."""

import pytest

import lampas
from tests.idioms.snippets import LONG, SNIPPETS

PARAMETERS = [
    pytest.param(snippet, id=name, marks=pytest.mark.long if name in LONG else ())
    for name, snippet in SNIPPETS.items()
]


@pytest.mark.parametrize("snippet", PARAMETERS)
def test_snippet(snippet):
    snippet(lampas)


def test_there_are_at_least_seventy():
    assert len(SNIPPETS) >= 70
