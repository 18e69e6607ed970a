"""The report on texts: the difference between network and baseline in words."""

from types import SimpleNamespace

import numpy as np

from lampas.app.examples.text_report import describe_difference


def describe(correct, other):
    """The difference between two classifiers that are right where these masks say so."""
    network, baseline = (
        SimpleNamespace(probabilities=np.eye(2)[1 - mask.astype(int)]) for mask in (correct, other)
    )
    return describe_difference(network, baseline, Texts(len(correct)))


class Texts:
    """Texts of class 0."""

    def __init__(self, number):
        self.y = np.zeros(number, int)

    def __len__(self):
        return len(self.y)


def test_the_difference_in_words_says_which_is_better_and_whether_it_is_significant():
    one, other = np.zeros((2, 100), bool)
    one[:60], other[50:80] = True, True
    words = describe(one, other)
    assert words.startswith("The network is better than TF-IDF by 30.0 percentage points on 100")
    assert words.endswith("it is significant.")
    words = describe(other[:55], one[:55])
    assert words.startswith("TF-IDF is better than the network by 90.9 percentage points on 55")
    assert "not significant" in describe(one, np.roll(one, 41))
    assert "have the same accuracy" in describe(one, one)
