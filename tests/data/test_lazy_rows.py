from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.data import LazyRows
from lampas.data.lazy_rows import select_rows

ARRAY = np.arange(20 * 2 * 3, dtype=np.uint8).reshape(20, 2, 3)

indices = st.lists(st.integers(-20, 19), max_size=30)


@given(indices, st.data())
def test_it_is_the_array_of_its_rows(chosen, data):
    rows, truth = LazyRows(ARRAY, chosen), ARRAY[np.array(chosen, int)]
    assert (rows.shape, rows.dtype, rows.ndim) == (truth.shape, truth.dtype, truth.ndim)
    assert (len(rows), rows.nbytes) == (len(truth), truth.nbytes)
    np.testing.assert_array_equal(np.asarray(rows), truth)
    if chosen:
        key = data.draw(st.lists(st.integers(-len(chosen), len(chosen) - 1), max_size=9))
        np.testing.assert_array_equal(rows[key], truth[np.array(key, int)])
        np.testing.assert_array_equal(rows.select(key)[:], truth[np.array(key, int)])
        number = data.draw(st.integers(-len(chosen), len(chosen) - 1))
        np.testing.assert_array_equal(rows[number], truth[number])
    key = data.draw(st.slices(len(chosen)))
    np.testing.assert_array_equal(rows[key], truth[key])
    mask = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), bool
    )
    np.testing.assert_array_equal(rows[mask], truth[mask])


def test_what_is_read_is_the_readers_own(tmp_path):
    np.save(tmp_path / "x.npy", ARRAY)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    rows = LazyRows(mapped, [3, 1])
    for read in (rows[0], rows[:1], rows[[0]], np.asarray(rows)):
        assert type(read) is np.ndarray
        read[:] = 0
    np.testing.assert_array_equal(rows[:], ARRAY[[3, 1]])


def test_the_file_is_read_in_its_order(monkeypatch):
    read = []

    class Noted:
        shape, dtype, ndim = ARRAY.shape, ARRAY.dtype, ARRAY.ndim

        def __len__(self):
            return len(ARRAY)

        def __getitem__(self, row):
            read.append(int(row))
            return ARRAY[row]

    monkeypatch.setattr(
        np, "asarray", lambda a, *rest, f=np.asarray: a if isinstance(a, Noted) else f(a, *rest)
    )
    np.testing.assert_array_equal(LazyRows(Noted(), [9, 2, 17, 5])[:], ARRAY[[9, 2, 17, 5]])
    assert read == [2, 5, 9, 17]


def test_rows_of_the_disk_stay_there_and_those_in_memory_are_copied(tmp_path):
    np.save(tmp_path / "x.npy", ARRAY)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    part = select_rows(mapped, slice(4, 10))
    assert isinstance(part, LazyRows)
    again = select_rows(part, np.array([5, 0]))
    assert isinstance(again, LazyRows)
    assert again.array is mapped
    np.testing.assert_array_equal(again[:], ARRAY[[9, 4]])
    assert type(select_rows(ARRAY, np.array([1]))) is np.ndarray


def test_another_type_and_no_copy():
    rows = LazyRows(ARRAY, [1])
    assert np.asarray(rows, np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="cannot be converted without copying"):
        np.array(rows, copy=False)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LazyRows(ARRAY, [0, 20]), "index 20 is out of range for 20 rows"),
        (lambda: LazyRows(ARRAY, [0, -21]), "index -21 is out of range for 20 rows"),
        (lambda: LazyRows(ARRAY, [0.5]), "list of whole numbers, got float64"),
        (lambda: LazyRows(ARRAY, [[1]]), r"got int64 of shape \(1, 1\)"),
        (lambda: LazyRows(ARRAY, [1])[:, 0], "along the first axis only"),
        (lambda: LazyRows(ARRAY, [1])[...], "along the first axis only"),
    ],
)
def test_what_cannot_be_a_row_is_reported(make, message):
    with pytest.raises(lp.ArgumentError, match=message):
        make()


def test_it_says_what_it_is():
    assert repr(LazyRows(ARRAY, [1, 2])) == "LazyRows(2 of 20, uint8 (2, 3))"
