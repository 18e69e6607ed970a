"""Texts with shaded words."""

import re

import numpy as np
import pytest

import lampas as lp
from lampas.app.report import Report
from lampas.app.report.shaded_text import ShadedText, add_shaded_texts


def page(*values: float, text: str = "A <b>fine</b> film", **options: int) -> str:
    shaded = ShadedText(text, [(0, 1), (5, 9), (14, 18)], np.array(values), "true <good>")
    return add_shaded_texts(Report("Test"), [shaded], **options).html()


def test_the_strongest_word_has_the_full_shade_and_blue_speaks_against():
    html = page(0.0, 4.0, -2.0)
    shades = re.findall(r"rgb\((\d+) \d+ \d+ / ([\d.]+)\)[^>]*>(\w+)<", html)
    assert shades == [("226", "0.62", "fine"), ("47", "0.31", "film")]


def test_everything_given_is_text():
    html = page(1.0, 1.0, 1.0)
    assert "<b>fine" not in html
    assert "true &lt;good&gt;" in html
    plain = re.sub(r"</?span[^>]*>", "", html)
    assert "A &lt;b&gt;fine&lt;/b&gt; film" in plain


def test_no_influence_at_all_shades_nothing():
    assert "<span" not in page(0.0, 0.0, 0.0)


def test_long_texts_are_cut_between_words():
    html = re.sub(r"</?span[^>]*>", "", page(1.0, 1.0, 1.0, max_letters=10))
    assert "A &lt;b&gt;fine …" in html
    assert "film" not in html


def test_values_must_be_as_many_as_places():
    with pytest.raises(lp.ShapeError, match="3 spans of a text have 2 values"):
        page(1.0, 1.0)
