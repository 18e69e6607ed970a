"""Texts with labels: from lists, and their split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.data.text.dataset import Texts
from lampas.data.text.load import text
from tests.scale import examples


def some(count: int = 30) -> Texts:
    return text([f"text number {n}" for n in range(count)], ["ab"[n % 2] for n in range(count)])


def test_lists_become_texts_and_numbered_labels():
    found = text(["one", "two", "three"], ["b", "a", "b"])
    assert found.texts == ["one", "two", "three"]
    assert found.y.dtype == np.int32
    assert found.y.tolist() == [1, 0, 1]
    assert found.classes == ("a", "b")
    assert found.counts == {"a": 1, "b": 2}


def test_whole_numbers_are_classes_in_the_order_of_numbers():
    assert text(["x", "y", "z"], [10, 9, 2]).classes == ("2", "9", "10")


def test_classes_gives_the_order_and_refuses_others():
    assert text(["x", "y"], ["a", "b"], classes=["b", "a"]).y.tolist() == [1, 0]
    with pytest.raises(lp.DataError, match=r"the list has the class 'b', which is not among"):
        text(["x", "y"], ["a", "b"], classes=["a", "c"])


def test_texts_are_indexed_like_an_array():
    found = some()
    assert found[3] == ("text number 3", 1)
    assert found[[5, 2]].texts == ["text number 5", "text number 2"]
    assert len(found[10:20]) == 10
    assert len(found[[]]) == 0
    assert found[found.y == 0].counts == {"a": 15, "b": 0}


@examples(25)
@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh "), st.booleans()), min_size=40, max_size=80),
    st.integers(0, 5),
)
def test_a_split_loses_nothing_and_never_parts_copies(rows, seed):
    texts = [f"{letter} {letter.upper()}" for letter, _ in rows]
    more = [f"alone {n}" for n in range(40)]
    found = Texts(
        texts + more, np.array([*(label for _, label in rows), *[0, 1] * 20], np.int32), ("n", "p")
    )
    parts = found.split(0.2, 0.2, seed)
    assert sorted(t for part in parts for t in part.texts) == sorted(found.texts)
    inside = [set(part.texts) for part in parts]
    assert not inside[0] & inside[1] | inside[0] & inside[2] | inside[1] & inside[2]


def test_copies_differ_in_case_and_blanks_at_most():
    found = Texts(["A  film.", "a film. ", "a film!"], np.zeros(3, np.int32), ("n", "p"))
    assert found.groups.tolist() == [0, 0, 1]


def test_a_split_is_stratified_and_repeatable():
    train, held = some(100).split(0.2, seed=3)
    assert (len(train), held.counts) == (80, {"a": 10, "b": 10})
    assert some(100).split(0.2, seed=3)[1].texts == held.texts
    assert some(100).split(0.2, seed=4)[1].texts != held.texts


def test_one_text_under_two_labels_is_a_warning_and_is_named():
    with pytest.warns(UserWarning, match=r"1 text occurs with more than one label: 'same'"):
        found = text(["same", "same", "other"], ["a", "b", "a"])
    assert found.conflicts == ["same"]
    assert "conflicting labels: 'same'" in str(found)


def test_what_was_found_is_reported():
    summary = str(text(["one two three", "one", "ONE", "x"], ["a", "b", "b", "b"]))
    assert "4 texts with a median of 1 and a maximum of 3 words, 2 classes" in summary
    assert "1 text is a duplicate; a split keeps copies together" in summary
    assert repr(some()) == "Texts(30 texts, 2 classes)"


@pytest.mark.parametrize(
    ("source", "labels", "message"),
    [
        (["a", None], ["x", "y"], r"text 1 is None, not a string"),
        (["a", float("nan")], ["x", "y"], r"text 1 is nan, not a string"),
        (["a", 3], ["x", "y"], r"text 1 is 3, not a string"),
        (["a", "b"], ["x"], "there are 2 texts and 1 label; each"),
        (["a", "b"], ["x", "x"], r"the list has texts of one class only, 'x' \(2\)"),
        ([], [], r"the list has no texts"),
    ],
)
def test_lists_that_are_not_right_are_reported(source, labels, message):
    with pytest.raises(lp.DataError, match=message):
        text(source, labels)


def test_arguments_that_do_not_go_together_are_reported(tmp_path):
    with pytest.raises(lp.ArgumentError, match="need one label each"):
        text(["a"])
    with pytest.raises(lp.ArgumentError, match="labels is for a list"):
        text(tmp_path, ["a"])
    with pytest.raises(lp.ArgumentError, match="is a folder: it has no columns"):
        text(tmp_path, text_column="x")
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'skip'"):
        text(tmp_path, on_error="skp")
