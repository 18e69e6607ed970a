from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lampas as lp
from lampas.data.splits import stratified_group_split, stratified_split

shares = st.lists(st.sampled_from([0.1, 0.2, 0.25, 0.45]), min_size=1, max_size=2)
seeds = st.integers(0, 2**32 - 1)


def split(labels, groups, shares, seed):
    try:
        return stratified_group_split(np.array(labels), np.array(groups), shares, seed)
    except lp.DataError:
        assume(False)


@given(st.lists(st.integers(0, 3), min_size=4, max_size=80), shares, seeds)
def test_without_groups_each_class_has_its_share(labels, shares, seed):
    rest, *parts = split(labels, range(len(labels)), shares, seed)
    assert sorted(np.concatenate([rest, *parts])) == list(range(len(labels)))
    labels = np.array(labels)
    for label in set(labels.tolist()):
        count = np.sum(labels == label)
        assert np.sum(labels[rest] == label) >= 1
        for share, part in zip(shares, parts, strict=True):
            assert abs(np.sum(labels[part] == label) - share * count) < 1 + 1e-9 or count <= 3


@pytest.mark.long
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=4, max_size=80),
    shares,
    seeds,
)
def test_groups_of_one_class_stay_together_and_miss_the_share_by_less_than_one(
    examples, shares, seed
):
    labels = np.array([label for label, _ in examples])
    groups = np.array([100 * label + group for label, group in examples])
    rest, *parts = split(labels, groups, shares, seed)
    assert sorted(np.concatenate([rest, *parts])) == list(range(len(labels)))
    for i, part in enumerate([rest, *parts]):
        for other in [rest, *parts][i + 1 :]:
            assert not set(groups[part]) & set(groups[other])
    for label in set(labels.tolist()):
        count = np.sum(labels == label)
        largest = np.bincount(groups[labels == label]).max()
        for share, part in zip(shares, parts, strict=True):
            found = np.sum(labels[part] == label)
            assert found <= round(share * count)
            if len(shares) == 1:
                assert found > min(round(share * count), count - 1) - largest


@pytest.mark.long
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=4, max_size=60),
    shares,
    seeds,
)
def test_groups_over_two_classes_stay_together_too(examples, shares, seed):
    labels, groups = (np.array(column) for column in zip(*examples, strict=True))
    parts = split(labels, groups, shares, seed)
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))
    homes = [{number for number, part in enumerate(parts) if i in groups[part]} for i in groups]
    assert all(len(home) == 1 for home in homes)


def test_groups_are_no_likelier_than_others_to_be_held_out():
    # 100 pairs and 100 single ones: about a fifth of each is held out, not all of the pairs.
    groups = np.concatenate([np.repeat(np.arange(100), 2), np.arange(100, 200)])
    labels = np.zeros(300, int)
    pairs = [
        np.sum(groups[stratified_group_split(labels, groups, [0.2], s)[1]] < 100) for s in range(20)
    ]
    assert 34 < np.mean(pairs) < 46


def test_one_seed_gives_one_split_for_ever():
    labels, groups = np.repeat([0, 1], 10), np.arange(20) // 2
    _, part = stratified_group_split(labels, groups, [0.2], 0)
    assert part.tolist() == [10, 4, 5, 11]
    assert part.tolist() != stratified_group_split(labels, groups, [0.2], 1)[1].tolist()


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([1.2], "leave some examples to train on, got 1.2"),
        ([-0.1], "got -0.1"),
        ([0.5, 0.5], "got 0.5 and 0.5"),
        ([], "got none"),
        ([float("nan")], "got nan"),
    ],
)
def test_shares_that_are_none_are_refused(shares, message):
    with pytest.raises(lp.ArgumentError, match=message):
        stratified_group_split(np.zeros(10, int), np.arange(10), shares)


def test_a_part_that_would_be_empty_is_reported():
    with pytest.raises(
        lp.DataError, match=r"a share of 0.1 of 4 examples in 2 classes is less than one"
    ):
        stratified_group_split(np.array([0, 0, 1, 1]), np.arange(4), [0.1])


LABELS = np.repeat(np.arange(4), (50, 30, 20, 10))

any_labels = st.lists(st.integers(-2, 5), max_size=60).map(lambda labels: np.array(labels, int))


@given(any_labels, st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_every_item_is_in_one_part_in_its_classes_share(labels, share, seed):
    train, test = stratified_split(labels, share, seed)
    assert sorted([*train, *test]) == list(range(len(labels)))
    for label in np.unique(labels):
        assert np.sum(labels[test] == label) == round(share * np.sum(labels == label))


def test_one_fifth_of_each_class_is_held_out():
    _, test = stratified_split(LABELS)
    np.testing.assert_array_equal(np.bincount(LABELS[test]), [10, 6, 4, 2])


def test_one_seed_gives_one_stratified_split_for_ever():
    _, test = stratified_split(np.repeat([0, 1], 10))
    assert test.tolist() == [18, 1, 19, 8]
    assert test.tolist() != stratified_split(np.repeat([0, 1], 10), seed=1)[1].tolist()


def test_the_end_of_each_part_mixes_the_classes():
    train, test = stratified_split(np.repeat(np.arange(10), 100))
    for part in (train, test):
        assert len(np.unique(part[-100:] // 100)) == 10


def test_copies_of_few_examples_are_named_as_the_reason_of_an_empty_split():
    labels, groups = np.repeat([0, 1], 30), np.repeat([0, 1], 30)
    with pytest.raises(lp.DataError, match="60 examples are only 2 groups or copies"):
        stratified_group_split(labels, groups, [0.15, 0.15])
