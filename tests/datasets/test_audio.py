"""The folder of recordings: listed, fetched, verified, and mended where it is damaged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError, audio
from lampas.datasets.audio import SAMPLES
from lampas.download.listed_folder import ListedFolder
from tests.download.support import MemorySource, published

KICK, HUM = b"fLaC kick", b"fLaC hum"


@pytest.fixture
def source(monkeypatch) -> MemorySource:
    source = MemorySource(
        "shelf", {"bd_kick.flac": KICK, "ambi_hum.flac": HUM, "misc_crow.flac": b"?"}
    )
    files = [published(name, source.contents[name]) for name in ("bd_kick.flac", "ambi_hum.flac")]
    monkeypatch.setattr(ListedFolder, "listed", lambda self: iter(files))
    monkeypatch.setattr(audio, "SAMPLES", replace(SAMPLES, source=source))
    return source


def test_the_recordings_come_in_a_folder_a_class(source, cache, capsys) -> None:
    folder = audio.samples()
    assert folder == cache / "datasets" / "samples"
    assert (folder / "bass drum/bd_kick.flac").read_bytes() == KICK
    assert (folder / "ambient/ambi_hum.flac").read_bytes() == HUM
    assert sorted(path.name for path in folder.iterdir()) == ["ambient", "bass drum"]
    assert capsys.readouterr().err == "Fetching Sonic Pi's samples (22 MB) ...\n"


def test_they_are_fetched_once_and_what_is_damaged_again(source) -> None:
    folder = audio.samples()
    assert (audio.samples(), source.requests) == (folder, 2)
    (folder / "ambient/ambi_hum.flac").write_bytes(b"")
    audio.samples()
    assert source.requests == 3
    assert (folder / "ambient/ambi_hum.flac").read_bytes() == HUM


def test_another_sound_than_the_published_is_refused(source) -> None:
    source.contents["bd_kick.flac"] = b"fLaC tick"
    with pytest.raises(DatasetError, match=r"(?s)shelf: .*bd_kick.flac is damaged or not the publ"):
        audio.samples()


def test_where_there_is_no_such_package_the_error_says_what_to_do(source) -> None:
    source.contents.clear()
    with pytest.raises(
        DatasetError, match=r"(?s)shelf: 404.*use your own folder: lampas\.data\.so"
    ):
        audio.samples()


def test_a_cache_that_cannot_be_written_is_reported(source, cache) -> None:
    cache.write_text("in the way")
    with pytest.raises(DatasetError, match=r"could not be written to .* Set LAMPAS_CACHE"):
        audio.samples()


def test_the_list_has_six_classes_of_eleven_recordings_or_more() -> None:
    files = list(SAMPLES.listed())
    counts = Counter(SAMPLES.destination(file.name).split("/")[0] for file in files)
    assert set(counts) == set(audio.CLASSES.values())
    assert (len(files), len(counts), min(counts.values())) == (112, 6, 11)
    assert len({file.sha256 for file in files}) == 112
    assert all(len(file.sha256) == 64 and file.name.endswith(".flac") for file in files)


def test_the_package_is_debians() -> None:
    assert str(SAMPLES.source) == "apt-get download sonic-pi-samples"
