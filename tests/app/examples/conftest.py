"""Fixtures for tests of examples."""

import pytest
from PIL import Image

from lampas.app.examples import flowers
from lampas.datasets.synthetic import synthetic_flowers

ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """The layout of tf_flowers, with what real folders have in them."""
    root = tmp_path_factory.mktemp("data")
    x, y = synthetic_flowers(250, 20)
    for number, (pixels, label) in enumerate(zip(x, y, strict=True)):
        folder = root / "flower_photos" / flowers.SOURCE.classes[label]
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
