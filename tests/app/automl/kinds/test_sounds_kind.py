"""Sounds from a look at the folder to answers, on low and high tones."""

import json

import numpy as np
import pytest

import lampas as lp
from lampas.app.automl.audio import SoundsKind
from lampas.app.automl.task import Source, Wishes
from lampas.app.report import Report
from lampas.data.audio.decode import duration
from tests.app.automl.kinds.kind_runs import go
from tests.data.sound_files import tone, write

pytest.importorskip("soundfile")
KIND = SoundsKind()


def record(root, number=12, name="{kind}/{i}.wav"):
    """Tones of 200 to 400 and of 1,000 to 2,000 hertz."""
    random = np.random.default_rng(0)
    for kind, hertz in (("low", 200), ("high", 1000)):
        for i in range(number):
            wave = tone(hertz * random.uniform(1, 2), 0.3)
            write(root / name.format(kind=kind, i=i), wave + random.normal(0, 0.01, len(wave)))
    return root


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = record(tmp_path_factory.mktemp("sounds"))
    return go(KIND, Wishes(root), tmp_path_factory.mktemp("run"), 30)


def test_it_learns_what_the_script_says(run):
    assert run.found.classes == ("high", "low")
    assert run.settings == json.loads(json.dumps(run.settings))
    assert run.settings["seconds"] == 0.5
    assert [KIND.examples(part) for part in run.parts] == [16, 4, 4]
    assert (run.said.argmax(1) == KIND.targets(run.parts.test)).all()


def test_yardsticks_answer_the_same_questions(run):
    majority, regression = KIND.yardsticks(run.parts, run.found, run.settings)
    np.testing.assert_allclose(majority.said, 0.5)
    np.testing.assert_allclose(regression.said.sum(1), 1)
    assert (regression.said.argmax(1) == run.parts.test.y).all()
    assert regression.strong


def test_the_report_shows_sounds_and_mistakes(run):
    report = Report("A test")
    report.section("Data")
    KIND.add_data(report, run.found, run.settings, run.parts)
    wrong = run.said[:, ::-1]
    KIND.add_mistakes(report, run.found, run.settings, run.parts.test, wrong)
    KIND.add_mistakes(report, run.found, run.settings, run.parts.test, run.said)
    page = report.html()
    for words in ("Some of the sounds", "true low, said high", "makes no mistake on the sounds"):
        assert words in page


def test_files_folders_and_contents_are_read_alike(run, tmp_path):
    root = record(tmp_path / "new", 2)
    (asked,) = KIND.read([Source("new", root)], run.settings)
    contents = [(root / "high" / f"{i}.wav").read_bytes() for i in range(2)]
    (uploads,) = KIND.read([Source("up", content) for content in contents], run.settings)
    np.testing.assert_array_equal(uploads.x, asked.x[:2])
    labelled = KIND.labelled(root, run.settings, run.found.classes)
    np.testing.assert_array_equal(labelled.x, asked.x)
    assert run.model.predict(asked.x).argmax(1).tolist() == labelled.y.tolist() == [0, 0, 1, 1]


def test_raw_files_go_through_the_saved_model(run, tmp_path):
    run.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    files = list(run.parts.test.files)
    np.testing.assert_allclose(model.predict(files), run.said, rtol=1e-5, atol=1e-6)


def test_classes_may_be_the_beginnings_of_names(tmp_path):
    record(tmp_path, 4, "{kind}_{i}.wav")
    found = KIND.look(Wishes(tmp_path, seconds=0.2))
    settings = found.settings | {"path": str(tmp_path)}
    assert found.classes == ("high", "low")
    assert 'labels="prefix"' in KIND.script(found, settings).data
    assert "seconds=0.2" in KIND.script(found, settings).data
    assert KIND.labelled(tmp_path, settings, found.classes).counts == {"high": 4, "low": 4}


def test_what_it_found_is_told(tmp_path):
    record(tmp_path, 8)
    write(tmp_path / "long" / "0.wav", tone(50, 9.0))
    (tmp_path / "low" / "broken.wav").write_text("no sound")
    found = KIND.look(Wishes(tmp_path))
    told = " ".join(map(" ".join, found.reasons))
    assert "17 sounds: high 8, long 1, low 8" in told
    assert "16 of 17 are no longer" in told
    warnings = " ".join(found.warnings)
    assert "1 of 18 sounds can not be read" in warnings
    assert "broken.wav (format not recognised)" in warnings
    assert "'long' (1)" in warnings


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["one/0.wav", "one/1.wav"], "sounds of one class only, 'one'"),
        (["dog.wav", "cat.wav", "cow.wav"], "has 3 sounds .* and none in a sub-folder.*dog_1.wav"),
        (["train/a/0.wav", "test/a/0.wav"], r"parts of a data set \(test, train\)"),
        (["a/0.wav", "b/0.wav"], "has 2 sounds: a 1, b 1. That is too few"),
    ],
)
def test_a_folder_that_can_not_be_learnt_from_is_told(tmp_path, names, words):
    for number, name in enumerate(names, 1):
        write(tmp_path / name, tone(100 * number, 0.1))
    with pytest.raises(lp.DataError, match=words):
        KIND.look(Wishes(tmp_path))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"size": 64}, "size=64 says nothing of sounds"),
        ({"seconds": 0.0}, "seconds must be 0.1 to 60, got 0"),
        ({"model": "mlp"}, "Unknown network 'mlp'"),
    ],
)
def test_a_wish_that_can_not_be_met_is_told(tmp_path, wishes, words):
    record(tmp_path, 4)
    with pytest.raises(lp.ArgumentError, match=words):
        KIND.look(Wishes(tmp_path, **wishes))


def test_broken_files_are_told(run, tmp_path):
    (tmp_path / "bad.wav").write_text("no sound")
    with pytest.raises(lp.DataError, match="bad can not be read: format not recognised"):
        list(KIND.read([Source("bad", tmp_path / "bad.wav")], run.settings))
    write(tmp_path / "cut.flac", tone(300, 1.0))
    whole = (tmp_path / "cut.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 3])
    assert duration(tmp_path / "cut.flac") == 0
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.wav").touch()
    with pytest.raises(lp.DataError, match=r"none of the 2 sounds in .* can be read"):
        KIND.look(Wishes(tmp_path))
