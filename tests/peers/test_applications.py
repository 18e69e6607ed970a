"""Local response normalization and the networks' shapes, as PyTorch has them."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import lampas as lp

pytestmark = pytest.mark.peer

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("size", [1, 3, 5])
def test_local_response_norm_and_gradient_are_torchs(size) -> None:
    random = np.random.default_rng(0)
    x = random.normal(0, 10, size=(2, 3, 4, 7)).astype(np.float32)
    dy = random.normal(size=x.shape).astype(np.float32)
    # PyTorch takes the mean over the window where the paper, and Lampas, take the sum.
    theirs = torch.nn.LocalResponseNorm(size, alpha=1e-3 * size, beta=0.75, k=2.0)
    tensor = torch.tensor(np.moveaxis(x, -1, 1), requires_grad=True)
    y = theirs(tensor)
    y.backward(torch.tensor(np.moveaxis(dy, -1, 1)))
    layer = lp.LocalResponseNormalization(size, alpha=1e-3)
    dx = jax.grad(lambda x: (dy * layer(x)).sum())(x)
    np.testing.assert_allclose(layer(x), np.moveaxis(y.detach().numpy(), 1, -1), rtol=1e-5)
    np.testing.assert_allclose(dx, np.moveaxis(tensor.grad.numpy(), 1, -1), rtol=1e-4, atol=1e-6)


def test_alexnets_features_are_torchs() -> None:
    """The same kernels in the same layers: strides, padding and pooling agree."""
    nn = torch.nn
    net = lp.AlexNet(include_top=False, input_shape=(70, 64, 3), include_preprocessing=False)
    x = np.random.default_rng(0).normal(size=(2, 70, 64, 3)).astype(np.float32)
    sizes = [(3, 64, 11, 4, 2), (64, 192, 5, 1, 2), (192, 384, 3, 1, 1)]
    sizes += [(384, 256, 3, 1, 1), (256, 256, 3, 1, 1)]
    tensor = torch.tensor(np.moveaxis(x, -1, 1))
    variables = net.variables()
    for number, size in enumerate(sizes, 1):
        conv = nn.Conv2d(*size)
        kernel = variables[f"features/conv{number}/kernel"].numpy()
        conv.weight.data = torch.tensor(kernel.transpose(3, 2, 0, 1).copy())
        conv.bias.data = torch.tensor(variables[f"features/conv{number}/bias"].numpy())
        tensor = torch.relu(conv(tensor))
        if number in (1, 2, 5):
            tensor = nn.functional.max_pool2d(tensor, 3, 2)
    expected = np.moveaxis(tensor.detach().numpy(), 1, -1)
    np.testing.assert_allclose(net(x), expected, rtol=1e-3, atol=1e-3)
