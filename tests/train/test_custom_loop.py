"""A custom loop: ``value_and_grad``, ``optimizer.update`` and ``jit``."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import SPARSE, compilations, same_bits, weights_of

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
TARGETS = np.array([[0], [1], [1], [0]], np.float32)


def step_of(model, optimizer, loss):
    grad = lp.value_and_grad(model, lambda x, y: loss(y, model(x)).mean())

    def step(x, y):
        loss_value, gradients = grad(x, y)
        optimizer.update(model, gradients)
        return loss_value

    return step


@pytest.mark.long
def test_a_compiled_step_learns_xor():
    model = lp.Sequential([lp.Dense(8, "tanh"), lp.Dense(1, "sigmoid")])
    optimizer = lp.Adam(0.05)
    step = step_of(model, optimizer, lp.losses.BinaryCrossentropy())
    step = lp.jit(step, state=(model, optimizer))
    errors = [float(step(XOR, TARGETS)) for _ in range(300)]
    assert errors[-1] < 0.05
    np.testing.assert_array_equal(model.predict(XOR) > 0.5, TARGETS > 0.5)


def parts(examples):
    x, y = examples
    return [(x[i : i + 8], y[i : i + 8]) for i in range(0, len(y), 8)]


def fresh(optimizer):
    lp.set_seed(0)
    model = lp.Sequential([lp.Dense(5, "tanh"), lp.BatchNormalization(), lp.Dense(3, "softmax")])
    model.build((4,))
    return model, optimizer


@pytest.mark.long
@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eager"])
def test_it_is_what_fit_does(examples, compiled):
    examples = [part[:16] for part in examples]
    fitted, optimizer = fresh(lp.Adam(0.05))
    fitted.compile(optimizer, SPARSE)
    fitted.fit(*examples, 8, epochs=3, shuffle=False, verbose=0)

    model, optimizer = fresh(lp.Adam(0.05))
    step = step_of(model, optimizer, lp.losses.get(SPARSE))
    if compiled:
        step = lp.jit(step, state=(model, optimizer))
    for _ in range(3):
        for x, y in parts(examples):
            step(x, y)
    for path, expected in weights_of(fitted).items():
        np.testing.assert_allclose(weights_of(model)[path], expected, atol=1e-5, err_msg=path)


@pytest.mark.long
def test_a_step_compiles_once_for_a_shape(examples):
    model, optimizer = fresh(lp.Adam(0.05))
    step = lp.jit(step_of(model, optimizer, lp.losses.get(SPARSE)), state=(model, optimizer))
    x, y = parts(examples)[0]
    step(x, y)
    with compilations() as compiled:
        for _ in range(3):
            step(x, y)
    assert compiled == []


def test_the_first_call_builds_the_model_and_starts_the_optimizer(examples):
    model = lp.Sequential([lp.Dense(3, "softmax")])
    optimizer = lp.SGD(0.1, momentum=0.9)
    step = step_of(model, optimizer, lp.losses.get(SPARSE))
    lp.jit(step, state=(model, optimizer))(*examples)
    assert set(model.variables()) == {"dense_1/kernel", "dense_1/bias"}
    for leaf in jax.tree.leaves([v.value for v in optimizer.variables().values()]):
        assert not isinstance(leaf, jax.core.Tracer)


@pytest.mark.long
@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eager"])
def test_the_first_call_makes_the_weights_that_build_makes(examples, compiled):
    lp.set_seed(4)
    expected = lp.Sequential([lp.Dense(3, "softmax", input_shape=(4,))])
    expected.variables()

    lp.set_seed(4)
    model, optimizer = lp.Sequential([lp.Dense(3, "softmax")]), lp.SGD(1e-30)
    step = step_of(model, optimizer, lp.losses.get(SPARSE))
    if compiled:
        step = lp.jit(step, state=(model, optimizer))
    step(*examples)
    for path, first in weights_of(expected).items():
        np.testing.assert_allclose(weights_of(model)[path], first, atol=1e-6, err_msg=path)


@pytest.mark.long
def test_a_first_call_that_fails_can_be_repeated(examples):
    x, y = examples
    model = lp.Sequential([lp.Dense(3), lp.Dense(3, "softmax")])
    optimizer = lp.Adam()
    step = lp.jit(step_of(model, optimizer, lp.losses.get(SPARSE)), state=(model, optimizer))
    with pytest.raises(lp.ShapeError):
        step(x, y[:, None, None])
    assert np.isfinite(step(x, y))


def test_dropout_drops_again_in_each_call():
    model = lp.Sequential([lp.Dropout(0.5)])
    grad = lp.value_and_grad(model, lambda x: (model(x).sum(), model(x)), has_aux=True)
    step = lp.jit(lambda x: grad(x)[0][1], state=model)
    first, second = step(jnp.ones((8, 8))), step(jnp.ones((8, 8)))
    assert not np.array_equal(first, second)
    eager_first, eager_second = (grad(jnp.ones((8, 8)))[0][1] for _ in range(2))
    assert not np.array_equal(eager_first, eager_second)


def test_two_gradients_in_one_step_drop_differently():
    model = lp.Sequential([lp.Dropout(0.5)])
    grad = lp.value_and_grad(model, lambda x: (model(x).sum(), model(x)), has_aux=True)
    step = lp.jit(lambda x: (grad(x)[0][1], grad(x)[0][1]), state=model)
    first, second = step(jnp.ones((8, 8)))
    assert not np.array_equal(first, second)


@pytest.mark.long
@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eager"])
def test_batch_statistics_move_in_training_only(compiled):
    model = lp.Sequential([lp.BatchNormalization(momentum=0.5)])
    x = np.random.default_rng(0).normal(3.0, 2.0, size=(64, 2)).astype(np.float32)
    grad = lp.value_and_grad(model, lambda x: jnp.mean(model(x)))

    def look(x):
        return grad(x)[0]

    if compiled:
        look = lp.jit(look, state=model)
    look(x)
    mean = model.state_variables()["batch_normalization_1/moving_mean"].numpy()
    np.testing.assert_allclose(mean, 0.5 * x.mean(0), rtol=1e-5)
    model(x)
    np.testing.assert_array_equal(
        model.state_variables()["batch_normalization_1/moving_mean"].numpy(), mean
    )


@pytest.mark.long
def test_gradients_have_the_paths_of_the_parameters(examples):
    model, _ = fresh(lp.SGD())
    before = weights_of(model)
    x, y = examples
    loss = lp.losses.get(SPARSE)
    loss_value, gradients = lp.value_and_grad(model, lambda x, y: loss(y, model(x)).mean())(x, y)
    assert set(gradients) == set(model.parameters())
    assert loss_value.shape == ()
    assert same_bits(
        {path: before[path] for path in gradients},
        {path: weights_of(model)[path] for path in gradients},
    )


@pytest.mark.long
def test_a_loss_that_fails_leaves_the_model_alone(examples):
    model, _ = fresh(lp.SGD())
    before = weights_of(model)

    def fail(x):
        model(x)
        raise RuntimeError("no loss")

    with pytest.raises(RuntimeError, match="no loss"):
        lp.value_and_grad(model, fail)(examples[0])
    assert same_bits(weights_of(model), before)


def test_a_compiled_step_that_fails_leaves_the_model_usable(examples):
    x, y = examples
    model, optimizer = fresh(lp.SGD(0.1))
    step = lp.jit(step_of(model, optimizer, lp.losses.get(SPARSE)), state=(model, optimizer))
    step(x, y)
    before = weights_of(model)
    with pytest.raises(lp.ShapeError):
        step(x[:, :2], y)
    assert same_bits(weights_of(model), before)
    step(x, y)


def test_the_learning_rate_changes_without_compiling(examples):
    model, optimizer = fresh(lp.SGD(0.1))
    step = lp.jit(step_of(model, optimizer, lp.losses.get(SPARSE)), state=(model, optimizer))
    step(*examples)
    before = weights_of(model)
    optimizer.learning_rate = 1e-30
    with compilations() as compiled:
        step(*examples)
    assert not [name for name in compiled if "pure" in name]
    after = weights_of(model)
    for path in model.parameters():
        np.testing.assert_array_equal(after[path], before[path])


@pytest.mark.long
def test_a_model_trained_in_a_loop_can_be_saved_and_loaded(examples, tmp_path):
    class Net(lp.Model):
        def __init__(self):
            self.dense = lp.Dense(3, "softmax")

        def forward(self, x):
            return self.dense(x)

    model, optimizer = Net(), lp.SGD(0.1)
    step = lp.jit(step_of(model, optimizer, lp.losses.get(SPARSE)), state=(model, optimizer))
    step(*examples)
    model.save(tmp_path / "net")
    loaded = lp.load(tmp_path / "net", Net)
    np.testing.assert_array_equal(loaded.predict(examples[0]), model.predict(examples[0]))


@pytest.mark.long
def test_two_models_are_trained_in_one_step(examples):
    x, _ = examples
    first, second = lp.Sequential([lp.Dense(2)]), lp.Sequential([lp.Dense(4)])
    optimizers = lp.SGD(0.1), lp.SGD(0.1)
    errors = [
        lp.value_and_grad(first, lambda x: jnp.mean(jnp.square(second(first(x)) - x))),
        lp.value_and_grad(second, lambda x: jnp.mean(jnp.square(second(first(x)) - x))),
    ]

    def step(x):
        for model, optimizer, grad in zip((first, second), optimizers, errors, strict=True):
            loss_value, gradients = grad(x)
            optimizer.update(model, gradients)
        return loss_value

    step = lp.jit(step, state=(first, second, *optimizers))
    losses = [float(step(x)) for _ in range(20)]
    assert losses[-1] < losses[0]


@pytest.mark.long
def test_masks_pass_through_gradients_and_compiled_functions():
    x = jnp.array([[[1.0], [2.0], [0.0]]])
    model = lp.Sequential([lp.Masking(), lp.Dense(1)])
    grad = lp.value_and_grad(model, lambda x: (jnp.mean(y := model(x)), y), has_aux=True)
    (_, inside), _ = grad(x)
    outside = lp.jit(lambda x: model(x), state=model)(x)
    marked = lp.set_mask(x + 0, np.array([[1, 0, 1]]))
    dense = lp.Dense(1)
    for output, mask in (
        (inside, [[True, True, False]]),
        (outside, [[True, True, False]]),
        (lp.jit(lambda x: dense(x), state=dense)(marked), [[True, False, True]]),
    ):
        assert lp.get_mask(output).tolist() == mask


@pytest.mark.parametrize("args", [(lambda: 1.0, []), (lp.Dense(1), [])], ids=["loss first", "list"])
def test_value_and_grad_without_a_model_or_a_loss_says_what_it_takes(args):
    with pytest.raises(lp.ArgumentError, match=r"value_and_grad\(model, loss\); got"):
        lp.value_and_grad(*args)


@pytest.mark.long
def test_a_loss_of_several_numbers_is_told_to_take_the_mean():
    model = lp.Dense(1)
    loss = lp.losses.BinaryCrossentropy(from_logits=True)
    message = r"single number, got shape \(4,?\).*loss\(y, y_pred\)\.mean\(\)"
    with pytest.raises(lp.ArgumentError, match=message):
        lp.value_and_grad(model, lambda: loss(TARGETS, model(XOR)))()
