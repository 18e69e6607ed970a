"""Code in the form of Keras's guides, run by both from the same weights."""

import numpy as np
import pytest

import lampas

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 4, 3)).astype("float32"), RNG.normal(size=(12, 1)).astype("float32")


def model_with_own_cell(keras, ops):
    class Minimal(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.state_size = units

        def build(self, input_shape):
            shape = (input_shape[-1], self.units)
            self.kernel = self.add_weight(shape=shape, initializer="uniform", name="kernel")
            shape = (self.units, self.units)
            self.recurrent = self.add_weight(shape=shape, initializer="uniform", name="recurrent")
            self.built = True

        def call(self, inputs, states):
            h = ops.tanh(ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent))
            return h, [h]

    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.rnn = keras.layers.RNN(Minimal(5))
            self.norm = keras.layers.BatchNormalization(axis=-1)
            self.head = keras.layers.Dense(1)
            self.scale = self.add_weight(shape=(1,), initializer="ones", name="scale")

        def call(self, inputs, training=None):
            return self.head(self.norm(self.rnn(inputs), training=training)) * self.scale

    return Net()


def test_own_cells_weights_of_models_and_means_of_batches_are_kerass(keras):
    results, weights = [], None
    for library in (lampas, keras):
        ops = library.ops

        def mean_error(y_true, y_pred, ops=ops):
            return ops.mean(ops.abs(y_true - y_pred))

        model = model_with_own_cell(library, ops)
        model(X)
        parts = (model.rnn, model.norm, model.head)
        weights = weights or [part.get_weights() for part in parts]
        for part, arrays in zip(parts, weights, strict=True):
            part.set_weights(arrays)
        optimizer = library.optimizers.SGD(0.1, use_ema=False)
        model.compile(optimizer, loss=mean_error, metrics=[mean_error])
        history = model.fit(X, Y, batch_size=6, epochs=3, shuffle=False, verbose=0).history
        assert int(optimizer.iterations.numpy()) == 6
        results.append((history, model.predict(X, verbose=0), np.asarray(model.scale)))
    (ours, *arrays), (theirs, *expected) = results
    for name in ("loss", "mean_error"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5)
    for found, value in zip(arrays, expected, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-4, atol=1e-5)
