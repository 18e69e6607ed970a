"""Formatting of numbers."""

import pytest

from lampas.evaluation.formatting import format_cell, format_in_units, format_interval, format_value
from lampas.evaluation.intervals import Interval


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("accuracy", 0.94186, "94.2%"),
        ("sensitivity (yes (all))", 1.0, "100.0%"),
        ("R²", -0.0824, "−0.082"),
        ("R²", -0.0001, "0.000"),
        ("ROC AUC", 0.93455, "0.935"),
        ("RMSE", 89.0, "89.0"),
        ("MAE", 123.4, "123"),
        ("MAE", 0.0012345, "0.00123"),
    ],
)
def test_values(name, value, words):
    assert format_value(name, value) == words


def test_large_values_keep_all_their_digits_before_the_point():
    assert format_in_units(1234567.8) == "1,234,568"
    assert format_in_units(-1.5) == "−1.50"
    assert format_in_units(0.0) == format_in_units(-0.0) == "0.00"


def test_intervals():
    assert format_cell("accuracy", Interval(0.9, 0.8, 0.95)) == "90.0% (80.0 to 95.0)"
    assert format_cell("RMSE", Interval(50, 40.26, 61)) == "50.0 (40.3 to 61.0)"
    assert format_interval("log loss", Interval(0, 0, 0)) == ("0.000", "–")
    assert format_cell("ROC AUC", Interval(0.5, float("nan"), float("nan"))) == "0.500"
