"""Texts to token numbers, and models that take texts."""

import re
import subprocess
import sys

import numpy as np
import pytest

import lampas as lp
from lampas.layers import Embedding, GlobalAveragePool1D
from lampas.layers.preprocessing.text_vectorization import TextVectorization

pytest.importorskip("tokenizers")

TEXTS = ["A fine film.", "a FINE day", "It’s no film; it's a bore", "no fun"]


def adapted(**options) -> TextVectorization:
    layer = TextVectorization(**options)
    layer.adapt(TEXTS)
    return layer


def reference(text: str) -> list[str]:
    """The same cutting in Python's own regular expressions."""
    return re.findall(r"\w+(?:'\w+)*|[^\w\s]", text.lower().replace("’", "'"))


def test_words_and_marks_are_numbered_by_how_often_they_occur():
    layer = adapted()
    vocabulary = layer.get_vocabulary()
    assert vocabulary[:3] == ["", "[UNK]", "a"]
    assert set(vocabulary[3:7]) == {"film", "fine", "it's", "no"}
    assert set(vocabulary[2:]) == {word for text in TEXTS for word in reference(text)}
    for row, text in zip(layer.convert(TEXTS), TEXTS, strict=True):
        words = reference(text)[: layer.output_sequence_length]
        assert [vocabulary[n] for n in row[: len(words)]] == words
        assert not row[len(words) :].any()


def test_unknown_words_are_1_and_an_empty_text_is_padding():
    rows = adapted().convert(["a strange film", "", "qwerty zxcv"])
    assert rows.dtype == np.int32
    assert rows[0, 1] == 1
    assert rows[0, 0] > 1 < rows[0, 2]
    assert not rows[1].any()
    assert rows[2].tolist()[:3] == [1, 1, 0]


def test_long_texts_are_cut_and_the_length_suits_nearly_all():
    texts = [*["three short words"] * 99, "word " * 500]
    layer = TextVectorization()
    layer.adapt(texts)
    assert layer.output_sequence_length == 3
    assert layer.convert(["word " * 10_000]).shape == (1, 3)
    assert adapted(output_sequence_length=7).convert(TEXTS).shape == (4, 7)


def test_the_vocabulary_can_be_limited():
    assert len(adapted(max_tokens=5).get_vocabulary()) == 5
    assert set(adapted(min_frequency=2).get_vocabulary()[2:]) == {"a", "fine", "film", "no", "it's"}
    with pytest.raises(
        lp.DataError, match=r"the 4 texts have no word that occurs 9 times .* Lower min_frequency"
    ):
        adapted(min_frequency=9)


def test_pieces_put_together_are_the_words_also_of_words_not_seen():
    layer = TextVectorization(80, model="bpe")
    layer.adapt(["lower lowest newer newest wider widest"] * 5)
    vocabulary = layer.get_vocabulary()
    for word in ("lowest", "wow", "newest"):
        pieces = [vocabulary[n] for n in layer.convert([word])[0] if n]
        assert "".join(pieces).replace("##", "") == word
    assert len(layer.init_arguments[1]["merges"]) > 5


@pytest.mark.parametrize("model", ["word", "bpe"])
def test_what_adapt_has_learnt_is_among_the_arguments(model):
    layer = adapted(model=model, name="words")
    again = TextVectorization(**layer.init_arguments[1])
    np.testing.assert_array_equal(again.convert(TEXTS), layer.convert(TEXTS))
    assert again.name == "words"


def test_adapting_anew_forgets_what_was_known():
    layer = adapted()
    layer.adapt(["other words"])
    assert layer.get_vocabulary() == ["", "[UNK]", "other", "words"]
    assert layer.convert(["other fine words"]).tolist()[0][:2] == [2, 1]


def test_spans_point_at_the_letters_as_they_were_written():
    text = "It’s a ﬁne FILM—no?"
    spans = adapted(output_sequence_length=9).spans(text)
    assert [text[a:b] for a, b in spans] == ["It’s", "a", "ﬁne", "FILM", "—", "no", "?"]
    assert len(adapted(output_sequence_length=2).spans(text)) == 2


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["fine", None, None], r"text 1 is None, which is not a text \(1 more are not either\)"),
        (["fine", float("nan")], r"text 1 is nan, which is not a text\. Drop such rows or fill"),
        (["fine", 3], r"text 1 is 3, which is not a text"),
        ([b"fine"], r"text 0 is b'fine', which is not a text"),
        ("a fine film", r"got a single text; pass \['a fine film'\]"),
        (np.array(["a", None], object), r"text 1 is None"),
    ],
)
def test_what_is_no_text_is_told_by_its_row(texts, message):
    layer = adapted()
    assert layer.accepts(texts)
    with pytest.raises(lp.DataError, match=message):
        layer.convert(texts)


def test_numbers_are_not_read_and_texts_of_any_kind_are():
    import pandas as pd

    layer = adapted()
    for numbers in (np.zeros((2, 3), np.int32), [[1, 2], [3, 0]], [0.5], np.float32(1)):
        assert not layer.accepts(numbers)
    for texts in (TEXTS, tuple(TEXTS), np.array(TEXTS), pd.Series(TEXTS), np.array(TEXTS, object)):
        assert layer.accepts(texts)
        np.testing.assert_array_equal(layer.convert(texts), layer.convert(TEXTS))


def test_arguments_that_are_not_right_are_told():
    with pytest.raises(lp.ArgumentError, match="model must be 'word' or 'bpe', got 'words'"):
        TextVectorization(model="words")
    with pytest.raises(lp.ArgumentError, match="max_tokens must be 3 or more, got 2"):
        TextVectorization(2)
    with pytest.raises(
        lp.ArgumentError, match="output_sequence_length must be an integer of at least 1, got 0"
    ):
        TextVectorization(output_sequence_length=0)
    with pytest.raises(lp.ArgumentError, match=r"a vocabulary begins with '' .* got 'a', 'b'"):
        TextVectorization(vocabulary=["a", "b"])
    with pytest.raises(lp.ArgumentError, match="the vocabulary contains 'a' more than once"):
        TextVectorization(vocabulary=["", "[UNK]", "a", "b", "a"])


def test_a_missing_library_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(lp.DataError, match=r"pip install 'lampas\[app\]'"):
        adapted()


@pytest.fixture(scope="module")
def model():
    """Knows good words from bad ones."""
    lp.set_seed(0)
    texts = ["good fine fun", "bad poor dull"] * 20
    words = TextVectorization(output_sequence_length=4)
    words.adapt(texts)
    model = lp.Sequential(
        [
            words,
            Embedding(words.vocabulary_size, 4, mask_zero=True),
            GlobalAveragePool1D(),
            lp.Dense(1, "sigmoid"),
        ]
    )
    model.compile(lp.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    y = np.array([[1.0], [0.0]] * 20)
    model.fit(texts, y, epochs=5, verbose=0, validation_data=(texts[:4], y[:4]))
    return model


@pytest.mark.long
def test_a_model_learns_from_texts_and_judges_texts(model):
    good, bad, empty, strange = model.predict(["good fun", "bad dull", "", "xyz"])[:, 0]
    assert good > 0.9
    assert bad < 0.1
    assert 0 < empty < 1
    assert 0 < strange < 1
    measured = model.evaluate(["fine", "poor"], [[1.0], [0.0]])
    assert measured["accuracy"] == 1
    with pytest.raises(lp.DataError, match="text 1 is None"):
        model.predict(["fine", None])


def test_a_model_that_was_not_adapted_says_so():
    layer = TextVectorization()
    with pytest.raises(lp.NotBuiltError, match=r"call adapt\(texts\) with the training texts"):
        lp.Sequential([layer, Embedding(9, 2)]).predict(["a film"])
    with pytest.raises(lp.NotBuiltError, match="has no vocabulary yet"):
        _ = layer.vocabulary_size


@pytest.mark.long
def test_the_saved_file_judges_texts_in_a_new_process(model, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    code = (
        "import sys, lampas as lp\n"
        "model = lp.load(sys.argv[1])\n"
        "print(*model.predict(['good fun', 'bad dull', ''])[:, 0])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    there = np.array(run.stdout.split(), np.float32)
    np.testing.assert_allclose(there, model.predict(["good fun", "bad dull", ""])[:, 0], rtol=1e-5)


@pytest.mark.parametrize("most", [4, 5, 9, 40])
def test_pieces_keep_to_the_limit_of_numbers(most: int) -> None:
    layer = TextVectorization(max_tokens=most, model="bpe")
    layer.adapt(["the quick brown fox jumps", "over the lazy dog"])
    assert 3 <= layer.vocabulary_size <= most


def test_pieces_need_room_for_a_letter() -> None:
    with pytest.raises(lp.ArgumentError, match="max_tokens must be 4 or more, got 3"):
        TextVectorization(max_tokens=3, model="bpe")


def test_each_adaptation_chooses_the_length_anew() -> None:
    layer = TextVectorization()
    layer.adapt(["a b c d"])
    layer.adapt(["a b"])
    assert layer.convert(["a b c"]).shape == (1, 2)


def test_texts_are_one_a_row() -> None:
    layer = TextVectorization()
    layer.adapt(["a b"])
    np.testing.assert_array_equal(
        layer.convert(np.array([["a"], ["b"]])), layer.convert(["a", "b"])
    )
    with pytest.raises(lp.DataError, match=r"one text per row, got an array of shape \(1, 2\)"):
        layer.convert(np.array([["a", "b"]]))
    with pytest.raises(lp.DataError, match=r"one text per row, got an array of shape \(\)"):
        layer.convert(np.array("a"))
