from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels import conv as ops
from lampas.kernels.windows import explicit_padding
from tests.oracles import conv as oracle
from tests.oracles.differences import gradient

# space, window, strides, padding, dilation, channels, filters, groups
CASES = [
    ((7,), (3,), (1,), "valid", (1,), 2, 3, 1),
    ((8,), (3,), (2,), "valid", (1,), 2, 3, 1),
    ((7,), (4,), (3,), "same", (1,), 1, 2, 1),
    ((9,), (2,), (1,), "same", (3,), 2, 2, 2),
    ((5,), (5,), (4,), "valid", (1,), 2, 1, 1),
    ((6,), (1,), (3,), "valid", (1,), 2, 2, 1),
    ((5, 6), (3, 3), (1, 1), "valid", (1, 1), 2, 3, 1),
    ((5, 6), (3, 2), (2, 3), "same", (1, 1), 3, 2, 1),
    ((7, 6), (2, 3), (2, 1), "valid", (2, 2), 1, 2, 1),
    ((6, 5), (3, 2), (1, 2), "same", (2, 3), 4, 6, 2),
    ((6, 7), (3, 3), (2, 2), "valid", (1, 1), 3, 6, 3),
    ((4, 4), (1, 1), (2, 2), "same", (1, 1), 2, 2, 1),
    ((3, 4, 3), (2, 2, 3), (1, 2, 1), "same", (1, 1, 1), 2, 2, 2),
]
FORMS = {"on the CPU": ops._cpu_conv, "XLA's own": ops.xla_conv}


def drawn(case: tuple) -> tuple:
    space, window, strides, padding, dilation, channels, filters, groups = case
    random = np.random.default_rng(0)
    x = random.normal(size=(2, *space, channels))
    kernel = random.normal(size=(*window, channels // groups, filters))
    around = explicit_padding(space, window, strides, padding, dilation)
    return x, kernel, (strides, around, dilation, groups)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_convolution_and_both_gradients_are_those_of_the_definition(case: tuple) -> None:
    x, kernel, options = drawn(case)
    expected = oracle.convolve(x, kernel, *options)
    dy = np.random.default_rng(1).normal(size=expected.shape)
    dx, dkernel = oracle.gradients(dy, x, kernel, *options)

    def run(x, kernel, dy):
        results = {}
        for name, form in FORMS.items():
            y, back = jax.vjp(lambda x, k, form=form: form(x, k, ops.Geometry(*options)), x, kernel)
            results[name] = (y, *back(dy))
        return results

    with jax.enable_x64(True):
        for y, got_dx, got_dkernel in jax.jit(run)(x, kernel, dy).values():
            np.testing.assert_allclose(y, expected, atol=1e-12)
            np.testing.assert_allclose(got_dx, dx, atol=1e-12)
            np.testing.assert_allclose(got_dkernel, dkernel, atol=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("case", [CASES[3], CASES[7], CASES[10]], ids=str)
def test_definition_has_the_gradients_that_finite_differences_find(case: tuple) -> None:
    x, kernel, options = drawn(case)
    dy = np.random.default_rng(1).normal(size=oracle.convolve(x, kernel, *options).shape)
    dx, dkernel = oracle.gradients(dy, x, kernel, *options)
    by_x = gradient(lambda a: np.sum(dy * oracle.convolve(a, kernel, *options)), x)
    by_kernel = gradient(lambda k: np.sum(dy * oracle.convolve(x, k, *options)), kernel)
    np.testing.assert_allclose(dx, by_x, atol=1e-7)
    np.testing.assert_allclose(dkernel, by_kernel, atol=1e-7)


def test_conv_chooses_the_canonical_form_on_the_cpu_and_stays_a_convolution() -> None:
    x, kernel, options = drawn(CASES[6])
    y = ops.conv(jnp.float32(x), jnp.float32(kernel), *options)
    np.testing.assert_allclose(y, oracle.convolve(x, kernel, *options), atol=1e-5)


def test_convolution_is_linear_in_its_input_and_in_its_kernel() -> None:
    x, kernel, options = drawn(CASES[9])
    x2, k2 = np.roll(x, 1, 1), kernel[::-1].copy()
    with jax.enable_x64(True):
        f = jax.jit(lambda x, k: ops._cpu_conv(x, k, ops.Geometry(*options)))
        np.testing.assert_allclose(
            f(2 * x - 3 * x2, kernel), 2 * f(x, kernel) - 3 * f(x2, kernel), atol=1e-12
        )
        np.testing.assert_allclose(
            f(x, 2 * kernel - 3 * k2), 2 * f(x, kernel) - 3 * f(x, k2), atol=1e-12
        )


def test_convolution_of_a_moved_image_is_the_moved_convolution() -> None:
    random = np.random.default_rng(0)
    x = np.zeros((1, 12, 12, 2), np.float32)
    x[:, 3:8, 3:8] = random.normal(size=(1, 5, 5, 2))
    kernel = jnp.float32(random.normal(size=(3, 3, 2, 4)))
    f = jax.jit(lambda x: ops.conv(x, kernel, (1, 1), ((1, 1), (1, 1)), (1, 1)))
    for down, right in [(1, 0), (0, 2), (-2, 3)]:
        moved = f(np.roll(x, (down, right), (1, 2)))
        np.testing.assert_allclose(moved, np.roll(f(x), (down, right), (1, 2)), atol=1e-5)


def test_gradients_pass_through_a_batched_and_a_compiled_loop() -> None:
    x, kernel, options = drawn(CASES[7])

    def loss(kernel):
        def body(total, row):
            return total + jnp.sum(ops.conv(row[None], kernel, *options) ** 2), None

        return jax.lax.scan(body, 0.0, jnp.asarray(x))[0]

    with jax.enable_x64(True):
        whole = jax.jit(jax.grad(lambda k: jnp.sum(ops.conv(x, k, *options) ** 2)))(kernel)
        np.testing.assert_allclose(jax.jit(jax.grad(loss))(kernel), whole, atol=1e-10)


def test_gradient_of_a_gradient_is_that_of_xlas_own_form() -> None:
    x, kernel, options = drawn(CASES[9])

    def roughness(form, x):
        grad = jax.grad(lambda x: jnp.sum(form(x, kernel, ops.Geometry(*options)) ** 3))
        return jnp.sum(grad(x) ** 2)

    with jax.enable_x64(True):
        ours, xlas = (
            jax.jit(jax.grad(lambda x, form=form: roughness(form, x)))(x) for form in FORMS.values()
        )
        np.testing.assert_allclose(ours, xlas, rtol=1e-9)
