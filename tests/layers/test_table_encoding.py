"""Numbers on one scale, vectors for categories; saved and loaded with the rest."""

import numpy as np
import pandas as pd
import pytest

import lampas as lp
from lampas.layers import Dense, TableEncoding, TableReader

RANDOM = np.random.default_rng(0)


def test_numbers_are_scaled_and_drawn_in():
    x = RANDOM.normal(size=(20, 3)).astype(np.float32) * [1, 10, 1e4]
    scales = (0.5, 20.0, 1.0)
    scaled = x / scales
    expected = scaled / np.sqrt(1 + (scaled / 3) ** 2)
    said = np.asarray(TableEncoding(scales)(x.astype(np.float32)))
    np.testing.assert_allclose(said, expected, rtol=1e-5)
    assert np.abs(said).max() <= 3


def test_categories_are_looked_up_each_in_its_own_table():
    layer = TableEncoding([1.0], [3, 40])
    x = np.array([[0.0, 2, 39], [0.0, 0, 0]], np.float32)
    said = np.asarray(layer(x))
    few, many = (np.asarray(one.embeddings.value) for one in layer.embeddings)
    assert (few.shape, many.shape) == ((3, 2), (40, 8))
    np.testing.assert_array_equal(said[0], [0, *few[2], *many[39]])
    np.testing.assert_array_equal(said[1], [0, *few[0], *many[0]])


def test_faults_are_told():
    with pytest.raises(lp.ArgumentError, match="nothing to encode"):
        TableEncoding([])
    with pytest.raises(lp.ArgumentError, match=r"must be above 0, got \[0.0\] and \[3\]"):
        TableEncoding([0.0], [3])
    with pytest.raises(lp.ShapeError, match="1 numbers and 1 categories, got 3"):
        TableEncoding([1.0], [3])(np.zeros((2, 3), np.float32))


def test_a_saved_model_takes_raw_rows(tmp_path):
    rows = pd.DataFrame(
        {
            "size": [1.0, np.nan, 3.0, 4.0] * 3,
            "city": ["Rom", "Bari", None, "Rom"] * 3,
            "day": pd.date_range("2024-01-01", periods=12),
        }
    )
    reader = TableReader({"size": "number", "city": "category", "day": "date"})
    reader.adapt(rows)
    model = lp.Sequential([reader, TableEncoding(reader.steps, reader.sizes), Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(rows, np.arange(12) % 2, epochs=1, verbose=0)
    model.save(tmp_path / "model.safetensors")
    again = lp.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict(rows), model.predict(rows))
    new = [{"size": "7.5", "city": "Oslo", "day": "2025-12-24"}]
    np.testing.assert_array_equal(again.predict(new), model.predict(new))
    with pytest.raises(lp.DataError, match="no column 'day'"):
        again.predict(rows.drop(columns="day"))


@pytest.mark.filterwarnings("error")
def test_what_is_beyond_all_bounds_counts_as_far():
    reader = lp.TableReader({"a": "number"})
    reader.adapt([{"a": float(n)} for n in range(10)])
    encoding = lp.TableEncoding(reader.steps)
    said = np.asarray(encoding(reader([{"a": 1e300}, {"a": -1e300}, {"a": 4.5}])))
    np.testing.assert_allclose(said, [[3], [-3], [0]], atol=1e-5)
