import numpy as np
import pytest

import lampas as lp
from lampas.estimators import multilayer_perceptron
from lampas.estimators.factory import normalization


@pytest.mark.parametrize(
    ("options", "layers"),
    [
        ({}, "Normalization, Dense 100 relu, Dense 3 softmax"),
        ({"hidden_layer_sizes": 5}, "Normalization, Dense 5 relu, Dense 3 softmax"),
        ({"hidden_layer_sizes": ()}, "Normalization, Dense 3 softmax"),
        (
            {"hidden_layer_sizes": (5, 4), "dropout": 0.5},
            "Normalization, Dense 5 relu, Dropout, Dense 4 relu, Dropout, Dense 3 softmax",
        ),
    ],
)
def test_the_layers_of_the_default_network(options, layers):
    network = multilayer_perceptron(lp.Normalization(mean=0, variance=1), 3, "softmax", **options)
    assert ", ".join(map(shown, network.layers)) == layers


def shown(layer):
    if not isinstance(layer, lp.Dense):
        return type(layer).__name__
    return f"Dense {layer.units} {layer.activation.__name__}"


def test_statistics_leave_what_float32_takes_for_constant_as_it_is():
    x = np.array([[0.0, 7.0, 1e9], [2.0, 7.0, 1e9 + 1], [4.0, 7.0, 1e9]])
    layer = normalization(x)
    layer(x)
    np.testing.assert_allclose(layer.mean.numpy(), x.mean(0), rtol=1e-6)
    np.testing.assert_allclose(layer.deviation.numpy(), [(8 / 3) ** 0.5, 1, 1], rtol=1e-6)
