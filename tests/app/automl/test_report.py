"""The report: its sections for each task, and its recommendations."""

import re
from dataclasses import replace

import numpy as np
import pytest

from lampas.app.automl.report import build_report
from lampas.app.automl.report_evaluation import add_recommendations
from lampas.app.report import Report
from lampas.evaluation import intervals as bootstrap
from tests.app.automl.fake_results import (
    ExplainedKind,
    baseline,
    fake_result,
    history,
    random_probabilities,
)

SECTIONS = [
    "Data",
    "Training, validation and test data",
    "Training",
    "How good is it?",
    "Mistakes",
    "What to try next",
    "The network",
    "Next commands",
]


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(bootstrap, "MAX_RESAMPLES", 100)
    monkeypatch.setattr(bootstrap, "MIN_RESAMPLES", 100)


def classified(examples=80, classes=2, right=0.9, simple=0.85, **options):
    random = np.random.default_rng(0)
    y = np.arange(examples) % classes
    floor = np.full((examples, classes), 1 / classes)
    others = [
        baseline("majority class", floor, is_strong=False),
        baseline("gradient boosting", random_probabilities(random, y, classes, simple)),
    ]
    names = [f"class {label}" for label in range(classes)]
    return fake_result(
        "classify", y, random_probabilities(random, y, classes, right), others, names, **options
    )


def words(trained):
    """The report without its mark-up."""
    return plain(build_report(trained).html())


def advice(trained):
    """The section on what to try next alone."""
    report = Report("A run")
    add_recommendations(report, trained)
    return plain(report.html())


def plain(page):
    page = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def headings(trained):
    return re.findall(r"<h2>(.*?)</h2>", build_report(trained).html())


@pytest.mark.long
def test_a_report_of_two_classes():
    found = words(classified())
    for part in (
        "numbers.csv: which class?",
        "Trained on 80 examples to distinguish 2 classes; evaluated on 80 held-out",
        "there is nothing else",
        "The data is numbers.",
        "the weights of epoch 3, which had the lowest validation loss",
        "sensitivity (class 1)",
        "the share of “class 1” that is recognized",
        "expected calibration error",
        "The worst mistake is this one.",
        "lampas predict . FILES --out predictions.csv",
    ):
        assert part in found
    assert headings(classified()) == SECTIONS


@pytest.mark.long
def test_many_classes_have_no_curve_and_their_commonest_mistakes():
    found = words(classified(300, classes=100, right=0.7))
    assert "The most frequent mistakes." in found
    assert "sensitivity" not in found


@pytest.mark.long
@pytest.mark.parametrize("examples", [1, 5])
def test_a_tiny_test_part_that_lacks_classes(examples):
    y = np.zeros(examples, int)
    said = np.eye(3, dtype=np.float32)[y]
    floor = [baseline("majority class", np.tile([0.5, 0.5, 0], (examples, 1)), False)]
    found = words(fake_result("classify", y, said, floor, "abc"))
    assert "The test set is so small" in found
    assert "It is not significantly better than “majority class”" in found


@pytest.mark.long
def test_values_have_their_residuals():
    random = np.random.default_rng(1)
    y = random.normal(10, 3, 50)
    others = [baseline("mean", np.full(50, 10.0), False), baseline("boosting", y + 1)]
    found = words(fake_result("regress", y, y + random.normal(size=50), others))
    assert "to predict weight" in found
    assert "on the dashed line the prediction is exact" in found
    assert "R²" in found
    assert re.search(r"MAE relative to “mean” \d\d% \d\d% 100% ", found)
    assert "Confusion" not in found


@pytest.mark.long
def test_forecasts_draw_neighbours_together():
    y = np.random.default_rng(2).normal(size=(60, 4))
    found = words(fake_result("forecast", y, y + 1, [baseline("persistence", y + 2, False)]))
    assert "to forecast demand" in found
    assert "resampled, in blocks of neighbouring windows," in found
    assert "R²" not in found


@pytest.mark.long
def test_what_a_kind_knows_has_its_place():
    one = classified(kind=ExplainedKind())
    assert headings(one)[5] == "Explanations"
    found = words(one)
    assert "It depends on the first column." in found
    assert "Measure the second column, too." in found


@pytest.mark.long
def test_warnings_are_reported_and_nothing_is_read_as_html():
    one = classified()
    warning = "the column <b>id</b> predicts the class alone"
    one = replace(
        one, profile=replace(one.profile, warnings=(warning,)), title="<script>x</script>"
    )
    page = build_report(one).html()
    assert "&lt;b&gt;id&lt;/b&gt; predicts" in page
    assert "<script" not in page
    assert "Possible problems" not in words(classified())


@pytest.mark.long
def test_the_range_test_and_the_rate_that_was_used():
    assert "with the lowest loss is a safe choice: 0.001." in words(classified())
    assert "Training used" not in words(classified())
    assert "Training used 0.01, the nearest value" in words(classified(learning_rate=0.01))
    assert "Choice of the learning rate" not in words(replace(classified(), lr_finder=None))


@pytest.mark.long
def test_a_range_test_without_a_suggestion_is_inconclusive():
    one = classified(learning_rate=0.001)
    page = words(replace(one, lr_finder=replace(one.lr_finder, suggestion=None)))
    assert "It is inconclusive: no rate lowered the loss" in page
    assert "from batch to batch. Training used 0.001." in page
    assert "safe choice" not in page


def test_advice_where_the_simple_one_wins():
    assert "Use gradient boosting" in advice(classified(200, right=0.6, simple=0.95))
    assert "Use gradient boosting" not in advice(classified(200, right=0.9, simple=0.9))


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (
            history([0.9, 0.6], [0.8, 0.7]),
            "stopped after 2 epochs: train longer (--epochs 4)",
        ),
        (history([0.9, 0.5, 0.2], [0.8, 0.9, 1.0]), "best epoch was already number 1"),
        (history([0.9, 0.1, 0.1, 0.1], [0.9, 0.8, 0.4, 0.5]), "loss is 0.1 in training and 0.4 in"),
        (
            history([1, 1, 1, 1], [3, 2, 1, 2], accuracy=[1] * 4, val_accuracy=[0.5] * 4),
            "Accuracy is 100% in training and 50% in validation",
        ),
    ],
)
def test_advice_from_the_curves(log, expected):
    assert expected in advice(classified(log=log))
    assert expected not in advice(classified())


def test_advice_on_a_rare_class_and_on_few_examples():
    train = np.array([0] * 97 + [1] * 3)
    assert "“class 1” has 3 of 100 training examples: collect" in advice(classified(train=train))
    found = advice(classified(40))
    assert "40 test examples are a small test set: another split (--seed 1)" in found
    assert "collect more of them" not in found
    assert "small test set" not in advice(classified(2000, right=0.99))


def test_advice_on_probabilities():
    y = np.arange(200) % 2
    sure = np.where(np.arange(200)[:, None] < 140, np.eye(2)[y], np.eye(2)[1 - y])
    one = fake_result("classify", y, sure, [baseline("majority class", sure, False)], "ab")
    assert "Its probabilities are too high (by 30%)" in advice(one)


def test_nothing_stands_out():
    random = np.random.default_rng(3)
    y = random.normal(size=3000)
    one = fake_result(
        "regress", y, y + 0.1 * random.normal(size=3000), [baseline("mean", 0 * y, False)]
    )
    assert "There are no specific recommendations." in advice(one)
