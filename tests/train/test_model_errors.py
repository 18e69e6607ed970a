"""Common mistakes raise clear errors and leave nothing broken."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp

X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
Y = X.sum(1, keepdims=True)


def parts():
    model, optimizer = lp.Sequential([lp.Dense(2, "tanh"), lp.Dense(1)]), lp.Adam(0.01)
    gradient = lp.value_and_grad(model, lambda x, y: jnp.square(model(x) - y).mean())

    def step(x, y):
        loss_value, grads = gradient(x, y)
        optimizer.update(model, grads)
        return loss_value

    return model, optimizer, step


def test_an_optimizer_that_was_not_named_is_an_error():
    model, _, step = parts()
    with pytest.raises(lp.ArgumentError, match=r"Adam is used but was not passed.*state=\(model"):
        lp.jit(step, state=model)(X, Y)


@pytest.mark.long
def test_an_optimizer_in_use_that_was_not_named_is_an_error():
    model, _, step = parts()
    step(X, Y)
    with pytest.raises(lp.ArgumentError, match="Adam is used but was not passed"):
        lp.jit(step, state=model)(X, Y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"run_eagerly": "no"}, "run_eagerly must be True or False, got 'no'"),
        ({"run_eagerly": None}, "run_eagerly must be True or False, got None"),
        ({"run_eagerly": 2}, "run_eagerly must be True or False, got 2"),
        ({"precision": 16}, "precision must be 'float32' or 'bfloat16' or 'float16', got 16"),
        ({"penalty": 0.1}, r"penalty must be a function or a string, got 0\.1"),
    ],
)
def test_arguments_of_compile_are_checked(options, message):
    model = lp.Sequential([lp.Dense(1)])
    with pytest.raises(lp.ArgumentError, match=f"compile: {message}"):
        model.compile("sgd", "mse", **options)
    model.compile("sgd", "mse", run_eagerly=np.bool_(True))
    assert model.compile_options.run_eagerly


def test_a_model_that_was_not_named_is_an_error():
    _, optimizer, step = parts()
    with pytest.raises(lp.ArgumentError, match=r"a module with a variable of .* was not passed"):
        lp.jit(step, state=optimizer)(X, Y)


def test_a_step_that_fails_can_be_mended():
    model, optimizer, step = parts()

    def broken(x, y):
        step(x, y)
        raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError, match="a mistake"):
        lp.jit(broken, state=(model, optimizer))(X, Y)
    fast = lp.jit(step, state=(model, optimizer))
    assert float(fast(X, Y)) > float([fast(X, Y) for _ in range(50)][-1])


@pytest.mark.long
def test_a_layer_added_later_is_built_by_the_next_step():
    model, optimizer, _ = parts()
    model(X)
    model.add(lp.Dense(1))
    gradient = lp.value_and_grad(model, lambda x, y: jnp.square(model(x) - y).mean())
    _, grads = gradient(X, Y)
    assert set(grads) == set(model.parameters())
    optimizer.update(model, grads)


def test_weights_that_are_set_are_copies():
    first, second = (lp.Sequential([lp.Dense(1)]) for _ in range(2))
    first(X)
    second(X)
    second.set_weights([v.value for v in first.variables().values()])
    optimizer = lp.SGD(0.1)
    gradient = lp.value_and_grad(second, lambda x: second(x).mean())

    def step(x):
        optimizer.update(second, gradient(x)[1])

    lp.jit(step, state=(second, optimizer))(X)
    assert np.isfinite(first(X)).all()


@pytest.mark.long
def test_one_optimizer_for_two_models_is_an_error():
    optimizer = lp.Adam()
    models = [lp.Sequential([lp.Dense(1)]) for _ in range(2)]
    for model in models:
        model.compile(optimizer, "mse")
        model.fit(X, Y, verbose=0)
    with pytest.raises(lp.ArgumentError, match="already trains another model; create one for each"):
        models[0].fit(X, Y, verbose=0)


class Looks(lp.Model):
    """A forward that depends on values, which only an eager run can."""

    def __init__(self):
        self.out = lp.Dense(1)

    def forward(self, x):
        return self.out(x if float(x.sum()) > 0 else -x)


@pytest.mark.long
def test_a_model_that_looks_at_values_is_trained_line_by_line():
    model = Looks()
    model.compile(lp.SGD(0.01), "mse", run_eagerly=True)
    history = model.fit(X, Y, epochs=2, batch_size=4, verbose=0)
    assert len(history.epoch) == 2
    assert model.predict(X).shape == (8, 1)
    assert model.evaluate(X, Y)["loss"] < 1e3


@pytest.mark.long
def test_a_shape_that_did_not_fit_is_not_remembered():
    model = lp.Sequential([lp.Conv2D(4, 3), lp.Flatten(), lp.Dense(1)])
    with pytest.raises(lp.ShapeError):
        model.predict(np.zeros((5, 8, 8)))
    model.predict(np.zeros((5, 8, 8, 1)))
    assert model.example_shape == (8, 8, 1)
    assert "conv2d_1" in str(model.summary_table())


def test_metrics_of_one_name_are_numbered():
    model = lp.Sequential([lp.Dense(1, "sigmoid")])
    precisions = [lp.metrics.Precision(0.3), lp.metrics.Precision(0.7)]
    model.compile("sgd", "mse", metrics=precisions)
    measured = model.evaluate(X, (Y > 0).astype(np.float32))
    assert list(measured.keys()) == ["loss", "precision", "precision_2"]


def test_bytes_do_not_wrap_around_in_a_loss():
    low, high = np.array([[3]], np.uint8), np.array([[200]], np.uint8)
    assert float(lp.losses.MeanSquaredError()(low, high)[0]) == 197.0**2
    assert lp.metrics.RootMeanSquaredError()(low, high) == 197.0


@pytest.mark.long
def test_dense_with_relu_has_forward_derivatives():
    layer = lp.Dense(4, "relu", bias_initializer="random_normal")
    layer(X)
    (params, state), apply = lp.functional(layer)

    def loss(params):
        return jnp.square(apply(params, state, X)[0]).sum()

    forward = jax.jacfwd(loss)(params)
    backward = jax.grad(loss)(params)
    for path in params:
        np.testing.assert_allclose(forward[path], backward[path], rtol=1e-4)


def test_a_model_keeps_no_optimizer_of_its_own():
    class Net(lp.Model):
        def __init__(self):
            self.optimizer = lp.Adam()

    with pytest.raises(lp.ArgumentError, match="chosen by compile"):
        Net()


def test_a_checkpoint_template_with_an_unknown_name_is_an_error(tmp_path):
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse")
    checkpoint = lp.ModelCheckpoint(tmp_path / "{val_acc}.safetensors")
    with pytest.raises(
        lp.ArgumentError, match=r"cannot fill in .*'val_acc'\. Available: epoch, loss"
    ):
        model.fit(X, Y, verbose=0, callbacks=[checkpoint])


def test_a_checkpoint_folder_that_is_missing_is_reported_before_training(tmp_path):
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse")
    checkpoint = lp.ModelCheckpoint(tmp_path / "no" / "net.safetensors")
    with pytest.raises(lp.FileError, match="there is no such folder"):
        model.fit(X, Y, verbose=0, callbacks=[checkpoint])
    assert model.history.epoch == []


def test_sizes_from_numpy_can_be_saved(tmp_path):
    model = lp.Sequential([lp.Dense(2, input_shape=(np.int64(3),))])
    model.save(tmp_path / "net.safetensors")
    loaded = lp.load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("mean", "shape"), [(lambda x: x.mean(), r"\(\)"), (lambda x: x.mean(0), r"\(3,\)")]
)
def test_outputs_without_a_row_for_each_example_are_refused(mean, shape):
    class MeanModel(lp.Model):
        def forward(self, x):
            return mean(x)

    expected = rf"one output for each example: for a batch of 8 the model returned shape {shape}"
    with pytest.raises(lp.ShapeError, match=expected):
        MeanModel().predict(X)
