"""The most confident mistakes of a classifier."""

import numpy as np

from lampas.evaluation.mistakes import most_confident_mistakes


def test_the_most_confident_mistakes_come_first():
    y_pred = np.array([[0.6, 0.4], [0.1, 0.9], [0.8, 0.2], [0.7, 0.3]])
    assert most_confident_mistakes(np.array([1, 1, 1, 1]), y_pred).tolist() == [2, 3, 0]
    assert most_confident_mistakes(np.array([1, 1, 1, 1]), y_pred, 1).tolist() == [2]
    assert not len(most_confident_mistakes(y_pred.argmax(1), y_pred))
