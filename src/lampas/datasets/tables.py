"""A table to try things on."""

from __future__ import annotations

from ..download.bundles import Bundle
from ..download.fetch import fetch
from ..download.files import DataFile
from ..download.packages import PIP
from ..download.sources import Mirror, Package

PENGUINS = Bundle(
    name="penguins",
    title="Palmer penguins",
    megabytes=1,
    files=(
        DataFile(
            "penguins.csv",
            15_241,
            "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
        ),
    ),
    sources=(
        Package(PIP, "palmerpenguins==0.1.6", "palmerpenguins/data/"),
        Mirror(
            "https://raw.githubusercontent.com/mcnakhaee/palmerpenguins/master/palmerpenguins/data/"
        ),
    ),
    otherwise="take a table of your own",
)


def penguins() -> bytes:
    """A CSV file of 344 penguins of three species: measures, sex, island and year, with gaps.

    Measured by Kristen Gorman and the Palmer Station LTER (Gorman, Williams and Fraser, 2014; CC0).
    A download of 19 kB. Write it where you want it::

        Path("penguins.csv").write_bytes(lampas.datasets.penguins())

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    return fetch(PENGUINS)["penguins.csv"]
