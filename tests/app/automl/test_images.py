"""Images from the folder to predictions, on drawn crosses and frames."""

import os
from pathlib import Path

import numpy as np
import pytest

import lampas as lp
from lampas.app.automl.images import ImagesKind, choose_epochs, choose_size, pooled_pixels
from lampas.app.automl.task import InputFile, TrainOptions
from lampas.app.report import Report
from lampas.data import Images
from lampas.data.images.decode import Header
from tests.app.automl.kind_runs import source, train_kind, with_settings, write_and_import
from tests.data.image_files import make_classes, noise, save

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
    return train_kind(KIND, TrainOptions(root), tmp_path_factory.mktemp("run"), 12)


@pytest.mark.long
def test_it_learns_what_the_script_says(run):
    assert run.profile.task == "classify"
    assert run.profile.classes == ("cross", "frame")
    assert [KIND.num_examples(part) for part in run.splits] == [24, 4, 4]
    assert (run.y_pred.argmax(1) == KIND.targets(run.splits.test)).all()


@pytest.mark.long
def test_baselines_predict_the_test_split(run):
    majority, regression = KIND.baselines(run.splits, run.profile)
    assert [majority.is_strong, regression.is_strong] == [False, True]
    for one in (majority, regression):
        assert one.predictions.shape == (4, 2)
        np.testing.assert_allclose(one.predictions.sum(1), 1)
    np.testing.assert_allclose(majority.predictions, 0.5)
    assert (regression.predictions.argmax(1) == run.splits.test.y).all()


@pytest.mark.long
def test_the_report_shows_images_mistakes_and_evidence(run):
    report = Report("A test")
    report.section("Data")
    KIND.add_data(report, run.profile, run.splits)
    wrong = np.roll(run.y_pred, 1, 1)
    KIND.add_mistakes(report, run.profile, run.splits.test, wrong)
    KIND.add_mistakes(report, run.profile, run.splits.test, run.y_pred)
    KIND.add_explanations(report, run.profile, run.model, run.splits)
    page = report.html()
    name = os.path.join(*run.splits.test.files[0].parts[-2:])
    for words in ("Some of the 24 training images", "most confident mistakes", name, "Grad-CAM"):
        assert words in page
    assert "All test images are classified correctly." in page


@pytest.mark.long
def test_files_folders_and_contents_are_read_alike(run, tmp_path):
    root = draw(tmp_path / "new", 2)
    (root / "notes.txt").write_text("no picture")
    (asked,) = KIND.read_batches([InputFile("new", root)], run.settings)
    assert asked.names == [str(root / k / f"{i}.png") for k in ("cross", "frame") for i in (0, 1)]
    sources = [InputFile(f"up/{i}", Path(name).read_bytes()) for i, name in enumerate(asked.names)]
    (contents,) = KIND.read_batches(sources, run.settings)
    assert contents.names == ["up/0", "up/1", "up/2", "up/3"]
    np.testing.assert_array_equal(contents.x, asked.x)
    np.testing.assert_array_equal(
        asked.x, KIND.load_labelled(root, run.settings, run.profile.classes).x
    )
    assert run.model.predict(asked.x).argmax(1).tolist() == [0, 0, 1, 1]


@pytest.mark.long
def test_raw_files_go_through_the_saved_model(run, tmp_path):
    run.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    files = list(run.splits.test.files)
    np.testing.assert_allclose(model.predict(files), run.y_pred, rtol=1e-5, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("network", ["lenet", "mlp"])
def test_other_networks_can_be_chosen(run, tmp_path, network):
    script = write_and_import(KIND, with_settings(run.profile, model=network), tmp_path)
    assert script.build_model(run.splits.train).predict(run.splits.test.x).shape == (4, 2)


def test_what_it_found_is_reported(root):
    draw(root, 8, 20)
    save(root / "cross" / "copy.png", noise(0))
    save(root / "frame" / "copy.png", noise(0))
    (root / "frame" / "broken.png").write_text("no picture")
    (root / "empty").mkdir()
    save(root / "few" / "0.png", noise(1))
    found = KIND.profile_data(TrainOptions(root))
    decisions = " ".join(map(" ".join, found.decisions))
    assert "3 classes 19 images: cross 9, few 1, frame 9" in decisions
    assert "1 of 19 images are copies" in decisions
    warnings = " ".join(found.warnings)
    assert "1 of 20 images cannot be read and will be skipped" in warnings
    assert "1 folder without images, which does not count" in warnings
    assert "has two labels" in warnings
    assert "too few images for the test data" in warnings
    assert "'few' (1)" in warnings


def test_grey_images_are_not_mirrored_and_large_ones_made_small(root):
    for i in range(8):
        save(root / "ab"[i % 2] / f"{i}.png", noise(i, 100, 300, 1))
    found = KIND.profile_data(TrainOptions(root))
    assert found.settings.color == "grey"
    assert not found.settings.mirror
    assert found.settings.size == (24, 64)
    assert "random_variants(mirror=False)" in source(KIND, found)
    assert KIND.profile_data(TrainOptions(root, size=40)).settings.size == (40, 40)


def test_a_table_that_names_images_is_taken(root):
    make_classes(root, a=5, b=5)
    names = [f"{k}/{i}.png,{k}" for k in "ab" for i in range(5)]
    (root / "list.csv").write_text("\n".join(["file,label", *names, "gone.png,a"]))
    found = KIND.profile_data(TrainOptions(root / "list.csv"))
    assert found.classes == ("a", "b")
    assert "gone.png (there is no such file (line 12 of list.csv))" in found.warnings[0]
    assert KIND.profile_data(TrainOptions(root / "list.csv", target="Label")).classes == ("a", "b")
    with pytest.raises(lp.ArgumentError, match=r"target='kind': .* the column 'label'"):
        KIND.profile_data(TrainOptions(root / "list.csv", target="kind"))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({}, "has no sub-folders, no images"),
        ({"one": 5}, "images of one class only, 'one'"),
        ({"a": 1, "b": 1}, "has 2 images: a 1, b 1. These are too few for training"),
        ({"train": 5, "test": 5}, r"splits of a data set \(test, train\).*Train on one, .*train"),
    ],
)
def test_a_folder_that_cannot_be_learned_from_is_reported(root, made, words):
    make_classes(root, **made)
    with pytest.raises(lp.DataError, match=words):
        KIND.profile_data(TrainOptions(root))


def test_a_folder_of_broken_files_is_reported(root):
    for name in "ab":
        (root / name).mkdir()
        (root / name / "0.jpg").write_text("no picture")
    with pytest.raises(lp.DataError, match=r"none of the 2 images .* can be read: .*not an image"):
        KIND.profile_data(TrainOptions(root))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"target": "kind"}, "target='kind' does not apply to images"),
        ({"seconds": 2.0}, "seconds=2.0 does not apply to images"),
        ({"task": "regress"}, "images can only be classified, got task='regress'"),
        ({"model": "ccn"}, "Unknown network 'ccn'.*cnn"),
        ({"size": 4}, "size must be 8 to 512 pixels, got 4"),
    ],
)
def test_a_wish_that_cannot_be_met_is_reported(root, wishes, words):
    make_classes(root, a=5, b=5)
    with pytest.raises(lp.ArgumentError, match=words):
        KIND.profile_data(TrainOptions(root, **wishes))


@pytest.mark.long
def test_a_broken_file_that_is_named_is_reported_and_one_in_a_folder_is_left_out(run, tmp_path):
    save(tmp_path / "good.png", noise(0))
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(lp.DataError, match=r"my bad.png cannot be read: it is not an image"):
        list(KIND.read_batches([InputFile("my bad.png", tmp_path / "bad.png")], run.settings))
    with pytest.warns(UserWarning, match=r"1 image cannot be read and will be skipped: .*bad.png"):
        (asked,) = KIND.read_batches([InputFile("all", tmp_path)], run.settings)
    assert asked.names == [str(tmp_path / "good.png")]
    (tmp_path / "none").mkdir()
    with pytest.raises(lp.DataError, match=r"none has no images, that is, files that end in"):
        list(KIND.read_batches([InputFile("none", tmp_path / "none")], run.settings))


@pytest.mark.long
def test_labelled_images_of_another_class_are_reported(run, root):
    make_classes(root, cross=2, star=1)
    with pytest.raises(lp.DataError, match="'star', which is not among classes"):
        KIND.load_labelled(root, run.settings, run.profile.classes)


@pytest.mark.parametrize(("height", "width"), [(16, 32), (40, 37), (5, 100)])
def test_pooling_takes_the_mean_of_each_cell(height, width):
    x = np.random.default_rng(0).integers(0, 256, (3, height, width, 3), np.uint8)
    files = tuple(map(Path, "abc"))
    pooled = pooled_pixels(Images(x, np.zeros(3, np.int32), ("a", "b"), files, np.arange(3))).x
    rows, columns = min(16, height), min(16, width)
    assert pooled.shape == (3, rows * columns * 3)
    first = x[:, : height // rows, : width // columns].mean((1, 2))
    np.testing.assert_allclose(pooled[:, :3], first, rtol=1e-5)


@pytest.mark.parametrize(
    ("sizes", "number", "expected"),
    [
        ([(28, 28)], 100, (28, 28)),
        ([(300, 400)], 100, (48, 64)),
        ([(300, 400)], 9_000, (32, 48)),
        ([(300, 400)], 20_000, (24, 32)),
        ([(20, 2000)], 100, (8, 64)),
        ([(4, 4)], 100, (8, 8)),
    ],
)
def test_the_size_suits_the_files_and_their_number(sizes, number, expected):
    headers = [Header(*size, False) for size in sizes] * number
    size, decision = choose_size(headers, None)
    assert size == expected
    assert decision.choice == f"{expected[0]}x{expected[1]} pixels"


def test_more_or_larger_images_get_fewer_epochs():
    epochs = [choose_epochs(number, (64, 64)) for number in (100, 1_500, 3_000, 100_000)]
    assert epochs == [50, 37, 18, 8]
    assert choose_epochs(400, (160, 160)) == 22
