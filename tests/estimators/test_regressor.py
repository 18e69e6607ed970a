import pickle

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import r2_score

import lampas as lp
from lampas.estimators import Regressor

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(96, 2))
Y = 5000 + 300 * X[:, 0] - 200 * X[:, 1] * X[:, 0]


def quick(model=None, **options):
    return Regressor(model, **{"epochs": 30, "learning_rate": 0.03, "random_state": 0} | options)


@pytest.mark.long
def test_targets_of_any_size_are_learned():
    network = quick().fit(X, Y)
    predicted = network.predict(X)
    assert predicted.shape == (96,)
    assert predicted.dtype == np.float64
    assert network.score(X, Y) == pytest.approx(r2_score(Y, predicted))
    assert network.score(X, Y) > 0.95
    np.testing.assert_allclose(network.target_mean_, Y.mean())
    np.testing.assert_allclose(network.target_scale_, Y.std())
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.predict(X), predicted)


@pytest.mark.long
def test_the_loss_is_that_of_standardized_targets():
    network = quick(epochs=1, learning_rate=1e-9).fit(X, Y)
    output = network.model_.predict(X)[:, 0]
    expected = np.mean((output - (Y - Y.mean()) / Y.std()) ** 2)
    assert network.history_["loss"][0] == pytest.approx(expected, rel=1e-3)


@pytest.mark.long
def test_several_targets_keep_their_units():
    both = np.column_stack([Y, X[:, 1] / 1000])
    network = quick().fit(X, both)
    assert network.predict(X).shape == (96, 2)
    assert r2_score(both, network.predict(X), multioutput="raw_values").min() > 0.9


@pytest.mark.long
def test_a_target_that_never_changes_is_predicted():
    assert quick(epochs=30).fit(X, np.full(96, 7.0)).predict(X) == pytest.approx(7.0, abs=0.1)


@pytest.mark.long
def test_counts_are_learned_as_they_are():
    """As by scikit-learn's generalized linear model."""

    def rate(n_outputs):
        return lp.Sequential([lp.Dense(n_outputs, "exponential")])

    counts = np.random.default_rng(1).poisson(np.exp(0.5 * X[:, 0] + 1))
    options = {"standardize_target": False, "batch_size": 96, "epochs": 200}
    network = quick(rate, loss="poisson", **options).fit(X, counts)
    kernel, bias = (variable.numpy() for variable in network.model_.variables().values())
    truth = PoissonRegressor(alpha=0, tol=1e-8).fit(X, counts)
    np.testing.assert_allclose(kernel[:, 0], truth.coef_, atol=1e-3)
    np.testing.assert_allclose(bias, truth.intercept_, atol=1e-3)


@pytest.mark.long
def test_an_example_of_weight_zero_is_not_learned():
    wrong = Y.copy()
    wrong[::4] += 100_000
    weights = np.ones(96)
    weights[::4] = 0
    plain = quick(standardize_target=False, epochs=1, batch_size=96, learning_rate=1.0)
    one = plain.fit(X, wrong, sample_weight=weights).predict(X)
    two = plain.fit(X, Y, sample_weight=weights).predict(X)
    np.testing.assert_array_equal(one, two)


@pytest.mark.long
def test_it_works_inside_another_estimator():
    inner = quick(standardize_target=False)
    outer = TransformedTargetRegressor(inner, func=np.log, inverse_func=np.exp).fit(X, Y)
    assert outer.regressor_ is not inner
    assert np.isfinite(outer.predict(X)).all()


def test_weights_below_zero_are_refused():
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        quick().fit(X, Y, sample_weight=-np.ones(96))
