"""Any number of rows with few programs: the outputs are those of each row on its own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import lampas as lp
from lampas.core.jit import MAX_PROGRAMS, ProgramCache
from lampas.train.row_padding import has_independent_rows, padded_size

RNG = np.random.default_rng(0)
MODELS = {
    "dense": (lambda: [lp.Dense(4, "relu"), lp.BatchNormalization(), lp.Dense(2)], (3,), "f4"),
    "words": (
        lambda: [lp.Embedding(9, 3, mask_zero=True), lp.GlobalAveragePool1D()],
        (5,),
        "i4",
    ),
    "steps": (lambda: [lp.Masking(), lp.SimpleRNN(3)], (4, 2), "f4"),
}


def data(shape, dtype, count=11):
    if dtype == "i4":
        return RNG.integers(0, 9, (count, *shape)).astype(dtype)
    return RNG.standard_normal((count, *shape)).astype(dtype)


def test_there_are_few_sizes_and_little_is_added():
    sizes = {padded_size(count) for count in range(1, 301)}
    assert len(sizes) == 18
    assert all(count <= padded_size(count) <= 1.5 * count for count in range(1, 5000))
    assert [padded_size(n) for n in (1, 2, 3, 4, 5, 7, 9, 256, 257)] == [
        1,
        2,
        3,
        4,
        6,
        8,
        12,
        256,
        288,
    ]


@pytest.mark.long
@pytest.mark.parametrize("kind", MODELS)
def test_each_row_is_as_on_its_own(kind):
    layers, shape, dtype = MODELS[kind]
    model, x = lp.Sequential(layers()), data(shape, dtype)
    if kind == "dense":  # with moving averages that are not those of a new layer
        model.compile("sgd", "mse")
        model.fit(x, x[:, :2], verbose=0)
    single = np.concatenate([model.predict(row[None]) for row in x])
    for outputs in (model.predict(x), model(x), model.predict(x, batch_size=5)):
        np.testing.assert_allclose(outputs, single, rtol=1e-5, atol=1e-6)


def test_a_mask_has_as_many_rows_as_the_output():
    model = lp.Sequential([lp.Masking(), lp.Rescaling(2.0)])
    x = data((4, 2), "f4", 5)
    x[:, 2:] = 0
    mask = lp.get_mask(model(x))
    assert mask.tolist() == [[True, True, False, False]] * 5


class Centered(lp.Model):
    def __init__(self):
        self.dense = lp.Dense(2)

    def forward(self, x):
        return self.dense(x - x.mean(0))


DEPENDENT = {
    "own class": Centered,
    "own function": lambda: lp.Sequential([lp.Activation(lambda x: x - x.mean(0))]),
    "own function inside": lambda: lp.Sequential(
        [lp.Activation(lp.activations.StraightThrough(lambda x: x - x.mean(0)))]
    ),
    "stateful": lambda: lp.Sequential([lp.LSTM(2, stateful=True, batch_size=5)]),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", DEPENDENT)
def test_rows_that_may_depend_on_each_other_are_not_filled_up(kind):
    model = DEPENDENT[kind]()
    assert not has_independent_rows(model)
    x = data((4, 3) if kind == "stateful" else (3,), "f4", 5)
    first = np.asarray(model(x))
    assert first.shape[0] == 5
    if "function" in kind:
        np.testing.assert_allclose(first, x - x.mean(0), rtol=1e-5, atol=1e-6)
    if kind == "own class":
        kernel = model.dense.kernel.numpy()
        np.testing.assert_allclose(first, (x - x.mean(0)) @ kernel, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(model.predict(x), first, rtol=1e-5, atol=1e-6)


def test_an_error_describes_the_inputs_without_the_rows_that_were_added():
    model = lp.Sequential([lp.Dense(2, input_shape=(3,))])
    with pytest.raises(lp.ShapeError, match=r"got \(5, 4\).* Input: float64\(5, 4\)\.$") as caught:
        model(np.ones((5, 4)))
    assert caught.value.__context__ is None
    words = lp.Sequential([lp.Embedding(3, 2)])
    with pytest.raises(lp.DataError, match=r"index 7 in row 4 \(1 such rows"):
        words(np.array([[0], [1], [2], [1], [7]]))


@pytest.mark.long
def test_gradients_pass_a_model_that_is_called_on_any_number_of_rows():
    import jax

    model, x = lp.Sequential([lp.Dense(1, use_bias=False)]), data((3,), "f4", 5)
    model(x)
    variable = model.layers[0].kernel

    def total(kernel):
        before, variable.value = variable.value, kernel
        try:
            return model(x).sum()
        finally:
            variable.value = before

    gradient = jax.grad(total)(variable.value)
    np.testing.assert_allclose(gradient[:, 0], x.sum(0), rtol=1e-5, atol=1e-5)


def test_programs_are_kept_up_to_a_bound():
    programs = ProgramCache(lambda x: x)
    for count in range(1, 2 * MAX_PROGRAMS):
        newest = programs.for_shapes(np.ones((count, 2)))
    assert len(programs) == MAX_PROGRAMS
    assert programs.for_shapes(np.zeros((count, 2))) is newest
    model = lp.Sequential([lp.Dense(1)])
    for count in (5, 6, 7, 8):
        model.predict(np.ones((count, 2), np.float32))
    assert len(model._predictor._forward) == 2


def test_a_changed_attribute_counts_in_predict_evaluate_and_fit():
    x = data((3,), "f4")
    model = lp.Sequential([lp.Dense(3, "linear")])
    model.compile("sgd", "mse")
    before, loss = model.predict(x), model.evaluate(x, x)["loss"]
    model.layers[0].activation = lp.activations.tanh
    np.testing.assert_allclose(model.predict(x), np.tanh(before), rtol=1e-5)
    expected = np.square(np.tanh(before) - x).mean()
    assert model.evaluate(x, x)["loss"] == pytest.approx(expected, rel=1e-5) != loss


MEMORY = """
import sys
import numpy as np
import lampas as lp

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

x = np.ones((300, 8), np.float32)
model = lp.Sequential([lp.Dense(16, "tanh"), lp.LayerNormalization(), lp.Dense(4, "softmax")])
model.compile("sgd", "mse")
uses = {
    "call": lambda n: model(x[:n]),
    "predict": lambda n: model.predict(x[:n]),
    "batch size": lambda n: model.predict(x, batch_size=n),
    "evaluate": lambda n: model.evaluate(x[:n], x[:n, :4]),
}
use = uses[sys.argv[1]]
for n in range(1, 101):
    use(n)
before = resident()
for n in range(101, 301):
    use(n)
print(resident() - before)
"""


@pytest.mark.soak
@pytest.mark.parametrize("use", ["call", "predict", "batch size", "evaluate"])
def test_memory_stays_flat_over_300_sizes(use):
    command = [sys.executable, "-c", MEMORY, use]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 150
