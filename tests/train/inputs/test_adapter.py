"""Arrays of every kind are trained on, evaluated and predicted as float64 arrays are."""

import numpy as np
import pytest

import lampas as lp
from lampas.train.inputs.adapter import as_several

CENTS = np.array([[5_000_000_000], [3]])


@pytest.fixture(scope="module")
def identity():
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones", use_bias=False)])
    model.compile(lp.SGD(1e-30), "mae")
    model.build((1,))
    return model


def on_disk(array, path):
    rows = np.memmap(path, array.dtype, "w+", shape=array.shape)
    rows[:] = array
    return rows


class Rows:
    """Reads its rows when it is indexed, as the variables of NetCDF and HDF5 files do."""

    def __init__(self, array):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def __len__(self):
        return len(self.array)

    def __getitem__(self, rows):
        return self.array[rows]


KINDS = {
    "int64": lambda path: CENTS,
    "uint64": lambda path: CENTS.astype(np.uint64),
    "big-endian": lambda path: CENTS.astype(">i8"),
    "list": lambda path: CENTS.tolist(),
    "tuple": lambda path: ((5_000_000_000,), (3,)),
    "objects": lambda path: CENTS.astype(object),
    "nothing masked": lambda path: np.ma.masked_array(CENTS, mask=False),
    "memory map": lambda path: on_disk(CENTS, path),
    "big-endian memory map": lambda path: on_disk(CENTS.astype(">i8"), path),
    "big-endian floats on the disk": lambda path: on_disk(CENTS.astype(">f4"), path),
    "rows": lambda path: Rows(CENTS),
    "rows of masked arrays": lambda path: Rows(np.ma.masked_array(CENTS, mask=False)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_integers_beyond_32_bits_are_numbers_everywhere(identity, tmp_path, kind):
    x, zeros = KINDS[kind](tmp_path / "x"), np.zeros((2, 1))
    assert identity.predict(x).tolist() == [[5e9], [3]]
    assert identity.evaluate(x, zeros)["loss"] == pytest.approx(2_500_000_001.5)
    assert identity.evaluate(zeros, x)["loss"] == pytest.approx(2_500_000_001.5)
    history = identity.fit(x, x, verbose=0, validation_data=(zeros, x), shuffle=False)
    assert history.history["loss"] == [0]
    assert history.history["val_loss"] == pytest.approx([2_500_000_001.5])


def test_frames_of_any_dtype_are_numbers_everywhere(identity):
    pd = pytest.importorskip("pandas")
    decimal = pytest.importorskip("decimal").Decimal
    for column in (
        pd.array([5_000_000_000, 3], "Int64"),
        pd.Categorical([5_000_000_000, 3]),
        pd.Series([5_000_000_000, 3], dtype="uint64"),
        np.array([5e9, 3], ">f4"),
        [decimal(5_000_000_000), decimal(3)],
    ):
        frame = pd.DataFrame({"cents": column})
        assert identity.predict(frame).tolist() == [[5e9], [3]]
        assert identity.evaluate(frame, frame["cents"].to_frame())["loss"] == 0
    with pytest.raises(lp.DataError, match="column 'cents' of x has complex numbers"):
        identity.predict(pd.DataFrame({"cents": [1j, 2]}))


def test_batches_of_any_dtype_are_numbers(identity):
    def batches(*arrays):
        return lambda: ((x, np.zeros((len(x), 1), ">i8")) for x in arrays)

    assert identity.evaluate(batches(CENTS, CENTS))["loss"] == pytest.approx(2_500_000_001.5)
    assert identity.evaluate(batches(CENTS.astype(">f4")))["loss"] == pytest.approx(2_500_000_001.5)
    with pytest.raises(
        lp.DataError, match=r"batch 1 .* integers beyond int32\. Use .* x\.astype\('float32'\)"
    ):
        identity.evaluate(batches(CENTS[1:], CENTS[:1]))
    with pytest.raises(lp.DataError, match=r"^batch 0 of epoch 0: x masks 1 of its 2 values"):
        identity.evaluate(batches(np.ma.masked_equal(CENTS, 3)))


MASKED = np.ma.masked_array([[1.0], [999.0]], mask=[[0], [1]])
ONES = np.ones((2, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.predict(MASKED), "^x masks 1 of its 2 values"),
        (lambda m: m.fit(MASKED, ONES), "^x masks"),
        (lambda m: m.fit(ONES, MASKED), "^y masks"),
        (lambda m: m.fit(ONES, ONES, sample_weight=MASKED[:, 0]), "^sample_weight masks"),
        (lambda m: m.fit(ONES, ONES, validation_data=(MASKED, ONES)), "^x masks"),
        (lambda m: m.evaluate(Rows(MASKED), ONES), "the rows read mask|^x masks|masks 1 of its"),
        (lambda m: m.predict(np.ones((3, 0))), r"x of the data has shape \(3, 0\): no columns"),
        (lambda m: m.predict((ONES, ONES)), r"is a tuple of 2 arrays of shapes \(1, 1\), \(1, 1\)"),
        (lambda m: m.predict([ONES, ONES]), r"^x is a list of 2 arrays of shapes \(2, 1\), \(2, 1"),
        (lambda m: m.predict(np.ones((1, 3))), r"was built for inputs with 1 in the last axis"),
        (lambda m: m.predict(np.ones((2, 2, 1))), r"takes inputs of shape \(\*, 1\), got \(2, 2"),
        (lambda m: m.evaluate(ONES, ONES * 1j), "y must be numbers, got an array of dtype complex"),
        (lambda m: m.predict(np.array([[1e39]])), r"x\[0, 0\] of the data is 1e\+39"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
def test_what_a_model_cannot_use_is_an_error(identity, call, message):
    with pytest.raises((lp.DataError, lp.ShapeError), match=message):
        call(identity)


def test_a_last_axis_of_size_1_may_be_missing_or_added(identity):
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(identity.predict(x), x[:, None])
    np.testing.assert_array_equal(identity.predict(x[:, None, None]), x[:, None])
    np.testing.assert_array_equal(identity(x), x[:, None])
    identity.compile("sgd", "mse")
    assert identity.evaluate(x, x, verbose=0) == {"loss": 0.0}


@pytest.mark.parametrize("layers", [[lp.Dense(4, input_shape=(3,))], [lp.Input((3,)), lp.Dense(4)]])
def test_a_declared_shape_holds_before_the_first_data(layers):
    def model():
        model = lp.Sequential([*layers, lp.Dense(1)])
        model.compile("sgd", "mse")
        return model

    x, y = np.ones((2, 5)), np.ones((2, 1))
    calls = (
        lambda m: m(x),
        lambda m: m.fit(x, y, verbose=0),
        lambda m: m.evaluate(x, y),
        lambda m: m.predict(x),
        lambda m: m.build((5,)),
        lambda m: lp.jit(lambda x: m(x), state=m)(x),
    )
    for call in calls:
        with pytest.raises(lp.ShapeError, match=r"was declared for inputs of shape \(\*, 3\), got"):
            call(model())
    assert model().predict(x[:, :3]).shape == (2, 1)


def test_labels_beyond_32_bits_are_an_error():
    model = lp.Sequential([lp.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    for labels in ([0, 2**32], np.array([0, 2**63], np.uint64)):  # both are 0 in 32 bits
        with pytest.raises(lp.DataError, match=r"labels must be 0 to 1 .* in row 1"):
            model.fit(ONES, labels, verbose=0)


def test_a_list_of_arrays_is_several_inputs_where_each_has_a_row_for_each_example():
    two = [np.zeros((5, 3)), np.zeros((5, 3))]
    assert isinstance(as_several(two, np.zeros(5)), tuple)
    assert isinstance(as_several(two, [np.zeros(5), np.zeros((5, 2))]), tuple)
    assert isinstance(as_several(two, {"a": np.zeros(5)}), tuple)
    assert isinstance(as_several([np.zeros((5, 3)), np.zeros((5, 8))]), tuple)
    assert isinstance(as_several([np.zeros((5, 3)), np.zeros((5, 8))], np.zeros(2)), list)
    assert isinstance(as_several(two, np.zeros(2)), list)  # two examples
    assert isinstance(as_several(two), list)
    assert isinstance(as_several([np.zeros(3), np.zeros(4)], np.zeros(2)), list)
    assert isinstance(as_several([[1, 2], [3, 4]], np.zeros(2)), list)
    assert as_several([], ()) == []


def test_a_list_of_one_array_is_that_array():
    model = lp.Sequential([lp.Input((3,)), lp.Dense(2)])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 3), np.float32), np.ones((4, 2), np.float32)
    model.fit([x], [y], verbose=0)
    np.testing.assert_array_equal(model.predict([x]), model.predict(x))
