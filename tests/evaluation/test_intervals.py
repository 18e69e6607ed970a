"""Intervals against the numbers of textbooks and against scipy."""

import numpy as np
import pytest
from scipy import stats

from lampas.app.examples.text_report import lead_in_words
from lampas.evaluation.intervals import accuracy, lead


@pytest.mark.parametrize(("right", "total"), [(8, 10), (790, 1000), (0, 5), (5, 5)])
def test_accuracy_has_wilsons_interval(right, total):
    found = accuracy(np.arange(total) < right)
    truth = stats.binomtest(right, total).proportion_ci(method="wilson")
    assert found.value == right / total
    assert found.low == pytest.approx(truth.low, abs=1e-4)
    assert found.high == pytest.approx(truth.high, abs=1e-4)


def test_a_lead_counts_what_one_alone_has_right():
    one, other = np.zeros((2, 100), bool)
    one[:60] = True
    other[50:80] = True
    value, low, high = lead(one, other)
    # 50 against 20: (50 - 20) / 100, variance (70 - 30**2 / 100) / 100**2.
    half = 1.96 * np.sqrt(70 - 9) / 100
    assert value == pytest.approx(0.3)
    assert (low, high) == (pytest.approx(0.3 - half), pytest.approx(0.3 + half))


def test_the_lead_in_words_says_who_is_ahead_and_whether_it_may_be_chance():
    one, other = np.zeros((2, 100), bool)
    one[:60], other[50:80] = True, True
    told = lead_in_words(one, other)
    assert told.startswith("The network is ahead of TF-IDF by 30.0 points on 100 test texts")
    assert told.endswith("from +14.7 to +45.3 points, so it is more than chance.")
    told = lead_in_words(other[:55], one[:55])
    assert told.startswith("TF-IDF is ahead of the network by 90.9 points on 55")
    assert "can not be told apart" in lead_in_words(one, np.roll(one, 41))
    assert "give as many right answers" in lead_in_words(one, one)
