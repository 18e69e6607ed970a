"""The LSTM of cuDNN, tested without a GPU by JAX's own reference of it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import rnn

from lampas.kernels.recurrent import ScanOptions, cudnn, cudnn_lstm, lstm
from lampas.kernels.recurrent.loop import Weights

RNG = np.random.default_rng(0)


def reference(x: Any, h: Any, c: Any, weights: Any, lengths: Any, *sizes: Any) -> Any:
    """What cuDNN documents, on any device."""
    features, units, layers, rate, both = sizes
    parts = rnn.unpack_lstm_weights(weights, features, units, layers, both)
    return rnn.lstm_ref(x, h, c, *parts, lengths, features, units, layers, rate, both)


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [ScanOptions(), ScanOptions(return_sequences=True), ScanOptions(True), ScanOptions(True, True)],
)
def test_weights_and_states_are_handed_over_as_cudnn_has_them(
    options: ScanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rnn, "lstm", reference)
    shapes = [(3, 4, 2), (2, 20), (5, 20), (20,), (3, 5), (3, 5)]
    x, *weights, h, c = (jnp.asarray(RNG.normal(size=shape), jnp.float32) for shape in shapes)
    operands = (x, Weights(*weights), h, c)
    for theirs, ours in zip(
        cudnn_lstm(options, *operands), lstm(options, *operands, None, None), strict=True
    ):
        np.testing.assert_allclose(theirs, ours, atol=1e-5)


@pytest.mark.long
def test_a_binding_that_fails_or_differs_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cudnn, "platform", lambda: "gpu")
    monkeypatch.setattr(rnn, "lstm", reference)
    assert agrees()

    def wrong(*operands: Any) -> Any:
        y, h, c = reference(*operands)
        return y + 0.1, h, c

    monkeypatch.setattr(rnn, "lstm", wrong)
    assert not agrees()

    def fails(*operands: Any) -> Any:
        raise RuntimeError("no cuDNN")

    monkeypatch.setattr(rnn, "lstm", fails)
    assert not agrees()


def agrees() -> bool:
    cudnn._agrees.cache_clear()
    try:
        return cudnn.has_cudnn()
    finally:
        cudnn._agrees.cache_clear()
