"""The folder of photographs: what is listed, and where it goes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError, image_folders, stamps
from lampas.datasets.image_folders import CLASSES, STAMPS, stamp_path
from lampas.download.listed_folder import ListedFolder
from tests.download.support import MemorySource, published

OWL, LION, FLY = b"\x89PNG owl", b"\x89PNG lion", b"\x89PNG fly"


@pytest.fixture
def source(monkeypatch) -> MemorySource:
    names = {"animals/birds/owl.png": OWL, "animals/mammals/cats/lion.png": LION}
    source = MemorySource("shelf", names | {"animals/insects/fly.png": FLY})
    pictures = [published(name, content) for name, content in names.items()]
    monkeypatch.setattr(ListedFolder, "listed", lambda self: iter(pictures))
    monkeypatch.setattr(image_folders, "STAMPS", replace(STAMPS, source=source))
    return source


def test_the_images_come_in_a_folder_a_class(source, cache, capsys) -> None:
    folder = stamps()
    assert folder == cache / "datasets" / "stamps"
    assert (folder / "birds/owl.png").read_bytes() == OWL
    assert (folder / "mammals/lion.png").read_bytes() == LION
    assert sorted(path.name for path in folder.iterdir()) == ["birds", "mammals"]
    assert capsys.readouterr().err == "Fetching Tux Paint's stamps (161 MB) ...\n"


def test_where_there_is_no_such_package_the_error_says_what_to_do(source) -> None:
    source.contents.clear()
    with pytest.raises(DatasetError, match=r"(?s)shelf: 404.*use your own folder: lampas\.data"):
        stamps()


def test_the_list_has_six_classes_of_fifteen_images_or_more() -> None:
    pictures = list(STAMPS.listed())
    places = {stamp_path(picture.name) for picture in pictures}
    counts = Counter(place.split("/")[0] for place in places)
    assert sum(counts.values()) == len(pictures) == 198
    assert set(counts) == set(CLASSES.values())
    assert min(counts.values()) >= 15
    assert len({picture.sha256 for picture in pictures}) == 198
    assert all(len(picture.sha256) == 64 for picture in pictures)
    assert all(picture.name.endswith(".png") for picture in pictures)
    assert not any("cartoon" in picture.name for picture in pictures)


def test_the_package_is_debians() -> None:
    assert str(STAMPS.source) == "apt-get download tuxpaint-stamps-default"
