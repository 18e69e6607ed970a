"""Profiles of tables made to have certain properties."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine

from lampas.core.errors import ArgumentError, DataError
from lampas.data.tables import profile_table


@pytest.fixture
def frame():
    """200 rows: two useful columns, a target of two classes."""
    random = np.random.default_rng(0)
    x = random.normal(size=200)
    return pd.DataFrame(
        {
            "x": x,
            "town": random.choice(["Ulm", "Bonn"], 200),
            "y": np.where(x + random.normal(size=200) > 0, "good", "bad"),
        }
    )


def test_bundled_tables_are_what_they_are_known_for():
    wine = profile_table(load_wine(as_frame=True).frame, "target")
    assert (wine.task, wine.classes, wine.warnings) == ("classify", ("0", "1", "2"), ())
    assert wine.reason.startswith("'target' has 3 distinct numbers in 178 rows, all integers")
    assert wine.kinds == dict.fromkeys(load_wine().feature_names, "number")
    diabetes = profile_table(load_diabetes(as_frame=True).frame, "target")
    assert (diabetes.task, diabetes.classes, diabetes.warnings) == ("regress", (), ())


@pytest.mark.parametrize(
    ("target", "task", "expected"),
    [
        (["a", "b"] * 20, None, "classify"),
        ([0.5, 1.5] * 20, None, "classify"),
        ([0, 1] * 20, "regress", "regress"),
        (list(range(4)) * 10, None, "classify"),
        (list(range(5)) * 8, None, "regress"),
        ([0.5, 1.5, 2.5, 3.5] * 10, None, "regress"),
        (["1.5 %", "2 %", "7 %", "8 %", "9 %"] * 8, None, "regress"),
        (list(range(5)) * 8, "classify", "classify"),
    ],
)
def test_the_task_follows_from_the_target(target, task, expected):
    x = np.random.default_rng(0).normal(size=40)
    found = profile_table(pd.DataFrame({"x": x, "y": pd.Series(target, dtype=object)}), "y", task)
    assert found.task == expected
    assert bool(found.classes) == (expected == "classify")


def test_tells_of_a_column_that_gives_the_answer_away(frame):
    random = np.random.default_rng(1)
    assert profile_table(frame, "y").warnings == ()
    frame["paid"] = np.where(frame["y"] == "good", 1.0, 0.0) + random.normal(0, 0.05, 200)
    (warning,) = profile_table(frame, "y").warnings
    assert warning.startswith("'paid' alone predicts 'y' almost perfectly (score 1.000 of 1")
    assert warning.endswith("leave it out: --as paid=leave-out.")
    assert profile_table(frame, "y", kinds={"paid": "leave-out"}).warnings == ()


def test_tells_of_any_rising_function_of_a_numeric_target():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(400, 4))).add_prefix("x")
    frame["y"] = np.exp(3 * random.normal(size=400))
    frame["cents"] = 100 * frame["y"]
    (warning,) = profile_table(frame, "y").warnings
    assert warning.startswith("'cents' alone predicts 'y'")


def test_leaves_out_a_copy_of_the_target(frame):
    frame["again"] = frame["y"]
    found = profile_table(frame, "y").columns["again"]
    assert (found.kind, found.reason) == ("leave-out", "it is a copy of the target")


def test_tells_of_gaps_rare_values_and_copies(frame):
    frame["gap"] = [*range(60), *[None] * 140]
    frame.loc[0, "town"] = "Rom"
    frame = pd.concat([frame, frame.iloc[:3]])
    found = profile_table(frame, "y")
    assert found.columns["town"].note == "1 rare"
    assert found.columns["gap"].missing == pytest.approx(140 / 203)
    assert found.warnings == (
        "mostly empty: 'gap' (69%).",
        "3 rows repeat another; duplicates stay in one split.",
    )


def test_tells_of_rows_that_contradict_each_other(frame):
    other = frame.iloc[:2].assign(y=lambda rows: rows["y"].map({"good": "bad", "bad": "good"}))
    (warning,) = profile_table(pd.concat([frame, other]), "y").warnings
    assert warning.startswith("2 rows equal another of a different class")


def test_tells_of_classes_that_are_too_small(frame):
    frame["y"] = ["rest"] * 170 + ["some"] * 28 + ["odd"] * 2
    found = profile_table(frame, "y")
    assert found.classes == ("rest", "some")
    assert found.warnings[0] == ("1 class with fewer than 3 rows ('odd') is left out: 2 rows.")
    assert found.warnings[1].startswith("86% of the rows are 'rest'")
    frame["y"] = ["one"] * 100 + ["two"] * 94 + ["three"] * 6
    assert profile_table(frame, "y").warnings == (
        "the class 'three' has 6 rows of 200: its scores will be uncertain.",
    )


def test_the_person_decides(frame):
    found = profile_table(frame, "y", kinds={"town": "leave-out"})
    assert (found.columns["town"].reason, found.kinds) == ("chosen by you", {"x": "number"})
    found = profile_table(frame, "y", group="town")
    assert found.columns["town"].reason == "it groups the rows of the split"
    assert "x" not in profile_table(frame, "y", time="x").kinds
    assert json.loads(json.dumps([found.kinds, found.formats])) == [{"x": "number"}, {}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "Y "}, "has no column 'Y '; similar names: 'y'"),
        ({"target": "result"}, "has no column 'result': its first line names 'x', 'town', 'y'"),
        ({"kinds": {"twon": "number"}}, "has no column 'twon'; similar names: 'town'"),
        ({"kinds": {"town": "number"}}, "row 1: 'town' is '.*', which is not a number"),
        ({"task": "regress"}, "row 1: the target 'y' is '.*', which is not a number"),
        ({"kinds": dict.fromkeys(("x", "town"), "leave-out")}, "no column to predict 'y' from"),
    ],
)
def test_says_what_cannot_be_learned(frame, arguments, message):
    with pytest.raises(DataError, match=message):
        profile_table(frame, **{"target": "y"} | arguments)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (["same"] * 40, "the target 'y' of the table is 'same' in every row"),
        ([1.5] * 40, "is '1.5' in every row"),
        ([1.0] * 38 + [None, None], "is empty in 2 of 40 rows, first in the table, row 39. Fill"),
        ([f"n{n}" for n in range(40)], "has 40 classes in 40 rows: too few rows per class"),
        (["a"] * 38 + ["b", "c"], "has 1 class with 3 rows or more; b, c have fewer"),
        ([f"2020-01-{n % 28 + 1:02}" for n in range(40)], r"is a date \(2020-01-01\)"),
    ],
)
def test_says_what_is_wrong_with_a_target(target, message):
    with pytest.raises(DataError, match=message):
        profile_table(pd.DataFrame({"x": np.arange(40) ** 2, "y": target}), "y")


def test_says_what_does_not_go_together(frame):
    with pytest.raises(ArgumentError, match=r"Unknown kind of column 'numbr'\. Did you mean 'num"):
        profile_table(frame, "y", kinds={"x": "numbr"})
    with pytest.raises(ArgumentError, match="'y' is the target: it is neither a feature nor"):
        profile_table(frame, "y", group="y")
    with pytest.raises(ArgumentError, match="'y' is the target"):
        profile_table(frame, "y", kinds={"y": "category"})
    with pytest.raises(DataError, match="has 9 rows; with fewer than 10 none can be held"):
        profile_table(frame.iloc[:9], "y")
    with pytest.raises(DataError, match="has 0 rows"):
        profile_table(frame.iloc[:0], "y")
