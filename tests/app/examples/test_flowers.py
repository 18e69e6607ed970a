"""Flowers from a folder with files of all kinds."""

import csv

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import flowers
from lampas.datasets.synthetic import synthetic_flowers
from tests.app.examples.example_runs import command


@pytest.mark.long
def test_flowers_learn_from_a_folder_and_name_what_is_broken(photographs, tmp_path):
    words = ("--data", photographs, "--epochs", 2, "--size", 16, "--out", tmp_path)
    lines = command("flowers", *words).splitlines()
    assert lines[0] == f"data: {photographs}"
    assert {line.split("/")[-1].split(":")[0] for line in lines[1:3]} == {"broken.jpg", "empty.png"}
    assert all(line.startswith("skipped ") for line in lines[1:3])
    page = (tmp_path / "report.html").read_text()
    for text in (
        "broken.jpg",
        "empty.png",
        "unregularized",
        "augmentation and dropout",
        "Grad-CAM",
    ):
        assert text in page
    assert "synthetic" not in page
    for name in ("history.csv", "history-plain.csv"):
        assert len(list(csv.DictReader((tmp_path / name).read_text().splitlines()))) == 2
    probabilities = lp.load(tmp_path / "model.safetensors").predict(synthetic_flowers(10, 16)[0])
    np.testing.assert_allclose(probabilities.sum(1), np.ones(10), rtol=1e-5)


@pytest.mark.parametrize(("name", "why"), [("nowhere", "does not exist"), ("file", "is a file")])
def test_a_folder_that_is_none_is_one_message(name, why, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(lp.FileError, match=rf"--data .*{name}: this folder {why}\. Give .*daisy"):
        flowers.run(str(tmp_path / name), out=tmp_path / "run", verbose=0)
