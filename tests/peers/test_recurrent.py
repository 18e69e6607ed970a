from __future__ import annotations

from types import ModuleType

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import GRU, LSTM, Bidirectional, SimpleRNN
from lampas.core.build import build

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    return pytest.importorskip("torch")


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def ours(layer: lampas.Layer, x, states, mask, slopes: list[np.ndarray]) -> dict:
    """All that comes out, and gradients of its sum weighted by ``slopes``."""
    (params, _), apply = lampas.functional(layer)

    def run(params, x, states):
        results, _ = apply(params, {}, x, states, mask)
        return sum(jnp.sum(r * s) for r, s in zip(results, slopes, strict=True)), results

    grad = jax.jit(jax.grad(run, (0, 1, 2), has_aux=True))
    (dw, dx, ds), results = grad(params, x, tuple(states))
    return {**named("result", results), "x": dx, **dw, **named("state", ds)}


def named(what: str, arrays) -> dict:
    return {f"{what} {i}": np.asarray(array) for i, array in enumerate(arrays)}


def compare(found: dict, expected: dict) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        scale = max(1.0, np.abs(value).max())
        np.testing.assert_allclose(found[name] / scale, value / scale, **TOLERANCE, err_msg=name)


TORCH = {"RNN": SimpleRNN, "GRU": GRU, "LSTM": LSTM}
WAYS = {"forward_layer/cell/": "", "backward_layer/cell/": "_reverse"}


def from_torch(kind: str, arrays: dict, both_biases: bool) -> dict:
    """Weights or gradients of a PyTorch layer of both directions by our paths.

    A GRU's gates are r, z, n there and z, r, n here; the other kinds have one bias here, the sum.
    """

    def here(array: np.ndarray) -> np.ndarray:
        if kind != "GRU":
            return array
        r, z, n = np.split(array, 3, -1)
        return np.concatenate([z, r, n], -1)

    found = {}
    for path, way in WAYS.items():
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ih, hh, one, other = (arrays[f"{name}_l0{way}"].numpy() for name in names)
        found[path + "kernel"], found[path + "recurrent_kernel"] = here(ih.T), here(hh.T)
        single = one + other if both_biases else one
        found[path + "bias"] = np.stack([here(one), here(other)]) if kind == "GRU" else single
    return found


def theirs(torch: ModuleType, module, x, states, lengths, slopes) -> dict:
    """As ``ours``, of a PyTorch layer of both directions."""
    x, *states = (torch.tensor(a, requires_grad=True) for a in (x, *states))
    # Ours are forward h (and c), backward h (and c); PyTorch stacks the directions.
    half = len(states) // 2
    first = [torch.stack([states[i], states[half + i]]) for i in range(half)]
    given = x
    if lengths is not None:
        pack = torch.nn.utils.rnn.pack_padded_sequence
        given = pack(x, lengths, batch_first=True, enforce_sorted=False)
    outputs, last = module(given, tuple(first) if half > 1 else first[0])
    if lengths is not None:
        unpack = torch.nn.utils.rnn.pad_packed_sequence
        outputs = unpack(outputs, batch_first=True, total_length=x.shape[1])[0]
    last = last if isinstance(last, tuple) else (last,)
    results = [outputs, *(state[way] for way in (0, 1) for state in last)]
    sum((r * torch.tensor(s)).sum() for r, s in zip(results, slopes, strict=True)).backward()
    weights = {name: p.grad for name, p in module.named_parameters()}
    kind = type(module).__name__
    return {
        **named("result", (r.detach() for r in results)),
        "x": x.grad.numpy(),
        **from_torch(kind, weights, both_biases=False),
        **named("state", (state.grad for state in states)),
    }


@pytest.mark.parametrize("size", [(4, 5, 3, 6), (4, 5, 1, 1), (4, 1, 2, 2)], ids=str)
@pytest.mark.parametrize("lengths", [None, [5, 3, 1, 2]], ids=["full", "lengths"])
@pytest.mark.parametrize("kind", TORCH)
def test_both_directions_and_gradients_are_torchs(torch, kind: str, lengths, size: tuple) -> None:
    batch, steps, features, units = size
    if lengths is not None:
        lengths = np.minimum(lengths, steps)
    mask = None if lengths is None else np.arange(steps) < lengths[:, None]
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(features, units, batch_first=True, bidirectional=True)
    single = TORCH[kind](units, return_sequences=True, return_state=True)
    layer = Bidirectional(single)
    x = drawn(batch, steps, features)
    build(layer, lambda: layer(jnp.asarray(x)))
    weights = {name: p.detach() for name, p in module.named_parameters()}
    for path, value in from_torch(kind, weights, both_biases=True).items():
        layer.variables()[path].value = jnp.asarray(value)
    count = 2 * len(single.state_sizes)
    states = list(drawn(count, batch, units))
    slopes = [drawn(batch, steps, 2 * units), *drawn(count, batch, units)]
    if mask is not None:  # PyTorch's padded outputs are 0, ours repeat the last one
        slopes[0] = slopes[0] * mask[..., None]
    found = ours(layer, x, states, mask, slopes)
    if mask is not None:
        found["result 0"] = found["result 0"] * mask[..., None]
    compare(found, theirs(torch, module, x, states, lengths, slopes))


KERAS = {
    "simple": (SimpleRNN, "SimpleRNN", {}),
    "simple, relu": (SimpleRNN, "SimpleRNN", {"activation": "relu", "use_bias": False}),
    "gru": (GRU, "GRU", {}),
    "gru, reset before": (GRU, "GRU", {"reset_after": False}),
    "gru, other activations": (
        GRU, "GRU", {"activation": "softsign", "recurrent_activation": "hard_sigmoid"},
    ),
    "lstm": (LSTM, "LSTM", {}),
    "lstm, other activations": (
        LSTM, "LSTM", {"activation": "relu", "recurrent_activation": "hard_sigmoid"},
    ),
}  # fmt: skip
MASK = np.array([[0, 0, 1, 1, 1], [1, 1, 0, 1, 0], [0, 0, 0, 0, 0]], bool)
CASES = {
    "full": (None, False, True),
    "masked": (MASK, False, True),
    "masked, backwards": (MASK, True, True),
    "last, backwards": (None, True, False),
}


def begun(mask: np.ndarray | None, backwards: bool) -> np.ndarray:
    """Which outputs come after a step that counts; before it Keras gives 0, we the state."""
    if mask is None:
        return np.ones((1, 1), bool)
    return np.cumsum(mask[:, ::-1] if backwards else mask, 1) > 0


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", KERAS)
def test_layer_and_gradients_are_kerass(keras, kind: str, case: str) -> None:
    torch = pytest.importorskip("torch")
    make, name, options = KERAS[kind]
    mask, backwards, sequences = CASES[case]
    options = {**options, "return_sequences": sequences, "return_state": True}
    options |= {"go_backwards": backwards, "bias_initializer": "random_normal"}
    x = drawn(3, 5, 2)
    other = getattr(keras.layers, name)(4, **options)
    other.build(x.shape)
    layer = make(4, **options)
    build(layer, lambda: layer(jnp.asarray(x)))
    count = len(layer.state_sizes)
    states = drawn(count, 3, 4)
    slopes = [drawn(3, 5, 4) if sequences else drawn(3, 4), *drawn(count, 3, 4)]
    if sequences:
        slopes[0] = slopes[0] * begun(mask, backwards)[..., None]
    for variable, value in zip(layer.variables().values(), other.get_weights(), strict=True):
        variable.value = jnp.asarray(value)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, *states)]
    results = other(
        tensors[0], initial_state=tensors[1:], mask=None if mask is None else torch.tensor(mask)
    )
    sum((r * torch.tensor(s)).sum() for r, s in zip(results, slopes, strict=True)).backward()
    grads = (v.value.grad.numpy() for v in other.trainable_weights)
    dx, *dstates = (tensor.grad.numpy() for tensor in tensors)
    expected = {
        **named("result", (r.detach().numpy() for r in results)),
        "x": dx,
        **dict(zip(layer.variables(), grads, strict=True)),
        **named("state", dstates),
    }
    found = ours(layer, x, states, mask, slopes)
    if sequences:
        found["result 0"] = found["result 0"] * begun(mask, backwards)[..., None]
    compare(found, expected)


def test_ten_steps_of_a_network_with_masks_give_kerass_weights(keras) -> None:
    random = np.random.default_rng(0)
    words = random.integers(1, 9, (20, 6)) * (np.arange(6) < random.integers(1, 7, (20, 1)))
    labels = random.integers(0, 2, 20).astype(np.int32)

    def network(kit):
        return kit.Sequential(
            [
                kit.Embedding(9, 3, mask_zero=True),
                kit.Bidirectional(kit.LSTM(4, return_sequences=True)),
                kit.Bidirectional(kit.GRU(4), merge_mode="sum"),
                kit.Dense(2, activation="softmax"),
            ]
        )

    mine, other = network(lampas), network(Kit(keras))
    mine.build((6,))
    other.build((None, 6))
    other.set_weights(mine.get_weights())
    losses = []
    for model, kit in ((mine, lampas), (other, keras.optimizers)):
        model.compile(kit.SGD(0.5, clipnorm=0.1), "sparse_categorical_crossentropy")
        fitted = model.fit(words, labels, batch_size=10, epochs=5, shuffle=False, verbose=0)
        losses.append(fitted.history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-4)
    for value, expected in zip(mine.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)


class Kit:
    """Keras's layers and its Sequential in one place."""

    def __init__(self, keras: ModuleType) -> None:
        self.keras = keras

    def __getattr__(self, name: str):
        return getattr(self.keras.layers, name, None) or getattr(self.keras, name)
