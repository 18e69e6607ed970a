"""The folder of photographs: listed, fetched, verified, and mended where it is damaged."""

from __future__ import annotations

from collections import Counter

import pytest

from lampas.datasets import DatasetError, photographs, stamps
from lampas.datasets.photographs import CLASSES, SOURCE, Picture, listed
from tests.datasets.support import Shelf, published

OWL, LION, FLY = b"\x89PNG owl", b"\x89PNG lion", b"\x89PNG fly"


@pytest.fixture
def shelf(monkeypatch) -> Shelf:
    names = {"animals/birds/owl.png": OWL, "animals/mammals/cats/lion.png": LION}
    source = Shelf("shelf", names | {"animals/insects/fly.png": FLY})
    places = ("birds/owl.png", "mammals/lion.png")
    pictures = [
        Picture(published(name, content), place)
        for (name, content), place in zip(names.items(), places, strict=True)
    ]
    monkeypatch.setattr(photographs, "SOURCE", source)
    monkeypatch.setattr(photographs, "listed", lambda: iter(pictures))
    return source


def test_the_pictures_come_in_a_folder_a_class(shelf, cache, capsys) -> None:
    folder = stamps()
    assert folder == cache / "datasets" / "stamps"
    assert (folder / "birds/owl.png").read_bytes() == OWL
    assert (folder / "mammals/lion.png").read_bytes() == LION
    assert sorted(path.name for path in folder.iterdir()) == ["birds", "mammals"]
    assert capsys.readouterr().err == "Fetching Tux Paint's stamps (161 MB) ...\n"


def test_they_are_fetched_once_and_what_is_damaged_again(shelf) -> None:
    folder = stamps()
    assert (stamps(), shelf.asked) == (folder, 2)
    (folder / "birds/owl.png").write_bytes(b"")
    stamps()
    assert shelf.asked == 3
    assert (folder / "birds/owl.png").read_bytes() == OWL


def test_another_picture_than_the_published_is_refused(shelf) -> None:
    shelf.held["animals/mammals/cats/lion.png"] = b"\x89PNG cat"
    with pytest.raises(DatasetError, match=r"(?s)shelf: .*lion.png is damaged or not the publ"):
        stamps()


def test_where_there_is_no_such_package_it_is_told_what_to_do(shelf) -> None:
    shelf.held.clear()
    with pytest.raises(DatasetError, match=r"(?s)shelf: 404.*a folder of your own: lampas\.data"):
        stamps()


def test_a_cache_that_can_not_be_written_is_told(shelf, cache) -> None:
    cache.write_text("in the way")
    with pytest.raises(DatasetError, match=r"could not be written to .* Set LAMPAS_CACHE"):
        stamps()


def test_the_list_has_six_classes_of_fifteen_pictures_or_more() -> None:
    pictures = list(listed())
    counts = Counter(picture.place.split("/")[0] for picture in pictures)
    assert sum(counts.values()) == 198
    assert set(counts) == set(CLASSES.values())
    assert len(counts) == 6
    assert min(counts.values()) >= 15
    assert len({picture.place for picture in pictures}) == 198
    assert len({picture.file.sha256 for picture in pictures}) == 198
    assert all(len(picture.file.sha256) == 64 for picture in pictures)
    assert all(picture.file.name.endswith(".png") for picture in pictures)
    assert not any("cartoon" in picture.file.name for picture in pictures)


def test_the_package_is_debians() -> None:
    assert str(SOURCE) == "apt-get download tuxpaint-stamps-default"
