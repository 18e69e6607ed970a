"""The cases with pictures, as typed: folders as they are found, drawn pictures, honest words."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import lampas as lp
from lampas.app.cli import app
from lampas.app.examples import flowers, malaria, mnist
from lampas.app.examples.images_common import find_pictures, network
from lampas.app.examples.images_report import add_features
from lampas.app.report import Report
from lampas.applications import image_networks as networks
from lampas.datasets.synthetic import drawn_cells, drawn_flowers

ORIENTATION = 0x0112
NOWHERE = "http://127.0.0.1:1/gone.zip"


def command(*words):
    result = CliRunner().invoke(app, ["run", *map(str, words)], env={"COLUMNS": "100"})
    assert result.exception is None, result.output
    return result.output


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """The layout of tf_flowers, with what real folders have in them."""
    root = tmp_path_factory.mktemp("data")
    x, y = drawn_flowers(250, 20)
    for number, (pixels, label) in enumerate(zip(x, y, strict=True)):
        folder = root / "flower_photos" / flowers.ORIGIN.classes[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number:03d}.jpg", quality=90)
    daisies = root / "flower_photos" / "daisy"
    Image.fromarray(x[0]).convert("L").save(daisies / "grey.png")
    Image.fromarray(x[5]).convert("RGBA").save(daisies / "clear.png")
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    Image.fromarray(x[10]).save(daisies / "turned.jpg", exif=turned)
    (daisies / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    (daisies / "empty.png").write_bytes(b"")
    (root / "flower_photos" / "LICENSE.txt").write_text("by whoever took them")
    return root


@pytest.mark.long
def test_flowers_learn_from_a_folder_and_name_what_is_broken(photographs, tmp_path):
    words = ("--data", photographs, "--epochs", 2, "--size", 16, "--out", tmp_path)
    lines = command("flowers", *words).splitlines()
    assert lines[0] == f"data: {photographs}"
    assert {line.split("/")[-1].split(":")[0] for line in lines[1:3]} == {"broken.jpg", "empty.png"}
    assert all(line.startswith("skipped ") for line in lines[1:3])
    page = (tmp_path / "report.html").read_text()
    for text in ("broken.jpg", "empty.png", "plain", "augmented, with dropout", "Grad-CAM"):
        assert text in page
    assert "synthetic" not in page
    for name in ("history.csv", "history-plain.csv"):
        assert len(list(csv.DictReader((tmp_path / name).read_text().splitlines()))) == 2
    said = lp.load(tmp_path / "model.safetensors").predict(drawn_flowers(10, 16)[0])
    np.testing.assert_allclose(said.sum(1), np.ones(10), rtol=1e-5)


@pytest.mark.long
def test_malaria_falls_back_to_drawn_cells_says_so_first_and_counts_right(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMPAS_CACHE", str(tmp_path / "cache"))
    gone = replace(malaria.ORIGIN.archive, address=NOWHERE)
    monkeypatch.setattr(malaria, "ORIGIN", replace(malaria.ORIGIN, archive=gone))
    words = ("--epochs", 2, "--size", 16, "--limit", 60, "--out", tmp_path / "run")
    output = command("malaria", *words)
    first = output.splitlines()[0]
    assert first.startswith(
        "data: synthetic: drawn pictures, not photographs, because the NIH's malaria cells could "
        f"not be fetched: {NOWHERE}: "
    )
    page = (tmp_path / "run" / "report.html").read_text()
    for text in ("synthetic: drawn pictures, not photographs, because", "of real cells they say"):
        assert text in page
    for text in ("sensitivity", "specificity"):
        assert text in output
        assert text in page
    found = find_pictures(malaria.ORIGIN, "synthetic", 16, 60, 0, verbose=0)
    test = found.images.split(0.2, 0.2, 0)[2]
    model = lp.load(tmp_path / "run" / "model.safetensors")
    right = model.predict(test.x).argmax(1) == test.y
    infected = test.y == 0
    assert f"test accuracy {right.mean():.4f}, plain " in output
    assert f"sensitivity {right[infected].mean():.4f}" in output
    assert f"specificity {right[~infected].mean():.4f}" in output
    assert f"Of 12 infected cells it finds {right[infected].sum()} (sensitivity)" in page


def test_malaria_wants_its_two_classes(photographs, tmp_path):
    with pytest.raises(lp.DataError, match=r"found daisy, dandelion.*lampas run flowers --data"):
        malaria.run(str(photographs / "flower_photos"), size=16, out=tmp_path, verbose=0)


def test_cells_are_read_from_the_published_layout_or_its_parent(tmp_path):
    x, y = drawn_cells(24, 20)
    for number, (pixels, label) in enumerate(zip(x, y, strict=True)):
        folder = tmp_path / "cell_images" / malaria.ORIGIN.classes[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
        (folder / "Thumbs.db").write_bytes(b"not a picture")
    for data in (tmp_path, tmp_path / "cell_images"):
        found = find_pictures(malaria.ORIGIN, str(data), 20, 5, 0, verbose=0)
        assert found.images.classes == ("Parasitized", "Uninfected")
        assert found.images.counts == {"Parasitized": 5, "Uninfected": 5}
        assert found.words.endswith("10 of 24 are used: 5 a class.")
        assert not found.images.skipped
        drawn = {picture.tobytes(): label for picture, label in zip(x, y, strict=True)}
        for picture, label in zip(found.images.x, found.images.y, strict=True):
            assert drawn[picture.tobytes()] == label


@pytest.mark.parametrize(("name", "why"), [("nowhere", "is not there"), ("file", "is a file")])
def test_a_folder_that_is_none_is_one_message(name, why, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(lp.FileError, match=rf"--data .*{name}: this folder {why}\. Give .*daisy"):
        flowers.run(str(tmp_path / name), out=tmp_path / "run", verbose=0)


def test_augmentation_and_dropout_rest_when_predicting():
    lp.set_seed(0)
    model = network((16, 16, 3), 5, flowers.augmentation(), dropout=0.4)
    x = drawn_flowers(6, 16)[0]
    np.testing.assert_array_equal(model.predict(x), model.predict(x))


@pytest.mark.long
def test_digits_by_another_network_from_variants(tmp_path):
    words = ("--data", "digits", "--model", "lenet", "--augment", "--epochs", 2, "--out", tmp_path)
    share = float(command("mnist", *words).split("accuracy ")[-1].split()[0])
    assert 0.3 < share <= 1
    page = (tmp_path / "report.html").read_text()
    assert "The network lenet on digits, augmented" in page
    assert "random variants" in page


@pytest.mark.long
@pytest.mark.parametrize("name", networks.NETWORKS)
def test_every_network_reads_digits_of_both_sizes(name):
    for side in (28, 8):
        model = networks.network(name, (side, side, 1), 10, mnist.augmentation())
        model.build((side, side, 1))
    digit = np.zeros((side, side, 1), np.uint8)
    assert model.predict(digit[None]).shape == (1, 10)


def test_what_dense_layers_look_for_is_shown_as_pictures(tmp_path):
    report = Report("Digits")
    digit = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    add_features(report, networks.network("mlp", (8, 8, 1), 10), digit)
    page = report.write(tmp_path / "report.html").read_text()
    assert "96 of 256 filters, 8×8" in page
    assert "on its way" not in page  # There are no feature maps.


def test_an_unknown_network_offers_the_nearest(tmp_path):
    with pytest.raises(
        lp.UnknownNameError, match=r"Unknown network 'lenett'\. Did you mean 'lenet'"
    ):
        mnist.run("digits", model="lenett", out=tmp_path)
