"""Pictures from a look at the folder to answers, on drawn crosses and rings."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import lampas as lp
from lampas.app.automl import script
from lampas.app.automl.images import ImagesKind
from lampas.app.automl.task import Source, Wishes
from lampas.app.report import Report
from tests.app.automl.kinds.kind_runs import go
from tests.data.pictures import make_classes, noise, save

KIND = ImagesKind()


def draw(root, number=16, size=16):
    """Bright crosses and bright frames on dim noise."""
    random = np.random.default_rng(0)
    for name in ("cross", "frame"):
        for i in range(number):
            pixels = random.integers(0, 90, (size, size, 3), np.uint8)
            pixels[size // 2 - 1 : size // 2 + 1] += 150
            if name == "frame":
                pixels[[0, -1]] += 100
                pixels[:, [0, -1]] += 100
            else:
                pixels[:, size // 2 - 1 : size // 2 + 1] += 100
            save(root / name / f"{i}.png", pixels)
    return root


@pytest.fixture
def root(tmp_path):
    """An empty folder."""
    (tmp_path / "pictures").mkdir()
    return tmp_path / "pictures"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = draw(tmp_path_factory.mktemp("pictures"))
    return go(KIND, Wishes(root), tmp_path_factory.mktemp("run"), 12)


@pytest.mark.long
def test_it_learns_what_the_script_says(run):
    assert run.found.task == "classify"
    assert run.found.classes == ("cross", "frame")
    assert run.settings == json.loads(json.dumps(run.settings))
    assert [KIND.examples(part) for part in run.parts] == [24, 4, 4]
    assert (run.said.argmax(1) == KIND.targets(run.parts.test)).all()


@pytest.mark.long
def test_yardsticks_answer_the_same_questions(run):
    majority, regression = KIND.yardsticks(run.parts, run.found, run.settings)
    assert [majority.strong, regression.strong] == [False, True]
    for one in (majority, regression):
        assert one.said.shape == (4, 2)
        np.testing.assert_allclose(one.said.sum(1), 1)
    np.testing.assert_allclose(majority.said, 0.5)
    assert (regression.said.argmax(1) == run.parts.test.y).all()


@pytest.mark.long
def test_the_report_shows_pictures_mistakes_and_evidence(run):
    report = Report("A test")
    report.section("Data")
    KIND.add_data(report, run.found, run.settings, run.parts)
    wrong = np.roll(run.said, 1, 1)
    KIND.add_mistakes(report, run.found, run.settings, run.parts.test, wrong)
    KIND.add_mistakes(report, run.found, run.settings, run.parts.test, run.said)
    KIND.add_insight(report, run.found, run.settings, run.model, run.parts)
    page = report.html()
    name = os.path.join(*run.parts.test.files[0].parts[-2:])
    for words in ("Some of the 24 pictures", "mistakes it was surest of", name, "Grad-CAM"):
        assert words in page
    assert "It makes no mistake on the pictures kept back." in page


@pytest.mark.long
def test_files_folders_and_contents_are_read_alike(run, tmp_path):
    root = draw(tmp_path / "new", 2)
    (root / "notes.txt").write_text("no picture")
    (asked,) = KIND.read([Source("new", root)], run.settings)
    assert asked.names == [str(root / k / f"{i}.png") for k in ("cross", "frame") for i in (0, 1)]
    sources = [Source(f"up/{i}", Path(name).read_bytes()) for i, name in enumerate(asked.names)]
    (contents,) = KIND.read(sources, run.settings)
    assert contents.names == ["up/0", "up/1", "up/2", "up/3"]
    np.testing.assert_array_equal(contents.x, asked.x)
    np.testing.assert_array_equal(asked.x, KIND.labelled(root, run.settings, run.found.classes).x)
    assert run.model.predict(asked.x).argmax(1).tolist() == [0, 0, 1, 1]


@pytest.mark.long
def test_raw_files_go_through_the_saved_model(run, tmp_path):
    run.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    files = list(run.parts.test.files)
    np.testing.assert_allclose(model.predict(files), run.said, rtol=1e-5, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("network", ["lenet", "mlp"])
def test_other_networks_can_be_chosen(run, tmp_path, network):
    settings = run.settings | {"model": network}
    code = script.render("A test", run.found, settings, KIND.script(run.found, settings))
    module = script.imported(script.write(tmp_path, code))
    assert module.network(run.parts.train).predict(run.parts.test.x).shape == (4, 2)


def test_what_it_found_is_told(root):
    draw(root, 8, 20)
    save(root / "cross" / "copy.png", noise(0))
    save(root / "frame" / "copy.png", noise(0))
    (root / "frame" / "broken.png").write_text("no picture")
    (root / "empty").mkdir()
    save(root / "few" / "0.png", noise(1))
    found = KIND.look(Wishes(root))
    told = " ".join(map(" ".join, found.reasons))
    assert "3 classes 19 pictures: cross 9, few 1, frame 9" in told
    assert "1 of 19 pictures repeat another" in told
    warnings = " ".join(found.warnings)
    assert "1 of 20 pictures can not be read and are left out" in warnings
    assert "1 folder without pictures, which is no class: empty" in warnings
    assert "under two labels" in warnings
    assert "too few pictures to keep one back" in warnings
    assert "'few' (1)" in warnings


def test_grey_pictures_are_not_mirrored_and_large_ones_made_small(root):
    for i in range(8):
        save(root / "ab"[i % 2] / f"{i}.png", noise(i, 100, 300, 1))
    found = KIND.look(Wishes(root))
    assert found.settings["color"] == "grey"
    assert not found.settings["mirror"]
    assert found.settings["size"] == [24, 64]
    settings = found.settings | {"path": str(root)}
    assert "RandomFlip" not in KIND.script(found, settings).network
    assert KIND.look(Wishes(root, size=40)).settings["size"] == [40, 40]


def test_a_table_that_names_pictures_is_taken(root):
    make_classes(root, a=5, b=5)
    names = [f"{k}/{i}.png,{k}" for k in "ab" for i in range(5)]
    (root / "list.csv").write_text("\n".join(["file,label", *names, "gone.png,a"]))
    found = KIND.look(Wishes(root / "list.csv"))
    assert found.classes == ("a", "b")
    assert "gone.png (there is no such file (line 12 of list.csv))" in found.warnings[0]
    assert KIND.look(Wishes(root / "list.csv", target="Label")).classes == ("a", "b")
    with pytest.raises(lp.ArgumentError, match=r"target='kind': .* the column 'label', which is"):
        KIND.look(Wishes(root / "list.csv", target="kind"))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({}, "has no sub-folders, no pictures"),
        ({"one": 5}, "pictures of one class only, 'one'"),
        ({"a": 1, "b": 1}, "has 2 pictures: a 1, b 1. That is too few to keep some back"),
        ({"train": 5, "test": 5}, r"parts of a data set \(test, train\).*Learn from one, .*train"),
    ],
)
def test_a_folder_that_can_not_be_learnt_from_is_told(root, made, words):
    make_classes(root, **made)
    with pytest.raises(lp.DataError, match=words):
        KIND.look(Wishes(root))


def test_a_folder_of_broken_files_is_told(root):
    for name in "ab":
        (root / name).mkdir()
        (root / name / "0.jpg").write_text("no picture")
    with pytest.raises(lp.DataError, match=r"none of the 2 pictures .* can be read: .*not a pic"):
        KIND.look(Wishes(root))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"target": "kind"}, "target='kind' says nothing of pictures"),
        ({"seconds": 2.0}, "seconds=2.0 says nothing of pictures"),
        ({"task": "regress"}, r"pictures are told apart \(classify\); task='regress'"),
        ({"model": "ccn"}, "Unknown network 'ccn'.*cnn"),
        ({"size": 4}, "size must be 8 to 512 pixels, got 4"),
    ],
)
def test_a_wish_that_can_not_be_met_is_told(root, wishes, words):
    make_classes(root, a=5, b=5)
    with pytest.raises(lp.ArgumentError, match=words):
        KIND.look(Wishes(root, **wishes))


@pytest.mark.long
def test_a_broken_file_that_is_named_is_told_and_one_in_a_folder_is_left_out(run, tmp_path):
    save(tmp_path / "good.png", noise(0))
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(lp.DataError, match=r"my bad.png can not be read: it is not a picture"):
        list(KIND.read([Source("my bad.png", tmp_path / "bad.png")], run.settings))
    with pytest.warns(UserWarning, match=r"1 picture can not be read and left out: .*bad.png"):
        (asked,) = KIND.read([Source("all", tmp_path)], run.settings)
    assert asked.names == [str(tmp_path / "good.png")]
    (tmp_path / "none").mkdir()
    with pytest.raises(lp.DataError, match=r"none has no pictures. They are files that end in"):
        list(KIND.read([Source("none", tmp_path / "none")], run.settings))


@pytest.mark.long
def test_labelled_pictures_of_another_class_are_told(run, root):
    make_classes(root, cross=2, star=1)
    with pytest.raises(lp.DataError, match="'star', which is not among classes"):
        KIND.labelled(root, run.settings, run.found.classes)
