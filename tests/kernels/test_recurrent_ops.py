from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels import recurrent as ops
from tests.oracles import recurrent as oracle

BATCH, STEPS, FEATURES, UNITS = 3, 4, 2, 3
KINDS = {
    "simple": (ops.simple_rnn, oracle.Simple(), 1),
    "gru": (ops.gru, oracle.GRU(), 3),
    "lstm": (ops.lstm, oracle.LSTM(), 4),
}
MASK = np.array([[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 1, 1]])
KEEP = np.array([[2, 0, 1], [0, 0, 0], [0.5, 2, 2]])


def row_by_row(cell: oracle.Cell, x, states, weights, slopes, last, backwards: bool) -> dict:
    """Dropping units of the state a step sees is, for one row, dropping rows of the kernel."""
    found: dict = {}
    for row in range(BATCH):
        one = slice(row, row + 1)
        mine = {**weights, "recurrent_kernel": KEEP[row, :, None] * weights["recurrent_kernel"]}
        given = x[one], tuple(s[one] for s in states), mine
        way = MASK[one], backwards
        run = oracle.run(cell, *given, *way)
        slope = oracle.gradients(cell, *given, slopes[one], tuple(s[one] for s in last), *way)
        slope["recurrent_kernel"] *= KEEP[row, :, None]
        outputs = run.outputs[:, ::-1] if backwards else run.outputs
        for name, value in {"outputs": outputs, **slope}.items():
            found.setdefault(name, []).append(value)
    shared = set(weights)
    return {k: np.sum(v, 0) if k in shared else np.concatenate(v) for k, v in found.items()}


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("kind", KINDS)
def test_steps_that_see_a_part_of_the_state_are_those_of_the_definition(
    kind: str, backwards: bool
) -> None:
    function, cell, gates = KINDS[kind]
    random = np.random.default_rng(0)
    count = 1 + (kind == "lstm")
    x = random.normal(size=(BATCH, STEPS, FEATURES))
    states, last = random.normal(size=(2, count, BATCH, UNITS))
    bias = (2, gates * UNITS) if kind == "gru" else (gates * UNITS,)
    shapes = {"kernel": (FEATURES, gates * UNITS), "recurrent_kernel": (UNITS, gates * UNITS)}
    weights = {k: random.normal(size=shape) for k, shape in (shapes | {"bias": bias}).items()}
    slopes = random.normal(size=(BATCH, STEPS, UNITS))

    def error(x, weights, states):
        way = ops.Way(backwards, sequences=True)
        kernels = (weights[name] for name in ("kernel", "recurrent_kernel", "bias"))
        outputs, *after = function(way, x, *kernels, *states, MASK.astype(float), KEEP)
        ends = sum(jnp.sum(a * s) for a, s in zip(after, last, strict=True))
        return jnp.sum(outputs * slopes) + ends, outputs

    with jax.enable_x64(True):
        grad = jax.jit(jax.grad(error, (0, 1, 2), has_aux=True))
        (dx, dw, ds), outputs = grad(x, weights, tuple(states))
    found = {"outputs": outputs, "x": dx, **dw} | {f"state {i}": d for i, d in enumerate(ds)}
    walked = slopes[:, ::-1] if backwards else slopes
    expected = row_by_row(cell, x, tuple(states), weights, walked, tuple(last), backwards)
    assert set(found) == set(expected)
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name], atol=1e-10, err_msg=name)
