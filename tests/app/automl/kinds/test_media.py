"""What pictures and sounds share: copies, yardsticks, code."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.app.automl.audio_features import chosen_seconds
from lampas.app.automl.duplicates import copies
from lampas.app.automl.images import chosen_epochs, chosen_size
from lampas.app.automl.images_features import pooled
from lampas.app.automl.script import layers_import, quoted, sequential
from lampas.data import Images
from lampas.data.images.decode import Header
from lampas.evaluation.baselines import Features, majority, regression
from lampas.evaluation.mistakes import surest_mistakes


def test_files_with_the_same_content_have_one_number(tmp_path):
    contents = [b"one", b"two", b"one", b"three", b"two", b"one"]
    files = [tmp_path / str(number) for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    assert copies(files).tolist() == [0, 1, 0, 3, 1, 0]


def test_the_majority_says_what_is_commonest():
    found = majority(np.array([0, 2, 2, 1]), 3, 4)
    np.testing.assert_array_equal(found.said, [[0.25, 0.25, 0.5, 0]] * 3)


def test_regression_finds_what_is_linear_and_knows_classes_it_has_not_met():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(90, 3)), np.tile([0, 2], 45)
    x[:, 1] += 9 * y
    parts = [Features(x[start : start + 30], y[start : start + 30]) for start in (0, 30, 60)]
    found = regression("it", parts[0], parts[1], parts[2].x, 3, 0)
    assert (found.said.argmax(1) == parts[2].y).all()
    np.testing.assert_array_equal(found.said[:, 1], 0)
    assert found.name == "it"


@pytest.mark.parametrize(("height", "width"), [(16, 32), (40, 37), (5, 100)])
def test_pooling_takes_the_mean_of_each_cell(height, width):
    x = np.random.default_rng(0).integers(0, 256, (3, height, width, 3), np.uint8)
    files = tuple(map(Path, "abc"))
    found = pooled(Images(x, np.zeros(3, np.int32), ("a", "b"), files, np.arange(3))).x
    rows, columns = min(16, height), min(16, width)
    assert found.shape == (3, rows * columns * 3)
    first = x[:, : height // rows, : width // columns].mean((1, 2))
    np.testing.assert_allclose(found[:, :3], first, rtol=1e-5)


def test_the_surest_mistakes_come_first():
    said = np.array([[0.6, 0.4], [0.1, 0.9], [0.8, 0.2], [0.7, 0.3]])
    assert surest_mistakes(np.array([1, 1, 1, 1]), said).tolist() == [2, 3, 0]
    assert surest_mistakes(np.array([1, 1, 1, 1]), said, 1).tolist() == [2]
    assert not len(surest_mistakes(said.argmax(1), said))


@given(st.text())
def test_quoted_texts_are_code_for_themselves(text):
    assert ast.literal_eval(quoted(text)) == text
    assert quoted(text)[0] == '"' or '"' in text


def test_code_is_laid_out_as_people_write_it():
    assert layers_import(["Dense", "GRU", "Dense", "Conv2D"]) == (
        "from lampas.layers import (\n    GRU,\n    Conv2D,\n    Dense,\n)"
    )
    assert sequential(["A()", "B(1)"]) == (
        "return lp.Sequential(\n    [\n        A(),\n        B(1),\n    ]\n)"
    )


@pytest.mark.parametrize(
    ("sizes", "number", "wanted"),
    [
        ([(28, 28)], 100, (28, 28)),
        ([(300, 400)], 100, (48, 64)),
        ([(300, 400)], 9_000, (32, 48)),
        ([(300, 400)], 20_000, (24, 32)),
        ([(20, 2000)], 100, (8, 64)),
        ([(4, 4)], 100, (8, 8)),
    ],
)
def test_the_size_suits_the_files_and_their_number(sizes, number, wanted):
    headers = [Header(*size, False) for size in sizes] * number
    size, reason = chosen_size(headers, None)
    assert size == wanted
    assert reason.what == f"{wanted[0]}x{wanted[1]} pixels"


def test_more_or_larger_pictures_are_learnt_from_fewer_times():
    epochs = [chosen_epochs(number, (64, 64)) for number in (100, 1_500, 3_000, 100_000)]
    assert epochs == [50, 37, 18, 8]
    assert chosen_epochs(400, (160, 160)) == 22


def test_most_sounds_fit_into_the_length():
    assert chosen_seconds(np.linspace(0, 2, 101), None)[0] == 1.8
    assert chosen_seconds([0.01] * 5, None)[0] == 0.5
    seconds, reason = chosen_seconds([1.0, 9.0, 9.0], None)
    assert seconds == 4.0
    assert reason.why.startswith("1 of 3 are no longer")
