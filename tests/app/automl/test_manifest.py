"""run.json: written whole, read back, and refused when it is not what it should be."""

import json
import math
from contextlib import suppress
from dataclasses import asdict
from types import NoneType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas import ArgumentError, FileError
from lampas.app.automl.manifest import RUN, RunManifest, read_manifest
from lampas.app.automl.settings import (
    AudioSettings,
    ColumnSummary,
    ImageSettings,
    SeriesSettings,
    TableSettings,
    TextSettings,
    from_dict,
)
from lampas.evaluation.forecast_intervals import ForecastIntervals
from tests.scale import examples

COMMON = {
    "path": "/data/things.csv",
    "seed": 0,
    "model": "mlp",
    "dropout": 0.3,
    "l2": 1e-3,
    "batch_size": 16,
    "epochs": 9,
    "patience": 3,
    "learning_rate": 0.01,
}


def _nested(values):
    return st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3)


SETTINGS = TableSettings(
    **COMMON,
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


SERIES = SeriesSettings(
    **COMMON | {"model": "lstm"}, target="x", features=("x",), time=None, frequency=("day", 1.0),
    length=3, horizon=2, season=0, units=4, scale=1.0,
)  # fmt: skip
INTERVALS = ForecastIntervals((0.8, 0.95), ((1.5, 2.0), (3.0, None)), (20, 19))


def test_intervals_come_back_and_may_be_missing(tmp_path):
    manifest = RunManifest("series", "forecast", "x", (), SERIES, INTERVALS)
    manifest.write(tmp_path)
    assert read_manifest(tmp_path) == manifest
    content = json.loads((tmp_path / RUN).read_text())
    del content["intervals"]
    (tmp_path / RUN).write_text(json.dumps(content))
    assert read_manifest(tmp_path).intervals is None


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("half_widths", [[1, 2]], "half_widths must be 2 tuples"),
        ("half_widths", [[1, 2], [3]], "half_widths must be 2 tuples"),
        ("half_widths", [[1, -2], [3, 4]], "should be at least 0, got -2"),
        ("half_widths", [["1", 2], [3, 4]], "should be .*float.*, got '1'"),
        ("half_widths", [[1, math.inf], [3, 4]], "should be at least 0, got inf"),
        ("levels", [0.8, 1.0], "should be above 0 and below 1|less than 1, got 1"),
        ("origins", [3.5, 2], "should be int, got 3.5"),
    ],
)
def test_intervals_that_are_damaged_are_an_error(tmp_path, key, value, reason):
    RunManifest("series", "forecast", "x", (), SERIES, INTERVALS).write(tmp_path)
    content = json.loads((tmp_path / RUN).read_text())
    content["intervals"][key] = value
    (tmp_path / RUN).write_text(json.dumps(content))
    with pytest.raises(FileError, match=reason):
        read_manifest(tmp_path)


def test_intervals_of_another_horizon_are_an_error(tmp_path):
    longer = ForecastIntervals((0.8,), ((1.0, 2.0, 3.0),), (9, 9, 9))
    RunManifest("series", "forecast", "x", (), SERIES, longer).write(tmp_path)
    with pytest.raises(FileError, match="intervals for 3 steps of a forecast of 2"):
        read_manifest(tmp_path)


def test_a_folder_without_a_run_is_an_error(tmp_path):
    with pytest.raises(FileError, match=r"cannot read .*run.json: No such file.* lampas train"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("", "Expecting value"),
        ("[]", r"\[\] is not an object"),
        ("null", "None is not an object"),
        ("{}", "'classes' is missing"),
        ('{"format": 2}', "'classes' is missing"),
        ('{"format": 99}', "it was written by another version of Lampas"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"format": 2, "kind": "\\ud800"}', "surrogates not allowed"),
    ],
)
def test_a_damaged_file_is_an_error(tmp_path, damage, reason):
    (tmp_path / RUN).write_text(damage)
    with pytest.raises(FileError, match=rf"run.json is damaged or of another version: .*{reason}"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("task", "dance", "'task' should be .*'forecast'.*, got 'dance'"),
        ("task", ["classify"], "'task' should be"),
        ("task", "regress", "'regress' has 2 classes"),
        ("classes", "ab", "'classes' should be"),
        ("classes", [1, 2], r"'classes\[0\]' should be str, got 1"),
        ("classes", [], "'classify' has 0 classes"),
        ("kind", "smells", "Unknown kind of data .smells."),
        ("kind", "series", "is not a setting"),
        ("target", None, "'target' should be str, got None"),
        ("settings", None, "None is not an object"),
        ("settings", {}, "'batch_size' is missing"),
        ("settings", [[[[]]]], "is not an object"),
    ],
)
def test_a_part_that_is_damaged_is_named(tmp_path, key, value, reason):
    MANIFEST.write(tmp_path)
    known = json.loads((tmp_path / RUN).read_text())
    (tmp_path / RUN).write_text(json.dumps(known | {key: value}))
    with pytest.raises(FileError, match=f"another version: .*{reason}"):
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
        ("batch_size", "__import__('os').abort()", "'batch_size' should be int, got .__import"),
        ("batch_size", 0, "'batch_size' should be at least 1"),
        ("epochs", -1, "'epochs' should be at least 1"),
        ("patience", 10**400, "'patience' should be at least 1"),
        ("dropout", 1, "'dropout' should be at least 0 and less than 1, got 1"),
        ("l2", -0.1, "'l2' should be at least 0, got -0.1"),
        ("learning_rate", float("inf"), "'learning_rate' should be above 0, got inf"),
        ("learning_rate", float("nan"), "'learning_rate' should be above 0, got nan"),
        ("learning_rate", 10**400, "'learning_rate' should be float, got 1000"),
        ("width", True, "'width' should be int, got True"),
        ("model", "vgg", "Unknown network .vgg."),
        ("path", ["x"], "'path' should be str"),
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


def test_every_setting_that_is_an_expression_is_refused(tmp_path):
    """Of all kinds of data, in every place of their settings but the texts."""
    settings = [
        SETTINGS,
        ImageSettings(**COMMON | {"model": "cnn"}, size=(8, 9), color="rgb", mirror=True,
                      downscaled=False),
        AudioSettings(**COMMON | {"model": "rnn"}, seconds=1.5, labels="folder", num_files=3),
        TextSettings(**COMMON | {"model": "bag"}, length=9),
        SeriesSettings(**COMMON | {"model": "lstm"}, target="x", features=("x",), time=None,
                       frequency=("day", 1.0), length=3, horizon=2, season=0, units=4, scale=1.0),
    ]  # fmt: skip
    for each in settings:
        values = asdict(each)
        assert from_dict(type(each), values) == each
        for name, value in values.items():
            if not isinstance(value, str) and (name, value) != ("group", None):
                for bad in ("print(1)", ["print(1)"], {"x": "print(1)"}, math.nan):
                    if name in ("features", "formats", "time", "sheet") or "_column" in name:
                        continue  # Names, which are quoted.
                    with pytest.raises((TypeError, ArgumentError)):
                        from_dict(type(each), values | {name: bad})


@pytest.mark.long
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), _nested))
@examples(50)
def test_whatever_a_setting_is_there_is_one_clear_error(value):
    values = asdict(SETTINGS)
    for name in values:
        with suppress(TypeError, ArgumentError):
            made = from_dict(TableSettings, values | {name: value})
            assert type(getattr(made, name)) in (type(values[name]), NoneType, str)
