"""The dataset of labelled images: indexing, split, summary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.data import Images

CLASSES = ("cat", "dog", "newt")


def collection(y, groups=None, classes=CLASSES, **more):
    y = np.array(y, np.int32)
    x = np.arange(len(y), dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 3, 1), np.uint8)
    files = tuple(Path(f"{classes[label]}/{i}.png") for i, label in enumerate(y))
    return Images(
        x, y, classes, files, np.arange(len(y)) if groups is None else np.array(groups), **more
    )


FEW = collection([0, 0, 1, 2, 1], [7, 3, 3, 9, 7])


def same(found, truth):
    np.testing.assert_array_equal(found.x, truth.x)
    np.testing.assert_array_equal(found.y, truth.y)
    np.testing.assert_array_equal(found.groups, truth.groups)
    assert found.files == truth.files


@pytest.mark.parametrize(
    "key",
    [slice(1, 4), slice(None, None, -2), [3, 0, 0], [], [True, False, True, False, True], [-1]],
)
def test_a_part_has_all_that_belongs_to_it(key):
    index = np.arange(5)[np.array(key, int) if key == [] else key]
    found = FEW[key]
    np.testing.assert_array_equal(found.x[:, 0, 0, 0], index)
    np.testing.assert_array_equal(found.y, FEW.y[index])
    assert found.files == tuple(FEW.files[i] for i in index)
    assert found.classes == CLASSES
    assert len(found) == len(index)


def test_one_image_and_its_label():
    picture, label = FEW[-2]
    assert picture.shape == (2, 3, 1)
    assert (picture[0, 0, 0], label) == (3, 2)
    assert [label for _, label in FEW] == FEW.y.tolist()
    with pytest.raises(IndexError):
        FEW[5]


def test_size_counts_and_duplicates():
    assert FEW.size == (2, 3)
    assert FEW.counts == {"cat": 2, "dog": 2, "newt": 1}
    pairs = [(FEW.files[0], FEW.files[4]), (FEW.files[1], FEW.files[2])]
    assert FEW.duplicates == FEW.conflicts == pairs
    assert collection([0, 0], [1, 1]).conflicts == []
    assert collection([]).duplicates == []


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 200)), min_size=40, max_size=90),
    st.integers(0, 99),
)
@pytest.mark.long
def test_a_split_is_whole_and_fair_and_parts_no_duplicates(examples, seed):
    images = collection([label for label, _ in examples], [group for _, group in examples])
    try:
        parts = images.split(0.25, 0.2, seed)
    except lp.DataError:  # A few large groups cannot always be shared out.
        assert len(set(images.groups.tolist())) < 20
        return
    assert len(parts) == 3
    files = [file for part in parts for file in part.files]
    assert sorted(files) == sorted(images.files)
    groups = [set(part.groups.tolist()) for part in parts]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]
    for part, again in zip(parts, images.split(0.25, 0.2, seed), strict=True):
        same(part, again)
    for part, share in zip(parts[1:], (0.25, 0.2), strict=True):
        for name, count in part.counts.items():
            assert count <= share * images.counts[name] + 0.5


def test_which_parts_there_are_follows_from_the_shares():
    images = collection([0, 1] * 20)
    train, validation = images.split()
    assert (len(train), len(validation)) == (32, 8)
    assert validation.counts == {"cat": 4, "dog": 4, "newt": 0}
    train, test = images.split(0, 0.5)
    assert (len(train), len(test)) == (20, 20)
    assert [len(part) for part in images.split(0.1, 0.2)] == [28, 4, 8]
    assert images.split(seed=1)[1].files != validation.files
    with pytest.raises(lp.ArgumentError, match=r"leave some examples to train on, got 0.5 and 0.6"):
        images.split(0.5, 0.6)
    with pytest.raises(lp.DataError, match=r"a share of 0.01 of 40 examples"):
        images.split(0.01)


def test_the_summary_tells_what_is_worth_a_look():
    skipped = ((Path("cat/x.jpg"), "the file is empty"),)
    images = collection(
        [0] * 6 + [1] * 3, [0, 0, 1, 2, 3, 4, 5, 6, 4], skipped=skipped, left_out={"hidden": 2}
    )
    assert str(images) == (
        "9 grey images of 2x3 pixels, 0.0 MB in memory, 3 classes\n"
        "  cat   6   66.7%  ████████████████████████\n"
        "  dog   3   33.3%  ████████████\n"
        "  newt  0    0.0%\n"
        "2 images are duplicates; a split keeps copies together\n"
        "conflicting labels: cat/5.png, dog/8.png\n"
        "1 skipped: cat/x.jpg (the file is empty)\n"
        "ignored: 2 hidden"
    )
    assert repr(images) == "Images(9 grey images of 2x3 pixels, 3 classes)"


def test_of_many_classes_the_largest_and_the_smallest_are_shown():
    counts = range(1, 31)
    y = np.repeat(np.arange(30), counts)
    lines = collection(y, classes=tuple(f"c{i}" for i in range(30))).summary().splitlines()
    names = [line.split()[0] for line in lines[1:]]
    largest, smallest = [f"c{i}" for i in range(29, 19, -1)], [f"c{i}" for i in range(9, -1, -1)]
    assert names == [*largest, "...", *smallest]
    assert lines[11] == "  ... 10 between these ..."


@pytest.mark.long
def test_a_model_learns_from_the_parts():
    images = collection([0, 1] * 10, classes=("a", "b"))
    train, validation = images.split()
    model = lp.Sequential([lp.Flatten(), lp.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    data = (validation.x, validation.y)
    history = model.fit(train.x, train.y, epochs=1, validation_data=data, verbose=0)
    assert np.isfinite(history.history["val_loss"]).all()
