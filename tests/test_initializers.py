from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import ArgumentError, UnknownNameError, initializers
from lampas.initializers import INITIALIZERS

DENSE = (300, 200)
CONV = (3, 5, 20, 40)
# name: (uniform?, scale, share of fan_in, share of fan_out)
SCALED = {
    "glorot_uniform": (True, 1, 0.5, 0.5),
    "glorot_normal": (False, 1, 0.5, 0.5),
    "he_uniform": (True, 2, 1, 0),
    "he_normal": (False, 2, 1, 0),
    "lecun_uniform": (True, 1, 1, 0),
    "lecun_normal": (False, 1, 1, 0),
}


def draw(name: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    values = initializers.get(name)(jax.random.key(seed), shape, jnp.float32)
    assert values.shape == shape
    assert values.dtype == jnp.float32
    return np.asarray(values, np.float64)


@pytest.mark.parametrize("shape", [DENSE, CONV], ids=["dense", "conv"])
@pytest.mark.parametrize("name", SCALED)
def test_variance_and_limits_follow_the_fans(name: str, shape: tuple[int, ...]) -> None:
    uniform, scale, into, out = SCALED[name]
    window = np.prod(shape[:-2])
    fan = into * window * shape[-2] + out * window * shape[-1]
    values = draw(name, shape)
    variance = scale / fan
    assert values.var() == pytest.approx(variance, rel=0.03)
    assert abs(values.mean()) < 5 * np.sqrt(variance / values.size)
    # A normal cut at two deviations keeps 0.7737 of its variance.
    limit = np.sqrt(3 * variance) if uniform else 2 * np.sqrt(variance / 0.7737)
    assert 0.98 * limit < np.abs(values).max() <= limit * 1.0001


def test_glorot_uniform_stays_within_its_published_limit() -> None:
    limit = np.sqrt(6 / (300 + 200))
    values = draw("glorot_uniform", DENSE)
    assert 0.999 * limit < values.max() <= limit
    assert -limit <= values.min() < -0.999 * limit


@pytest.mark.parametrize(("name", "value"), [("zeros", 0), ("ones", 1)])
def test_constants_are_constant(name: str, value: int) -> None:
    assert np.all(draw(name, CONV) == value)
    assert np.all(np.asarray(initializers.Constant(2.5)(None, (3,), jnp.float32)) == 2.5)


def test_function_of_shape_and_dtype_is_called_as_in_keras() -> None:
    def ones(shape: tuple[int, ...], dtype: str | None = None) -> np.ndarray:
        assert dtype == "float32"
        return np.ones(shape, dtype)

    class Twos:
        def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> np.ndarray:
            return np.full(shape, 2)

    for initializer, value in ((ones, 1), (Twos(), 2)):
        kernel = lampas.Sequential(
            [lampas.Dense(2, kernel_initializer=initializer, input_shape=(3,))]
        ).get_weights()[0]
        np.testing.assert_array_equal(kernel, np.full((3, 2), value, np.float32))


def test_plain_distributions_have_keras_defaults() -> None:
    normal = draw("random_normal", DENSE)
    assert normal.std() == pytest.approx(0.05, rel=0.02)
    assert np.abs(normal).max() > 0.15
    cut = draw("truncated_normal", DENSE)
    assert cut.std() == pytest.approx(0.05 * np.sqrt(0.7737), rel=0.02)
    assert np.abs(cut).max() <= 0.1
    uniform = draw("random_uniform", DENSE)
    assert 0.0499 < np.abs(uniform).max() <= 0.05
    assert uniform.std() == pytest.approx(0.1 / np.sqrt(12), rel=0.02)


@pytest.mark.parametrize("kind", [initializers.RandomNormal, initializers.TruncatedNormal])
def test_mean_and_deviation_can_be_chosen(kind: type) -> None:
    values = np.asarray(kind(mean=3.0, stddev=0.5)(jax.random.key(0), DENSE, jnp.float32))
    assert values.mean() == pytest.approx(3, abs=0.02)
    assert values.std() < 0.51


def test_uniform_can_lie_anywhere() -> None:
    values = initializers.RandomUniform(2.0, 5.0)(jax.random.key(0), DENSE, jnp.float32)
    assert 2 <= np.min(values) < 2.01
    assert 4.99 < np.max(values) <= 5


@pytest.mark.parametrize("shape", [(6, 6), (8, 5), (5, 8), (2, 2, 3, 7)], ids=str)
def test_orthogonal_rows_or_columns_are_orthonormal(shape: tuple[int, ...]) -> None:
    matrix = draw("orthogonal", shape).reshape(-1, shape[-1])
    short = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    np.testing.assert_allclose(short @ short.T, np.eye(len(short)), atol=1e-5)


def test_orthogonal_gain_stretches() -> None:
    values = initializers.Orthogonal(2.0)(jax.random.key(0), (5, 5), jnp.float32)
    np.testing.assert_allclose(values.T @ values, 4 * np.eye(5), atol=1e-5)


def test_fan_out_scaling_uses_the_outputs() -> None:
    scaling = initializers.VarianceScaling(2.0, "fan_out", "normal")
    values = np.asarray(scaling(jax.random.key(0), DENSE, jnp.float32))
    assert values.var() == pytest.approx(2 / 200, rel=0.03)


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"zeros", "ones", "zero", "one"}))
def test_key_decides_the_draw(name: str) -> None:
    np.testing.assert_array_equal(draw(name, (4, 4)), draw(name, (4, 4)))
    assert not np.array_equal(draw(name, (4, 4)), draw(name, (4, 4), seed=1))


@pytest.mark.parametrize(
    "name", sorted(set(initializers.__all__) - {"Constant", "VarianceScaling"})
)
def test_class_name_stands_for_its_defaults(name: str) -> None:
    assert initializers.get(name) == getattr(initializers, name)()


@pytest.mark.parametrize("shape", [(), (50,)], ids=str)
@pytest.mark.parametrize("name", ["glorot_uniform", "he_normal", "lecun_uniform"])
def test_vectors_have_as_many_inputs_as_outputs(name: str, shape: tuple[int, ...]) -> None:
    """As in Keras: the variance is that of a square matrix of this width."""
    size = shape[0] if shape else 1
    kind = initializers.get(name)
    values = draw(name, shape)
    assert values.shape == shape
    reach = {"glorot_uniform": 3, "he_normal": 8 / 0.7737, "lecun_uniform": 3}[name] / size
    assert np.all(np.square(values) <= reach * 1.001)
    assert kind.scale / size / 4 < np.square(values).mean() or size == 1


def test_orthogonal_vectors_are_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"not the shape \(3,\). Choose another"):
        draw("orthogonal", (3,))


def test_a_seed_decides_the_values_and_names_of_keras_are_known() -> None:
    seeded = initializers.HeNormal(seed=3)
    first, second = (seeded(jax.random.key(i), (4, 4), jnp.float32) for i in range(2))
    np.testing.assert_array_equal(first, second)
    assert initializers.get("uniform") == initializers.RandomUniform()
    assert initializers.get("normal") == initializers.RandomNormal()


def test_unknown_name_offers_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"initializer 'he_norml'. Did you mean 'he_normal'"):
        initializers.get("he_norml")
