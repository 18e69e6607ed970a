"""A typed formula is evaluated and fitted; nothing but a formula is accepted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas import ArgumentError
from lampas.app.examples import function_fit as function
from lampas.app.examples.function_fit import FUNCTIONS, evaluate
from tests.app.examples.example_runs import load_run
from tests.scale import examples

X = np.linspace(0.1, 2.0, 7)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("sin(x)", np.sin(X)),
        ("sin(3*x)*exp(-x**2)", np.sin(3 * X) * np.exp(-(X**2))),
        ("x^2 - 2*x + 1", (X - 1) ** 2),
        ("-x / (1 + abs(x))", -X / (1 + X)),
        ("2 ** x + pi - e", 2**X + math.pi - math.e),
        ("3", np.full(7, 3.0)),
        ("+sqrt(log(1 + x))", np.sqrt(np.log1p(X))),
    ],
)
def test_formulas_have_their_values(text, truth):
    np.testing.assert_allclose(evaluate(text, X), truth, rtol=1e-12)


def test_values_have_the_shape_of_x():
    assert evaluate("1", np.zeros((5, 1))).shape == (5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__",
        "x.real",
        "x[0]",
        "lambda: x",
        "[x for x in (1,)]",
        "open('f')",
        "exec('1')",
        "sin(x, x)",
        "sin(x=1)",
        "y",
        "x if x else 1",
        "x and 1",
        "True",
        "'a'",
        "1j",
        "x := 2",
        "x; x",
        "",
        "sin(",
        "x" * 501,
        "(" * 300 + "x" + ")" * 300,
    ],
)
def test_anything_but_a_formula_is_an_error(text):
    with pytest.raises(ArgumentError):
        evaluate(text, X)


def test_an_error_names_what_can_not_stand_and_what_can():
    message = r"'foo\(x\)' is not allowed in a formula: use x, .*tanh"
    with pytest.raises(ArgumentError, match=message):
        evaluate("1 + foo(x)", X)


def test_a_place_without_a_finite_value_is_named():
    with pytest.raises(ArgumentError, match="no finite value at x = 0;"):
        evaluate("1 / x", np.array([1.0, 0.0]))


@pytest.mark.parametrize("text", ["9**9**9**9", "exp(exp(exp(9)))"])
def test_huge_numbers_end_at_once(text):
    with pytest.raises(ArgumentError, match="no finite value"):
        evaluate(text, X)


names = st.sampled_from(["x", "2", "0.5", "pi", *(f"{f}(x)" for f in FUNCTIONS)])


@given(st.recursive(names, lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
    lambda t: f"({t[0]} {t[1]} {t[2]})"), max_leaves=6))  # fmt: skip
@examples(60)
def test_formulas_mean_what_python_means(text):
    scope = {name: getattr(np, name) for name in FUNCTIONS} | {"pi": math.pi, "x": X}
    np.testing.assert_allclose(evaluate(text, X), np.broadcast_to(eval(text, scope), 7), rtol=1e-9)


@pytest.mark.long
def test_sine_is_fitted_to_two_hundredths(tmp_path):
    assert function.run(out=tmp_path, verbose=0).error < 0.02
    load_run(tmp_path)


@pytest.mark.long
def test_a_constant_is_fitted(tmp_path):
    assert function.run("3", epochs=20, out=tmp_path, verbose=0).error < 0.02


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (0, float("inf"))])
def test_an_empty_interval_is_an_error(low, high, tmp_path):
    with pytest.raises(lp.ArgumentError, match="the interval must have low < high"):
        function.run("x", low, high, out=tmp_path)
