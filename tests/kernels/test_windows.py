from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas import ArgumentError, ShapeError
from lampas.kernels.windows import check_padding, explicit_padding, per_axis
from tests.oracles.conv import same_pads

small = st.integers(1, 9)


@given(n=st.integers(1, 40), k=small, s=small, d=st.integers(1, 4))
def test_same_gives_ceil_of_size_by_stride_and_the_odd_row_after(
    n: int, k: int, s: int, d: int
) -> None:
    ((low, high),) = explicit_padding((n,), (k,), (s,), "same", (d,))
    assert (n + low + high - ((k - 1) * d + 1)) // s + 1 == math.ceil(n / s)
    assert 0 <= high - low <= 1
    assert [(low, high)] == same_pads((n,), (k,), (s,), (d,))


@given(n=st.integers(1, 40), k=small, d=st.integers(1, 4))
def test_valid_pads_nothing_and_rejects_a_span_beyond_the_input(n: int, k: int, d: int) -> None:
    span = (k - 1) * d + 1
    if span <= n:
        assert explicit_padding((n,), (k,), (1,), "valid", (d,)) == ((0, 0),)
    else:
        with pytest.raises(ShapeError, match=rf"spans \({span},\) .* input of \({n},\)"):
            explicit_padding((n,), (k,), (1,), "valid", (d,))


def test_one_number_stands_for_all_axes() -> None:
    assert per_axis("strides", 3, 2) == (3, 3)
    assert per_axis("strides", [1, 2], 2) == (1, 2)


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    assert per_axis("strides", np.int64(3), 2) == (3, 3)
    assert per_axis("strides", np.array([1, 2]), 2) == (1, 2)


@pytest.mark.parametrize("value", [0, -1, (2,), (1, 2, 3), (2, 0), (2, 1.5), 2.5, "3", None])
def test_wrong_count_or_size_names_the_argument(value: object) -> None:
    with pytest.raises(ArgumentError, match="strides must be a positive integer or 2 of them"):
        per_axis("strides", value, 2)


@pytest.mark.parametrize("value", ["full", "", None, 1])
def test_unknown_padding_is_an_error(value: object) -> None:
    with pytest.raises(ArgumentError, match='padding must be "valid" or "same"'):
        check_padding(value)


def test_padding_is_read_in_any_case() -> None:
    assert check_padding("SAME") == "same"
