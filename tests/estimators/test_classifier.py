import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lampas as lp
from lampas.estimators import Classifier
from lampas.losses import BinaryCrossentropy, SparseCategoricalCrossentropy

X, NUMBERS = load_iris(return_X_y=True)
LABELS = np.array(["setosa", "versicolor", "virginica"])[NUMBERS]
TWO, SIDES = X[50:], LABELS[50:]


def small(n_outputs, units=8):
    return lp.Sequential([lp.Dense(units, "tanh"), lp.Dense(n_outputs)])


def quick(model=None, **options):
    return Classifier(model, **{"epochs": 10, "learning_rate": 0.03, "random_state": 0} | options)


@pytest.fixture(scope="module")
def fitted():
    return quick().fit(X, LABELS)


@pytest.mark.long
def test_the_default_learns_labels_that_are_texts(fitted):
    assert fitted.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert fitted.score(X, LABELS) > 0.9
    assert fitted.n_iter_ == len(fitted.history_["loss"]) == 10
    assert fitted.n_features_in_ == 4


def test_probabilities_are_those_of_the_network(fitted):
    probabilities = fitted.predict_proba(X)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-12)
    np.testing.assert_allclose(probabilities, fitted.model_.predict(X), atol=1e-6)
    assert (fitted.classes_[probabilities.argmax(1)] == fitted.predict(X)).all()


def test_a_pickle_says_the_same(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    assert again.history_ == fitted.history_


@pytest.mark.long
def test_the_random_state_decides_everything(fitted):
    lp.set_seed(5)
    again = clone(fitted).fit(X, LABELS)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    other = clone(fitted).set_params(random_state=1).fit(X, LABELS)
    assert not np.array_equal(other.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.long
def test_raw_tables_are_normalized_inside():
    """Large values far from zero, and a column that is constant in training but not later."""
    table = np.column_stack([X * 100 + 1000, np.full(len(X), 0.1)])
    network = quick().fit(table, LABELS)
    table[:, -1] = 0.2
    assert network.score(table, LABELS) > 0.9


@pytest.mark.long
def test_logits_become_probabilities():
    loss = SparseCategoricalCrossentropy(from_logits=True)
    network = quick(small, loss=loss, model__units=4).fit(X, LABELS)
    logits = network.model_.predict(X).astype(np.float64)
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(network.predict_proba(X), expected, rtol=1e-5)
    assert network.model_.layers[0].units == 4


@pytest.mark.long
def test_one_output_stands_for_two_classes():
    network = quick(small, loss=BinaryCrossentropy(from_logits=True), epochs=40).fit(TWO, SIDES)
    logits = network.model_.predict(TWO).astype(np.float64)
    assert logits.shape == (100, 1)
    expected = 1 / (1 + np.exp(-logits[:, 0]))
    np.testing.assert_allclose(network.predict_proba(TWO)[:, 1], expected, rtol=1e-5)
    assert network.score(TWO, SIDES) > 0.9


def test_one_output_cannot_stand_for_three_classes():
    with pytest.raises(lp.DataError, match=r"for two classes, y has 3; use sparse_categorical"):
        quick(loss="binary_crossentropy").fit(X, LABELS)


@pytest.mark.long
def test_weights_of_classes_and_examples_multiply():
    """Weight 0 for all of a class, in either way, makes the network never say it."""
    none = quick(class_weight={"versicolor": 1.0, "virginica": 0.0}).fit(TWO, SIDES)
    assert set(none.predict(TWO)) == {"versicolor"}
    weights = np.where(SIDES == "versicolor", 0.0, 1.0)
    other = quick(class_weight="balanced").fit(TWO, SIDES, sample_weight=weights)
    assert set(other.predict(TWO)) == {"virginica"}


@pytest.mark.long
def test_it_stops_on_held_back_examples_of_every_class():
    seen = []
    logger = lp.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["val_loss"]))
    options = {"early_stopping": True, "n_iter_no_change": 1, "learning_rate": 0.3}
    network = quick(epochs=60, callbacks=[logger], **options).fit(X, LABELS)
    assert network.n_iter_ < 60
    assert seen == network.history_["val_loss"]
    assert len(seen) == np.argmin(seen) + 2


def test_too_few_examples_to_hold_back():
    with pytest.raises(lp.ArgumentError, match=r"validation_fraction=0.1 cannot split 3"):
        quick(early_stopping=True).fit(X[[0, 50, 100]], LABELS[[0, 50, 100]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation_fraction": 1.0}, "validation_fraction must be above 0 and less than 1"),
        ({"validation_fraction": 0}, "validation_fraction must be above 0 and less than 1"),
        ({"validation_fraction": "0.1"}, "validation_fraction must be a number above 0"),
        ({"n_iter_no_change": -1}, "n_iter_no_change must be an integer of at least 0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"batch_size": 0}, "batch_size must be an integer of at least 1"),
        ({"epochs": 1.5}, "epochs must be an integer of at least 1"),
        ({"early_stopping": "yes"}, "early_stopping must be True or False"),
    ],
)
@pytest.mark.parametrize("kind", [lp.Classifier, lp.Regressor])
def test_parameters_have_ranges_that_fit_checks(kind, options, message):
    estimator = kind(**options)
    with pytest.raises(lp.ArgumentError, match=f"{kind.__name__}: {message}"):
        estimator.fit(X, np.arange(len(X)) % 2)


@pytest.mark.long
def test_parameters_stay_as_they_are():
    model, optimizer = small(3), lp.Adam(0.01)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    network = quick(model, optimizer=optimizer, loss=loss).fit(X, LABELS)
    assert network.model is model
    assert not model.variables()
    assert optimizer.learning_rate == pytest.approx(0.01)
    assert network.model_.optimizer.learning_rate == pytest.approx(0.03)


@pytest.mark.long
def test_a_fitted_model_is_where_an_estimator_begins():
    begun = quick().fit(X, LABELS)
    further = Classifier(begun.model_, epochs=1, learning_rate=1e-6).fit(X, LABELS)
    np.testing.assert_allclose(further.predict_proba(X), begun.predict_proba(X), atol=1e-3)
    assert further.model_ is not begun.model_


def test_arguments_of_the_function_are_parameters():
    network = quick(small, model__units=4)
    assert clone(network).get_params()["model__units"] == 4
    assert "model__units=4" in repr(network)
    changed = make_pipeline(network).set_params(classifier__model__units=5, classifier__epochs=2)
    assert changed[-1].get_params() == network.get_params()
    assert (network.get_params()["model__units"], network.epochs) == (5, 2)


@pytest.mark.peer
def test_a_search_in_two_processes_varies_the_arguments_of_the_function():
    estimator = make_pipeline(StandardScaler(), quick(model__hidden_layer_sizes=(4,), epochs=3))
    grid = {"classifier__model__hidden_layer_sizes": [(1,), (16,)]}
    search = GridSearchCV(estimator, grid, cv=2, n_jobs=2).fit(X, LABELS)
    best = search.best_estimator_[-1]
    assert best.get_params()["model__hidden_layer_sizes"] == (16,)
    assert best.model_.layers[1].units == 16


@pytest.mark.long
def test_images_go_to_the_model_as_they_are():
    pictures = np.zeros((40, 4, 4, 1), np.uint8)
    labels = np.arange(40) % 2
    pictures[labels == 1, :2] = 200

    def convolve(n_classes):
        layers = [lp.Rescaling(1 / 255), lp.Conv2D(4, 3), lp.Flatten()]
        return lp.Sequential([*layers, lp.Dense(n_classes, "softmax")])

    assert quick(convolve).fit(pictures, labels).score(pictures, labels) == 1.0


@pytest.mark.long
def test_texts_go_to_the_model_as_they_are():
    texts = ["good film", "bad film", "good play", "bad play"] * 5
    labels = ["+", "-"] * 10
    reader = lp.TextVectorization()
    reader.adapt(texts)

    def bag(n_classes):
        words = lp.EmbeddingBag(len(reader.vocabulary), 4)
        return lp.Sequential([reader, words, lp.Dense(n_classes, "softmax")])

    network = quick(bag, epochs=30).fit(texts, labels)
    assert network.predict(["good", "bad"]).tolist() == ["+", "-"]


def test_not_fitted():
    with pytest.raises(NotFittedError, match="This Classifier instance is not fitted yet"):
        quick().predict(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": 3}, "model must be a model or a function that creates one, got 3"),
        ({"model": lambda: 3}, "<lambda> must return a lampas.Model, it returned 3"),
        (
            {"model": small, "model__width": 3},
            "model__width is not an argument of small, which takes n_outputs, units",
        ),
        ({"model": lambda width: None}, "<lambda> needs width. .* pass others as model__width="),
        (
            {"model": lp.Sequential(), "model__units": 3},
            "model__units is for a function that creates the model; model= is already a Sequential",
        ),
    ],
)
def test_what_is_wrong_with_a_model(options, message):
    with pytest.raises(lp.ArgumentError, match=message):
        Classifier(**options).fit(X, LABELS)


def test_an_argument_that_nobody_takes():
    with pytest.raises(
        lp.UnknownNameError, match=r"Unknown argument 'epoch'\. Did you mean 'epochs'"
    ):
        Classifier(epoch=3)


def test_one_class_is_nothing_to_learn():
    with pytest.raises(lp.DataError, match="y has only one class, 7; at least two are needed"):
        Classifier().fit(X[:4], [7, 7, 7, 7])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed, but the target y is None"),
        ([0, 1], r"there are 3 inputs and targets of shape \(2,\)"),
    ],
)
def test_targets_of_images_are_checked(y, message):
    with pytest.raises(lp.DataError, match=message):
        quick(small).fit(np.zeros((3, 4, 4)), y)
