"""The same examples in every dtype, layout and container train to the same weights, bit for bit."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.lib.format import open_memmap

import lampas as lp
from tests.train.small_nets import SPARSE, restart, same_bits, weights_of

pytestmark = pytest.mark.soak

ROWS, BATCH = 53, 8
RNG = np.random.default_rng(0)
# Whole numbers that every dtype below holds exactly.
X = RNG.integers(0, 9, (ROWS, 4))
Y = RNG.integers(0, 3, ROWS)
WEIGHTS = RNG.uniform(0.5, 2, ROWS).astype(np.float32)
DTYPES = [
    *("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float16", "float32", "float64", ">i2", ">i4", ">i8", ">f4", ">f8"),
]


def strided(x):
    wide = np.zeros((2 * len(x), 2 * x.shape[1]), x.dtype)
    wide[::2, ::2] = x
    return wide[::2, ::2]


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def memory_map(x, path):
    rows = open_memmap(path, "w+", x.dtype, x.shape)
    rows[:] = x
    rows.flush()
    return np.load(path, mmap_mode="r")


LAYOUTS = {
    "contiguous": lambda x, path: np.ascontiguousarray(x),
    "Fortran": lambda x, path: np.asfortranarray(x),
    "reversed twice": lambda x, path: x[::-1].copy()[::-1],
    "strided": lambda x, path: strided(x),
    "read-only": lambda x, path: read_only(x),
    "memory map": memory_map,
    "nothing masked": lambda x, path: np.ma.masked_array(x, mask=False),
    "list": lambda x, path: x.tolist(),
    "list of arrays": lambda x, path: list(x),
    "frame": lambda x, path: pd.DataFrame(x.astype(x.dtype.newbyteorder("="))),
}
WEIGHTING = {
    "unweighted": {},
    "sample weights": {"sample_weight": WEIGHTS},
    "class weights": {"class_weight": {0: 1.0, 1: 2.5, 2: 0.5}},
}
VALIDATION = {"none": {}, "split": {"validation_split": 0.2}, "data": {}}


@pytest.fixture(scope="module")
def model():
    lp.set_seed(0)
    model = lp.Sequential([lp.Dense(5, "tanh", input_shape=(4,)), lp.Dense(3, "softmax")])
    model.compile(lp.Adam(0.01), SPARSE, metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def train(model):
    start = weights_of(model)

    def run(x, y, weighting, validation, shuffle):
        restart(model, start)
        options = WEIGHTING[weighting] | VALIDATION[validation]
        if validation == "data":
            options["validation_data"] = (x, y)
        history = model.fit(x, y, BATCH, 2, 0, shuffle=shuffle, seed=1, **options)
        return weights_of(model), history.history

    return run


@pytest.fixture(scope="module")
def expected(train):
    return {
        options: train(X.astype(np.float32), Y, *options)
        for options in product(WEIGHTING, VALIDATION, (False, True))
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_inputs(train, expected, tmp_path, dtype, layout):
    x = LAYOUTS[layout](X.astype(dtype), tmp_path / "x.npy")
    for options, (weights, history) in expected.items():
        if layout == "memory map" and options[1] == "split":
            continue  # the rows of a memory map are streamed, and summed in other chunks
        result, logs = train(x, Y, *options)
        assert same_bits(result, weights), options
        assert logs == history, options


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_targets(train, expected, tmp_path, dtype, layout):
    if np.dtype(dtype).kind == "f":
        pytest.skip("labels are whole numbers")
    if layout == "frame":
        y = pd.Series(Y.astype(np.dtype(dtype).newbyteorder("=")))
    else:
        y = LAYOUTS[layout](Y.astype(dtype)[:, None], tmp_path / "y.npy")
    for options, (weights, history) in expected.items():
        result, logs = train(X.astype(np.float32), y, *options)
        assert same_bits(result, weights), options
        assert logs == history, options


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_evaluate_and_predict(model, tmp_path, dtype, layout):
    x = LAYOUTS[layout](X.astype(dtype), tmp_path / "x.npy")
    for batch_size in (1, 7, ROWS, 100):
        np.testing.assert_array_equal(
            model.predict(x, batch_size), model.predict(X.astype(np.float32), batch_size)
        )
        assert model.evaluate(x, Y, batch_size) == model.evaluate(
            X.astype(np.float32), Y, batch_size
        )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["int64", "uint64", ">i8", ">u8"])
def test_integers_beyond_32_bits(model, tmp_path, dtype, layout):
    large = X * 10**9 + 2**40
    x = LAYOUTS[layout](large.astype(dtype), tmp_path / "x.npy")
    as_floats = large.astype(np.float64)
    np.testing.assert_array_equal(model.predict(x, 7), model.predict(as_floats, 7))
    assert model.evaluate(x, Y, 7) == model.evaluate(as_floats, Y, 7)
