"""What the datasets of all kinds share."""

import io
import sys

import numpy as np

from lampas.data import Texts


def test_a_summary_is_plain_where_the_terminal_cannot_show_bars(monkeypatch):
    texts = Texts(["good", "bad", "fine"], np.array([1, 0, 1], np.int32), ("schlecht", "schön"))
    assert "█" in str(texts)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    shown = str(texts)
    assert "#" in shown
    assert r"sch\xf6n" in shown
