"""The table is given as it is published."""

from lampas.datasets import tables
from lampas.download import bundles
from tests.datasets.support import Shelf, published


def test_penguins_are_the_file_itself(monkeypatch):
    content = b"species,island\nAdelie,Dream\n"
    monkeypatch.setattr(
        tables,
        "PENGUINS",
        bundles.Bundle(
            "penguins",
            "Penguins",
            1,
            (published("penguins.csv", content),),
            (Shelf("shelf", {"penguins.csv": content}),),
        ),
    )
    assert tables.penguins() == content
