"""No convolution of a compiled training loop may fall to XLA's naive loop on the CPU.

XLA:CPU calls its fast kernel for a convolution that is canonical (``CanUseEigenConvolution`` in
xla/service/cpu/ir_emission_utils.cc): one to three spatial axes, labels ``b01f_01io->b01f``, no
reversed window, float32 or float16, all three arrays row-major. Any other becomes a loop over
single numbers, 20 to 200 times slower. XLA makes convolutions canonical only in a program's
outermost computation, so what stands in a loop must be canonical as it is written.
"""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import lampas
from lampas.core.jit import jit, platform
from lampas.kernels.conv import conv
from lampas.kernels.windows import explicit_padding
from tests.oracles import conv as oracle

pytestmark = [
    pytest.mark.long,  # all of it is compilation
    pytest.mark.skipif(platform() != "cpu", reason="a rule of XLA on the CPU"),
]

LABELS = {f"b{s}f_{s}io->b{s}f" for s in ("0", "01", "012")}
DEFINITION = re.compile(r"^\s*(?:ROOT )?(%\S+) = (\w+)\[[^\]]*\](?:\{([\d,]*)[^}]*\})?")


def naive_convolutions(text: str) -> list[str]:
    """The convolutions of an optimized program that XLA:CPU does by its naive loop."""
    arrays = {found[1]: found for found in map(DEFINITION.match, text.splitlines()) if found}
    loops = set(re.findall(r"kind=k(?:Loop|Input|Output), calls=(%\S+?)[,\s]", text))
    naive, computation = [], ""
    for line in text.splitlines():
        if line.endswith("{") and not line.startswith(" "):
            computation = line.split()[0]
        if " convolution(" in line:
            operands = re.findall(r"%[\w.-]+", re.search(r" convolution\(([^)]*)\)", line)[1])
            kept = [arrays[name] for name in (line.split(" = ")[0].split()[-1], *operands)]
            if computation in loops or not _is_canonical(line, kept):
                naive.append(line.strip())
    return naive


def _is_canonical(line: str, arrays: list[re.Match]) -> bool:
    labels = re.search(r"dim_labels=(\S+?)[,\s]", f"{line} ")[1]
    row_major = all(
        layout == sorted(layout, reverse=True)
        for layout in ([int(n) for n in array[3].split(",")] for array in arrays)
    )
    return (
        labels in LABELS
        and row_major
        and {array[2] for array in arrays} <= {"f32", "f16"}
        and "rhs_reversal" not in line
        and "batch_group_count" not in line
    )


def training_loop(functions: list, states: list) -> str:
    """The optimized program of a loop that moves all of each state down its function's gradient."""

    def loss(states):
        return sum(jnp.sum(jnp.sin(f(*s))) for f, s in zip(functions, states, strict=True))

    def step(_, states):
        return jax.tree.map(lambda value, grad: value - grad, states, jax.grad(loss)(states))

    run = jit(lambda steps, states: lax.fori_loop(0, steps, step, states))
    return run.lower(3, states).compile().as_text()


def loop_of_layers(layers: list[lampas.Layer], shape: tuple[int, ...]) -> str:
    functions, states = [], []
    x = jnp.asarray(np.random.default_rng(0).normal(size=shape), jnp.float32)
    for layer in layers:
        layer(x)
        (params, state), apply = lampas.functional(layer)
        functions.append(lambda p, x, apply=apply, state=state: apply(p, state, x)[0])
        states.append((params, x))
    return training_loop(functions, states)


WAYS = [{"strides": 1}, {"strides": 2}, {"strides": 3}, {"dilation_rate": 2}]
PADDED = [way | {"padding": padding} for way in WAYS for padding in ("valid", "same")]
FEW = [WAYS[1] | {"padding": "valid"}, WAYS[3] | {"padding": "same"}]


@pytest.mark.parametrize(("rank", "ways"), [(1, PADDED), (2, PADDED), (3, FEW)])
def test_convolutions_with_and_without_groups(rank: int, ways: list[dict]) -> None:
    kind = getattr(lampas, f"Conv{rank}D")
    layers = [kind(66, 3, groups=groups, **way) for way in ways for groups in (1, 2)]
    text = loop_of_layers([*layers, kind(66, 3, groups=33)], (2, *(7, 6, 5)[:rank], 66))
    assert "feature_group_count=2" in text
    assert naive_convolutions(text) == []


@pytest.mark.parametrize("rank", [1, 2])
def test_depthwise_and_separable_convolutions(rank: int) -> None:
    kind = getattr(lampas, f"DepthwiseConv{rank}D")
    layers = [kind(3, **way) for way in PADDED]
    layers += [getattr(lampas, f"SeparableConv{rank}D")(4, 3, depth_multiplier=2, **PADDED[1])]
    large = kind((65, 1)[:rank], padding="same")
    text = loop_of_layers([*layers, large], (2, *(8, 7)[:rank], 3))
    assert naive_convolutions(text) == []


@pytest.mark.parametrize(("rank", "ways"), [(1, PADDED), (2, PADDED), (3, FEW)])
def test_transposed_convolutions(rank: int, ways: list[dict]) -> None:
    kind = getattr(lampas, f"Conv{rank}DTranspose")
    layers = [kind(3, 3, **way) for way in ways]
    layers += [kind(3, 4, strides=2, padding="same", output_padding=1)]
    text = loop_of_layers(layers, (2, *(4, 3, 2)[:rank], 5))
    assert naive_convolutions(text) == []


def test_kernels_larger_than_their_inputs() -> None:
    layers = [
        lampas.Conv2D(3, 5, padding="same"),
        lampas.Conv2D(3, 4, strides=2, padding="same"),
        lampas.Conv2D(3, 3, dilation_rate=3, padding="same"),
        lampas.Conv2DTranspose(3, 5, strides=3),
        lampas.Conv2D(3, (2, 3), padding="same"),
    ]
    assert naive_convolutions(loop_of_layers(layers, (2, 2, 3, 5))) == []


# space, window, strides, padding, dilation, channels, filters, groups
CASES = [
    ((7, 6), (3, 3), (2, 2), "valid", (1, 1), 3, 4, 1),
    ((2, 3), (5, 4), (1, 2), "same", (1, 1), 3, 4, 1),
    ((2, 2), (3, 3), (2, 2), "same", (2, 1), 3, 4, 1),
    ((5, 4), (3, 2), (1, 1), "same", (1, 1), 66, 4, 2),
    ((4, 5), (3, 3), (2, 1), "same", (1, 1), 6, 9, 3),
    ((6, 5), (3, 3), (1, 2), "valid", (1, 2), 4, 8, 4),
    ((3,), (7,), (3,), "same", (1,), 2, 3, 1),
    ((2, 3, 2), (3, 2, 3), (1, 2, 1), "same", (1, 1, 1), 2, 3, 1),
]


def test_numbers_of_the_fast_kernels_are_those_of_the_definition() -> None:
    random = np.random.default_rng(0)
    examples = []
    for space, window, strides, padding, dilation, channels, filters, groups in CASES:
        x = random.normal(size=(2, *space, channels))
        kernel = random.normal(size=(*window, channels // groups, filters))
        options = (
            strides,
            explicit_padding(space, window, strides, padding, dilation),
            dilation,
            groups,
        )
        expected = oracle.convolve(x, kernel, *options)
        dy = random.normal(size=expected.shape)
        examples.append(
            (options, expected, *oracle.gradients(dy, x, kernel, *options), x, kernel, dy)
        )

    def all_three(_, found):
        results = []
        for options, *_, x, kernel, dy in examples:
            x, kernel, dy = (jnp.float32(a) for a in (x, kernel, dy))
            y, back = jax.vjp(lambda x, k, o=options: conv(x, k, *o), x, kernel)
            results.append((y, *back(dy)))
        return results

    start = [tuple(jnp.zeros(a.shape) for a in example[1:4]) for example in examples]
    found = jit(lambda n, start: lax.fori_loop(0, n, all_three, start))(1, start)
    for case, results, example in zip(CASES, found, examples, strict=True):
        for got, right in zip(results, example[1:4], strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-4, atol=1e-4, err_msg=str(case))


X = jnp.asarray(np.random.default_rng(0).normal(size=(4, 8, 8, 6)), jnp.float32)
KERNEL = jnp.asarray(np.random.default_rng(1).normal(size=(3, 3, 6, 4)), jnp.float32)


def plain(x, kernel, **options):
    return lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"), **options
    )


def test_gradients_that_automatic_differentiation_writes_are_found_out() -> None:
    naive = naive_convolutions(training_loop([plain], [(X, KERNEL)]))
    assert len(naive) == 2
    labels = {re.search(r"dim_labels=(\S+?),", line)[1] for line in naive}
    assert labels == {"b01f_01oi->b01f", "f01b_i01o->01bf"}


def test_naive_kernel_gradient_of_groups_is_found_out() -> None:
    def grouped(x, kernel):
        return plain(x, kernel, feature_group_count=2)

    naive = naive_convolutions(training_loop([grouped], [(X, KERNEL[:, :, :3])]))
    assert any("lhs_dilate" in line for line in naive)


def test_swapped_operands_of_a_large_kernel_are_found_out() -> None:
    text = jit(plain).lower(X[:, :2, :2], KERNEL).compile().as_text()
    assert ["rhs_reversal" in line for line in naive_convolutions(text)] == [True]


def test_outside_a_loop_xla_makes_them_canonical_itself() -> None:
    grads = jit(jax.grad(lambda x, k: jnp.sum(jnp.sin(plain(x, k))), (0, 1)))
    text = grads.lower(X, KERNEL).compile().as_text()
    assert text.count(" convolution(") == 3
    assert naive_convolutions(text) == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_only_single_and_half_precision_have_a_fast_kernel(dtype: str) -> None:
    with jax.enable_x64(dtype == "float64"):
        text = jit(plain).lower(X.astype(dtype), KERNEL.astype(dtype)).compile().as_text()
    assert (naive_convolutions(text) == []) == (dtype != "float64")
