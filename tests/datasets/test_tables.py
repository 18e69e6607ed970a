"""The table is given as it is published."""

from lampas.datasets import tables
from lampas.download.fetch import DatasetFiles
from tests.download.support import MemorySource, published


def test_penguins_are_the_file_itself(monkeypatch):
    content = b"species,island\nAdelie,Dream\n"
    monkeypatch.setattr(
        tables,
        "PENGUINS",
        DatasetFiles(
            "penguins",
            "Penguins",
            1,
            (published("penguins.csv", content),),
            (MemorySource("shelf", {"penguins.csv": content}),),
            "",
        ),
    )
    assert tables.penguins() == content
