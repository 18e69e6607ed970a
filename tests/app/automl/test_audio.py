"""Recordings from the folder to predictions, on low and high tones."""

import numpy as np
import pytest

import lampas as lp
from lampas.app.automl.audio import AudioKind, choose_seconds
from lampas.app.automl.task import InputFile, TrainOptions
from lampas.app.report import Report
from lampas.data.audio.decode import duration
from tests.app.automl.kind_runs import source, train_kind
from tests.data.audio_files import tone, write

pytest.importorskip("soundfile")
KIND = AudioKind()


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
    return train_kind(KIND, TrainOptions(root), tmp_path_factory.mktemp("run"), 30)


@pytest.mark.long
def test_it_learns_what_the_script_says(run):
    assert run.profile.classes == ("high", "low")
    assert run.settings.seconds == 0.5
    assert [KIND.num_examples(part) for part in run.splits] == [16, 4, 4]
    assert (run.y_pred.argmax(1) == KIND.targets(run.splits.test)).all()


@pytest.mark.long
def test_baselines_predict_the_test_split(run):
    majority, regression = KIND.baselines(run.splits, run.profile)
    np.testing.assert_allclose(majority.predictions, 0.5)
    np.testing.assert_allclose(regression.predictions.sum(1), 1)
    assert (regression.predictions.argmax(1) == run.splits.test.y).all()
    assert regression.is_strong


@pytest.mark.long
def test_the_report_shows_sounds_and_mistakes(run):
    report = Report("A test")
    report.section("Data")
    KIND.add_data(report, run.profile, run.splits)
    wrong = run.y_pred[:, ::-1]
    KIND.add_mistakes(report, run.profile, run.splits.test, wrong)
    KIND.add_mistakes(report, run.profile, run.splits.test, run.y_pred)
    page = report.html()
    for words in (
        "some training recordings",
        "true low, predicted high",
        "recordings are classified correctly",
    ):
        assert words in page


@pytest.mark.long
def test_files_folders_and_contents_are_read_alike(run, tmp_path):
    root = record(tmp_path / "new", 2)
    (asked,) = KIND.read_batches([InputFile("new", root)], run.settings)
    contents = [(root / "high" / f"{i}.wav").read_bytes() for i in range(2)]
    (uploads,) = KIND.read_batches([InputFile("up", content) for content in contents], run.settings)
    np.testing.assert_array_equal(uploads.x, asked.x[:2])
    labelled = KIND.load_labelled(root, run.settings, run.profile.classes)
    np.testing.assert_array_equal(labelled.x, asked.x)
    assert run.model.predict(asked.x).argmax(1).tolist() == labelled.y.tolist() == [0, 0, 1, 1]


@pytest.mark.long
def test_raw_files_go_through_the_saved_model(run, tmp_path):
    run.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    files = list(run.splits.test.files)
    np.testing.assert_allclose(model.predict(files), run.y_pred, rtol=1e-5, atol=1e-6)


def test_classes_may_be_the_beginnings_of_names(tmp_path):
    record(tmp_path, 4, "{kind}_{i}.wav")
    found = KIND.profile_data(TrainOptions(tmp_path, seconds=0.2))
    assert found.classes == ("high", "low")
    assert 'labels="prefix"' in source(KIND, found)
    assert "seconds=0.2" in source(KIND, found)
    assert KIND.load_labelled(tmp_path, found.settings, found.classes).counts == {
        "high": 4,
        "low": 4,
    }


def test_what_it_found_is_reported(tmp_path):
    record(tmp_path, 8)
    write(tmp_path / "long" / "0.wav", tone(50, 9.0))
    (tmp_path / "low" / "broken.wav").write_text("no sound")
    found = KIND.profile_data(TrainOptions(tmp_path))
    decisions = " ".join(map(" ".join, found.decisions))
    assert "17 recordings: high 8, long 1, low 8" in decisions
    assert "16 of 17 are not longer" in decisions
    warnings = " ".join(found.warnings)
    assert "1 of 18 recordings cannot be read" in warnings
    assert "broken.wav (format not recognised)" in warnings
    assert "'long' (1)" in warnings


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["one/0.wav", "one/1.wav"], "recordings of one class only, 'one'"),
        (
            ["dog.wav", "cat.wav", "cow.wav"],
            "has 3 recordings .* and none in a sub-folder.*dog_1.wav",
        ),
        (
            ["train/a/0.wav", "test/a/0.wav", "@eaDir/a/0.wav"],
            r"splits of a data set \(test, train\)",
        ),
        (["a/0.wav", "b/0.wav"], "has 2 recordings: a 1, b 1. These are too few"),
    ],
)
def test_a_folder_that_cannot_be_learned_from_is_reported(tmp_path, names, words):
    for number, name in enumerate(names, 1):
        write(tmp_path / name, tone(100 * number, 0.1))
    with pytest.raises(lp.DataError, match=words):
        KIND.profile_data(TrainOptions(tmp_path))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"size": 64}, "size=64 does not apply to recordings"),
        ({"seconds": 0.0}, "seconds must be 0.1 to 60, got 0"),
        ({"model": "mlp"}, "Unknown network 'mlp'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_reported(tmp_path, wishes, words):
    record(tmp_path, 4)
    with pytest.raises(lp.ArgumentError, match=words):
        KIND.profile_data(TrainOptions(tmp_path, **wishes))


@pytest.mark.long
def test_broken_files_are_reported(run, tmp_path):
    (tmp_path / "bad.wav").write_text("no sound")
    with pytest.raises(lp.DataError, match="bad cannot be read: format not recognised"):
        list(KIND.read_batches([InputFile("bad", tmp_path / "bad.wav")], run.settings))
    write(tmp_path / "cut.flac", tone(300, 1.0))
    whole = (tmp_path / "cut.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 3])
    assert duration(tmp_path / "cut.flac") == 0
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.wav").touch()
    with pytest.raises(lp.DataError, match=r"none of the 2 recordings in .* can be read"):
        KIND.profile_data(TrainOptions(tmp_path))


def test_most_recordings_fit_into_the_length():
    assert choose_seconds(np.linspace(0, 2, 101), None)[0] == 1.8
    assert choose_seconds([0.01] * 5, None)[0] == 0.5
    seconds, decision = choose_seconds([1.0, 9.0, 9.0], None)
    assert seconds == 4.0
    assert decision.reason.startswith("1 of 3 are not longer")
