"""Images over the network: whole ones are answered, hostile ones refused unopened."""

import io
import struct
import zlib

import httpx
import numpy as np
import pytest
from PIL import Image

import lampas as lp
from lampas.app.automl.images import ImagesKind
from lampas.app.automl.manifest import RunManifest
from lampas.app.automl.predictor import Predictor
from lampas.app.automl.settings import ImageSettings
from lampas.data.images.reader import ImageReader
from tests.app.serving.fakes import serving

SETTINGS = ImageSettings(
    path="images", seed=0, model="cnn", dropout=0.0, l2=0.0, batch_size=1, epochs=1, patience=1,
    size=(8, 8), color="rgb", mirror=False, downscaled=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def client():
    made = object.__new__(Predictor)
    made.kind = ImagesKind()
    made.manifest = RunManifest("images", "classify", "class", ("day", "night"), SETTINGS)
    layers = [lp.layers.Rescaling(1 / 255), lp.layers.Flatten(), lp.layers.Dense(2, "softmax")]
    made.model = lp.Sequential([ImageReader((8, 8)), *layers])
    made.model.build((8, 8, 3))
    kernel = np.repeat([[1.0, -1.0]], 192, 0) / 192
    made.model.set_weights([kernel, np.array([-0.5, 0.5])])
    with serving(made) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def grey(level):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (level, level, level)).save(file, "PNG")
    return file.getvalue()


def test_images_are_answered(client):
    files = [("f", (f"{level}.png", grey(level))) for level in (0, 255, 204)]
    answers = client.post("/predict", files=files).json()["answers"]
    assert [(one["name"], one["prediction"]) for one in answers] == [
        ("0.png", "night"),
        ("255.png", "day"),
        ("204.png", "day"),
    ]
    expected = 1 / (1 + np.exp(-2 * (204 / 255 - 0.5)))
    assert answers[2]["probabilities"]["day"] == pytest.approx(expected, rel=1e-5)


def png(width, height):
    """One that says it is so large, with hardly anything in it."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = zlib.compress(b"\0" * 1000)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


HOSTILE = {
    "large.png": png(50_000, 50_000),
    "wide.png": png(2**31 - 1, 1),
    "none.png": png(0, 0),
    "half.png": grey(0)[:60],
    "empty.png": b"",
    "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "archive.png": b"PK\x03\x04" + b"\0" * 50,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_an_image_to_open(client, name):
    response = client.post("/predict", files={"f": (name, HOSTILE[name])})
    assert response.status_code == 422
    (failure,) = response.json()["errors"]
    assert failure["message"].startswith(f"{name} cannot be read: ")


def test_a_path_is_not_followed(client, tmp_path):
    there = tmp_path / "there.png"
    there.write_bytes(grey(255))
    response = client.post("/predict", json={"items": [str(there)]})
    assert response.status_code == 422
    assert response.json()["error"].startswith("images come as files")
