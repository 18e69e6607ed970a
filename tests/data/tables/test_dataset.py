"""Tables, their splits, and other rows to evaluate on."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.core.errors import ArgumentError, DataError
from lampas.data.tables import load_labelled, profile_table, table
from tests.scale import examples


def frame(rows=200, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": random.normal(size=rows),
            "town": random.choice(["Ulm", "Bonn", "Jena"], rows),
            "value": random.gamma(2, size=rows),
            "y": random.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1]),
        }
    )


def ids(part):
    return set(part.lines.tolist())


@examples(15)
@given(st.integers(40, 300), st.integers(0, 99))
def test_parts_are_disjoint_whole_and_stratified(rows, seed):
    whole = table(frame(rows), "y", columns={"x": "number"})
    parts = whole.split(0.2, 0.2, seed=seed)
    assert sum(map(len, parts)) == len(whole) == len(set().union(*map(ids, parts)))
    for part in parts[1:]:
        for name, number in whole.counts.items():
            assert part.counts[name] == pytest.approx(0.2 * number, abs=1)
    again = whole.split(0.2, 0.2, seed=seed)
    assert [p.lines.tolist() for p in parts] == [p.lines.tolist() for p in again]


def test_numbers_have_low_and_high_ones_in_each_part():
    whole = table(frame(600), "value")
    _, validation, test = whole.split()
    assert (len(validation), len(test)) == (pytest.approx(90, abs=5), pytest.approx(90, abs=5))
    tenths = np.quantile(whole.y, np.linspace(0, 1, 11)[1:-1])
    for part in (validation, test):
        counts = np.bincount(np.searchsorted(tenths, part.y), minlength=10)
        assert set(counts) <= {8, 9, 10}


def test_copies_stay_together():
    rows = frame(60)
    whole = table(pd.concat([rows, rows, rows]), "y")
    for part in whole.split():
        assert len(part) == 3 * len({(line - 1) % 60 for line in ids(part)})


def test_groups_stay_together():
    rows = frame(300).assign(patient=np.arange(300) % 50)
    parts = table(rows, "y", group="patient").split()
    patients = [{(line - 1) % 50 for line in ids(part)} for part in parts]
    assert sum(map(len, patients)) == 50
    assert "patient" not in parts[0].columns
    assert len(table(rows, "value", group="patient").split()[2]) == pytest.approx(45, abs=6)


def test_few_groups_are_parted_by_their_number():
    rows = frame().assign(patient=np.arange(200) % 5)
    parts = table(rows, "y", group="patient").split()
    assert [len({(line - 1) % 5 for line in ids(part)}) for part in parts] == [3, 1, 1]
    assert sum(map(len, parts)) == 200
    two = table(rows.assign(patient=np.arange(200) % 2), "y", group="patient")
    with pytest.raises(DataError, match="2 groups cannot be split into 3"):
        two.split()


def test_a_class_of_one_group_is_trained_on():
    # No group fits into the shares of its class, so that whole groups are drawn.
    rows = frame(240).assign(
        patient=np.repeat(np.arange(12), 20), y=np.repeat([*"aaaaabcccccc"], 20)
    )
    whole = table(rows, "y", group="patient", columns={"x": "number"})
    for seed in range(20):
        train, validation, test = whole.split(seed=seed)
        assert set(train.y) == {0, 1, 2}
        assert [len(set(part.groups)) for part in (train, validation, test)] == [8, 2, 2]
        assert not set(train.groups) & {*validation.groups, *test.groups}


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%Y"])
def test_by_time_the_last_are_asked(form):
    days = pd.date_range("1900-01-01", periods=200, freq="YS").strftime(form).to_numpy(object)
    order = np.random.default_rng(0).permutation(200)
    whole = table(frame().assign(day=days[order]), "y", time="day")
    parts = whole.split(0.15, 0.15)
    assert [len(part) for part in parts] == [140, 30, 30]
    assert [order[line - 1] for part in parts for line in part.lines] == list(range(200))


def test_rows_of_one_time_stay_together():
    whole = table(frame().assign(year=np.arange(200) // 50), "y", time="year")
    assert [len(part) for part in whole.split(0.3, 0.3)] == [50, 50, 100]
    same = table(frame().assign(year=1), "y", time="year")
    with pytest.raises(DataError, match="200 rows at 1 time cannot be split by time"):
        same.split()


def test_rows_and_lines_go_together(tmp_path):
    path = tmp_path / "data.csv"
    rows = frame().assign(price=[f"{n},5" for n in range(200)], note="\n")
    rows.to_csv(path, index=False)
    whole = table(path, "y", task="classify", columns={"price": "number", "town": "category"})
    assert whole.formats == {"price": "1.234,5"}
    part = whole[[5, 3]]
    assert part.lines.tolist() == [12, 8]  # each row has a line break in it
    assert part.x.to_dict("list") == {"price": [5.5, 3.5], "town": rows["town"][[5, 3]].tolist()}
    assert [whole.classes[label] for label in part.y] == rows["y"][[5, 3]].tolist()
    assert len(whole[:10]) == len(whole[np.arange(200) < 10]) == 10
    assert (whole.y.dtype, whole.task, table(path, "value").y.dtype) == (
        np.int32,
        "classify",
        np.float64,
    )


def test_the_summary_has_what_matters():
    rows = frame()
    whole = table(pd.concat([rows, rows.iloc[:2]]), "y", columns={"x": "number"})
    counts = whole.counts
    assert str(whole) == (
        "202 rows, 1 column: x (number)\n"
        f"y: a {counts['a']} ({counts['a'] / 202:.0%}), b {counts['b']} ({counts['b'] / 202:.0%}), "
        f"c {counts['c']} ({counts['c'] / 202:.0%})\n"
        "2 rows more with the same features as another"
    )
    assert repr(whole) == "Table(202 rows, 1 columns, 'y')"
    assert "value: " in str(table(rows, "value"))


def test_rare_classes_are_left_out():
    rows = frame().assign(y=["a"] * 100 + ["odd"] * 2 + ["b"] * 98)
    with pytest.warns(UserWarning, match=r"1 class with fewer than 3 rows \('odd'\) is left out"):
        whole = table(rows, "y")
    assert (whole.classes, len(whole), whole.lines[100]) == (("a", "b"), 198, 103)


def test_columns_that_can_be_read_in_two_ways_are_reported():
    day = np.random.default_rng(0).integers(1, 12, 200)
    rows = frame().assign(day=[f"{n:02}/{13 - n:02}/2020" for n in day], value="1.234")
    rows.loc[7, "value"] = "950"
    advice = r"Or choose --as day=%m/%d/%Y\. In Python, pass formats= or columns=\.$"
    with pytest.warns(UserWarning, match=advice):
        assert table(rows[["x", "day", "y"]], "y").formats == {"day": "%d/%m/%Y"}
    with pytest.warns(UserWarning, match=r"'value' is read as in 1\.234 = 1\.234; if it is 1234"):
        table(rows[["x", "value"]], "value", task="regress")
    chosen = {"day": "%m/%d/%Y"}
    assert table(rows, "y", columns={"day": "date"}, formats=chosen).formats == chosen


def test_other_rows_have_the_same_labels():
    whole = table(frame(), "y")
    other = frame(30, seed=1).query("y != 'a'")
    found = load_labelled(other, "y", "classify", whole.columns, whole.classes, whole.formats)
    assert [found.classes[label] for label in found.y] == other["y"].tolist()
    assert found.classes == ("a", "b", "c")
    values = load_labelled(other.assign(value="1.234,5 €"), "value", "regress", {"x": "number"}, ())
    assert set(values.y) == {1234.5}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"y": "d"},
            r"row 1: 'y' is 'd', which is not one of the classes of the model \('a', 'b', 'c'\)",
        ),
        ({"y": None}, "the target 'y' is empty in 30 of 30 rows"),
        ({"x": "?!"}, "row 1: 'x' is '\\?!', which is not a number"),
    ],
)
def test_other_rows_must_fit(changed, message):
    other = frame(30).assign(**changed)
    with pytest.raises(DataError, match=message):
        load_labelled(other, "y", "classify", {"x": "number"}, ("a", "b", "c"))
    with pytest.raises(DataError, match="has no column 'y'"):
        load_labelled(other.drop(columns="y"), "y", "classify", {"x": "number"}, ("a", "b"))


def test_says_what_cannot_be_parted():
    rows = frame()
    with pytest.raises(ArgumentError, match="by the group 'town' or by the time 'x', not by both"):
        table(rows, "y", group="town", time="x")
    with pytest.raises(ArgumentError, match="not by both"):
        profile_table(rows, "y", group="town", time="x")
    with pytest.raises(DataError, match="the time 'town' of the table holds neither dates nor num"):
        profile_table(rows, "y", time="town")
    with pytest.raises(ArgumentError, match="'y' is the target; leave it out of the features"):
        table(rows, "y", columns={"x": "number", "y": "category"})
    with pytest.raises(DataError, match="the time 'town' of the table holds neither dates nor num"):
        table(rows, "y", time="town")
    with pytest.raises(DataError, match=r"row 3: the group 'town' is empty \(1 row in all\)"):
        table(rows.assign(town=["a", "b", "", *["c"] * 197]), "y", group="town")
    with pytest.raises(ArgumentError, match=r"shares .*between 0 and 1"):
        table(rows, "y", time="x").split(0.5, 0.6)
    with pytest.raises(ArgumentError, match=r"shares .*between 0 and 1"):
        table(rows, "y").split(0.5, 0.6)
