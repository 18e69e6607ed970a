"""An example table."""

from __future__ import annotations

from ..download.fetch import DatasetFiles, fetch
from ..download.files import DataFile
from ..download.packages import PIP
from ..download.sources import Mirror, Package

PENGUINS = DatasetFiles(
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
    alternative="use your own table",
)


def penguins() -> bytes:
    """A CSV file with 344 penguins of three species: measurements, sex, island and year.

    Some values are missing. Collected by Kristen Gorman and the Palmer Station LTER (Gorman,
    Williams and Fraser, 2014; CC0). A download of 19 kB. To write it to a file::

        Path("penguins.csv").write_bytes(lampas.datasets.penguins())

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
    """
    return fetch(PENGUINS)["penguins.csv"]
