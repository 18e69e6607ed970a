"""Labelled texts: columns, messages, script, baselines, predictions."""

import numpy as np
import pytest

from lampas import ArgumentError, DataError, TextVectorization, UnknownNameError, load
from lampas.app.automl.detect import detect_kind
from lampas.app.automl.settings import TextSettings
from lampas.app.automl.task import InputFile, TrainOptions
from lampas.app.automl.text import TextKind
from lampas.app.automl.text_files import detect_columns, read_texts
from lampas.app.report import Report
from tests.app.automl.kind_runs import source, style_faults, train_kind

GOOD = ("a fine warm film", "what a fine tale", "warm and fine to see", "a tale so warm")
BAD = ("a dull cold film", "what a dull mess", "cold and dull to see", "a mess so cold")
KIND = TextKind()


def table(path, rows, head="text,label"):
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def settings_for(column):
    """Settings of a run on texts in that column."""
    common = {"dropout": 0.5, "l2": 0.0, "batch_size": 16, "epochs": 1, "patience": 1}
    return TextSettings(path="", seed=0, model="bag", length=40, text_column=column, **common)


def labelled_texts(number):
    """Texts that all differ, half of them good."""
    for i in range(number):
        good = i % 2 == 0
        yield f"{(GOOD if good else BAD)[i // 2 % 4]} number {i}", "good" if good else "bad"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    path = table(folder / "films.csv", [",".join(pair) for pair in labelled_texts(80)])
    return train_kind(KIND, TrainOptions(path, model="gru"), folder, epochs=6)


@pytest.mark.long
def test_it_learns_what_words_decide(trained):
    said = trained.predict(trained.splits.test)
    assert said.shape == (12, 2)
    assert (said.argmax(1) == KIND.targets(trained.splits.test)).mean() >= 0.9


@pytest.mark.long
def test_found_says_what_there_is(trained):
    found = trained.profile
    assert (found.task, found.target, found.classes) == ("classify", "label", ("bad", "good"))
    assert "texts in 'text', classes in 'label'" in found.decisions[0].reason
    assert "network gru" in [reason.choice for reason in found.decisions]


@pytest.mark.long
def test_baselines_predict_the_test_split(trained):
    majority, counted = KIND.baselines(trained.splits, trained.profile)
    assert (majority.is_strong, counted.is_strong) == (False, True)
    np.testing.assert_allclose(majority.predictions, np.full((12, 2), 0.5), atol=0.05)
    assert (counted.predictions.argmax(1) == trained.splits.test.y).mean() >= 0.9


@pytest.mark.long
def test_the_report_shows_texts_mistakes_and_words(trained):
    report = Report("texts")
    report.section("all")
    said = np.tile([0.9, 0.1], (12, 1))
    KIND.add_data(report, trained.profile, trained.splits)
    KIND.add_mistakes(report, trained.profile, trained.splits.test, said)
    KIND.add_explanations(report, trained.profile, trained.model, trained.splits)
    html = report.html()
    assert "true good, predicted bad (90%)" in html
    assert "The network reads the first" in html or "the network reads the first" in html


@pytest.mark.long
def test_the_saved_model_takes_raw_texts(trained, tmp_path):
    trained.model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    asked = ["a fine warm film", "so dull and cold"]
    np.testing.assert_allclose(again.predict(asked), trained.model.predict(asked), atol=1e-6)


@pytest.mark.parametrize("model", KIND.networks)
def test_scripts_are_as_a_person_would_write_them(model, tmp_path):
    path = table(tmp_path / "it's.csv", [",".join(pair) for pair in labelled_texts(40)])
    found = KIND.profile_data(TrainOptions(path, model=model))
    assert style_faults(source(KIND, found)) == ""


def test_folders_of_texts_are_classes(tmp_path):
    for i, (words, label) in enumerate(labelled_texts(40)):
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / f"{i}.txt").write_text(words)
    found = KIND.profile_data(TrainOptions(tmp_path))
    assert found.target == "class"
    assert found.settings.text_column is None
    (asked,) = KIND.read_batches([InputFile("all", tmp_path)], found.settings)
    assert len(asked.x) == 40
    assert asked.names[0] == str(tmp_path / "bad" / "1.txt")
    assert len(KIND.load_labelled(tmp_path, found.settings, found.classes)) == 40


def test_rows_and_files_are_read(tmp_path):
    settings = settings_for("text")
    path = table(tmp_path / "a.csv", ["1,so dull", "", '2,"fine, warm"'], "id,text")
    (one,) = KIND.read_batches([InputFile("a.csv", path)], settings)
    assert one.names == ["a.csv, row 1", "a.csv, row 2"]
    assert one.x == ["so dull", "fine, warm"]
    (two,) = KIND.read_batches([InputFile("b.txt", "déjà vu".encode())], settings)
    assert (two.names, two.x) == (["b.txt"], ["déjà vu"])


def test_empty_files_in_folders_are_left_out_of_training(tmp_path):
    for number, (words, label) in enumerate(labelled_texts(40)):
        path = tmp_path / "films" / label / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if number == 7 else words)
    films = tmp_path / "films"
    found = KIND.profile_data(TrainOptions(films))
    assert found.decisions[1].choice == "39 texts"
    assert "1 of 40 texts cannot be read and will be skipped: " in found.warnings[0]
    assert "7.txt (the text is empty)" in found.warnings[0]
    assert 'on_error="skip"' in source(KIND, found)
    with pytest.warns(UserWarning, match=r"1 of 40 texts cannot be read and will be .*7\.txt"):
        assert len(KIND.load_labelled(films, found.settings, found.classes)) == 39
    with pytest.warns(UserWarning, match=r"1 text without words: .*7.txt"):
        assert len(next(KIND.read_batches([InputFile("films", films)], found.settings)).x) == 40


def test_the_files_of_a_folder_are_those_of_training(tmp_path):
    for name in ("a.TXT", "b/c.txt", "@eaDir/a.txt", ".hidden/a.txt", "._a.txt", "d.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("good")
    (batch,) = read_texts([InputFile("new", tmp_path)], None)
    assert batch.names == [str(tmp_path / name) for name in ("a.TXT", "b/c.txt")]


def test_an_empty_text_in_a_table_is_left_out_of_training_and_gets_a_prediction(tmp_path):
    rows = [",".join(pair) for pair in labelled_texts(60)]
    rows[7] = ",good"
    path = table(tmp_path / "a.csv", rows)
    found = KIND.profile_data(TrainOptions(path))
    assert found.decisions[1].choice == "59 texts"
    assert "1 of 60 texts cannot be read and will be skipped: line 9 (the text" in found.warnings[0]
    assert 'on_error="skip"' in source(KIND, found)
    with pytest.warns(
        UserWarning, match="1 of 60 texts cannot be read and will be skipped: line 9"
    ):
        assert len(KIND.load_labelled(path, found.settings, found.classes)) == 59
    with pytest.warns(UserWarning, match=r"1 text without words: new.csv, row 2\."):
        (batch,) = KIND.read_batches(
            [InputFile("new.csv", b"id,text\n1,good\n2, \n")], found.settings
        )
    assert batch.x == ["good", ""]
    assert KIND.parse_items(["", "fine"], found.settings).x == ["", "fine"]


def test_texts_of_a_script_without_blanks_are_texts(tmp_path):
    random = np.random.default_rng(0)
    letters = "天地人上下左右大小多少日月水火山石田土"
    rows = []
    for number in range(60):
        sentence = "".join(random.choice(list(letters), 12))
        rows.append(f"{'好' if number % 2 else '坏'}{sentence},{'ab'[number % 2]}")
    path = table(tmp_path / "a.csv", rows, "sentence,label")
    kind, _ = detect_kind(TrainOptions(path))
    assert kind.name == "text"
    found = KIND.profile_data(TrainOptions(path))
    assert found.settings.length >= 13
    words = TextVectorization(min_frequency=2)
    words.adapt(KIND.load_labelled(path, found.settings, found.classes).texts)
    assert {"好", "坏", *letters} <= set(words.get_vocabulary())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.csv is empty"),
        (b"text\n", "no rows below"),
        (b"words\nhello\n", "no column 'text'; it has 'words'"),
        (b"text,more\nfine,1\nfine\n", "line 3: the row has 1 field, the first line names 2"),
    ],
)
def test_what_cannot_be_predicted_is_reported(content, message):
    with pytest.raises(DataError, match=message):
        list(KIND.read_batches([InputFile("a.csv", content)], settings_for("text")))


def test_items_must_be_texts():
    assert KIND.parse_items(["so dull"], settings_for(None)).x == ["so dull"]
    with pytest.raises(DataError, match="item 2 is 7; each must be a text"):
        KIND.parse_items(["fine", 7], settings_for(None))


@pytest.mark.parametrize(
    ("rows", "head", "message"),
    [
        (
            [f"text {i},{i}" for i in range(60)],
            "text,rating",
            "60 different numbers: it is a quantity",
        ),
        ([f"text {i},x{i}" for i in range(60)], "text,name", "60 different values in 60 texts"),
        (["one,good", "two,bad"], "text,label", "there are only 2 texts; .* at least 20"),
        ([f"text {i},good" for i in range(30)], "text,label", "one class only, 'good'"),
        (
            [f"text {i},{'good' if i else 'bad'}" for i in range(30)],
            "text,label",
            "1 class of fewer than 3 texts: bad",
        ),
        ([f"text {i},good,1" for i in range(9)], "text,aa,bb", "which column .* 'aa', 'bb'"),
        (["one,"], "text,label", "line 2: the label is empty"),
        (["one"], "text,label", "line 2: the row has 1 field"),
        (["one,good"], "text,text", "more than one column named 'text'"),
    ],
)
def test_data_that_cannot_be_learned_from(rows, head, message, tmp_path):
    path = table(tmp_path / "a.csv", rows, head)
    with pytest.raises(DataError, match=message):
        KIND.profile_data(TrainOptions(path))


def test_wishes_that_say_nothing_of_texts(tmp_path):
    path = table(tmp_path / "a.csv", [",".join(pair) for pair in labelled_texts(40)])
    with pytest.raises(ArgumentError, match="horizon=3 does not apply to texts"):
        KIND.profile_data(TrainOptions(path, horizon=3))
    with pytest.raises(UnknownNameError, match="lstm"):
        KIND.profile_data(TrainOptions(path, model="lstn"))
    with pytest.raises(DataError, match="no column 'words'; it has 'text', 'label'"):
        KIND.profile_data(TrainOptions(path, text="words"))
    with pytest.raises(ArgumentError, match="is a folder and has no columns"):
        KIND.profile_data(TrainOptions(tmp_path, target="label"))


def columns(path, text, label):
    detected = detect_columns(path, text, label)
    return detected.text, detected.label


def test_columns_are_guessed_by_name_and_by_length(tmp_path):
    path = table(tmp_path / "a.csv", ["1,so it goes on and on,x"], "id,said,sentiment")
    assert columns(path, None, None) == ("said", "sentiment")
    assert columns(path, None, "id") == ("said", "id")
    assert columns(path, "id", "said") == ("id", "said")
