from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lampas.data.splits import stratified_split

LABELS = np.repeat(np.arange(4), (50, 30, 20, 10))

any_labels = st.lists(st.integers(-2, 5), max_size=60).map(lambda labels: np.array(labels, int))


@given(any_labels, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_every_item_is_in_one_part_in_its_classes_share(labels, share, seed):
    train, test = stratified_split(labels, share, seed)
    assert sorted([*train, *test]) == list(range(len(labels)))
    for label in np.unique(labels):
        assert np.sum(labels[test] == label) == round(share * np.sum(labels == label))


def test_one_fifth_of_each_class_is_kept_back():
    _, test = stratified_split(LABELS)
    np.testing.assert_array_equal(np.bincount(LABELS[test]), [10, 6, 4, 2])


def test_one_seed_gives_one_split_for_ever():
    _, test = stratified_split(np.repeat([0, 1], 10))
    assert test.tolist() == [18, 1, 19, 8]
    assert test.tolist() != stratified_split(np.repeat([0, 1], 10), seed=1)[1].tolist()


def test_the_end_of_each_part_mixes_the_classes():
    train, test = stratified_split(np.repeat(np.arange(10), 100))
    for part in (train, test):
        assert len(np.unique(part[-100:] // 100)) == 10
