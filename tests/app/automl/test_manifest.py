"""run.json: written whole, read back, and refused when it is not what it should be."""

import json

import pytest

from lampas import FileError
from lampas.app.automl.manifest import RUN, RunManifest, read_manifest
from lampas.app.automl.settings import ColumnSummary, TableSettings

SETTINGS = TableSettings(
    path="/data/things.csv",
    seed=0,
    model="mlp",
    dropout=0.3,
    l2=1e-3,
    batch_size=16,
    epochs=9,
    patience=3,
    learning_rate=0.01,
    target="kind",
    columns={"x": "number"},
    choices={"y": ("a", "b")},
    width=128,
    summary=(ColumnSummary("x", "number", "it has numbers", 0.25, 7, ""),),
)
MANIFEST = RunManifest("table", "classify", "kind", ("a", "b"), SETTINGS)


def test_it_comes_back_as_it_was(tmp_path):
    MANIFEST.write(tmp_path)
    assert read_manifest(tmp_path) == MANIFEST


def test_a_folder_without_a_run_is_an_error(tmp_path):
    with pytest.raises(FileError, match=r"cannot read .*run.json: No such file.* lampas train"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"format": 2}', '{"format": 99}'])
def test_a_damaged_file_is_an_error(tmp_path, damage):
    (tmp_path / RUN).write_text(damage)
    with pytest.raises(FileError, match=r"run.json is damaged or of another version"):
        read_manifest(tmp_path)


def test_a_task_that_is_none_is_an_error(tmp_path):
    MANIFEST.write(tmp_path)
    known = json.loads((tmp_path / RUN).read_text())
    (tmp_path / RUN).write_text(json.dumps(known | {"task": "dance"}))
    with pytest.raises(FileError, match="another version: 'dance' is not a task"):
        read_manifest(tmp_path)


def test_where_it_cannot_be_written_is_reported(tmp_path):
    with pytest.raises(FileError, match=r"cannot write .*nowhere/run.json"):
        MANIFEST.write(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("epochs", "9", "'epochs' should be int, got '9'"),
        ("epochs", True, "'epochs' should be int, got True"),
        ("columns", {"x": "words"}, "'columns.x' should be .*, got 'words'"),
        ("choices", {"y": ["a", 1]}, r"'choices.y\[1\]' should be str, got 1"),
        ("summary", [{"name": "x"}], "'distinct' is missing"),
        ("group", 3, "'group' should be str, got 3"),
        ("speed", 1, "'speed' is not a setting"),
    ],
)
def test_a_setting_of_another_type_is_named(tmp_path, key, value, message):
    MANIFEST.write(tmp_path)
    content = json.loads((tmp_path / RUN).read_text())
    content["settings"][key] = value
    (tmp_path / RUN).write_text(json.dumps(content))
    with pytest.raises(FileError, match=f"run.json is damaged or of another version: {message}"):
        read_manifest(tmp_path)


def test_a_missing_setting_is_named_and_an_optional_one_has_its_default(tmp_path):
    MANIFEST.write(tmp_path)
    content = json.loads((tmp_path / RUN).read_text())
    del content["settings"]["choices"]
    (tmp_path / RUN).write_text(json.dumps(content))
    assert read_manifest(tmp_path).settings.choices == {}
    del content["settings"]["width"]
    (tmp_path / RUN).write_text(json.dumps(content))
    with pytest.raises(FileError, match="'width' is missing"):
        read_manifest(tmp_path)
