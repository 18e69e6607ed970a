"""Calibration computed by hand, chance level, and scipy's intervals."""

import numpy as np
import pytest
from scipy import stats

from lampas.evaluation.calibration import calibration


def of_sureness(sure, right):
    """Targets and probabilities of two classes, with this confidence and accuracy."""
    sure = np.asarray(sure, float)
    said = np.stack([1 - sure, sure], 1)
    return np.asarray(right, int), said


def test_the_expected_error_by_hand():
    # Five bins: 4 answers at 0.7, 1 of them right; 5 at 0.9 and 1.0, all right.
    targets, said = of_sureness([0.7] * 4 + [0.9] * 3 + [1.0] * 2, [1, 0, 0, 0, 1, 1, 1, 1, 1])
    found = calibration(targets, said)
    assert [one.count for one in found.bins] == [4, 5]
    assert [one.confidence for one in found.bins] == pytest.approx([0.7, 0.94])
    assert found.error == pytest.approx((4 * 0.45 + 5 * 0.06) / 9)
    assert found.overconfidence == pytest.approx((4 * 0.45 - 5 * 0.06) / 9)
    truth = stats.binomtest(1, 4).proportion_ci(method="wilson")
    assert found.bins[0].accuracy == pytest.approx((0.25, truth.low, truth.high), abs=1e-4)


def test_many_answers_are_sorted_into_ten_bins():
    sure = np.repeat([0.55, 0.65, 0.95, 1.0], 25)
    assert [one.count for one in calibration(*of_sureness(sure, sure)).bins] == [25, 25, 50]


def test_a_network_that_can_be_believed_is_off_only_by_chance():
    random = np.random.default_rng(0)
    off = []
    for _ in range(40):
        sure = random.uniform(0.5, 1, 150)
        off.append(calibration(*of_sureness(sure, random.random(150) < sure)).is_miscalibrated)
    assert sum(off) <= 6  # 1 in 20 is meant


@pytest.mark.parametrize(("true", "surer"), [(0.6, True), (0.99, False)])
def test_one_that_says_eighty_and_means_another_share_is_found_out(true, surer):
    random = np.random.default_rng(1)
    found = calibration(*of_sureness(np.full(400, 0.8), random.random(400) < true))
    assert found.is_miscalibrated
    assert (found.overconfidence > 0) == surer
    assert found.error == pytest.approx(abs(found.overconfidence))


def test_one_sure_answer():
    found = calibration(np.array([2]), np.array([[0.0, 0.0, 1.0]], np.float32))
    assert found.error == found.chance_level == 0
    assert not found.is_miscalibrated
