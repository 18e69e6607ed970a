"""Regularizers and constraints of each weight of each layer."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core.build import infer_shapes

LAYERS: dict[str, tuple[Any, dict[str, str], tuple[int, ...]]] = {
    "Dense": (lp.Dense, {"kernel": "kernel", "bias": "bias"}, (2, 3)),
    "Conv1D": (
        lambda n, **o: lp.Conv1D(n, 2, **o),
        {"kernel": "kernel", "bias": "bias"},
        (2, 4, 3),
    ),
    "Conv2DTranspose": (
        lambda n, **o: lp.Conv2DTranspose(n, 2, **o),
        {"kernel": "kernel", "bias": "bias"},
        (2, 4, 4, 3),
    ),
    "DepthwiseConv1D": (
        lambda n, **o: lp.DepthwiseConv1D(n, **o),
        {"depthwise": "kernel", "bias": "bias"},
        (2, 4, 3),
    ),
    "SeparableConv2D": (
        lambda n, **o: lp.SeparableConv2D(n, 2, **o),
        {"depthwise": "depthwise_kernel", "pointwise": "pointwise_kernel", "bias": "bias"},
        (2, 4, 4, 3),
    ),
    "LSTM": (
        lp.LSTM,
        {"kernel": "kernel", "recurrent": "recurrent_kernel", "bias": "bias"},
        (2, 4, 3),
    ),
    "GRU": (
        lp.GRU,
        {"kernel": "kernel", "recurrent": "recurrent_kernel", "bias": "bias"},
        (2, 4, 3),
    ),
    "SimpleRNN": (
        lp.SimpleRNN,
        {"kernel": "kernel", "recurrent": "recurrent_kernel", "bias": "bias"},
        (2, 4, 3),
    ),
    "BatchNormalization": (
        lambda n, **o: lp.BatchNormalization(**o),
        {"beta": "beta", "gamma": "gamma"},
        (2, 3),
    ),
    "LayerNormalization": (
        lambda n, **o: lp.LayerNormalization(**o),
        {"beta": "beta", "gamma": "gamma"},
        (2, 3),
    ),
    "Embedding": (
        lambda n, **o: lp.Embedding(5, n, **o),
        {"embeddings": "embeddings"},
        (2, 3),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_each_weight_has_the_regularizer_and_the_constraint_of_its_options(name: str) -> None:
    make, weights, shape = LAYERS[name]
    penalties = {f"{w}_regularizer": lp.L2(0.1 * (i + 1)) for i, w in enumerate(weights)}
    bounds = {f"{w}_constraint": lp.constraints.MaxNorm(i + 1) for i, w in enumerate(weights)}
    layer = make(2, **penalties, **bounds)
    infer_shapes([layer], lambda: layer(jnp.ones(shape)))
    owner = getattr(layer, "cell", layer)
    for weight, attribute in weights.items():
        parameter = getattr(owner, attribute)
        assert parameter.regularizer == penalties[f"{weight}_regularizer"], weight
        assert parameter.constraint == bounds[f"{weight}_constraint"], weight


def test_a_regularizer_that_is_set_later_is_saved(tmp_path: Any) -> None:
    layer = lp.Dense(2, input_shape=(3,))
    layer.bias_regularizer = lp.L2(0.5)  # type: ignore[attr-defined]
    layer.activity_regularizer = lp.L1(0.5)
    lp.Sequential([layer]).save(tmp_path / "model")
    (loaded,) = lp.load(tmp_path / "model").layers
    assert loaded.bias.regularizer == lp.L2(0.5)
    assert loaded.activity_regularizer == lp.L1(0.5)


def test_the_penalty_for_an_output_is_divided_by_its_rows() -> None:
    layer = lp.Activation("relu", activity_regularizer=lp.L2(0.5))
    x = np.array([[1.0, -2], [3, 4], [-1, 0]], np.float32)
    y = layer(x)
    (penalty,) = layer.losses
    assert float(penalty) == pytest.approx(0.5 * float((y**2).sum()) / 3)


def test_each_output_of_a_layer_has_its_penalty() -> None:
    class Two(lp.Layer):
        def forward(self, x: Any) -> Any:
            return x, 2 * x

    layer = Two(activity_regularizer=lp.L1(1.0))
    layer(np.full((3, 2), 2.0))
    assert [float(loss) for loss in layer.losses] == [4.0, 8.0]


def test_a_wrapped_layer_sees_all_steps_as_rows() -> None:
    inner = lp.Activation("linear", activity_regularizer=lp.L1(1.0))
    layer = lp.TimeDistributed(inner)
    layer(np.full((2, 5, 3), 2.0))
    assert [float(loss) for loss in layer.losses] == [6.0]


@pytest.mark.long
def test_a_cell_cannot_have_one() -> None:
    layer = lp.RNN(lp.SimpleRNNCell(2, activity_regularizer="l2"))
    with pytest.raises(lp.ArgumentError, match="activity_regularizer do not work inside a cell"):
        layer(np.ones((2, 4, 3)))
