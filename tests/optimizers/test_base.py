"""Gradients that are gathered over steps, and moving averages of the weights."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core.errors import ArgumentError

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(24, 3)).astype(np.float32), RNG.normal(size=(24, 1)).astype(np.float32)


def fitted(optimizer, batch_size, epochs=2, **options):
    lp.set_seed(0)
    model = lp.Sequential([lp.Dense(4, "tanh"), lp.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size, epochs, verbose=0, shuffle=False, **options)
    return model


@pytest.mark.long
@pytest.mark.parametrize("make", [lp.SGD, lp.Adam])
def test_gathered_batches_are_one_large_one(make):
    gathered = fitted(make(0.1, gradient_accumulation_steps=3), 4)
    large = fitted(make(0.1), 12)
    assert int(gathered.optimizer.opt_state.value["step"]) == 4
    for one, other in zip(gathered.get_weights(), large.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_until_enough_are_gathered_nothing_changes():
    lp.set_seed(0)
    optimizer, model = lp.SGD(0.1, gradient_accumulation_steps=3), lp.Sequential([lp.Dense(1)])
    grad = lp.value_and_grad(model, lambda x, y: jnp.mean((y - model(x)) ** 2))

    def step(x, y):
        loss_value, gradients = grad(x, y)
        optimizer.update(model, gradients)
        return loss_value

    step = lp.jit(step, state=(model, optimizer))
    step(X, Y)
    kernel = model.layers[0].kernel
    before = kernel.numpy()
    step(X, Y)
    assert np.array_equal(kernel.numpy(), before)
    step(X, Y)
    assert not np.array_equal(kernel.numpy(), before)


@pytest.mark.long
def test_a_schedule_counts_batches():
    seen = fitted(lp.SGD(lambda step: 0.1 * 0.9**step, gradient_accumulation_steps=2), 6, epochs=2)
    assert seen.optimizer.learning_rate == pytest.approx(0.1 * 0.9**8)
    params, optimizer = (
        {"w": jnp.zeros(1)},
        lp.SGD(lambda s: s + 1.0, gradient_accumulation_steps=2),
    )
    opt_state = optimizer.init(params)
    for _ in range(4):
        params, opt_state = optimizer.update_params(params, {"w": jnp.ones(1)}, opt_state)
    assert params["w"].tolist() == [-(2.0 + 4.0)]


def test_averages_are_those_of_the_formula():
    values = {"a": np.float32([1.0, -2.0])}
    gradients = RNG.normal(size=(5, 2)).astype(np.float32)
    optimizer = lp.SGD(0.5, ema_momentum=0.8)
    params, opt_state = values, optimizer.init(values)
    weights, average = values["a"].astype(np.float64), None
    for gradient in gradients:
        params, opt_state = optimizer.update_params(params, {"a": gradient}, opt_state)
        weights = weights - 0.5 * gradient
        average = weights if average is None else 0.8 * average + 0.2 * weights
    np.testing.assert_allclose(optimizer.ema_weights(opt_state)["a"], average, rtol=1e-5)


@pytest.mark.long
def test_fit_validates_with_the_averages_and_leaves_them():
    seen = []
    watch = lp.LambdaCallback(
        on_epoch_end=lambda epoch, logs=None: seen.append((watch.model.get_weights(), dict(logs)))
    )
    plain = fitted(lp.SGD(0.1), 6)
    model = fitted(lp.SGD(0.1, ema_momentum=0.9), 6, callbacks=[watch], validation_data=(X, Y))
    averages = model.optimizer.ema_weights(model.optimizer.opt_state.value)
    for path, variable in model.variables().items():
        assert np.array_equal(variable.numpy(), averages[path])
        assert not np.array_equal(variable.numpy(), plain.variables()[path].numpy())
    last, logs = seen[-1]
    assert all(map(np.array_equal, last, model.get_weights()))
    assert logs["val_loss"] == pytest.approx(model.evaluate(X, Y)["loss"], rel=1e-6)


@pytest.mark.long
def test_without_them_learning_is_the_same():
    """The averages look on: the loss of each epoch is that of the weights themselves."""
    losses = [
        fitted(lp.Adam(0.1, ema_momentum=momentum), 6, 4).history.history["loss"]
        for momentum in (None, 0.9)
    ]
    np.testing.assert_allclose(*losses, rtol=1e-6)


@pytest.mark.long
def test_the_best_weights_are_averages_too():
    stop = lp.EarlyStopping("val_loss", patience=9, restore_best_weights=True)
    model = fitted(lp.SGD(0.3, ema_momentum=0.5), 6, 6, callbacks=[stop], validation_data=(X, Y))
    assert model.evaluate(X, Y)["loss"] == pytest.approx(stop.best, rel=1e-6)


@pytest.mark.long
def test_an_exact_resume_keeps_both(tmp_path):
    def optimizer():
        return lp.Adam(0.1, ema_momentum=0.9, gradient_accumulation_steps=3)

    whole = fitted(optimizer(), 4, 5)
    fitted(optimizer(), 4, 2, checkpoint=tmp_path)
    resumed = fitted(optimizer(), 4, 5, checkpoint=tmp_path)
    assert all(map(np.array_equal, whole.get_weights(), resumed.get_weights()))


@pytest.mark.parametrize("steps", [0, -1, 1.5])
def test_steps_that_are_invalid(steps):
    with pytest.raises(ArgumentError, match=f"integer of at least 1, got {steps}"):
        lp.SGD(gradient_accumulation_steps=steps)


@pytest.mark.long
def test_what_the_compiled_step_would_not_follow_cannot_be_assigned():
    optimizer = lp.SGD(0.1)
    optimizer.momentum = 0.9
    with pytest.raises(ArgumentError, match="SGD: clipnorm cannot be assigned"):
        optimizer.clipnorm = 1.0
    model = fitted(optimizer, 12, 1)
    reference = fitted(lp.SGD(0.1, momentum=0.9), 12, 1)
    assert all(map(np.array_equal, model.get_weights(), reference.get_weights()))
    for name in ("momentum", "weight_decay", "ema_momentum"):
        with pytest.raises(ArgumentError, match=f"SGD: {name} cannot be assigned.* new optimizer"):
            setattr(optimizer, name, 0.5)
    optimizer.learning_rate = 0.5


@pytest.mark.parametrize("momentum", [-0.1, 1.0, 2])
def test_a_momentum_that_is_invalid(momentum):
    with pytest.raises(
        ArgumentError, match=f"SGD: ema_momentum must be at least 0 and less than 1, got {momentum}"
    ):
        lp.SGD(ema_momentum=momentum)


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_both_are_kerass():
    pytest.importorskip("torch")
    keras = pytest.importorskip("keras")
    values = {"a": np.float32([1.0, -2.0, 3.0])}
    gradients = RNG.normal(size=(6, 3)).astype(np.float32)
    mine = lp.Adam(0.1, gradient_accumulation_steps=2)
    theirs = keras.optimizers.Adam(0.1, gradient_accumulation_steps=2)
    averaging = lp.Adam(0.1, ema_momentum=0.7)
    averaged = keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.7)
    for our, their in ((mine, theirs), (averaging, averaged)):
        variable = keras.Variable(values["a"])
        params, opt_state = values, our.init(values)
        for gradient in gradients:
            params, opt_state = our.update_params(params, {"a": gradient}, opt_state)
            their.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        if our is averaging:
            their.finalize_variable_values([variable])
            params = our.ema_weights(opt_state)
        found = keras.ops.convert_to_numpy(variable.value)
        np.testing.assert_allclose(params["a"], found, rtol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("gather", [None, 4])
def test_iterations_are_the_steps_so_far(gather):
    optimizer = lp.SGD(0.1, gradient_accumulation_steps=gather)
    assert optimizer.iterations == 0
    fitted(optimizer, 4, epochs=3)
    assert optimizer.iterations == optimizer.iterations.numpy() == 18


@pytest.mark.long
def test_iterations_may_be_used_in_a_train_step():
    class Counted(lp.Sequential):
        def train_step(self, data):
            logs = super().train_step(data)
            return {**logs, "step": self.optimizer.iterations}

    model = Counted([lp.Dense(1)])
    model.compile("sgd", "mse")
    assert model.fit(X, Y, 12, 2, verbose=0).history["step"] == [2, 4]
