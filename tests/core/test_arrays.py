"""Data of every kind becomes the right numbers on the device, or an error that says what to do."""

from decimal import Decimal
from fractions import Fraction

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy

import lampas as lp
from lampas.core.arrays import as_numbers, to_device, to_host
from tests.scale import examples

HUGE = 2**63 + 2**40


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ([[1, 2]], np.int64),
        ([[1, 2.5]], np.float64),
        ((1, 2), np.int64),
        (np.array([1.5], ">f4"), np.float32),
        (np.array([300], ">i2"), np.int16),
        (np.array([300], ">u8"), np.uint64),
        (np.array([True]), bool),
        (np.array([1.5], ml_dtypes.bfloat16), ml_dtypes.bfloat16),
        (np.array([1.5], np.longdouble), np.float64),
        (np.array([1, 2.5], object), np.float64),
        (np.ma.masked_array([1.0, 2.0], mask=[0, 0]), np.float64),
        # The edges of the integers of the device, and the next numbers.
        (np.array([-(2**31), 2**31 - 1]), np.int64),
        (np.array([2**31]), np.float64),
        (np.array([-(2**31) - 1]), np.float64),
        (np.array([2**32 - 1], np.uint64), np.uint64),
        (np.array([2**32], np.uint64), np.float64),
        (np.array([HUGE], ">u8"), np.float64),
        ([2**70, 1], np.float64),
        ([Decimal("1.5"), Fraction(1, 4)], np.float64),
        ([], np.float64),
    ],
)
def test_values_reach_the_device_as_float64_input_would(value, dtype):
    array = as_numbers(value)
    assert array.dtype == np.dtype(dtype)
    assert array.dtype.isnative
    expected = np.array([float(v) for v in value if not isinstance(v, list)])
    device = np.asarray(to_device(value), np.float64)
    if isinstance(value, list) and value and isinstance(value[0], list):
        expected = np.array(value, np.float64)
    if array.dtype == np.float64:
        expected = expected.astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(device, expected)


def test_arrays_that_need_no_conversion_are_not_copied():
    for array in (np.ones(3, np.float32), np.ones(3, np.int64), np.ones(3), jnp.ones(3)):
        assert as_numbers(array) is array
        assert to_host(array) is array


def test_own_loops_pass_what_is_no_array_of_numbers():
    for value in ("text", 5, None, np.array(["a"]), np.array([1j])):
        assert to_host(value) is value
    assert to_host(np.array([2**40])).dtype == np.float64


class Sparse:
    shape, dtype = (2, 2), np.dtype(float)

    def tocsr(self):
        raise AssertionError


MASKED = np.ma.masked_array([1.0, 999.0], mask=[0, 1])
BAD = {
    "masked": (MASKED, r"^x masks 1 of its 2 values. Fill them in with .filled\(value\), or drop"),
    "masked rows": ([MASKED, MASKED], "^x masks 1 of its 2 values"),
    "sparse": (Sparse(), r"^x is sparse; convert it to a dense array with .toarray\(\)"),
    "complex": (np.array([1j]), r"dtype complex128 and shape \(1,\). Give both parts as features"),
    "complex of JAX": (jnp.array([1j]), "dtype complex64"),
    "texts": (
        ["1.5"],
        r"dtype <U3 and shape \(1,\). Convert texts with TextVectorization, numbers",
    ),
    "bytes": (np.array([b"a"]), r"dtype \|S1 .* Convert texts"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), r"Count the days: \(x - x.min\(\)\) / "),
    "durations": (np.array([5], "m8[s]"), "Count the days"),
    "fields": (np.zeros(2, [("a", "f4"), ("b", "i4")]), "structured_to_unstructured"),
    "missing": (np.array([1.0, None]), r"dtype object and shape \(2,\). It has None, NoneType"),
    "objects": ([object()], r"It has <object object at .*, object\."),
    "ragged": ([[1.0], [1.0, 2.0]], "^x has rows of different lengths, not numbers of one shape"),
    "a tuple of arrays": ((np.ones(2), np.ones(2)), r"is a tuple of 2 arrays of shapes \(2,\), \("),
    "a list of matrices": (
        [np.ones((2, 3))] * 4,
        r"list of 4 arrays of shapes .*, \.\.\., where on",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_not_numbers_is_an_error_that_says_what_to_do(kind):
    value, message = BAD[kind]
    with pytest.raises(lp.DataError, match=message):
        as_numbers(value, "x")


def test_scipy_s_sparse_arrays_are_recognized():
    sparse = pytest.importorskip("scipy.sparse")
    for array in (sparse.csr_matrix([[1.0]]), sparse.coo_array([[1.0]])):
        with pytest.raises(lp.DataError, match="is sparse"):
            as_numbers(array)


@pytest.mark.parametrize("convert", [to_device, to_host])
def test_numbers_beyond_float32_are_an_error_and_infinity_stays(convert):
    with pytest.raises(
        lp.DataError, match=r"^y has -1e\+39 at \[1, 0\], beyond the range of float"
    ):
        convert(np.array([[np.nan], [-1e39]]), "y")
    values = np.array([np.inf, -np.inf, np.nan, 3e38])
    np.testing.assert_array_equal(np.asarray(convert(values)), values.astype(convert(values).dtype))


def ones(**options):
    return lp.Dense(1, kernel_initializer="ones", use_bias=False, **options)


def test_a_call_by_hand_takes_any_numbers():
    # 5e9 modulo 2^32 is 705032704.
    for x in ([[5_000_000_000]], np.array([[5_000_000_000]], ">i8")):
        assert float(ones()(x)[0, 0]) == 5e9
        assert float(lp.Sequential([ones()])(x)[0, 0]) == 5e9
    with pytest.raises(lp.DataError, match="masks 1 of its 2 values"):
        ones()(MASKED[None])
    with pytest.raises(lp.DataError, match=r"the input is a tuple of 2 arrays of shapes \(3, 1\)"):
        ones()((np.ones((3, 1)), np.ones((3, 1))))
    with pytest.raises(lp.DataError, match=r"the input must be numbers, got .* complex64"):
        ones()(jnp.ones((2, 1), jnp.complex64))


def test_losses_metrics_and_weights_take_any_numbers():
    y = np.array([[5_000_000_000]])
    zeros = np.zeros((1, 1), np.float32)
    assert float(lp.losses.MeanAbsoluteError()(y, zeros)[0]) == 5e9
    assert lp.metrics.MeanMetricWrapper(lambda y, p: abs(y - p)[:, 0], "mae")(y, zeros) == 5e9
    model = lp.Sequential([ones(input_shape=(1,))])
    model.set_weights([np.array([[2.5]], ">f8")])
    assert model.get_weights()[0].tolist() == [[2.5]]
    with pytest.raises(lp.DataError, match="dense_1/kernel masks 1"):
        model.set_weights([np.ma.masked_array([[2.5]], mask=True)])


def test_own_loops_take_any_numbers():
    model = lp.Sequential([ones(input_shape=(1,))])
    x = np.array([[5_000_000_000]])
    error = lp.value_and_grad(model, lambda x, y: abs(model(x) - y).mean())
    assert float(error(x, x + 512)[0]) == 512  # float32 has every 512th number there
    assert float(lp.jit(lambda x: x * model(x).sum(), state=model)(x)[0, 0]) == np.float32(2.5e19)
    with pytest.raises(lp.DataError, match="masks 1 of its 2 values"):
        error(MASKED[None], x)


@examples(50)
@given(numpy.arrays(numpy.scalar_dtypes(), 3))
def test_any_array_is_its_numbers_or_an_error(array):
    """Compared with NumPy's conversion to float64 and then to float32; of what fits, exactly."""
    kind = array.dtype.kind
    try:
        device = np.asarray(to_device(array))
    except lp.DataError as error:
        overflows = kind == "f" and "beyond the range of float32" in str(error)
        assert kind not in "biuf" or overflows
        return
    with np.errstate(over="ignore"):
        expected = array.astype(np.float64).astype(np.float32)
    if device.dtype.kind in "biu":
        expected = array
    np.testing.assert_array_equal(device.astype(expected.dtype), expected)


def test_the_advice_for_labels_that_are_texts():
    with pytest.raises(lp.DataError, match=r"Number the classes: np.unique\(y, return_inverse"):
        as_numbers(np.array(["a", "b"]), "y")
