"""Networks that are taught: an adversarial one beside plain JAX, and all of them in files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from tests.idioms.architectures import ARCHITECTURES, GAN, Network, fill, gan


def compiled(name: str) -> Network:
    network = gan() if name == "gan" else ARCHITECTURES[name](lampas)
    fill(network.model)
    compile_model(network.model, network.loss)
    return network


def compile_model(model: Any, loss: Any) -> None:
    if isinstance(model, GAN):
        model.compile(lampas.Adam(0.02), lampas.SGD(0.05, momentum=0.9))
    else:
        model.compile(lampas.SGD(0.02, momentum=0.9), loss)


@pytest.mark.long
def test_adversaries_are_those_of_plain_jax():
    """Generator and discriminator by hand, with gradients by JAX and plain descent."""
    network = gan()
    fill(network.model)
    network.model.compile(lampas.SGD(0.1), lampas.SGD(0.2))
    parts = network.model.generator, network.model.discriminator
    g, d = ([jnp.asarray(weight) for weight in part.get_weights()] for part in parts)

    def generate(g, noise):
        return jax.nn.relu(noise @ g[0] + g[1]) @ g[2] + g[3]

    def score(d, x):
        return jnp.tanh(x @ d[0] + d[1]) @ d[2] + d[3]

    def d_loss(d, real, fake):
        return jnp.mean(jax.nn.softplus(-score(d, real)) + jax.nn.softplus(score(d, fake)))

    def g_loss(g, d, noise):
        return jnp.mean(jax.nn.softplus(-score(d, generate(g, noise))))

    for _ in range(3):
        for rows in (slice(0, 4), slice(4, 6)):
            real, noise = network.x[rows], network.y[rows]
            gradients = jax.grad(d_loss)(d, real, generate(g, noise))
            d = [weight - 0.2 * gradient for weight, gradient in zip(d, gradients, strict=True)]
            last, gradients = jax.value_and_grad(g_loss)(g, d, noise)
            g = [weight - 0.1 * gradient for weight, gradient in zip(g, gradients, strict=True)]
    history = network.model.fit(
        network.x, network.y, batch_size=4, epochs=3, shuffle=False, verbose=0
    )
    np.testing.assert_allclose(history.history["g_loss"][-1], last, rtol=1e-5)
    for weight, expected in zip(network.model.get_weights(), [*g, *d], strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-5, atol=1e-6)


GO_ON = """
import sys

import numpy as np

import lampas

name, folder = sys.argv[1:]
data = np.load(f"{folder}/data.npz", allow_pickle=True)["data"].item()
# A graph of Lampas's own layers needs no code; classes of one's own are passed to load.
classes = ()
if name in ("gan", "variational_autoencoder"):
    from tests.idioms.test_architectures import compile_model, compiled

    classes = compiled(name).classes
model = lampas.load(f"{folder}/model.lampas", *classes)
np.savez(f"{folder}/loaded.npz", *model.get_weights())
if name == "gan":
    compile_model(model, None)
model.fit(**data, batch_size=4, epochs=2, shuffle=False, verbose=0)
np.savez(f"{folder}/trained.npz", *model.get_weights())
"""


@pytest.mark.long
@pytest.mark.parametrize("name", [*ARCHITECTURES, "gan"])
def test_another_process_goes_on_from_a_file(name: str, tmp_path: Path) -> None:
    network = compiled(name)
    network.model.fit(network.x, network.y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    network.model.save(tmp_path / "model.lampas")
    saved = network.model.get_weights()
    data: Any = {"x": network.x, "y": network.y}
    np.savez(tmp_path / "data.npz", data=np.array(data, object))
    network.model.fit(network.x, network.y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    subprocess.run(
        [sys.executable, "-c", GO_ON, name, str(tmp_path)],
        check=True,
        cwd=Path(__file__).parents[2],
    )
    expected = {"loaded": saved, "trained": network.model.get_weights()}
    for file, arrays in expected.items():
        with np.load(tmp_path / f"{file}.npz") as weights:
            for weight, value in zip(weights.values(), arrays, strict=True):
                np.testing.assert_array_equal(weight, value)
