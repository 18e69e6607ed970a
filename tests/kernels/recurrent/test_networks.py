"""Recurrent networks with masks and dropped states, against the definition."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels import recurrent as ops
from lampas.kernels.recurrent.loop import Weights
from tests.oracles import recurrent as oracle

BATCH, STEPS, FEATURES, UNITS = 3, 4, 2, 3
KINDS = {
    "simple": (ops.simple_rnn, oracle.Simple(), 1),
    "gru": (ops.gru, oracle.GRU(), 3),
    "lstm": (ops.lstm, oracle.LSTM(), 4),
}
MASK = np.array([[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 1, 1]])
KEEP = np.array([[2, 0, 1], [0, 0, 0], [0.5, 2, 2]])


def row_by_row(cell: oracle.Cell, x, states, weights, gradients, last, backwards: bool) -> dict:
    """Dropping units of the state a step sees is, for rows row, dropping rows of the kernel."""
    results: dict = {}
    for row in range(BATCH):
        rows = slice(row, row + 1)
        mine = {**weights, "recurrent_kernel": KEEP[row, :, None] * weights["recurrent_kernel"]}
        arguments = x[rows], tuple(s[rows] for s in states), mine
        direction = MASK[rows], backwards
        run = oracle.run(cell, *arguments, *direction)
        gradient = oracle.gradients(
            cell, *arguments, gradients[rows], tuple(s[rows] for s in last), *direction
        )
        gradient["recurrent_kernel"] *= KEEP[row, :, None]
        outputs = run.outputs[:, ::-1] if backwards else run.outputs
        for name, value in {"outputs": outputs, **gradient}.items():
            results.setdefault(name, []).append(value)
    shared = set(weights)
    return {k: np.sum(v, 0) if k in shared else np.concatenate(v) for k, v in results.items()}


@pytest.mark.long
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("kind", KINDS)
def test_networks_with_dropped_states_follow_the_definition(kind: str, backwards: bool) -> None:
    function, cell, gates = KINDS[kind]
    random = np.random.default_rng(0)
    count = 1 + (kind == "lstm")
    x = random.normal(size=(BATCH, STEPS, FEATURES))
    states, last = random.normal(size=(2, count, BATCH, UNITS))
    bias = (2, gates * UNITS) if kind == "gru" else (gates * UNITS,)
    shapes = {"kernel": (FEATURES, gates * UNITS), "recurrent_kernel": (UNITS, gates * UNITS)}
    weights = {k: random.normal(size=shape) for k, shape in (shapes | {"bias": bias}).items()}
    gradients = random.normal(size=(BATCH, STEPS, UNITS))

    def loss(x, weights, states):
        options = ops.ScanOptions(backwards, return_sequences=True)
        kernels = Weights(**weights)
        outputs, *after = function(options, x, kernels, *states, MASK.astype(float), KEEP)
        ends = sum(jnp.sum(a * s) for a, s in zip(after, last, strict=True))
        return jnp.sum(outputs * gradients) + ends, outputs

    with jax.enable_x64(True):
        grad = jax.jit(jax.grad(loss, (0, 1, 2), has_aux=True))
        (dx, dw, ds), outputs = grad(x, weights, tuple(states))
    results = {"outputs": outputs, "x": dx, **dw} | {f"state {i}": d for i, d in enumerate(ds)}
    in_order = gradients[:, ::-1] if backwards else gradients
    expected = row_by_row(cell, x, tuple(states), weights, in_order, tuple(last), backwards)
    assert set(results) == set(expected)
    for name, value in results.items():
        np.testing.assert_allclose(value, expected[name], atol=1e-10, err_msg=name)
