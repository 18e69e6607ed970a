from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas
from lampas.core.build import build
from tests.layers.recurrent.networks import KINDS, MASK, SIZE, each_kind
from tests.oracles import recurrent as oracle
from tests.oracles.differences import gradient
from tests.scale import examples


class Problem(NamedTuple):
    """What goes in, and the slopes of all that comes out."""

    x: np.ndarray
    states: oracle.States
    weights: oracle.Arrays
    d_outputs: np.ndarray
    d_states: oracle.States


@cache
def problem(kind: str, size: tuple[int, ...] = SIZE) -> Problem:
    random = np.random.default_rng(0)
    batch, steps, features, units = size
    gates = {"simple": 1, "lstm": 4}.get(kind, 3) * units
    states, d_states = random.normal(size=(2, 1 + (kind == "lstm"), batch, units))
    weights = {
        "kernel": random.normal(size=(features, gates)),
        "recurrent_kernel": random.normal(size=(units, gates)),
        "bias": random.normal(size=(2, gates) if kind == "gru" else (gates,)),
    }
    x = random.normal(size=(batch, steps, features))
    return Problem(
        x, tuple(states), weights, random.normal(size=(batch, steps, units)), tuple(d_states)
    )


class Way(NamedTuple):
    mask: np.ndarray | None = None
    backwards: bool = False
    sequences: bool = True


def named(what: str, arrays) -> dict:
    return {f"{what} {i}": array for i, array in enumerate(arrays)}


def expected(kind: str, size: tuple, way: Way) -> dict:
    """What the definition says of outputs, last states and all gradients."""
    cell, (x, states, weights, d_outputs, d_states) = KINDS[kind][1], problem(kind, size)
    if not way.sequences:
        d_outputs = np.concatenate([0 * d_outputs[:, 1:], d_outputs[:, -1:]], 1)
    walk = way.mask, way.backwards
    run = oracle.run(cell, x, states, weights, *walk)
    slopes = oracle.gradients(cell, x, states, weights, d_outputs, d_states, *walk)
    outputs = run.outputs if way.sequences else run.outputs[:, -1]
    return {"outputs": outputs, **named("last", run.states), **slopes}


@cache
def program(kind: str, size: tuple, backwards: bool, sequences: bool) -> Callable:
    """The same of a layer, as one compiled program of a problem and a mask."""
    draws = {"kernel_initializer": "zeros", "recurrent_initializer": "zeros"}
    way = {"return_sequences": sequences, "return_state": True, "go_backwards": backwards}
    layer = KINDS[kind][0](size[-1], **way, **draws)
    build(layer, lambda: layer(jnp.zeros(size[:-1])))
    apply = lampas.functional(layer)[1]

    def error(weights, x, states, given: Problem, mask):
        params = {f"cell/{name}": value for name, value in weights.items()}
        (outputs, *last), _ = apply(params, {}, x, states, mask)
        total = jnp.sum(outputs * (given.d_outputs if sequences else given.d_outputs[:, -1]))
        total += sum(jnp.sum(a * d) for a, d in zip(last, given.d_states, strict=True))
        return total, {"outputs": outputs, **named("last", last)}

    @jax.jit
    def run(given: Problem, mask: np.ndarray | None) -> dict:
        slope = jax.grad(error, (0, 1, 2), has_aux=True)
        (dw, dx, ds), found = slope(given.weights, given.x, given.states, given, mask)
        return {**found, "x": dx, **dw, **named("state", ds)}

    return run


def compare(kind: str, way: Way, size: tuple = SIZE) -> None:
    with jax.enable_x64(True):
        found = program(kind, size, way.backwards, way.sequences)(problem(kind, size), way.mask)
    wanted = expected(kind, size, way)
    assert set(found) == set(wanted)
    for name, value in found.items():
        np.testing.assert_allclose(value, wanted[name], rtol=1e-9, atol=1e-9, err_msg=name)


@each_kind
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_definition_has_the_gradients_that_finite_differences_find(
    kind: str, backwards: bool
) -> None:
    cell, (x, states, weights, d_outputs, d_states) = KINDS[kind][1], problem(kind)
    inputs = {"x": x, **weights, **named("state", states)}

    def error(name: str, value: np.ndarray) -> float:
        moved = {**inputs, name: value}
        first = tuple(moved[state] for state in named("state", states))
        run = oracle.run(cell, moved["x"], first, moved, MASK, backwards)
        last = (np.sum(a * d) for a, d in zip(run.states, d_states, strict=True))
        return np.sum(run.outputs * d_outputs) + sum(last)

    found = oracle.gradients(cell, x, states, weights, d_outputs, d_states, MASK, backwards)
    assert set(found) == set(inputs)
    for name, slope in found.items():
        by_differences = gradient(lambda value, name=name: error(name, value), inputs[name])
        np.testing.assert_allclose(slope, by_differences, atol=1e-6, err_msg=name)


WAYS = {
    "sequences": Way(),
    "masked sequences backwards": Way(MASK, backwards=True),
    "masked, last": Way(MASK, sequences=False),
    "last backwards": Way(backwards=True, sequences=False),
}


@pytest.mark.long
@each_kind
@pytest.mark.parametrize("way", WAYS)
def test_outputs_states_and_gradients_are_those_of_the_definition(kind: str, way: str) -> None:
    compare(kind, WAYS[way])


@each_kind
def test_one_step_of_one_feature_and_unit_is_that_of_the_definition(kind: str) -> None:
    compare(kind, Way(), size=(1, 1, 1, 1))


@each_kind
@given(mask=st.lists(st.booleans(), min_size=30, max_size=30))
@examples(15)
def test_any_mask_gives_what_the_definition_does(kind: str, mask: list[bool]) -> None:
    compare(kind, Way(np.reshape(mask, SIZE[:2]), backwards=True))
