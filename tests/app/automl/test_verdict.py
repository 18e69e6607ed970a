"""The verdict in words: who wins, what few examples can show, what was learnt."""

import numpy as np
import pytest

from lampas.app.automl.result import verdict
from tests.app.automl.told import told, yardstick


def right_in(share, y):
    """Probabilities that are right for the first share of the examples."""
    hit = np.arange(len(y)) < round(share * len(y))
    return np.eye(2)[np.where(hit, y, 1 - y)]


def of_shares(examples, network, simple, floor=0.5):
    y = np.arange(examples) % 2
    others = [
        yardstick("majority class", right_in(floor, y), strong=False),
        yardstick("gradient boosting", right_in(simple, y)),
    ]
    return verdict(told("classify", y, right_in(network, y), others, ("no", "yes")))


def test_the_network_is_ahead():
    words = of_shares(200, 0.95, 0.85)
    assert words.startswith(
        "Asked about 200 examples it had not met, the network is right in 95.0% (95 % interval 92"
    )
    assert (
        "It is ahead of gradient boosting, the best of the simple methods (85.0%), by 10.0 "
        in words
    )
    assert "majority class" not in words


def test_the_simple_one_wins():
    words = of_shares(200, 0.85, 0.95)
    assert (
        "The simple method wins: gradient boosting (95.0%) is ahead of the network, by 10.0 "
        in words
    )


def test_so_few_examples_show_no_difference():
    words = of_shares(50, 0.94, 0.90)
    assert (
        "It is ahead of gradient boosting, the best of the simple methods (90.0%), by 4.0 " in words
    )
    assert words.endswith("no difference that 50 examples can show.")
    assert "It is behind gradient boosting" in of_shares(50, 0.90, 0.94)


def test_both_are_as_good():
    words = of_shares(200, 0.9, 0.9)
    assert words.endswith("Gradient boosting, the best of the simple methods, does as well.")


def test_nothing_was_learnt():
    words = of_shares(200, 0.48, 0.9, floor=0.5)
    assert "The simple method wins" in words
    assert "It is not surely better than “majority class”, which has learnt nothing" in words


def test_where_one_class_is_the_commonest_accuracy_is_not_all():
    y = (np.arange(400) % 20 == 0).astype(int)
    said = np.eye(2)[np.where(np.arange(400) % 40 == 1, 1, y)]  # all found, ten false alarms
    floor = [yardstick("majority class", np.eye(2)[0 * y], False)]
    words = verdict(told("classify", y, said, floor, ("no", "yes")))
    assert "That is not surely better than “majority class”. But it tells the classes" in words
    assert "with every class counting alike it is right in 98.7% (95 % interval 97" in words
    assert words.endswith("“majority class” in 50.0%.")
    assert "learnt nothing" not in words


def test_so_few_that_differ_may_do_so_by_chance():
    random = np.random.default_rng(0)
    y, noise = random.normal(size=(2, 12, 4))
    others = [yardstick("persistence", y + 90 * noise, False), yardstick("linear", y + noise)]
    words = verdict(told("forecast", y, y + 0.5 * noise, others))
    assert (
        "“persistence”, which has learnt nothing, is behind; but in so small a test part" in words
    )
    assert "nobody can say" not in words


def test_a_small_test_part_is_told():
    assert of_shares(12, 1.0, 0.5).endswith(
        "So small a test part says little: other examples may give quite other numbers."
    )


def test_a_floor_may_be_the_strongest():
    y = np.arange(100) % 2
    one = told(
        "classify",
        y,
        right_in(0.4, y),
        [yardstick("majority class", right_in(0.7, y), False)],
        "ab",
    )
    assert "The simple method wins: majority class (70.0%)" in verdict(one)


@pytest.mark.parametrize("task", ["regress", "forecast"])
def test_errors_are_told_in_the_targets_units(task):
    random = np.random.default_rng(0)
    shape = (300,) if task == "regress" else (300, 4)
    y, noise = random.normal(size=(2, *shape))
    others = [yardstick("mean", y + 90, False), yardstick("gradient boosting", y + 40 * noise)]
    words = verdict(told(task, y, y + 20 * noise, others))
    rmse = 20 * np.sqrt(np.mean(noise**2))
    what = "examples" if task == "regress" else "stretches of time"
    assert words.startswith(
        f"On 300 {what} it had not met, the network's error, the root of the mean square, is "
        f"{rmse:.1f} (95 % interval "
    )
    assert (
        f"It is ahead of gradient boosting, the best of the simple methods ({2 * rmse:.1f})"
        in words
    )


def test_windows_that_overlap_are_worth_fewer():
    y = np.random.default_rng(0).normal(size=(157, 24))
    words = verdict(told("forecast", y, y + 1, [yardstick("persistence", y + 2, False)]))
    assert words.endswith("They overlap and are worth about 6: other times may give other numbers.")
