"""TableEncoding: scaled numbers, and embeddings of categories and words."""

import numpy as np
import pytest

import lampas as lp
from lampas.layers import TableEncoding


def test_numbers_are_scaled_and_drawn_in():
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32) * [1, 10, 1e4]
    scales = (0.5, 20.0, 1.0)
    scaled = x / scales
    expected = scaled / np.sqrt(1 + (scaled / 3) ** 2)
    said = np.asarray(TableEncoding(scales)(x.astype(np.float32)))
    np.testing.assert_allclose(said, expected, rtol=1e-5)
    assert np.abs(said).max() <= 3


@pytest.mark.long
def test_categories_are_looked_up_each_in_its_own_table():
    layer = TableEncoding([1.0], [3, 40])
    x = np.array([[0.0, 2, 39], [0.0, 0, 0]], np.float32)
    said = np.asarray(layer(x))
    few, many = (np.asarray(one.embeddings.value) for one in layer.embeddings)
    assert (few.shape, many.shape) == ((3, 2), (40, 8))
    np.testing.assert_array_equal(said[0], [0, *few[2], *many[39]])
    np.testing.assert_array_equal(said[1], [0, *few[0], *many[0]])


def test_faults_of_the_encoding_are_told():
    with pytest.raises(lp.ArgumentError, match="texts are empty"):
        TableEncoding([])
    with pytest.raises(lp.ArgumentError, match=r"must be positive, got \[0.0\], \[3\] and"):
        TableEncoding([0.0], [3])
    with pytest.raises(lp.ShapeError, match="1 numbers and 1 categories, got 3"):
        TableEncoding([1.0], [3])(np.zeros((2, 3), np.float32))


@pytest.mark.filterwarnings("error")
def test_what_is_beyond_all_bounds_counts_as_far():
    pytest.importorskip("pandas")
    reader = lp.TableReader({"a": "number"})
    reader.adapt([{"a": float(n)} for n in range(10)])
    encoding = lp.TableEncoding(reader.steps)
    said = np.asarray(encoding(reader([{"a": 1e38}, {"a": -1e38}, {"a": 4.5}])))
    np.testing.assert_allclose(said, [[3], [-3], [0]], atol=1e-5)


@pytest.mark.long
def test_words_are_summed_and_those_of_each_text_have_their_own_table():
    layer = TableEncoding([1.0], [3], [(2, 5), (3, 4)])
    x = np.array([[0.0, 2, 4, 3, 1, 2, 0], [0.0, 0, 0, 0, 3, 3, 3]], np.float32)
    encoded = np.asarray(layer(x))
    few, many = (np.asarray(bag.words.embeddings.value) for bag in layer.bags)
    assert (few.shape, many.shape) == ((5, 16), (4, 16))
    # The sum over the square root of the number of words; 0 is padding.
    first = (few[4] + few[3]) / np.sqrt(2)
    np.testing.assert_allclose(encoded[0, 3:19], first, rtol=1e-5)
    np.testing.assert_allclose(encoded[0, 19:], (many[1] + many[2]) / np.sqrt(2), rtol=1e-5)
    np.testing.assert_array_equal(encoded[1, 3:19], np.zeros(16))
    np.testing.assert_allclose(encoded[1, 19:], np.sqrt(3) * many[3], rtol=1e-5)
    assert np.abs(encoded[:, 3:]).max() < 0.02


@pytest.mark.long
def test_codes_are_not_rounded_in_bfloat16():
    """Most integers above 256 have no bfloat16."""
    codes = np.array([[0.0, 999, 998, 997]], np.float32)
    model = lp.Sequential([TableEncoding([1.0], [1000], [(2, 1000)]), lp.Dense(1)])
    expected = model.predict(codes)
    model.compile("sgd", "mse", precision="bfloat16")
    difference = model.evaluate(codes, expected, verbose=0)["loss"]
    assert difference < 1e-6
