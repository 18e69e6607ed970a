"""Malaria cells: synthetic images, sensitivity and specificity."""

from dataclasses import replace

import pytest

import lampas as lp
from lampas.app.examples import malaria
from lampas.app.examples.images_common import load_images
from tests.app.examples.example_runs import command

NOWHERE = "http://127.0.0.1:1/gone.zip"


@pytest.mark.long
def test_malaria_falls_back_to_drawn_cells_says_so_first_and_counts_right(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMPAS_CACHE", str(tmp_path / "cache"))
    gone = replace(malaria.SOURCE.archive, address=NOWHERE)
    monkeypatch.setattr(malaria, "SOURCE", replace(malaria.SOURCE, archive=gone))
    words = ("--epochs", 2, "--size", 16, "--limit", 60, "--out", tmp_path / "run")
    output = command("malaria", *words)
    first = output.splitlines()[0]
    assert first.startswith(
        "data: synthetic images, not photographs, because the NIH's malaria cells could not be "
        f"downloaded: {NOWHERE}: "
    )
    page = (tmp_path / "run" / "report.html").read_text()
    for text in ("synthetic images, not photographs, because", "nothing about real cells"):
        assert text in page
    for text in ("sensitivity", "specificity"):
        assert text in output
        assert text in page
    loaded = load_images(malaria.SOURCE, "synthetic", 16, 60, 0, verbose=0)
    test = loaded.images.split(0.2, 0.2, 0)[2]
    model = lp.load(tmp_path / "run" / "model.safetensors")
    right = model.predict(test.x).argmax(1) == test.y
    infected = test.y == 0
    assert f"test accuracy {right.mean():.4f}, unregularized " in output
    assert f"sensitivity {right[infected].mean():.4f}" in output
    assert f"specificity {right[~infected].mean():.4f}" in output
    assert f"Of 12 infected cells, {right[infected].sum()} are detected" in page


def test_malaria_wants_its_two_classes(photographs, tmp_path):
    with pytest.raises(lp.DataError, match=r"found daisy, dandelion.*lampas run flowers --data"):
        malaria.run(str(photographs / "flower_photos"), size=16, out=tmp_path, verbose=0)
