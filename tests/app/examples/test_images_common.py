"""Images are loaded from the published layout, and predicted without augmentation."""

import numpy as np
import pytest
from PIL import Image

import lampas as lp
from lampas.app.examples import flowers, malaria
from lampas.app.examples.images_common import load_images, network
from lampas.datasets.synthetic import synthetic_cells, synthetic_flowers


def test_cells_are_read_from_the_published_layout_or_its_parent(tmp_path):
    x, y = synthetic_cells(24, 20)
    for number, (pixels, label) in enumerate(zip(x, y, strict=True)):
        folder = tmp_path / "cell_images" / malaria.SOURCE.classes[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
        (folder / "Thumbs.db").write_bytes(b"not a picture")
    for data in (tmp_path, tmp_path / "cell_images"):
        loaded = load_images(malaria.SOURCE, str(data), 20, 5, 0, verbose=0)
        assert loaded.images.classes == ("Parasitized", "Uninfected")
        assert loaded.images.counts == {"Parasitized": 5, "Uninfected": 5}
        assert loaded.description.endswith("10 of 24 are used: 5 per class.")
        assert not loaded.images.skipped
        labels = {image.tobytes(): label for image, label in zip(x, y, strict=True)}
        for image, label in zip(loaded.images.x, loaded.images.y, strict=True):
            assert labels[image.tobytes()] == label


@pytest.mark.long
def test_augmentation_and_dropout_rest_when_predicting():
    lp.set_seed(0)
    model = network((16, 16, 3), 5, flowers.augmentation(), dropout=0.4)
    x = synthetic_flowers(6, 16)[0]
    np.testing.assert_array_equal(model.predict(x), model.predict(x))
