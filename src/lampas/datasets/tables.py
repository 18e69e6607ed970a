"""An example table."""

from __future__ import annotations

from ..download.fetch import DatasetFiles, fetch
from ..download.packages import PIP
from ..download.sources import GITHUB, Mirror, Package
from .dataset import published_files

PENGUINS = DatasetFiles(
    name="penguins",
    title="Palmer penguins",
    megabytes=1,
    files=published_files("penguins"),
    sources=(
        Package(PIP, "palmerpenguins==0.1.6", "palmerpenguins/data/"),
        Mirror(f"{GITHUB}mcnakhaee/palmerpenguins/master/palmerpenguins/data/"),
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
