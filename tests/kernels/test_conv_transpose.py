from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas.kernels import conv_transpose as ops
from tests.oracles import conv as oracle
from tests.oracles.differences import gradient

# sizes, window, strides, padding, dilation, output padding, channels, filters
CASES = [
    ((5,), (3,), (1,), "valid", (1,), None, 2, 3),
    ((4,), (3,), (2,), "same", (1,), None, 2, 3),
    ((4,), (2,), (3,), "valid", (1,), (2,), 1, 2),
    ((3,), (2,), (1,), "same", (3,), None, 2, 1),
    ((3, 4), (3, 2), (2, 3), "same", (1, 1), None, 2, 3),
    ((3, 4), (4, 3), (2, 2), "valid", (1, 1), (0, 1), 3, 2),
    ((3, 4), (4, 3), (2, 2), "same", (1, 1), (1, 1), 3, 2),
    ((3, 3), (2, 3), (1, 1), "valid", (2, 2), None, 1, 2),
    ((2, 3, 2), (2, 3, 2), (2, 1, 2), "same", (1, 1, 1), None, 2, 2),
]
FORMS = {"canonical": ops._cpu_conv_transpose, "XLA's own": ops._via_input_gradient}


def geometry(options: tuple) -> tuple:
    outs, *others = options
    return outs, ops.Geometry(*others)


def drawn(case: tuple) -> tuple:
    sizes, window, strides, padding, dilation, more, channels, filters = case
    random = np.random.default_rng(0)
    x = random.normal(size=(2, *sizes, channels))
    kernel = random.normal(size=(*window, filters, channels))
    outs, around = ops.output_sizes_and_padding(sizes, window, strides, padding, dilation, more)
    return x, kernel, (outs, strides, around, dilation)


def define(x: np.ndarray, kernel: np.ndarray, options: tuple) -> np.ndarray:
    outs, strides, around, dilation = options
    return oracle.spread(x, kernel, outs, strides, [low for low, _ in around], dilation)


def way_back(x: np.ndarray, dy: np.ndarray, kernel: np.ndarray, options: tuple) -> tuple:
    """Gradients of ``sum(dy * output)``, by the convolution that leads back."""
    _, strides, around, dilation = options
    cut = tuple(
        slice(n + min(high, 0)) for n, (_, high) in zip(dy.shape[1:-1], around, strict=True)
    )
    pads = [(low, max(high, 0)) for low, high in around]
    reached = dy[(slice(None), *cut)]
    dx = oracle.convolve(reached, kernel, strides, pads, dilation)
    return dx, oracle.gradients(x, reached, kernel, strides, pads, dilation)[1]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_output_and_gradients_are_those_of_the_definition(case: tuple) -> None:
    x, kernel, options = drawn(case)
    expected = define(x, kernel, options)
    dy = np.random.default_rng(1).normal(size=expected.shape)
    dx, dkernel = way_back(x, dy, kernel, options)

    def run(x, kernel, dy):
        results = {}
        for name, form in FORMS.items():
            y, back = jax.vjp(lambda x, k, form=form: form(x, k, *geometry(options)), x, kernel)
            results[name] = (y, *back(dy))
        return results

    with jax.enable_x64(True):
        for y, got_dx, got_dkernel in jax.jit(run)(x, kernel, dy).values():
            np.testing.assert_allclose(y, expected, atol=1e-12)
            np.testing.assert_allclose(got_dx, dx, atol=1e-12)
            np.testing.assert_allclose(got_dkernel, dkernel, atol=1e-12)


@pytest.mark.parametrize("case", [CASES[2], CASES[6]], ids=str)
def test_definition_has_the_gradients_that_finite_differences_find(case: tuple) -> None:
    x, kernel, options = drawn(case)
    dy = np.random.default_rng(1).normal(size=define(x, kernel, options).shape)
    dx, dkernel = way_back(x, dy, kernel, options)
    by_x = gradient(lambda a: np.sum(dy * define(a, kernel, options)), x)
    by_kernel = gradient(lambda k: np.sum(dy * define(x, k, options)), kernel)
    np.testing.assert_allclose(dx, by_x, atol=1e-7)
    np.testing.assert_allclose(dkernel, by_kernel, atol=1e-7)


def test_gradient_of_a_gradient_is_that_of_xlas_own_form() -> None:
    x, kernel, options = drawn(CASES[4])

    def roughness(form, kernel):
        grad = jax.grad(lambda k: jnp.sum(form(x, k, *geometry(options)) ** 3))
        return jnp.sum(grad(kernel) ** 2)

    with jax.enable_x64(True):
        ours, xlas = (
            jax.jit(jax.grad(lambda k, form=form: roughness(form, k)))(kernel)
            for form in FORMS.values()
        )
        np.testing.assert_allclose(ours, xlas, rtol=1e-9)


def test_public_function_takes_float32() -> None:
    x, kernel, options = drawn(CASES[4])
    y = ops.conv_transpose(jnp.float32(x), jnp.float32(kernel), *options)
    assert y.dtype == jnp.float32
    np.testing.assert_allclose(y, define(x, kernel, options), atol=1e-5)


small = st.integers(1, 7)


@given(n=small, k=small, s=small, d=st.integers(1, 3), padding=st.sampled_from(["valid", "same"]))
def test_convolution_leads_from_the_output_back_to_the_input(
    n: int, k: int, s: int, d: int, padding: str
) -> None:
    ((out,), ((low, high),)) = ops.output_sizes_and_padding((n,), (k,), (s,), padding, (d,))
    span = (k - 1) * d + 1
    assert (out + low + high - span) // s + 1 == n
    assert out == (n * s if padding == "same" else (n - 1) * s + max(span, s))
    assert 0 <= low <= span - 1


@given(n=small, k=small, s=small, more=st.integers(0, 6))
def test_output_padding_sets_the_size(n: int, k: int, s: int, more: int) -> None:
    for padding, least in (("valid", k), ("same", k % 2)):
        (out,), _ = ops.output_sizes_and_padding((n,), (k,), (s,), padding, (1,), (more,))
        assert out == (n - 1) * s + least + more
