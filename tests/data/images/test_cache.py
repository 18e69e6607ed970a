"""Images that do not fit into memory are decoded once, onto the disk."""

from __future__ import annotations

import json
import os
import time

import numpy as np
import pytest

import lampas as lp
from lampas.data import LazyRows, images
from lampas.data.images import cache as threads
from tests.data.image_files import make_classes, noise, save


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that are decoded from now on."""
    names = []

    def noted(path, form, decode=threads.decode):
        names.append(path.name)
        return decode(path, form)

    monkeypatch.setattr(threads, "decode", noted)
    return names


def load(root, memory=0, **options):
    return images(root, **{"size": 8, "memory": memory, "verbose": 0} | options)


def test_the_array_is_a_map_that_cannot_be_changed(root, cache):
    make_classes(root, a=2, b=2)
    found = load(root)
    assert isinstance(found.x, np.memmap)
    assert not found.x.flags.writeable
    np.testing.assert_array_equal(found.x, [noise(seed) for seed in range(4)])
    assert sorted(path.suffix for path in (cache / "images").iterdir()) == [".json", ".npy"]


def test_just_enough_memory_keeps_it_there(root, cache):
    make_classes(root, a=2, b=2)
    assert not isinstance(load(root, memory=4 * 8 * 8 * 3).x, np.memmap)
    assert not cache.exists()
    assert isinstance(load(root, memory=4 * 8 * 8 * 3 - 1).x, np.memmap)


def test_the_second_time_nothing_is_decoded(root, decoded):
    make_classes(root, a=3, b=2)
    (root / "a" / "1.png").write_bytes(b"")
    save(root / "b" / "copy.bmp", noise(3))
    first = load(root, on_error="skip")
    assert len(decoded) == 6
    second = load(root, on_error="skip")
    assert len(decoded) == 6
    np.testing.assert_array_equal(first.x, second.x)
    np.testing.assert_array_equal(first.x, [noise(seed) for seed in (0, 2, 3, 4, 3)])
    np.testing.assert_array_equal(first.y, second.y)
    assert first.files == second.files
    assert first.skipped == second.skipped == ((root / "a" / "1.png", "the file is empty"),)
    assert (
        first.duplicates
        == second.duplicates
        == [tuple(root / "b" / n for n in ("0.png", "copy.bmp"))]
    )
    with pytest.raises(lp.DataError, match="1 of 6 images cannot be read"):
        load(root)


def test_a_changed_file_is_decoded_again(root, decoded):
    paths = make_classes(root, a=2, b=2)
    load(root)
    before = paths[0].stat()
    os.utime(paths[0], ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    load(root)
    assert len(decoded) == 8
    save(paths[0], noise(99))
    np.testing.assert_array_equal(load(root).x[0], noise(99))


@pytest.mark.parametrize("options", [{"size": 9}, {"color": "grey"}, {"resize": "pad"}])
def test_another_form_is_another_array(root, decoded, options):
    make_classes(root, a=2, b=2)
    load(root)
    load(root, **options)
    assert len(decoded) == 8


def test_new_labels_need_no_new_pixels(root, decoded):
    for number in range(4):
        save(root / f"{number}.png", noise(number))
    load(root, labels=lambda path: path.stem)
    assert load(root, labels=lambda path: int(path.stem) % 2).counts == {"0": 2, "1": 2}
    assert len(decoded) == 4


def test_broken_images_that_are_refused_leave_nothing(root, cache):
    make_classes(root, a=2, b=2)
    (root / "a" / "1.png").write_bytes(b"")
    with pytest.raises(lp.DataError):
        load(root)
    assert list((cache / "images").iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_interrupted_it_leaves_nothing_half_written(root, cache, monkeypatch, error, decoded):
    make_classes(root, a=5, b=5)

    def interrupt(path, form, decode=threads.decode):
        if path.parent.name == "b":
            raise error
        return decode(path, form)

    with monkeypatch.context() as patch:
        patch.setattr(threads, "decode", interrupt)
        with pytest.raises(error):
            load(root)
    assert list((cache / "images").iterdir()) == []
    assert len(load(root)) == 10


@pytest.mark.parametrize("damage", ["no notes", "notes", "cut", "empty", "short"])
def test_a_damaged_array_is_recreated(root, cache, decoded, damage):
    make_classes(root, a=2, b=2)
    load(root)
    (array,) = cache.glob("images/*.npy")
    notes = array.with_suffix(".json")
    if damage == "no notes":
        notes.unlink()
    elif damage == "notes":
        notes.write_text("{")
    elif damage == "short":
        notes.write_text(json.dumps([["0"], []]))
    else:
        array.write_bytes(array.read_bytes()[: 300 if damage == "cut" else 0])
    np.testing.assert_array_equal(load(root).x, [noise(seed) for seed in range(4)])
    assert len(decoded) == 8


def test_what_a_killed_process_left_is_swept_when_old(root, cache):
    make_classes(root, a=1, b=1)
    (cache / "images").mkdir(parents=True)
    old, young = (cache / "images" / f".{name}.npy.part" for name in ("old", "young"))
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    load(root)
    assert not old.exists()
    assert young.exists()


def test_a_cache_that_cannot_be_written_is_reported(root, cache):
    make_classes(root, a=1, b=1)
    cache.write_text("a file where the folder should be")
    with pytest.raises(lp.FileError, match=r"cannot store 0.0 GB .* Set LAMPAS_CACHE .* memory="):
        load(root)


def test_a_split_leaves_the_pixels_on_the_disk(root):
    make_classes(root, a=10, b=10)
    found = load(root)
    train, validation = found.split(0.2)
    for part in (train, validation):
        assert isinstance(part.x, LazyRows)
        assert part.x.array is found.x
    whole = {path: pixels.tobytes() for path, pixels in zip(found.files, found.x, strict=True)}
    for part in (train, validation, train[3:5], train[[4, 1]]):
        assert [whole[path] for path in part.files] == [row.tobytes() for row in part.x[:]]
    picture, label = train[2]
    assert (picture.tobytes(), label) == (whole[train.files[2]], train.y[2])
    assert "read from disk" in train.summary()


def test_the_same_split_whether_in_memory_or_not(root):
    make_classes(root, a=10, b=10)
    here, there = load(root, 1e9).split(0.3), load(root, 0).split(0.3)
    for one, other in zip(here, there, strict=True):
        assert one.files == other.files
        np.testing.assert_array_equal(one.x, other.x[:])
