"""Errors of Python and JAX in a user's code: the layer, its inputs, and the change to make."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core.error_hints import HINT_PREFIX, add_hint
from lampas.core.module import describe_arrays

X = np.ones((4, 3), np.float32)


class Asks(lp.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class AsksNumpy(lp.Module):
    def forward(self, x):
        return np.exp(x)


class AsksANumber(lp.Module):
    def forward(self, x):
        return x * float(x.sum())


class AsksALength(lp.Module):
    def forward(self, x):
        return [x for _ in range(x.astype(int)[0, 0])]


class Selects(lp.Module):
    def forward(self, x):
        return x[x > 0]


class Multiplies(lp.Module):
    def forward(self, x):
        return x @ jnp.ones((2, 2))


class Adds(lp.Module):
    def forward(self, x):
        return x + jnp.ones(2)


class Indexes(lp.Module):
    def forward(self, x):
        return jnp.arange(5)[x]


class ForgetsToMake(lp.Module):
    def __init__(self):
        self.dense = lp.Dense

    def forward(self, x):
        return self.dense(x)


class HoldsAClass(lp.Module):
    """A class kept on purpose, and an error of another kind."""

    def __init__(self):
        self.kind = lp.Dense

    def forward(self, x):
        raise TypeError("something else")


class TakesTwo(lp.Module):
    def forward(self, a, b):
        return a + b


class Keeps(lp.Module):
    last = 0

    def forward(self, x):
        y = x + self.last
        self.last = x.sum()
        return y


COMPILED = {
    Asks: r"`if`, `while`.*jnp.where.*run_eagerly=True",
    AsksNumpy: r"jnp instead of np",
    AsksANumber: r"float\(\), int\(\).*jnp arrays",
    AsksALength: r"jax.lax.fori_loop",
    Selects: r"jnp.where\(mask, x, 0\)",
}
ANYWHERE = {
    Multiplies: r"a @ b the last axis of a",
    Adds: r"x\[:, None\]",
    Indexes: r"x.astype\(jnp.int32\)",
    TakesTwo: r"TakesTwo.forward takes \(a, b\), it was called with 1 input\..*model\(a, b\)",
}


def notes(call, match):
    with pytest.raises(Exception, match=HINT_PREFIX + ".*" + match) as caught:
        call()
    return caught.value.__notes__


@pytest.mark.parametrize("kind", [*COMPILED, *ANYWHERE])
def test_an_error_in_a_compiled_forward_says_what_to_change(kind):
    match = (COMPILED | ANYWHERE)[kind]
    found = notes(lambda: jax.eval_shape(lp.Sequential([kind()]), X), match)
    assert found[0].startswith(f"In layer {kind.__name__.lower()[:4]}")
    assert found[0].endswith(f"({kind.__name__}), called with float32(4, 3).")
    assert sum(note.startswith(HINT_PREFIX) for note in found) == 1


@pytest.mark.parametrize("kind", ANYWHERE)
def test_an_error_line_by_line_says_the_same(kind):
    notes(lambda: kind()(X), ANYWHERE[kind])


@pytest.mark.parametrize(
    "call", [lambda: ForgetsToMake()(X), lambda: jax.eval_shape(ForgetsToMake(), X)]
)
def test_a_class_in_place_of_a_layer_is_named_with_the_way_to_make_one(call):
    with pytest.raises(
        lp.ArgumentError, match="ForgetsToMake: Dense: units must be an int"
    ) as caught:
        call()
    assert caught.value.__notes__ == [
        f"{HINT_PREFIX}self.dense is the class Dense, not a layer; create it in __init__: "
        "self.dense = Dense(...)."
    ]


def test_an_array_kept_from_a_compiled_call_is_named_with_the_way_to_keep_it():
    keeps = Keeps()
    jax.eval_shape(keeps, X)
    notes(lambda: keeps(X), r"stored, in an attribute.*self.last = lampas.State\(value\)")


def test_a_full_device_is_reported_with_ways_to_need_less():
    error = RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes.")
    assert add_hint(error)
    assert "smaller batch_size" in error.__notes__[0]


@pytest.mark.parametrize("error", [ValueError("of the user"), lp.ShapeError("x @ y")])
def test_other_errors_get_no_advice(error):
    assert not add_hint(error)
    assert not hasattr(error, "__notes__")


def test_a_class_kept_on_purpose_is_not_blamed():
    with pytest.raises(TypeError) as caught:
        HoldsAClass()(X)
    assert not any(note.startswith(HINT_PREFIX) for note in caught.value.__notes__)


def test_advice_is_given_once():
    error = TypeError("add got incompatible shapes for broadcasting: (3,), (2,).")
    assert add_hint(error)
    assert add_hint(error)
    assert len(error.__notes__) == 1


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ((X,), "float32(4, 3)"),
        ((X, np.ones(2, np.uint8)), "float32(4, 3), uint8(2,)"),
        (({"a": X, "b": 1.5},), "float32(4, 3), 1.5"),
        ((["text " * 20],), repr("text " * 20)[:40]),
        ((list(range(1000)),), "0, 1, 2, 3, 4, 5 and 994 more"),
        ((), ""),
    ],
)
def test_inputs_are_described_by_dtype_and_shape_and_never_at_length(inputs, text):
    assert describe_arrays(inputs) == text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("text", r"must be numbers, got an array of dtype <U4 and shape \(\). Convert texts with"),
        (object(), "must be numbers, got an array of dtype object .* It has <object object at"),
        ([[1.0], [1.0, 2.0]], "has rows of different lengths, not numbers of one shape"),
    ],
)
def test_what_is_not_an_array_is_reported_with_its_type(given, message):
    with pytest.raises(lp.DataError, match=f"Dense: the input {message}"):
        lp.Dense(2)(given)


def test_a_call_without_an_input_is_reported():
    with pytest.raises(lp.ArgumentError, match=r"Dense: was called without an input; .*layer\(x\)"):
        lp.Dense(2)()
