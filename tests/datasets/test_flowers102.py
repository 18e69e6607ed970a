"""The Oxford flowers in the layout of their publishers, a few images."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import savemat

import lampas as lp
from lampas.datasets import oxford_flowers
from tests.data.image_files import save

LABELS = np.array([[3, 1, 1, 2, 3, 2]], np.uint8)


@pytest.fixture
def flowers(tmp_path):
    root = tmp_path
    for number in range(1, 7):
        save(root / "jpg" / f"image_{number:05d}.jpg", np.full((20, 30, 3), 40 * number, np.uint8))
    savemat(root / "imagelabels.mat", {"labels": LABELS})
    parts = {"trnid": [[6, 1, 2]], "valid": [[3]], "tstid": [[4, 5]]}
    savemat(root / "setid.mat", {name: np.array(ids, np.uint16) for name, ids in parts.items()})
    return root


def load(root, split="all", **options):
    return oxford_flowers(root, split, **{"size": 8, "verbose": 0} | options)


@pytest.mark.filterwarnings("ignore:.*more than one label")
def test_labels_go_with_the_numbers_of_the_files(flowers):
    result = load(flowers)
    np.testing.assert_array_equal(result.y, LABELS[0] - 1)
    assert result.classes == ("1", "2", "3")
    np.testing.assert_array_equal(np.round(result.x.mean((1, 2, 3)) / 40), range(1, 7))
    assert load(flowers, size=None).size == (20, 30)


@pytest.mark.parametrize(
    ("split", "numbers"), [("train", [1, 2, 6]), ("validation", [3]), ("test", [4, 5])]
)
def test_the_authors_parts(flowers, split, numbers):
    result = load(flowers, split)
    assert [int(path.stem[-5:]) for path in result.files] == numbers
    np.testing.assert_array_equal(result.y, LABELS[0][np.array(numbers) - 1] - 1)
    assert len(result.classes) == 3


def test_what_is_missing_or_wrong_is_reported(flowers):
    with pytest.raises(lp.UnknownNameError, match="Unknown split 'valid'"):
        load(flowers, "valid")
    savemat(flowers / "setid.mat", {"trnid": np.array([[1, 9]])})
    with pytest.raises(lp.DataError, match=r"names the images 1 to 9, .* has labels for 6"):
        load(flowers, "train")
    with pytest.raises(lp.DataError, match=r"setid.mat has no integers called 'tstid'"):
        load(flowers, "test")
    (flowers / "jpg" / "image_00003.jpg").unlink()
    with pytest.raises(lp.FileError, match=r"lacks 1 of 6 images: jpg/image_00003.jpg"):
        load(flowers)
    savemat(flowers / "imagelabels.mat", {"labels": LABELS - 1})
    with pytest.raises(lp.DataError, match="has the label 0, below 1"):
        load(flowers)
    (flowers / "imagelabels.mat").write_bytes(b"no such format")
    with pytest.raises(lp.DataError, match="is not a readable MATLAB file"):
        load(flowers)
    (flowers / "imagelabels.mat").unlink()
    with pytest.raises(lp.FileError, match=r"cannot read .*imagelabels.mat: No such file"):
        load(flowers)
