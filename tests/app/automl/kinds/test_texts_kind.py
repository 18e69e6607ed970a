"""Texts with classes: columns, messages, script, yardsticks, answers."""

import numpy as np
import pytest

from lampas import ArgumentError, DataError, UnknownNameError, load
from lampas.app.automl.task import Source, Wishes
from lampas.app.automl.text import TextsKind
from lampas.app.automl.text_files import columns
from lampas.app.report import Report
from tests.app.automl.kinds.runs_of_text_and_series import format_faults, run

GOOD = ("a fine warm film", "what a fine tale", "warm and fine to see", "a tale so warm")
BAD = ("a dull cold film", "what a dull mess", "cold and dull to see", "a mess so cold")
KIND = TextsKind()


def table(path, rows, head="text,label"):
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def told(number):
    """Texts that all differ, half of them good."""
    for i in range(number):
        good = i % 2 == 0
        yield f"{(GOOD if good else BAD)[i // 2 % 4]} number {i}", "good" if good else "bad"


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    path = table(folder / "films.csv", [",".join(pair) for pair in told(80)])
    return run(KIND, path, folder, epochs=6, model="gru")


def test_it_learns_what_words_decide(learnt):
    said = learnt.ask(learnt.parts.test)
    assert said.shape == (12, 2)
    assert (said.argmax(1) == KIND.targets(learnt.parts.test)).mean() >= 0.9


def test_found_says_what_there_is(learnt):
    found = learnt.found
    assert (found.task, found.target, found.classes) == ("classify", "label", ("bad", "good"))
    assert "texts in 'text', classes in 'label'" in found.reasons[0].why
    assert "network gru" in [reason.what for reason in found.reasons]


def test_yardsticks_answer_the_same_texts(learnt):
    majority, counted = KIND.yardsticks(learnt.parts, learnt.found, learnt.settings)
    assert (majority.strong, counted.strong) == (False, True)
    np.testing.assert_allclose(majority.said, np.full((12, 2), 0.5), atol=0.05)
    assert (counted.said.argmax(1) == learnt.parts.test.y).mean() >= 0.9


def test_the_report_shows_texts_mistakes_and_words(learnt):
    report = Report("texts")
    report.section("all")
    said = np.tile([0.9, 0.1], (12, 1))
    KIND.add_data(report, learnt.found, learnt.settings, learnt.parts)
    KIND.add_mistakes(report, learnt.found, learnt.settings, learnt.parts.test, said)
    KIND.add_insight(report, learnt.found, learnt.settings, learnt.model, learnt.parts)
    html = report.html()
    assert "true good, said bad (90%)" in html
    assert "The network reads the first" in html or "the network reads the first" in html


def test_the_saved_model_takes_raw_texts(learnt, tmp_path):
    learnt.model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    asked = ["a fine warm film", "so dull and cold"]
    np.testing.assert_allclose(again.predict(asked), learnt.model.predict(asked), atol=1e-6)


@pytest.mark.parametrize("model", KIND.networks)
def test_scripts_are_as_a_person_would_write_them(model, tmp_path):
    path = table(tmp_path / "it's.csv", [",".join(pair) for pair in told(40)])
    found = KIND.look(Wishes(path, model=model))
    assert format_faults(KIND.script(found, found.settings | {"path": str(path)})) == ""


def test_folders_of_texts_are_classes(tmp_path):
    for i, (words, label) in enumerate(told(40)):
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / f"{i}.txt").write_text(words)
    found = KIND.look(Wishes(tmp_path))
    assert found.target == "class"
    assert found.settings["text_column"] is None
    (asked,) = KIND.read([Source("all", tmp_path)], found.settings)
    assert len(asked.x) == 40
    assert asked.names[0] == str(tmp_path / "bad" / "1.txt")
    assert len(KIND.labelled(tmp_path, found.settings, found.classes)) == 40


def test_rows_and_files_are_read(tmp_path):
    settings = {"text_column": "text"}
    path = table(tmp_path / "a.csv", ["1,so dull", "", '2,"fine, warm"'], "id,text")
    (one,) = KIND.read([Source("a.csv", path)], settings)
    assert one.names == ["a.csv, row 1", "a.csv, row 2"]
    assert one.x == ["so dull", "fine, warm"]
    (two,) = KIND.read([Source("b.txt", "déjà vu".encode())], settings)
    assert (two.names, two.x) == (["b.txt"], ["déjà vu"])


def test_empty_files_in_folders_are_told_and_left_out(tmp_path):
    for number, (words, label) in enumerate(told(40)):
        path = tmp_path / "films" / label / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if number == 7 else words)
    films = tmp_path / "films"
    found = KIND.look(Wishes(films))
    assert found.reasons[1].what == "39 texts"
    assert "1 of 40 texts can not be read and are left out: " in found.warnings[0]
    assert "7.txt (the text is empty)" in found.warnings[0]
    settings = found.settings | {"path": str(films)}
    assert 'on_error="skip"' in KIND.script(found, settings).data
    assert len(KIND.labelled(films, found.settings, found.classes)) == 39
    with pytest.warns(UserWarning, match=r"1 text can not be read and left out: .*7.txt"):
        assert len(next(KIND.read([Source("films", films)], found.settings)).x) == 39
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "a.txt").touch()
    with pytest.raises(DataError, match=r"all its .txt files are empty"):
        list(KIND.read([Source("none", tmp_path / "none")], found.settings))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.csv is empty"),
        (b"text\n", "no rows below"),
        (b"words\nhello\n", "no column 'text'; it has 'words'"),
        (b"text,more\nfine,1\nfine\n", "row 2 has 1 fields, the first line names 2"),
    ],
)
def test_what_can_not_be_predicted_is_told(content, message):
    with pytest.raises(DataError, match=message):
        list(KIND.read([Source("a.csv", content)], {"text_column": "text"}))


def test_items_must_be_texts():
    assert KIND.items(["so dull"], {}).x == ["so dull"]
    with pytest.raises(DataError, match="item 2 is 7; each must be a text"):
        KIND.items(["fine", 7], {})


@pytest.mark.parametrize(
    ("rows", "head", "message"),
    [
        ([f"text {i},{i}" for i in range(60)], "text,rating", "60 different numbers: a quantity"),
        ([f"text {i},x{i}" for i in range(60)], "text,name", "60 different values in 60 texts"),
        (["one,good", "two,bad"], "text,label", "there are 2 texts; .* at least 20"),
        ([f"text {i},good" for i in range(30)], "text,label", "one class only, 'good'"),
        (
            [f"text {i},{'good' if i else 'bad'}" for i in range(30)],
            "text,label",
            "1 class of fewer than 3 texts: bad",
        ),
        ([f"text {i},good,1" for i in range(9)], "text,aa,bb", "which column .* 'aa', 'bb'"),
        (["one,good", "two,"], "text,label", "line 3: the label is empty"),
        (["one,good", "two"], "text,label", "line 3: it has 1 fields"),
        (["one,good"], "text,text", "two columns named 'text'"),
    ],
)
def test_data_that_can_not_be_learnt_from(rows, head, message, tmp_path):
    path = table(tmp_path / "a.csv", rows, head)
    with pytest.raises(DataError, match=message):
        KIND.look(Wishes(path))


def test_wishes_that_say_nothing_of_texts(tmp_path):
    path = table(tmp_path / "a.csv", [",".join(pair) for pair in told(40)])
    with pytest.raises(ArgumentError, match="horizon=3 says nothing of texts"):
        KIND.look(Wishes(path, horizon=3))
    with pytest.raises(UnknownNameError, match="lstm"):
        KIND.look(Wishes(path, model="lstn"))
    with pytest.raises(DataError, match="no column 'words'; it has 'text', 'label'"):
        KIND.look(Wishes(path, text="words"))
    with pytest.raises(ArgumentError, match="is a folder and has no columns"):
        KIND.look(Wishes(tmp_path, target="label"))


def test_columns_are_guessed_by_name_and_by_length(tmp_path):
    path = table(tmp_path / "a.csv", ["1,so it goes on and on,x"], "id,said,sentiment")
    assert columns(path, None, None)[:2] == ("said", "sentiment")
    assert columns(path, None, "id")[:2] == ("said", "id")
    assert columns(path, "id", "said")[:2] == ("id", "said")
