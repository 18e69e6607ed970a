from __future__ import annotations

import copy

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lampas
from lampas import ArgumentError, Dense, Parameter, UnknownNameError, optimizers
from lampas.optimizers import OPTIMIZERS, Optimizer
from lampas.optimizers.schedules import ExponentialDecay, PiecewiseConstantDecay
from tests.oracles import optimizers as oracle

STEPS = 12
START = np.array([[1.0, -2.0], [0.5, 3.0]])
GRADIENTS = np.random.default_rng(0).normal(size=(STEPS, 2, 2)) * [[1, 10], [0.1, 1e-3]]

CASES = {
    "sgd": (lampas.SGD(0.1), lambda: oracle.sgd(0.1)),
    "sgd with momentum": (lampas.SGD(0.1, 0.9), lambda: oracle.sgd(0.1, 0.9)),
    "sgd with nesterov": (lampas.SGD(0.1, 0.9, True), lambda: oracle.sgd(0.1, 0.9, True)),
    "adam": (lampas.Adam(0.1), lambda: oracle.adam(0.1)),
    "adam with betas": (
        lampas.Adam(0.1, 0.8, 0.9, 1e-3), lambda: oracle.adam(0.1, 0.8, 0.9, 1e-3),
    ),
    "amsgrad": (
        lampas.Adam(0.1, 0.8, 0.9, amsgrad=True), lambda: oracle.adam(0.1, 0.8, 0.9, amsgrad=True),
    ),
    "nadam": (lampas.Nadam(0.1), lambda: oracle.nadam(0.1)),
    "adamax": (lampas.Adamax(0.1), lambda: oracle.adamax(0.1)),
    "rmsprop": (lampas.RMSprop(0.1), lambda: oracle.rmsprop(0.1)),
    "rmsprop with momentum": (
        lampas.RMSprop(0.1, 0.8, 0.9), lambda: oracle.rmsprop(0.1, 0.8, 0.9),
    ),
    "adagrad": (lampas.Adagrad(0.1), lambda: oracle.adagrad(0.1)),
    "adadelta": (lampas.Adadelta(1.0), lambda: oracle.adadelta(1.0)),
    "lion": (lampas.Lion(0.1), lambda: oracle.lion(0.1)),
}  # fmt: skip


def run_steps(optimizer: Optimizer, start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """The weights after each gradient, in one compiled program."""

    def step(carry, gradient):
        params, opt_state = optimizer.update_params(*carry[:1], {"w": gradient}, carry[1])
        return (params, opt_state), params["w"]

    @jax.jit
    def run(w, gradients):
        return jax.lax.scan(step, ({"w": w}, optimizer.init({"w": w})), gradients)[1]

    return np.asarray(run(jnp.float32(start), jnp.float32(gradients)))


@pytest.mark.parametrize("case", CASES)
def test_steps_are_those_of_the_formula(case: str) -> None:
    optimizer, define = CASES[case]
    expected = oracle.walk(define(), START, GRADIENTS)
    np.testing.assert_allclose(
        run_steps(optimizer, START, GRADIENTS), expected, rtol=2e-4, atol=1e-5
    )


def test_adamw_decays_the_weights_apart_from_the_gradient() -> None:
    expected = oracle.with_decay(lambda: oracle.adam(0.1), 0.1, 0.3, START, GRADIENTS)
    path = run_steps(lampas.AdamW(0.1, weight_decay=0.3), START, GRADIENTS)
    np.testing.assert_allclose(path, expected, rtol=2e-4, atol=1e-5)


def test_every_optimizer_decays_the_weights_on_request() -> None:
    expected = oracle.with_decay(lambda: oracle.sgd(0.1), 0.1, 0.3, START, GRADIENTS)
    path = run_steps(lampas.SGD(0.1, weight_decay=0.3), START, GRADIENTS)
    np.testing.assert_allclose(path, expected, rtol=2e-4, atol=1e-5)


def test_small_gradients_take_the_first_step_of_keras() -> None:
    """The root of v is sqrt(0.001) * 1e-6 in the first step, so epsilon is three times as large."""
    gradient = np.full((1, 2, 2), 1e-6)
    step = np.sqrt(1e-3) * 1e-6 / (np.sqrt(1e-3) * 1e-6 + 1e-7)
    path = run_steps(lampas.Adam(1.0), np.zeros((2, 2)), gradient)
    np.testing.assert_allclose(path[0], -step, rtol=1e-4)
    path = run_steps(lampas.Adam(1.0, corrected_epsilon=True), np.zeros((2, 2)), gradient)
    np.testing.assert_allclose(path[0], -1e-6 / (1e-6 + 1e-7), rtol=1e-4)


def test_nadam_begins_with_half_the_momentum() -> None:
    path = run_steps(lampas.Nadam(0.5), np.array([1.0, 2.0]), np.array([[1.0, 6.0]]))
    np.testing.assert_allclose(path[0], [0.4686, 1.4686], atol=1e-4)


def test_velocity_keeps_the_learning_rate_of_its_steps() -> None:
    """Step 1 adds 1.0, step 2 adds 0.1 to nine tenths of it."""
    schedule = PiecewiseConstantDecay([0], [1.0, 0.1])
    path = run_steps(lampas.SGD(schedule, momentum=0.9), np.zeros(1), np.ones((2, 1)))
    np.testing.assert_allclose(path[:, 0], [-1.0, -2.0], rtol=1e-6)


def test_lamb_walks_a_share_of_the_weights_own_length() -> None:
    path = run_steps(lampas.Lamb(0.1), START, GRADIENTS[:1])
    step = np.linalg.norm(path[0] - START)
    assert step == pytest.approx(0.1 * np.linalg.norm(START), rel=1e-4)


def test_lamb_decays_outside_of_that_step() -> None:
    path = run_steps(lampas.Lamb(0.1, weight_decay=0.3), START, GRADIENTS[:1])
    decayed = (1 - 0.1 * 0.3) * START
    step = np.linalg.norm(path[0] - decayed)
    assert step == pytest.approx(0.1 * np.linalg.norm(decayed), rel=1e-4)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_finds_the_bottom_of_a_bowl(name: str) -> None:
    optimizer = optimizers.get(name)
    optimizer.learning_rate = {"adadelta": 50.0, "adagrad": 0.5}.get(name, 0.05)
    params = {"w": jnp.array([3.0, -4.0])}

    @jax.jit
    def run(params):
        def step(_, carry):
            return optimizer.update_params(carry[0], {"w": 2 * carry[0]["w"]}, carry[1])

        return jax.lax.fori_loop(0, 400, step, (params, optimizer.init(params)))[0]

    assert np.sum(np.square(run(params)["w"])) < 5


@pytest.mark.parametrize(
    ("name", "rate"),
    [("sgd", 0.01), ("adam", 0.001), ("adamw", 0.001), ("rmsprop", 0.001), ("adagrad", 0.001),
     ("adadelta", 0.001), ("adamax", 0.001), ("nadam", 0.001), ("lion", 0.001)],
)  # fmt: skip
def test_learning_rate_is_that_of_keras_unless_given(name: str, rate: float) -> None:
    assert optimizers.get(name).learning_rate == pytest.approx(rate)


def test_moments_and_decay_are_those_of_keras_unless_given() -> None:
    adam, adamw, rmsprop = lampas.Adam(), lampas.AdamW(), lampas.RMSprop()
    assert (adam.beta_1, adam.beta_2, adam.epsilon) == (0.9, 0.999, 1e-7)
    assert adamw.weight_decay == 0.004
    assert (rmsprop.rho, rmsprop.momentum, rmsprop.epsilon) == (0.9, 0.0, 1e-7)
    assert lampas.Adagrad().initial_accumulator_value == 0.1


class Point(lampas.Model):
    def __init__(self) -> None:
        self.w = Parameter(jnp.array([1.0, 2.0]))

    def forward(self, x):
        return x * self.w.value


def test_update_changes_the_model_and_remembers() -> None:
    point, optimizer = Point(), lampas.SGD(0.1, momentum=0.9)
    for _ in range(2):
        optimizer.update(point, {"w": jnp.ones(2)})
    np.testing.assert_allclose(point.w.numpy(), [1 - 0.1 - 0.19, 2 - 0.1 - 0.19], rtol=1e-6)
    assert int(optimizer.opt_state.value["step"]) == 2


def test_rate_can_be_changed_between_steps() -> None:
    point, optimizer = Point(), lampas.SGD(0.1)
    optimizer.update(point, {"w": jnp.ones(2)})
    optimizer.learning_rate = 0.5
    assert optimizer.learning_rate == 0.5
    optimizer.update(point, {"w": jnp.ones(2)})
    np.testing.assert_allclose(point.w.numpy(), [0.4, 1.4], rtol=1e-6)


def test_schedule_gives_the_rate_of_each_step_beginning_with_step_0() -> None:
    schedule = PiecewiseConstantDecay([0, 1], [1.0, 0.1, 0.01])
    path = run_steps(lampas.SGD(schedule), np.zeros(1), np.ones((4, 1)))
    np.testing.assert_allclose(path[:, 0], [-1, -1.1, -1.11, -1.12], rtol=1e-5)


def test_schedules_rate_can_be_read_but_not_assigned() -> None:
    point, optimizer = Point(), lampas.SGD(ExponentialDecay(0.5, 1, 0.1))
    assert optimizer.learning_rate == 0.5
    optimizer.update(point, {"w": jnp.ones(2)})
    assert optimizer.learning_rate == pytest.approx(0.05)
    with pytest.raises(ArgumentError, match="follows a schedule and cannot be assigned"):
        optimizer.learning_rate = 0.1


def test_low_precision_weights_keep_their_type() -> None:
    params = {"w": jnp.ones(2, jnp.bfloat16)}
    optimizer = lampas.Adam(0.1)
    stepped, _ = optimizer.update_params(params, {"w": params["w"]}, optimizer.init(params))
    assert stepped["w"].dtype == jnp.bfloat16


def test_optax_transformation_is_taken_as_it_is() -> None:
    optimizer = optimizers.get(optax.adam(0.1, eps=1e-7))
    path = run_steps(lampas.Adam(0.1, corrected_epsilon=True), START, GRADIENTS)
    np.testing.assert_allclose(run_steps(optimizer, START, GRADIENTS), path, rtol=1e-5)


def test_one_sgd_step_of_a_fit_is_weights_minus_rate_times_gradient() -> None:
    model = lampas.Sequential([Dense(1, input_shape=(3,))])
    model.compile(lampas.SGD(0.1), "mse")
    x, y = np.random.default_rng(0).normal(size=(2, 8, 3)).astype(np.float32)
    y = y[:, :1]
    kernel, bias = (p.numpy() for p in model.parameters().values())
    error = x @ kernel + bias - y
    model.fit(x, y, batch_size=8, epochs=1, verbose=0)
    stepped_kernel, stepped_bias = (p.numpy() for p in model.parameters().values())
    np.testing.assert_allclose(stepped_kernel, kernel - 0.1 * 2 * x.T @ error / 8, atol=1e-6)
    np.testing.assert_allclose(stepped_bias, bias - 0.1 * 2 * error.mean(0), atol=1e-6)


def shortened(gradient: np.ndarray, most: float) -> np.ndarray:
    norm = np.sqrt(np.sum(gradient**2))
    return gradient if norm <= most else gradient * most / norm


CLIPPED = {
    "clipnorm": lambda g: {"a": g["a"] * 2 / 5, "b": g["b"], "c": g["c"]},
    "clipvalue": lambda g: {**g, "a": np.array([[2.0], [-2.0]])},
    "global_clipnorm": lambda g: {name: part * 2 / np.sqrt(26) for name, part in g.items()},
}


@pytest.mark.long
@pytest.mark.parametrize("kind", CLIPPED)
def test_gradients_above_the_bound_are_clipped(kind: str) -> None:
    gradients = {"a": np.array([[3.0], [-4.0]]), "b": np.array([0.6, 0.8]), "c": np.zeros(())}
    optimizer = lampas.SGD(0.1, **{kind: 2})
    params = {name: jnp.zeros(part.shape) for name, part in gradients.items()}
    stepped, _ = optimizer.update_params(
        params, jax.tree.map(jnp.float32, gradients), optimizer.init(params)
    )
    for name, clipped in CLIPPED[kind](gradients).items():
        np.testing.assert_allclose(stepped[name], -0.1 * clipped, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("kind", CLIPPED)
def test_gradients_below_the_bound_are_left_as_they_are(kind: str) -> None:
    path = run_steps(lampas.SGD(0.1, 0.9, **{kind: 1e3}), START, GRADIENTS)
    np.testing.assert_array_equal(path, run_steps(lampas.SGD(0.1, 0.9), START, GRADIENTS))


CLIPS = {
    "sgd": (lambda **clip: lampas.SGD(0.1, 0.9, **clip), lambda: oracle.sgd(0.1, 0.9)),
    "adam": (lambda **clip: lampas.Adam(0.1, **clip), lambda: oracle.adam(0.1)),
    "rmsprop": (lambda **clip: lampas.RMSprop(0.1, **clip), lambda: oracle.rmsprop(0.1)),
    "adagrad": (lambda **clip: lampas.Adagrad(0.1, **clip), lambda: oracle.adagrad(0.1)),
    "adadelta": (lambda **clip: lampas.Adadelta(1.0, **clip), lambda: oracle.adadelta(1.0)),
    "lion": (lambda **clip: lampas.Lion(0.1, **clip), lambda: oracle.lion(0.1)),
    "optax": (
        lambda **clip: lampas.optimizers.Optax(optax.sgd(0.1, 0.9), **clip),
        lambda: oracle.sgd(0.1, 0.9),
    ),
}


@pytest.mark.parametrize("name", CLIPS)
def test_optimizer_sees_only_the_clipped_gradient(name: str) -> None:
    make, define = CLIPS[name]
    expected = oracle.walk(define(), START, [shortened(g, 0.5) for g in GRADIENTS])
    path = run_steps(make(clipnorm=0.5), START, GRADIENTS)
    np.testing.assert_allclose(path, expected, rtol=2e-4, atol=1e-5)


def test_weight_decay_is_not_clipped() -> None:
    gradients = [shortened(g, 0.5) for g in GRADIENTS]
    expected = oracle.with_decay(lambda: oracle.adam(0.1), 0.1, 0.3, START, gradients)
    path = run_steps(lampas.AdamW(0.1, 0.3, global_clipnorm=0.5), START, GRADIENTS)
    np.testing.assert_allclose(path, expected, rtol=2e-4, atol=1e-5)


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("kind", CLIPPED)
def test_clipping_is_kerass(kind: str) -> None:
    pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    values = {"a": np.float32(START), "b": np.float32([1, -1])}
    variables = [keras.Variable(value) for value in values.values()]
    mine = lampas.SGD(0.1, 0.9, **{kind: 0.5})
    theirs = keras.optimizers.SGD(0.1, momentum=0.9, **{kind: 0.5})
    params, opt_state = values, mine.init(values)
    for gradient in np.float32(GRADIENTS):
        gradients = {"a": gradient, "b": gradient[0] / 10}
        params, opt_state = mine.update_params(params, gradients, opt_state)
        theirs.apply([keras.ops.convert_to_tensor(g) for g in gradients.values()], variables)
    for value, variable in zip(params.values(), variables, strict=True):
        np.testing.assert_allclose(value, keras.ops.convert_to_numpy(variable.value), rtol=1e-5)


@pytest.mark.parametrize("name", sorted(set(optimizers.__all__) - {"Optax", "Optimizer"}))
def test_every_optimizer_can_clip(name: str) -> None:
    assert getattr(lampas.optimizers, name)(clipvalue=0.5).clipping == {"clipvalue": 0.5}


def test_clipping_of_a_fit_reaches_the_weights() -> None:
    model = lampas.Sequential([Dense(1, input_shape=(3,))])
    model.compile(lampas.SGD(1.0, global_clipnorm=1e-2), "mse")
    before = np.concatenate([w.ravel() for w in model.get_weights()])
    model.fit(np.ones((4, 3)), np.full((4, 1), 50.0), epochs=1, verbose=0)
    after = np.concatenate([w.ravel() for w in model.get_weights()])
    assert np.linalg.norm(after - before) == pytest.approx(1e-2, rel=1e-4)


def test_clipping_is_shown_among_the_arguments() -> None:
    assert repr(lampas.Adam(0.1, clipnorm=1.0)) == "Adam(0.1, clipnorm=1.0)"


def test_two_ways_of_clipping_are_an_error() -> None:
    message = r"one kind of gradient clipping, got clipnorm=1\.0 and clipvalue=0\.5; keep one"
    with pytest.raises(ArgumentError, match=message):
        lampas.Adam(clipnorm=1.0, clipvalue=0.5, global_clipnorm=None)


@pytest.mark.parametrize("bound", [0, -1.0, float("nan")])
def test_bound_that_is_not_positive_is_an_error(bound: float) -> None:
    message = f"SGD: clipvalue must be (a finite number )?above 0, got {bound}"
    with pytest.raises(ArgumentError, match=message):
        lampas.SGD(clipvalue=bound)


@pytest.mark.parametrize(
    ("wrong", "right"), [("clip_norm", "clipnorm"), ("learningrate", "learning_rate")]
)
def test_unknown_argument_offers_the_nearest_right_one(wrong: str, right: str) -> None:
    with pytest.raises(UnknownNameError, match=f"argument '{wrong}'. Did you mean '{right}'"):
        lampas.Adam(**{wrong: 1.0})


@pytest.mark.parametrize("rate", [0, -0.1, float("nan")])
def test_rate_that_is_not_positive_is_an_error(rate: float) -> None:
    with pytest.raises(
        ArgumentError, match=r"SGD: learning_rate must be .*above 0 or a function, got"
    ):
        lampas.SGD(rate)


@pytest.mark.parametrize("name", sorted(set(optimizers.__all__) - {"Optax", "Optimizer"}))
def test_class_name_stands_for_it(name: str) -> None:
    assert type(optimizers.get(name)) is getattr(optimizers, name)


def test_unknown_name_offers_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"optimizer 'adm'. Did you mean 'adam'"):
        optimizers.get("adm")


def test_something_else_is_not_an_optimizer() -> None:
    with pytest.raises(ArgumentError, match="a name, an Optimizer or an Optax one, got 3"):
        optimizers.get(3)


def test_the_learning_rate_has_the_methods_of_a_variable():
    optimizer = lampas.Adam(0.01)
    assert optimizer.learning_rate == 0.01
    assert optimizer.learning_rate.numpy() == np.float32(0.01)
    optimizer.learning_rate.assign(0.5)
    assert optimizer.learning_rate == 0.5
    assert type(copy.deepcopy(optimizer.learning_rate)) is float
