from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lampas.datasets import DatasetError
from lampas.datasets.images import read_idx
from tests.datasets.support import idx


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=3, min_side=0, max_side=4)))
def test_reads_back_any_array(array):
    np.testing.assert_array_equal(read_idx(idx(array), array.ndim, "a"), array)


def test_the_array_is_the_callers_own():
    array = read_idx(idx(np.zeros((2, 3))), 2, "a")
    assert array.dtype == np.uint8
    array[0, 0] = 1


GOOD = idx(np.arange(12).reshape(3, 2, 2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.gz: begins with nothing, not with 00 00 08 03"),
        (b"\x00\x00\x0d\x03" + GOOD[4:], "a.gz: begins with 00 00 0d 03, not with 00 00 08 03"),
        (idx(np.zeros(5)), "a.gz: begins with 00 00 08 01, not with 00 00 08 03"),
        (GOOD[:9], "a.gz: ends inside its header, after 9 bytes"),
        (GOOD[:-1], r"a.gz: holds 11 values; its header \(3, 2, 2\) promises 12"),
        (GOOD + b"\x00", r"a.gz: holds 13 values; its header \(3, 2, 2\) promises 12"),
    ],
)
def test_anything_else_is_refused_by_name(content, message):
    with pytest.raises(DatasetError, match=message):
        read_idx(content, 3, "a.gz")


@given(st.binary(max_size=40))
def test_no_bytes_make_it_fail_otherwise(content):
    with contextlib.suppress(DatasetError):
        read_idx(content, 2, "a")
