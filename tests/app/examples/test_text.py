"""The text example on generated sentences."""

import csv
from functools import partial

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import text
from lampas.applications import text_networks
from lampas.applications.text_networks import text_network
from lampas.data.text.load import text as read
from lampas.evaluation.baselines import tfidf
from lampas.layers.preprocessing.text_vectorization import TextVectorization

GOOD, BAD = ("fine", "lovely", "bright", "warm"), ("poor", "dull", "cold", "weak")


def sentences(count: int = 120) -> list[tuple[str, str]]:
    """Sentences on films; a single word determines the class."""
    random = np.random.default_rng(0)
    rows = []
    for number in range(count):
        name, words = (("good", GOOD), ("bad", BAD))[number % 2]
        subject, verb = random.choice(["film", "story", "actor"]), random.choice(["is", "seems"])
        rows.append((f"The {subject} {number} {verb} {random.choice(words)}.", name))
    return rows


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "reviews.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *sentences()])
    return path


@pytest.fixture
def small(monkeypatch):
    """Few buckets for pairs, a large learning rate, and networks that are fast to build."""
    bag = partial(text_networks.EmbeddingBag, buckets=64)
    monkeypatch.setattr(text_networks, "EmbeddingBag", bag)
    monkeypatch.setattr(text, "learning_rate", lambda *_: 0.02)
    monkeypatch.setattr(text, "AUTO_NETWORKS", ("bag", "conv"))


@pytest.mark.long
def test_a_table_of_texts_becomes_a_model_and_a_report(table, small, tmp_path):
    out = tmp_path / "run"
    result = text.run(table, 15, 16, out=out, verbose=0)
    assert result.accuracy == result.baseline == 1
    page = result.report.read_text()
    assert "bag of words and pairs" in page
    assert "convolution" in page
    assert page.count(f"{text_networks.TITLES[result.model]} (selected)") == 1
    assert "TF-IDF + logistic regression" in page
    assert "The network and TF-IDF have the same accuracy on 24 test texts" in page
    assert "All test texts are classified correctly" in page
    assert page.count("background: rgb(226 113 15") >= 4
    model = lp.load(out / "model.safetensors")
    probabilities = model.predict(["a lovely film", "a dull film", ""])
    assert probabilities.shape == (3, 2)
    assert probabilities.argmax(1)[:2].tolist() == [1, 0]


def test_arguments_that_are_not_right_are_told_before_anything_is_done(tmp_path):
    with pytest.raises(lp.UnknownNameError, match=r"Unknown model 'lsmt'\. Did you mean 'lstm'"):
        text.run(model="lsmt", out=tmp_path / "run")
    with pytest.raises(
        lp.FileError, match=r"no data set, file or folder 'revews'\. Data sets: reviews, n"
    ):
        text.run("revews", out=tmp_path / "run")


@pytest.mark.long
@pytest.mark.parametrize("name", ["bag", "conv", "lstm"])
def test_networks_take_texts_and_give_probabilities(name, small):
    words = TextVectorization(output_sequence_length=4)
    words.adapt(["a fine film", "a poor film"])
    probabilities = text_network(name, words, 3).predict(["a fine film", "", "unheard of"])
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    assert probabilities.shape == (3, 3)


def test_tfidf_is_asked_about_the_same_texts():
    rows = sentences()
    splits = read([row[0] for row in rows], [row[1] for row in rows]).split(0.2, 0.2)
    result = tfidf(*splits)
    assert result.validation == 1
    assert (result.probabilities.argmax(1) == splits[2].y).all()
    np.testing.assert_allclose(result.probabilities.sum(1), 1, rtol=1e-5)


def test_texts_without_words_are_told():
    nothing = read(["!", "?", "!!", "??"], [0, 1, 0, 1])
    with pytest.raises(lp.DataError, match="the training texts have no words"):
        tfidf(nothing, nothing, nothing)
