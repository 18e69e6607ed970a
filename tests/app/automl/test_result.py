"""The summary in words: comparison with the baselines, small test sets, significance."""

from dataclasses import replace

import numpy as np
import pytest

from lampas.app.automl.result import describe_saved_model, summarize
from lampas.app.automl.task import Refit
from tests.app.automl.fake_results import baseline, fake_result


def right_in(share, y):
    """Probabilities that are right for the first share of the examples."""
    hit = np.arange(len(y)) < round(share * len(y))
    return np.eye(2)[np.where(hit, y, 1 - y)]


def of_shares(examples, network, simple, floor=0.5):
    y = np.arange(examples) % 2
    others = [
        baseline("majority class", right_in(floor, y), is_strong=False),
        baseline("gradient boosting", right_in(simple, y)),
    ]
    return summarize(fake_result("classify", y, right_in(network, y), others, ("no", "yes")))


def test_the_network_is_ahead():
    words = of_shares(200, 0.95, 0.85)
    assert words.startswith(
        "On 200 examples not used in training, the network's accuracy is 95.0% (95 % interval 92"
    )
    assert (
        "It is significantly better than the best baseline, gradient boosting (85.0%), by 10.0 "
        in words
    )
    assert "majority class" not in words


def test_the_simple_one_wins():
    words = of_shares(200, 0.85, 0.95)
    assert (
        "It is significantly worse than the best baseline, gradient boosting (95.0%), by 10.0 "
        in words
    )


def test_so_few_examples_show_no_difference():
    words = of_shares(50, 0.94, 0.90)
    assert "It is better than the best baseline, gradient boosting (90.0%), by 4.0 " in words
    assert words.endswith("50 examples cannot show that this difference is not chance.")
    assert "It is worse than the best baseline, gradient boosting" in of_shares(50, 0.90, 0.94)


def test_it_is_said_which_network_was_scored():
    y = np.zeros(60)
    result = fake_result("regress", y, y + 1, [baseline("mean", y + 2, False)], train=np.zeros(140))
    assert describe_saved_model(result) == (
        "The network that is saved is the one that was scored, trained on 140 examples."
    )
    result = replace(result, refit=Refit(result.model, np.zeros(200), 7, None))
    assert describe_saved_model(result) == (
        "The score is that of a network that was trained on the earliest 140 of 200 examples; the "
        "network that is saved was then trained on all of them, for 7 epochs: as many steps as had "
        "the best validation loss."
    )


def test_both_are_as_good():
    words = of_shares(200, 0.9, 0.9)
    assert words.endswith("exactly as good as the best baseline, gradient boosting (90.0%).")


def test_nothing_was_learned():
    words = of_shares(200, 0.48, 0.9, floor=0.5)
    assert "It is significantly worse than the best baseline" in words
    assert "It is not significantly better than “majority class”, so there is no" in words


def test_where_one_class_is_the_commonest_accuracy_is_not_all():
    y = (np.arange(400) % 20 == 0).astype(int)
    said = np.eye(2)[np.where(np.arange(400) % 40 == 1, 1, y)]  # all found, ten false alarms
    floor = [baseline("majority class", np.eye(2)[0 * y], False)]
    words = summarize(fake_result("classify", y, said, floor, ("no", "yes")))
    assert (
        "not significantly better than that of “majority class”, but it does distinguish" in words
    )
    assert "which counts every class equally, is 98.7% (95 % interval 97" in words
    assert words.endswith("and that of “majority class” is 50.0%.")
    assert "no evidence" not in words


def test_so_few_that_differ_may_do_so_by_chance():
    random = np.random.default_rng(0)
    y, noise = random.normal(size=(2, 12, 4))
    others = [baseline("persistence", y + 90 * noise, False), baseline("linear", y + noise)]
    words = summarize(fake_result("forecast", y, y + 0.5 * noise, others))
    assert "It is better than “persistence”, but on so small a test set that may be chance" in words
    assert "no evidence" not in words


def test_a_small_test_part_is_fake_result():
    assert of_shares(12, 1.0, 0.5).endswith(
        "The test set is so small that other examples may give quite different results."
    )


def test_a_floor_may_be_the_strongest():
    y = np.arange(100) % 2
    one = fake_result(
        "classify",
        y,
        right_in(0.4, y),
        [baseline("majority class", right_in(0.7, y), False)],
        "ab",
    )
    assert "worse than the best baseline, majority class (70.0%)" in summarize(one)


@pytest.mark.parametrize("task", ["regress", "forecast"])
def test_errors_are_in_the_units_of_the_target(task):
    random = np.random.default_rng(0)
    shape = (300,) if task == "regress" else (300, 4)
    y, noise = random.normal(size=(2, *shape))
    others = [baseline("mean", y + 90, False), baseline("gradient boosting", y + 40 * noise)]
    words = summarize(fake_result(task, y, y + 20 * noise, others))
    rmse = 20 * np.sqrt(np.mean(noise**2))
    what = "examples" if task == "regress" else "windows"
    assert words.startswith(
        f"On 300 {what} not used in training, the network's root mean squared error is "
        f"{rmse:.1f} (95 % interval "
    )
    assert (
        f"It is significantly better than the best baseline, gradient boosting ({2 * rmse:.1f})"
        in words
    )


def test_windows_that_overlap_are_worth_fewer():
    y = np.random.default_rng(0).normal(size=(157, 24))
    words = summarize(fake_result("forecast", y, y + 1, [baseline("persistence", y + 2, False)]))
    assert words.endswith(
        "only about 6 of them are independent, so other periods may give other results."
    )
