"""Values as texts."""

from __future__ import annotations

import numpy as np
import pytest

from lampas.plots.formatting import display_text, shorten


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (61706, "61,706"),
        (np.int64(-3), "−3"),
        (0.98765, "0.9877"),
        (np.float32(0.5), "0.5"),
        (12345.6, "12,346"),
        (1e-5, "1e−05"),
        (3.2e9, "3.2e+09"),
        (0.0, "0"),
        (float("nan"), "NaN"),
        (float("-inf"), "−∞"),
        (True, "yes"),
        (None, "–"),
        ("98.9 %", "98.9 %"),
    ],
)
def test_values_are_shown_plainly(value, words):
    assert display_text(value) == words


def test_names_that_are_too_long_are_cut():
    assert [shorten(name, 4) for name in ("abcd", "abcde")] == ["abcd", "abc…"]
