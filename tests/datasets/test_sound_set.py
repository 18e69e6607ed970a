"""The folder of recordings: listed, fetched, verified, and mended where it is damaged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError, sounds
from lampas.datasets.folders import ListedFolder
from lampas.datasets.sounds import SAMPLES
from tests.datasets.support import Shelf, published

KICK, HUM = b"fLaC kick", b"fLaC hum"


@pytest.fixture
def shelf(monkeypatch) -> Shelf:
    source = Shelf("shelf", {"bd_kick.flac": KICK, "ambi_hum.flac": HUM, "misc_crow.flac": b"?"})
    files = [published(name, source.held[name]) for name in ("bd_kick.flac", "ambi_hum.flac")]
    monkeypatch.setattr(ListedFolder, "listed", lambda self: iter(files))
    monkeypatch.setattr(sounds, "SAMPLES", replace(SAMPLES, source=source))
    return source


def test_the_sounds_come_in_a_folder_a_class(shelf, cache, capsys) -> None:
    folder = sounds.samples()
    assert folder == cache / "datasets" / "samples"
    assert (folder / "bass drum/bd_kick.flac").read_bytes() == KICK
    assert (folder / "ambient/ambi_hum.flac").read_bytes() == HUM
    assert sorted(path.name for path in folder.iterdir()) == ["ambient", "bass drum"]
    assert capsys.readouterr().err == "Fetching Sonic Pi's samples (22 MB) ...\n"


def test_they_are_fetched_once_and_what_is_damaged_again(shelf) -> None:
    folder = sounds.samples()
    assert (sounds.samples(), shelf.asked) == (folder, 2)
    (folder / "ambient/ambi_hum.flac").write_bytes(b"")
    sounds.samples()
    assert shelf.asked == 3
    assert (folder / "ambient/ambi_hum.flac").read_bytes() == HUM


def test_another_sound_than_the_published_is_refused(shelf) -> None:
    shelf.held["bd_kick.flac"] = b"fLaC tick"
    with pytest.raises(DatasetError, match=r"(?s)shelf: .*bd_kick.flac is damaged or not the publ"):
        sounds.samples()


def test_where_there_is_no_such_package_it_is_told_what_to_do(shelf) -> None:
    shelf.held.clear()
    with pytest.raises(DatasetError, match=r"(?s)shelf: 404.*folder of your own: lampas\.data\.so"):
        sounds.samples()


def test_a_cache_that_can_not_be_written_is_told(shelf, cache) -> None:
    cache.write_text("in the way")
    with pytest.raises(DatasetError, match=r"could not be written to .* Set LAMPAS_CACHE"):
        sounds.samples()


def test_the_list_has_six_classes_of_eleven_sounds_or_more() -> None:
    files = list(SAMPLES.listed())
    counts = Counter(SAMPLES.place(file.name).split("/")[0] for file in files)
    assert set(counts) == set(sounds.CLASSES.values())
    assert (len(files), len(counts), min(counts.values())) == (112, 6, 11)
    assert len({file.sha256 for file in files}) == 112
    assert all(len(file.sha256) == 64 and file.name.endswith(".flac") for file in files)


def test_the_package_is_debians() -> None:
    assert str(SAMPLES.source) == "apt-get download sonic-pi-samples"
