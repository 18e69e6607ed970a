"""From a folder of images to arrays and labels."""

from __future__ import annotations

import os
import shutil
import sys

import numpy as np
import pytest

import lampas as lp
from lampas.data import images
from tests.data.image_files import make_classes, noise, save


def load(path, size=8, color="rgb", **options):
    return images(path, size, color, **{"verbose": 0} | options)


def test_sub_folders_are_classes_and_images_keep_their_pixels(root):
    paths = make_classes(root, dog=3, cat=2)
    found = load(root)
    assert found.classes == ("cat", "dog")
    assert found.counts == {"cat": 2, "dog": 3}
    assert found.files == (*paths[3:], *paths[:3])
    assert (found.x.dtype, found.x.shape, found.y.dtype) == (np.uint8, (5, 8, 8, 3), np.int32)
    np.testing.assert_array_equal(found.y, [0, 0, 1, 1, 1])
    np.testing.assert_array_equal(found.x, [noise(seed) for seed in (3, 4, 0, 1, 2)])
    assert (found.skipped, found.left_out, found.duplicates) == ((), {}, [])


def test_images_lie_as_deep_as_they_like(root):
    save(root / "a" / "x" / "y" / "1.png", noise(0))
    save(root / "a" / "2.png", noise(1))
    save(root / "b" / "1.png", noise(2))
    assert load(root).counts == {"a": 2, "b": 1}


def test_names_in_any_script_and_case(root):
    for number, name in enumerate(
        ["Straße & Co/größe 1.PNG", "猫/子猫.JpG", "cat/a.png", "Cat/a.png"]
    ):
        save(root / name, noise(number))
    with pytest.warns(UserWarning, match="names differ only in case.*'Cat', 'cat'"):
        found = load(root)
    assert found.classes == ("Cat", "Straße & Co", "cat", "猫")
    assert found.files[1].name == "größe 1.PNG"


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
def test_a_name_that_is_not_text_is_no_obstacle(root):
    make_classes(root, a=1, b=1)
    os.rename(root / "a" / "0.png", os.fsencode(root / "a") + b"/\xff.png")
    assert len(load(root, memory=0)) == 2
    assert len(load(root, memory=0)) == 2


def test_classes_that_are_numbers_count_as_such(root):
    make_classes(root, **{str(n): 1 for n in (10, 9, 2, 0)})
    assert load(root).classes == ("0", "2", "9", "10")


def test_what_is_not_an_image_is_left_out_and_counted(root):
    make_classes(root, a=1, b=1)
    for name in ("a/.hidden.png", ".git/x.png", "a/Thumbs.db", "b/notes.TXT", "b/notes.txt"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("no picture")
    (root / "b" / "README").write_text("no picture")
    save(root / "beside.png", noise(9))
    found = load(root)
    assert len(found) == 2
    left_out = {"hidden": 3, ".txt": 2, "without a suffix": 1, "outside the sub-folders": 1}
    assert found.left_out == left_out


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_followed_but_not_in_a_circle(root, tmp_path):
    make_classes(tmp_path / "else", far=2)
    make_classes(root, a=1)
    (root / "b").symlink_to(tmp_path / "else" / "far")
    (root / "a" / "back").symlink_to(root)
    (root / "a" / "linked.png").symlink_to(tmp_path / "else" / "far" / "0.png")
    (tmp_path / "else" / "far" / "to_a").symlink_to(root / "a")
    with pytest.warns(UserWarning, match="more than one label"):
        found = load(root)
    # By to_a the two images of a are found under b, too; back leads nowhere new.
    assert found.counts == {"a": 2, "b": 4}


def test_a_dict_or_a_function_labels_a_flat_folder(root):
    for number, name in enumerate(["cat_1.png", "dog_1.png", "cat_2.png"]):
        save(root / name, noise(number))
    by_name = load(root, labels=lambda path: path.stem.split("_")[0])
    assert by_name.counts == {"cat": 2, "dog": 1}
    labels = {"cat_1.png": 1, "dog_1.png": 0, "cat_2.png": 1}
    assert load(root, labels=labels).counts == {"0": 1, "1": 2}
    del labels["dog_1.png"]
    with pytest.raises(lp.DataError, match=r"labels has no entry for 1 of 3 images: dog_1\.png"):
        load(root, labels=labels)


def test_the_parts_of_a_data_set_are_numbered_alike(root):
    make_classes(root / "train", a=1, b=1, c=1)
    make_classes(root / "test", b=1, c=2)
    train = load(root / "train")
    test = load(root / "test", train.size, classes=train.classes)
    assert test.counts == {"a": 0, "b": 1, "c": 2}
    np.testing.assert_array_equal(test.y, [1, 2, 2])
    make_classes(root / "test", d=1)
    with pytest.raises(lp.DataError, match="has the class 'd', which is not among classes"):
        load(root / "test", classes=train.classes)


def test_only_one_class_is_enough_where_more_are_named(root):
    make_classes(root, b=2)
    np.testing.assert_array_equal(load(root, classes=["a", "b"]).y, [1, 1])


@pytest.mark.parametrize(
    ("classes", "message"),
    [(["a", "a"], "names 'a' more than once"), ([], "classes is empty")],
)
def test_classes_that_cannot_be_are_reported(root, classes, message):
    make_classes(root, a=1)
    with pytest.raises(lp.DataError, match=message):
        load(root, classes=classes)


@pytest.mark.parametrize("names", [["train", "test"], ["Train", "VALID", "test"], ["train"]])
def test_the_folder_above_the_parts_says_what_to_give(root, names):
    for name in names:
        make_classes(root / name, a=1, b=1)
    with pytest.raises(
        lp.DataError, match=r"contains the splits of a dataset \(.*\), not classes"
    ) as e:
        load(root)
    assert f"train = images('{root / names[0]}')" in str(e.value)
    assert "train.size, classes=train.classes)" in str(e.value)


def test_an_empty_class_is_a_warning(root):
    make_classes(root, a=1, b=1)
    (root / "c").mkdir()
    (root / "__MACOSX").mkdir()
    with pytest.warns(
        UserWarning, match="1 folder without images, which does not count as a class: c"
    ):
        assert load(root).classes == ("a", "b")


def make_flat(root):
    for number in range(4):
        save(root / f"{number}.png", noise(number))


def make_texts(root):
    for name in ("a/1.txt", "a/2.txt", "b/.hidden", "b/1.xml"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("no picture")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: None, "has no sub-folders, no images. Put the images of each class"),
        (make_flat, r"no sub-folders, only 4 images \(0.png, 1.png, 2.png and 1 more\)"),
        (
            make_texts,
            r"has no images, only 2 .txt, 1 hidden, 1 .xml. Names of images end in .*\.jpeg",
        ),
        (lambda root: (root / "a").mkdir(), "has no images and no other files"),
        (lambda root: make_classes(root, cat=3), r"of one class only, 'cat' \(3\)"),
    ],
)
def test_a_folder_that_cannot_be_learned_from_says_what_it_has(root, make, message):
    make(root)
    with pytest.raises(lp.DataError, match=message):
        load(root)


def test_a_path_that_is_not_there(root):
    with pytest.raises(
        lp.FileError, match=rf"no folder or CSV file .*; the nearest existing folder is {root}"
    ):
        load(root / "nope" / "further")


def test_labels_with_a_file_are_refused(root):
    (root / "a.csv").write_text("file,label\n")
    with pytest.raises(lp.ArgumentError, match="labels is for folders"):
        load(root / "a.csv", labels={})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"size": 0}, lp.ArgumentError, r"size must be \(height, width\) in pixels.*got 0"),
        ({"size": (8, 8, 3)}, lp.ArgumentError, r"got \(8, 8, 3\)"),
        ({"size": (8.5, 8)}, lp.ArgumentError, r"got \(8.5, 8\)"),
        ({"color": "gray"}, lp.UnknownNameError, "Unknown color 'gray'. Did you mean 'grey'?"),
        ({"resize": "fit"}, lp.UnknownNameError, "Known: crop, pad, stretch"),
        ({"on_error": "ignore"}, lp.UnknownNameError, "Known: raise, skip"),
        ({"workers": 0}, lp.ArgumentError, "workers must be 1 or more threads, got 0"),
        ({"memory": -1}, lp.ArgumentError, "memory must be a number of bytes, got -1"),
    ],
)
def test_arguments_that_cannot_be_used_are_reported(root, options, error, message):
    make_classes(root, a=1, b=1)
    with pytest.raises(error, match=message):
        load(root, **options)


def test_pillow_is_asked_for_by_name(root, monkeypatch):
    make_classes(root, a=1, b=1)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(
        lp.DataError, match=r"Pillow, which is not installed: pip install 'lampas\[app\]'"
    ):
        load(root)


def spoil(root):
    make_classes(root, a=3, b=3)
    (root / "a" / "0.png").write_bytes(b"")
    whole = save(root / "b" / "cut.jpg", noise(0, 64, 64)).read_bytes()
    (root / "b" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "b" / "text.jpg").write_text("no picture")


def test_broken_images_are_all_named_at_once(root):
    spoil(root)
    with pytest.raises(lp.DataError, match="3 of 8 images cannot be read:\n") as error:
        load(root)
    lines = str(error.value).splitlines()
    assert lines[1] == f"  {root / 'a' / '0.png'}: the file is empty"
    assert lines[2].startswith(f"  {root / 'b' / 'cut.jpg'}: image file is truncated")
    assert lines[3] == f"  {root / 'b' / 'text.jpg'}: it is not an image in a supported format"
    assert lines[4] == "Repair or remove them; in Python, on_error='skip' leaves them out."


def test_of_many_broken_images_five_are_named(root):
    make_classes(root, a=9, b=1)
    for path in (root / "a").iterdir():
        path.write_bytes(b"")
    with pytest.raises(lp.DataError, match="9 of 10 images") as error:
        load(root)
    assert str(error.value).count("is empty") == 5
    assert "  and 4 more" in str(error.value)


def test_broken_images_are_left_out_and_listed(root):
    spoil(root)
    found = load(root, on_error="skip")
    assert found.counts == {"a": 2, "b": 3}
    assert [path.name for path, _ in found.skipped] == ["0.png", "cut.jpg", "text.jpg"]
    np.testing.assert_array_equal(found.x, [noise(seed) for seed in range(1, 6)])
    assert [path.name for path in found.files] == ["1.png", "2.png", "0.png", "1.png", "2.png"]


@pytest.mark.parametrize("memory", [0, 1e9])
def test_nothing_but_broken_images_is_an_error_either_way(root, memory, cache):
    for path in make_classes(root, a=1, b=1):
        path.write_bytes(b"")
    with pytest.raises(lp.DataError, match="2 of 2 images cannot be read"):
        load(root, on_error="skip", memory=memory)
    assert not list(cache.rglob("*.*"))


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([(28, 30)] * 3, (28, 30)),
        ([(100, 200)] * 3, (80, 160)),
        ([(50, 61), (53, 61), (90, 61)], (56, 64)),
        ([(2, 3), (3, 3), (4, 3)], (8, 8)),
        ([(4000, 3000), (4000, 3000), (10, 10)], (160, 120)),
    ],
)
def test_the_usual_size_is_chosen_where_none_is_given(root, sizes, chosen):
    for number, (height, width) in enumerate(sizes):
        save(root / "ab"[number % 2] / f"{number}.png", np.full((height, width), number, np.uint8))
    assert load(root, None, "grey").size == chosen


def test_the_size_of_a_turned_image_is_the_upright_one(root):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    for name in "ab":
        save(root / name / "1.jpg", noise(ord(name), 20, 30), exif=exif)
    assert load(root, None).size == (30, 20)


def test_auto_is_grey_only_if_all_are(root):
    save(root / "a" / "1.png", noise(0, channels=1))
    save(root / "b" / "1.png", noise(1, channels=1))
    assert load(root, color="auto").x.shape == (2, 8, 8, 1)
    save(root / "b" / "2.png", noise(2))
    assert load(root, color="auto").x.shape == (3, 8, 8, 3)


def test_any_number_of_threads_gives_the_same(root):
    make_classes(root, a=20, b=20)
    one, many = (load(root, workers=workers) for workers in (1, 7))
    np.testing.assert_array_equal(one.x, many.x)
    assert one.files == many.files


def test_damaged_metadata_are_no_warning(root):
    for name in "ab":
        path = root / name / "1.jpg"
        save(path, noise(ord(name)), exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert len(load(root)) == 2


def test_an_image_twice_is_found_whatever_its_format(root):
    make_classes(root, a=2, b=2)
    shutil.copy(root / "a" / "1.png", root / "a" / "copy.png")
    save(root / "a" / "other.bmp", noise(1))
    found = load(root)
    assert found.duplicates == [tuple(root / "a" / n for n in ("1.png", "copy.png", "other.bmp"))]
    assert found.conflicts == []


def test_an_image_under_two_labels_is_a_warning_that_names_both(root):
    make_classes(root, a=2, b=2)
    shutil.copy(root / "a" / "1.png", root / "b" / "copy.png")
    names = rf"1 image occurs with more than one label: {root}/a/1.png, {root}/b/copy.png"
    with pytest.warns(UserWarning, match=names) as caught:
        found = load(root)
    assert caught[0].filename == __file__
    assert found.conflicts == [(root / "a" / "1.png", root / "b" / "copy.png")]


@pytest.mark.parametrize(("verbose", "shown"), [(0, ""), ("auto", ""), (2, "decoded 2 images")])
def test_off_a_terminal_it_is_quiet_unless_asked(root, capsys, verbose, shown):
    make_classes(root, a=1, b=1)
    images(root, 8, verbose=verbose)
    assert capsys.readouterr().out.startswith(shown)
    assert shown or not capsys.readouterr().out


def test_on_a_terminal_a_bar_shows_and_goes_again(root, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    make_classes(root, a=1, b=1)
    images(root, 8)
    shown = capsys.readouterr().out
    assert "decoding" in shown
    assert "2/2" in shown
    assert "\x1b[2K" in shown.rsplit("2/2", 1)[1]
