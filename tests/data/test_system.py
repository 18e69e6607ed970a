"""Files and folders that systems leave behind are no data."""

from pathlib import PurePath

import numpy as np
import pytest

from lampas.core.errors import DataError
from lampas.data.system import is_system_path, list_files

SYSTEM_PATHS = [
    *("@eaDir/x.jpg", "cats/@eaDir/thumb.jpg", "__MACOSX/cats/._1.png", "cats/Thumbs.db"),
    *("cats/.DS_Store", "$RECYCLE.BIN/1.png", "#recycle/1.wav", "lost+found", "cats/DESKTOP.INI"),
]


@pytest.mark.parametrize("path", SYSTEM_PATHS)
def test_system_paths(path):
    assert is_system_path(PurePath(path))


@pytest.mark.parametrize("path", ["cats/1.jpg", "recycle/1.jpg", "a@b/1.jpg", "x/1.hidden.png"])
def test_other_paths(path):
    assert not is_system_path(PurePath(path))


def test_files_of_the_system_are_not_listed(tmp_path):
    for name in ("b.CSV", "a.csv.gz", "._a.csv", ".c.csv", "d.txt"):
        (tmp_path / name).touch()
    names = [path.name for path in list_files(tmp_path, (".csv", ".csv.gz"))]
    assert names == ["a.csv.gz", "b.CSV"]


def test_thumbnails_are_no_class_and_no_copies(tmp_path):
    pytest.importorskip("PIL")
    from lampas.data import images
    from tests.data.image_files import noise, save

    for number, name in enumerate(["cats", "dogs"]):
        save(tmp_path / name / "1.png", noise(number))
        save(tmp_path / name / "@eaDir" / "1.png" / "thumb.png", noise(number))
        save(tmp_path / "@eaDir" / f"{name}.png", noise(number))
    loaded = images(tmp_path, 8, verbose=0)
    assert loaded.counts == {"cats": 1, "dogs": 1}


def test_recordings_and_texts_of_the_system_are_no_examples(tmp_path):
    pytest.importorskip("soundfile")
    from lampas.data import sound, text
    from tests.data.audio_files import tone, write

    for number, name in enumerate(["low", "high"]):
        for folder in (name, f"{name}/@eaDir", f"@eaDir/{name}"):
            write(tmp_path / folder / "1.wav", tone(200 + number, 0.1))
            (tmp_path / folder / "1.txt").write_text(name)
    assert sound(tmp_path, 8000).counts == {"high": 1, "low": 1}
    texts = text(tmp_path)
    assert texts.counts == {"high": 1, "low": 1}
    np.testing.assert_array_equal(texts.y, [0, 1])


@pytest.mark.parametrize("load", ["images", "sound", "text"])
def test_the_splits_of_a_dataset_are_no_classes(tmp_path, load):
    pytest.importorskip("PIL")
    pytest.importorskip("soundfile")
    from lampas import data
    from tests.data.audio_files import tone, write
    from tests.data.image_files import noise, save

    for folder in ("train/a", "train/b", "test/a", "test/b", "@eaDir/a"):
        save(tmp_path / folder / "1.png", noise(len(folder)))
        write(tmp_path / folder / "1.wav", tone(200, 0.1))
        (tmp_path / folder / "1.txt").write_text(folder)
    with pytest.raises(
        DataError, match=r"the splits of a dataset \(test, train\), not cla"
    ) as error:
        getattr(data, load)(tmp_path)
    assert f"train = {load}('{tmp_path / 'train'}') and then test = " in str(error.value)


@pytest.mark.parametrize(
    ("load", "suffix", "message"),
    [
        ("images", ".HEIC", r"2 \.heic files in a format that cannot be read.* to \.jpg or \.png"),
        ("sound", ".m4a", r"2 \.m4a files in a format that cannot be read.* to \.wav or \.flac"),
        ("text", ".docx", r"2 \.docx files in a format that cannot be read.* to \.txt"),
    ],
)
def test_formats_that_cannot_be_read_are_reported(tmp_path, load, suffix, message):
    pytest.importorskip("PIL")
    pytest.importorskip("soundfile")
    from lampas import data
    from tests.data.audio_files import tone, write
    from tests.data.image_files import noise, save

    for number, name in enumerate(["a", "b"]):
        save(tmp_path / name / "1.png", noise(number))
        write(tmp_path / name / "1.wav", tone(200 + number, 0.1))
        (tmp_path / name / "1.txt").write_text(name)
        (tmp_path / name / f"2{suffix}").write_bytes(b"0")
    options = {"size": 8} if load == "images" else {"rate": 8000} if load == "sound" else {}
    with pytest.warns(UserWarning, match=message):
        assert len(getattr(data, load)(tmp_path, **options)) == 2
