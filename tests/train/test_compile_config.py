"""A loaded model goes on training where the saved one was."""

import json
import subprocess
import sys
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lampas as lp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 4)).astype(np.float32)
Y = RNG.normal(size=(24, 2)).astype(np.float32)


def network():
    lp.set_seed(0)
    return lp.Sequential([lp.Input((4,)), lp.Dense(3, "tanh"), lp.Dropout(0.2), lp.Dense(2)])


def compiled(*args, **options):
    model = network()
    model.compile(*args, **options)
    return model


def fitted(*args, **options):
    model = compiled(*args, **options)
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, seed=1)
    return model


@pytest.fixture(scope="module")
def trained():
    """A model that the tests do not change."""
    return fitted("adam", "mse", metrics=["mae"])


def reload(model, folder, **options):
    model.save(folder / "model")
    return lp.load(folder / "model", **options)


def assert_goes_on(model, loaded):
    """Both train to the same weights, bit for bit, and log the same."""
    logs = [m.fit(X, Y, batch_size=8, epochs=2, verbose=0, seed=2).history for m in (model, loaded)]
    assert logs[0] == logs[1]
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert dict(model.evaluate(X, Y)) == dict(loaded.evaluate(X, Y))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}, id="adam"),
        pytest.param(
            {
                "optimizer": lp.SGD(lp.schedules.CosineDecay(0.1, 20), momentum=0.9, clipnorm=1.0),
                "loss": lp.losses.Huber(0.5),
                "metrics": [lp.metrics.CosineSimilarity(), lp.losses.CosineSimilarity()],
                "weighted_metrics": [lp.metrics.R2Score()],
                "penalty": lp.L2(0.01),
            },
            id="objects",
            marks=pytest.mark.long,
        ),
        pytest.param(
            {
                "optimizer": lp.AdamW(0.01, ema_momentum=0.9, gradient_accumulation_steps=2),
                "loss": "huber",
                "precision": "bfloat16",
            },
            id="average",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_loaded_model_goes_on_where_it_was(options, tmp_path):
    model = fitted(**options)
    loaded = reload(model, tmp_path)
    assert_goes_on(model, loaded)


@pytest.mark.long
def test_a_model_of_several_outputs_goes_on(tmp_path):
    inputs = lp.Input((4,))
    outputs = {"a": lp.Dense(2)(inputs), "b": lp.Dense(1)(inputs)}
    model, y = lp.Model(inputs, outputs), {"a": Y, "b": Y[:, :1]}
    model.compile(
        lp.RMSprop(0.01), {"a": "mse", "b": lp.losses.LogCosh()}, {"a": 0.5}, {"a": ["mae"]}
    )
    model.fit(X, y, verbose=0)
    loaded = reload(model, tmp_path)
    logs = [m.fit(X, y, verbose=0, seed=2).history for m in (model, loaded)]
    assert logs[0] == logs[1]


def test_a_learning_rate_that_was_assigned_is_kept(tmp_path):
    model = compiled("adam", "mse")
    model.optimizer.learning_rate = 0.25
    assert reload(model, tmp_path).optimizer.learning_rate == 0.25


@pytest.mark.long
def test_a_model_that_was_not_trained_is_compiled_too(tmp_path):
    model = compiled("sgd", "mse")
    assert_goes_on(model, reload(model, tmp_path))


def test_a_model_that_was_not_compiled_is_not(tmp_path):
    with pytest.raises(lp.NotBuiltError, match=r'compile\("adam", loss="mse"\)\.$'):
        reload(network(), tmp_path).fit(X, Y)


@pytest.mark.long
def test_the_state_of_other_parameters_is_left_out(tmp_path):
    model = fitted("adam", "mse")
    model.layers[0].trainable = False
    loaded = reload(model, tmp_path)
    assert_goes_on(model, loaded)


def test_compile_options_are_left_out_on_request(trained, tmp_path):
    assert reload(trained, tmp_path, compile=False)._compile_options is None
    with_state = (tmp_path / "model").stat().st_size
    trained.save(tmp_path / "model", include_optimizer=False)
    assert (tmp_path / "model").stat().st_size < with_state / 2
    assert lp.load(tmp_path / "model")._compile_options is None


def test_a_loaded_model_is_saved_as_the_same_bytes(trained, tmp_path):
    reload(trained, tmp_path).save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


# What a file cannot hold.


def quartic(y_true, y_pred):
    return jnp.mean((y_true - y_pred) ** 4, -1)


@dataclass(frozen=True)
class Power(lp.Loss):
    exponent: int

    def call(self, y_true, y_pred):
        return jnp.abs(y_true - y_pred) ** self.exponent


class Spread(lp.Metric):
    def update(self, y_true, y_pred):
        return jnp.stack([jnp.sum(y_pred**2), y_pred.size])

    def result(self, sums):
        return sums[0] / sums[1]


@pytest.mark.long
def test_functions_and_classes_of_ones_own_are_passed_to_load(tmp_path):
    model = compiled("adam", quartic, metrics=[Spread(name="s")], weighted_metrics=[Power(3)])
    own = {"quartic": quartic, "Spread": Spread, "Power": Power}
    loaded = reload(model, tmp_path, custom_objects=own)
    assert dict(loaded.evaluate(X, Y)) == dict(model.evaluate(X, Y))
    own.pop("quartic")
    loaded = reload(model, tmp_path, custom_objects=own)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    message = r"loaded without .*its loss.*'quartic'.*custom_objects=\{\"quartic\""
    for use in (loaded.fit, loaded.evaluate):
        with pytest.raises(lp.NotBuiltError, match=message):
            use(X, Y)
    loaded.compile("adam", quartic)
    assert loaded.evaluate(X, Y)


def test_a_lambda_as_loss_is_told_when_the_loaded_model_is_trained(tmp_path):
    loaded = reload(compiled("adam", lambda y, p: quartic(y, p)), tmp_path)
    with pytest.raises(
        lp.NotBuiltError, match=r"its loss is not in the file: <lambda> has no name"
    ):
        loaded.fit(X, Y)


def test_an_optax_transformation_is_told_when_the_loaded_model_is_trained(tmp_path):
    loaded = reload(compiled(optax.adam(0.1), "mse"), tmp_path)
    with pytest.raises(lp.NotBuiltError, match="its optimizer is not in the file: an Optax"):
        loaded.evaluate(X, Y)


def test_a_class_with_a_compile_of_its_own_is_compiled_again(tmp_path):
    class Net(lp.Model):
        def __init__(self):
            super().__init__()
            self.dense = lp.Dense(2)

        def call(self, x):
            return self.dense(x)

        def compile(self, extra):
            super().compile("sgd", "mse")
            self.extra = extra

    model = Net()
    model.compile(3)
    model.predict(X)
    loaded = reload(model, tmp_path, custom_objects={"Net": Net})
    with pytest.raises(lp.NotBuiltError, match="its class has a method compile of its own"):
        loaded.fit(X, Y)


# Damage.


def test_a_damaged_state_is_an_error(trained, tmp_path):
    trained.save(tmp_path / "model")
    content = (tmp_path / "model").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    name = next(name for name in header if "/m/dense_1/kernel" in name)
    place = len(content) - max(
        array["data_offsets"][1] for n, array in header.items() if n != "__metadata__"
    )
    broken = bytearray(content)
    broken[place + header[name]["data_offsets"][0]] ^= 1
    (tmp_path / "model").write_bytes(bytes(broken))
    with pytest.raises(lp.FileError, match="the file is damaged"):
        lp.load(tmp_path / "model")


def test_a_state_of_another_optimizer_is_an_error(trained):
    model = compiled("sgd", "mse")
    with pytest.raises(lp.FileError, match="state of the optimizer does not fit"):
        model.compile_from_config(model.get_compile_config(), trained.optimizer_state())


# Steps of one's own.


class Gan(lp.Model):
    """Two networks with an optimizer each."""

    def __init__(self, **options):
        super().__init__(**options)
        self.generator = lp.Sequential([lp.Input((2,)), lp.Dense(4)])
        self.critic = lp.Sequential([lp.Input((4,)), lp.Dense(1)])

    def compile(self, critic_optimizer, generator_optimizer):
        super().compile()
        self.critic_optimizer, self.generator_optimizer = critic_optimizer, generator_optimizer

    def call(self, noise):
        return self.generator(noise)

    def train_step(self, real):
        noise = jax.random.normal(lp.random_key(), (real.shape[0], 2))

        def critic_loss():
            fake = self.generator(noise)
            return jnp.mean(self.critic(fake) ** 2) + jnp.mean((self.critic(real) - 1) ** 2)

        loss, gradients = lp.value_and_grad(self.critic, critic_loss)()
        self.critic_optimizer.update(self.critic, gradients)
        other, gradients = lp.value_and_grad(
            self.generator, lambda: jnp.mean((self.critic(self.generator(noise)) - 1) ** 2)
        )()
        self.generator_optimizer.update(self.generator, gradients)
        return {"critic": loss, "generator": other}


@pytest.mark.long
def test_a_gan_goes_on_with_both_optimizers(tmp_path):
    lp.set_seed(0)
    model = Gan()
    model.compile(lp.Adam(0.01), lp.Adam(0.02))
    model.fit(X, batch_size=8, epochs=2, verbose=0, seed=1)
    loaded = reload(model, tmp_path, custom_objects={"Gan": Gan})
    loaded.compile(lp.Adam(0.01), lp.Adam(0.02))
    logs = [m.fit(X, batch_size=8, verbose=0, seed=2).history for m in (model, loaded)]
    assert logs[0] == logs[1]
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    again = reload(model, tmp_path, custom_objects={"Gan": Gan})
    again.compile(lp.SGD(0.01, momentum=0.9), lp.Adam(0.02))
    with pytest.warns(UserWarning, match="^critic_optimizer begins anew"):
        again.fit(X, batch_size=8, verbose=0)


@pytest.mark.long
def test_a_train_step_with_the_optimizer_of_compile_goes_on(tmp_path):
    class Net(lp.Model):
        def __init__(self):
            super().__init__()
            self.dense = lp.Dense(2)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            loss, gradients = lp.value_and_grad(self, lambda: jnp.mean((self(x) - y) ** 2))()
            self.optimizer.update(self, gradients)
            return {"loss": loss}

    model = Net()
    model.compile(lp.Adam(0.01), "mse")
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, seed=1)
    assert_goes_on(model, reload(model, tmp_path, custom_objects={"Net": Net}))


@pytest.mark.long
def test_a_model_of_a_graph_goes_on_in_a_new_process_without_code(tmp_path):
    inputs = lp.Input((4,))
    hidden = lp.Dense(4, "relu")(inputs)
    outputs = lp.Dense(2)(lp.ops.concatenate([hidden, lp.BatchNormalization()(inputs)], axis=-1))
    model = lp.Model(inputs, lp.Dropout(0.2)(outputs))
    model.compile(lp.Adam(lp.schedules.ExponentialDecay(0.1, 5, 0.9)), "mse", metrics=["mae"])
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, seed=1)
    model.save(tmp_path / "model")
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    script = """
import sys, numpy, lampas
data, model = numpy.load(sys.argv[2]), lampas.load(sys.argv[1])
model.fit(data["x"], data["y"], batch_size=8, epochs=2, verbose=0, seed=2)
model.save_weights(sys.argv[1])
"""
    paths = [str(tmp_path / "model"), str(tmp_path / "data.npz")]
    subprocess.run([sys.executable, "-c", script, *paths], check=True)
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, seed=2)
    expected = model.get_weights()
    model.load_weights(tmp_path / "model")
    for a, b in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(a, b)
