"""Single batches: train_on_batch, test_on_batch, predict_on_batch."""

import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import SPARSE, class_examples, numpy_twin, same_bits, weights_of

X, Y = class_examples(12)


@pytest.fixture(scope="module")
def twin():
    lp.set_seed(0)
    return numpy_twin()


@pytest.mark.long
def test_a_step_is_that_of_gradient_descent(twin):
    model, net = twin
    for rows in (slice(0, 6), slice(6, 12)):
        weights = np.linspace(0.5, 1.5, 6)
        expected = net.learn(X[rows], Y[rows], weights)
        accuracy = (model.predict_on_batch(X[rows]).argmax(1) == Y[rows]).mean()
        loss, measured = model.train_on_batch(X[rows], Y[rows], sample_weight=weights)
        assert loss == pytest.approx(expected, rel=1e-5)
        assert measured == pytest.approx(accuracy)
    np.testing.assert_allclose(model.predict_on_batch(X), net.predict(X), rtol=1e-4, atol=1e-6)
    loss = net.errors(X, Y).mean()
    assert model.test_on_batch(X, Y)[0] == pytest.approx(loss, rel=1e-4)
    assert model.loss == SPARSE
    values = model.test_on_batch(X, Y, return_dict=True)
    assert list(values) == model.metrics_names == ["loss", "accuracy"]
    assert values["loss"] == pytest.approx(loss, rel=1e-4)


def regression():
    model = lp.Sequential([lp.Dense(1, input_shape=(4,))])
    model.compile(lp.Adam(0.1), "mse")
    return model


@pytest.mark.long
def test_it_shares_weights_and_optimizer_with_fit():
    lp.set_seed(0)
    fitted, stepped = regression(), regression()
    stepped.set_weights(fitted.get_weights())
    fitted.fit(X, X[:, 0], 12, epochs=3, verbose=0)
    assert isinstance(stepped.train_on_batch(X, X[:, 0]), float)
    stepped.fit(X, X[:, 0], 12, verbose=0)
    stepped.train_on_batch(X, X[:, 0])
    assert same_bits(weights_of(fitted), weights_of(stepped))


@pytest.mark.long
def test_a_step_that_is_not_finite_is_not_applied():
    model = regression()
    model.set_weights([np.full((4, 1), 1e30, np.float32), np.zeros(1, np.float32)])
    before = weights_of(model)
    with pytest.raises(lp.DivergedError, match="the loss became inf in epoch 1, batch 1 of 1"):
        model.train_on_batch(X, X[:, 0])
    assert same_bits(weights_of(model), before)


@pytest.mark.long
def test_classes_have_weights():
    model = lp.Sequential([lp.Dense(3, "softmax", input_shape=(4,))])
    model.compile(lp.SGD(0.1), SPARSE)
    errors = -np.log(model.predict(X)[np.arange(12), Y])
    weights = np.array([1.0, 2.0, 3.0])
    by_class = dict(enumerate(weights))
    loss = model.train_on_batch(X, Y, class_weight=by_class)
    model.train_on_batch(X[Y > 0], Y[Y > 0], class_weight=by_class)  # not all occur
    assert loss == pytest.approx((errors * weights[Y]).mean(), rel=1e-5)


def test_a_train_step_of_ones_own_is_run():
    class Halved(lp.Sequential):
        def train_step(self, data):
            x, y = data

            def error(x, y):
                return 0.5 * self.compute_loss(x, y, self(x))

            loss, gradients = lp.value_and_grad(self, error)(x, y)
            self.optimizer.update(self, gradients)
            return {"half": loss}

    model = Halved([lp.Dense(1, input_shape=(4,))])
    model.compile(lp.SGD(0.1), "mse")
    expected = 0.5 * np.square(model.predict(X)[:, 0] - X[:, 0]).mean()
    first = model.train_on_batch(X, X[:, 0], return_dict=True)
    assert first == {"half": pytest.approx(expected, rel=1e-5)}
    assert model.train_on_batch(X, X[:, 0]) < first["half"]


def test_a_frozen_model_warns():
    model = regression()
    model.freeze()
    before = weights_of(model)
    for train in (model.train_on_batch, lambda x, y: model.fit(x, y, 12, verbose=0)):
        with pytest.warns(UserWarning, match=r"all weights of the model are frozen.*trainable = T"):
            train(X, X[:, 0])
    assert same_bits(weights_of(model), before)


@pytest.mark.long
def test_the_history_knows_its_fit():
    model = regression()
    history = model.fit(X, X[:, 0], 6, epochs=2, verbose=0)
    assert history is model.history
    assert history.model is model
    assert history.params["epochs"] == history.params["steps"] == 2
    assert history.epoch == [0, 1]
