from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas import ArgumentError, ShapeError, UnknownNameError, losses, metrics, set_mask
from lampas.metrics import METRICS, Metric
from tests.oracles import losses as loss_oracle
from tests.oracles import metrics as oracle
from tests.scale import examples

ROWS, CLASSES = 24, 7


def example(name: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, ROWS).astype(np.int32)
    probabilities = loss_oracle.softmax(random.normal(size=(ROWS, CLASSES))).astype(np.float32)
    if name in ("sparse_categorical_accuracy", "top_k_categorical_accuracy"):
        return labels, probabilities
    if name == "categorical_accuracy":
        return np.eye(CLASSES, dtype=np.float32)[labels], probabilities
    if name in ("cosine_similarity", "root_mean_squared_error", "r2_score"):
        y = random.normal(2, 3, size=(ROWS, 2)).astype(np.float32)
        return y, y + random.normal(size=(ROWS, 2)).astype(np.float32)
    y = random.integers(0, 2, (ROWS, 1)).astype(np.float32)
    return y, (random.uniform(size=(ROWS, 1)) * 0.6 + 0.4 * y).astype(np.float32)


DEFINITIONS = {
    "auc": oracle.auc,
    "binary_accuracy": oracle.binary_accuracy,
    "categorical_accuracy": oracle.categorical_accuracy,
    "cosine_similarity": lambda y, p: -np.mean(loss_oracle.cosine_similarity(y, p)),
    "f1_score": oracle.f1_score,
    "precision": oracle.precision,
    "r2_score": oracle.r2_score,
    "recall": oracle.recall,
    "root_mean_squared_error": oracle.root_mean_squared_error,
    "sensitivity": lambda y, p: oracle.sensitivity(y > 0.5, p > 0.5),
    "sparse_categorical_accuracy": oracle.sparse_categorical_accuracy,
    "specificity": lambda y, p: oracle.specificity(y > 0.5, p > 0.5),
    "top_k_categorical_accuracy": lambda y, p: oracle.top_k(y, p, 5),
}


def test_every_metric_has_a_definition() -> None:
    abbreviated = {"acc", "accuracy", "rmse"}
    means = set(losses.LOSSES) - {"cosine_similarity"}
    assert set(METRICS) - means - abbreviated == set(DEFINITIONS)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", DEFINITIONS)
def test_metric_is_its_definition(name: str, seed: int) -> None:
    y, p = example(name, seed)
    within = 0.01 if name == "auc" else 1e-5
    assert METRICS[name](y, p) == pytest.approx(DEFINITIONS[name](y, p), abs=within)


@pytest.mark.long
@given(data=st.data(), seed=st.integers(0, 100))
@examples(5)
def test_value_is_the_same_however_the_data_is_cut_into_batches(data, seed: int) -> None:
    cuts = sorted(data.draw(st.sets(st.sampled_from([4, 8, 16, 20]), max_size=2)))
    for name in DEFINITIONS:
        metric, (y, p) = METRICS[name], example(name, seed)
        weights = np.random.default_rng(seed).uniform(0, 3, ROWS).astype(np.float32)
        for arrays in ((y, p), (y, p, weights)):
            parts = zip(*(np.split(array, cuts) for array in arrays), strict=True)
            sums = sum(np.asarray(metric.update(*part), np.float64) for part in parts)
            assert metric.result(sums) == pytest.approx(metric(*arrays), abs=1e-5)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_results_of_a_table_are_the_results_of_its_rows(name: str) -> None:
    metric = METRICS[name]
    table = np.stack([np.asarray(metric.update(*example(name, seed))) for seed in range(3)])
    assert metric.results(table) == pytest.approx([metric.result(row) for row in table])


@pytest.mark.parametrize("name", DEFINITIONS)
def test_update_is_the_same_when_compiled(name: str) -> None:
    y, p = example(name)
    metric = METRICS[name]
    np.testing.assert_allclose(jax.jit(metric.update)(y, p), metric.update(y, p), rtol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("name", DEFINITIONS)
def test_an_example_of_weight_2_counts_like_two_examples(name: str) -> None:
    """Of small weights only the ratios matter, too."""
    metric, (y, p) = METRICS[name], example(name)
    weights = np.random.default_rng(1).integers(0, 4, ROWS)
    rows = np.repeat(np.arange(ROWS), weights)
    expected = metric(y[rows], p[rows])
    assert metric(y, p) != pytest.approx(expected, abs=1e-4)
    for scale in (1.0, 0.25 / ROWS):
        assert metric(y, p, scale * weights) == pytest.approx(expected, abs=1e-5), scale


@pytest.mark.parametrize("name", DEFINITIONS)
def test_weights_of_zero_count_nothing(name: str) -> None:
    y, p = example(name)
    assert METRICS[name](y, p, np.zeros(ROWS)) == 0


def test_weights_and_masks_are_multiplied() -> None:
    """Errors 1, 2 and 4 of the steps that are not masked, with the weights 3, 3 and 0.5."""
    y_pred = set_mask(jnp.array([[1.0, 2.0], [4.0, np.nan]]), jnp.array([[1, 1], [1, 0]]))
    weights = np.array([3.0, 0.5])
    y_true = jnp.zeros((2, 2))
    assert METRICS["mae"](y_true, y_pred, weights) == pytest.approx((3 + 6 + 2) / 6.5)
    by_step = np.array([[3.0, 0.0], [0.5, 7.0]])
    assert METRICS["mae"](y_true, y_pred, by_step) == pytest.approx((3 + 2) / 3.5)
    assert METRICS["rmse"](y_true, y_pred, by_step) == pytest.approx(np.sqrt((3 + 8) / 3.5))


def test_weights_that_do_not_fit_are_an_error() -> None:
    with pytest.raises(ShapeError, match=r"sample_weight has one number for each example"):
        METRICS["mae"](np.zeros((4, 2)), np.zeros((4, 2)), np.ones(3))

    class Unweighted(Metric):
        def update(self, y_true, y_pred):
            return jnp.stack([y_true.sum()])

    with pytest.raises(ArgumentError, match="update of the metric 'unweighted' takes no weights"):
        Unweighted()(np.zeros(4), np.zeros(4), np.ones(4))


@pytest.mark.parametrize("name", sorted(set(DEFINITIONS) - {"auc"}))
def test_perfect_predictions_are_perfect(name: str) -> None:
    y, _ = example(name)
    p = np.eye(CLASSES, dtype=np.float32)[y] if y.ndim == 1 else y
    assert METRICS[name](y, p) == (0 if name == "root_mean_squared_error" else 1)


def test_auc_is_1_for_a_perfect_order_0_for_its_opposite_and_half_for_no_order() -> None:
    y = np.array([0.0, 0, 1, 1])
    p = np.array([0.1, 0.4, 0.6, 0.9])
    assert METRICS["auc"](y, p) == pytest.approx(1)
    assert METRICS["auc"](y, 1 - p) == pytest.approx(0, abs=1e-9)
    assert METRICS["auc"](y, np.full(4, 0.5)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "name", ["precision", "recall", "sensitivity", "f1_score", "auc", "r2_score"]
)
def test_nothing_to_count_gives_0_not_nan(name: str) -> None:
    zeros = np.zeros((3, 1), np.float32)
    assert METRICS[name](zeros, zeros) == 0


def test_specificity_without_negatives_is_0_not_nan() -> None:
    assert metrics.Specificity()(np.ones(3), np.ones(3)) == 0


@pytest.mark.parametrize("positive", [0, 3])
def test_sensitivity_and_specificity_of_any_class_of_many(positive: int) -> None:
    labels, p = example("sparse_categorical_accuracy", 5)
    p[::3] = np.eye(CLASSES)[labels[::3]]
    one_hot, said = np.eye(CLASSES)[labels], p.argmax(1)
    for name in ("sensitivity", "specificity"):
        metric = type(METRICS[name])(positive)
        expected = getattr(oracle, name)(labels, said, positive)
        assert 0 < expected < 1
        assert metric(labels, p) == pytest.approx(expected)
        assert metric(labels[:, None], p) == pytest.approx(expected)
        assert metric(one_hot, p) == pytest.approx(expected)


def test_the_sensitivity_of_one_of_two_classes_is_the_specificity_of_the_other() -> None:
    y, p = example("recall")
    assert metrics.Sensitivity()(y, p) == METRICS["recall"](y, p)
    assert metrics.Sensitivity(0, 0.7)(y, p) == metrics.Specificity(1, 0.7)(y, p)


@pytest.mark.parametrize(("positive", "columns"), [(2, 1), (7, CLASSES)])
def test_a_class_that_is_not_there_is_an_error(positive: int, columns: int) -> None:
    p = np.zeros((4, columns))
    with pytest.raises(ArgumentError, match=rf"Sensitivity\(positive={positive}\).*0\.\."):
        metrics.Sensitivity(positive)(np.zeros((4, 1)), p)


def test_threshold_can_be_chosen() -> None:
    y, p = np.array([0.0, 1, 1, 0]), np.array([0.3, 0.4, 0.9, 0.7])
    assert metrics.BinaryAccuracy(threshold=0.35)(y, p) == 0.75
    assert metrics.Precision(0.8)(y, p) == 1
    assert metrics.Recall(0.8)(y, p) == 0.5


def test_accuracy_fits_itself_to_the_shapes() -> None:
    labels, p = example("sparse_categorical_accuracy")
    sparse = oracle.sparse_categorical_accuracy(labels, p)
    accuracy = METRICS["accuracy"]
    assert accuracy(labels, p) == pytest.approx(sparse)
    assert accuracy(labels[:, None], p) == pytest.approx(sparse)
    assert accuracy(np.eye(CLASSES)[labels], p) == pytest.approx(sparse)
    y, q = example("binary_accuracy")
    assert accuracy(y, q) == pytest.approx(oracle.binary_accuracy(y, q))
    assert accuracy(y[:, 0], q[:, 0]) == pytest.approx(oracle.binary_accuracy(y, q))


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_is_no_class_is_never_among_the_largest(label: int) -> None:
    top = metrics.TopKCategoricalAccuracy(k=5)
    assert top([label, 0], [[0.3, 0.5, 0.2], [0.5, 0.3, 0.2]]) == 0.5


def test_top_k_takes_one_hot_targets_too_and_grows_with_k() -> None:
    labels, p = example("top_k_categorical_accuracy")
    values = [metrics.TopKCategoricalAccuracy(k)(labels, p) for k in range(1, CLASSES + 1)]
    assert values == sorted(values)
    assert values[0] == oracle.sparse_categorical_accuracy(labels, p)
    assert values[-1] == 1
    one_hot = np.eye(CLASSES)[labels]
    assert metrics.TopKCategoricalAccuracy(2)(one_hot, p) == values[1]


def test_r2_does_not_depend_on_where_zero_is_but_warns_far_from_it() -> None:
    y, p = example("r2_score")
    expected = oracle.r2_score(np.float64(y), np.float64(p))
    assert METRICS["r2_score"](y + 100, p + 100) == pytest.approx(expected, abs=1e-4)
    with pytest.warns(UserWarning, match="R2Score is inexact: the mean of the targets"):
        assert METRICS["r2_score"](y + 1e3, p + 1e3) == pytest.approx(expected, abs=2e-2)


@pytest.mark.parametrize("name", ["accuracy", "auc", "f1_score", "precision", "r2_score", "mse"])
def test_a_column_and_a_vector_are_compared_row_by_row(name: str) -> None:
    vector, column = np.array([0.0, 1.0, 1.0, 0.0]), np.array([[0.2], [0.9], [0.4], [0.6]])
    expected = METRICS[name](vector[:, None], column)
    assert METRICS[name](vector, column) == METRICS[name](vector[:, None], column[:, 0]) == expected


@pytest.mark.parametrize("name", ["accuracy", *DEFINITIONS])
def test_targets_of_other_columns_are_an_error(name: str) -> None:
    if name == "top_k_categorical_accuracy":
        y, p = np.ones((5, 2)), np.ones((5, 3))
    elif name == "sparse_categorical_accuracy":
        y, p = np.ones((5, 3)), np.ones((5, 3))
    else:
        y, p = np.ones((5, 2)), np.ones((5, 1))
    with pytest.raises(ShapeError, match=r"\(5,"):
        METRICS[name](y, p)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(set(losses.LOSSES) - {"cosine_similarity"}))
def test_loss_can_be_watched_as_its_mean(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    y, p = np.full((4, 3), 0.5), jnp.full((4, 3), 0.25)
    y = np.zeros(4, int) if name.startswith("sparse") else y
    assert metric(y, p) == pytest.approx(float(np.mean(losses.get(name)(y, p))))


def test_function_is_a_metric_under_its_own_name() -> None:
    def largest(y_true, y_pred):
        return jnp.max(jnp.abs(y_true - y_pred), -1)

    metric = metrics.get(largest)
    assert metric.name == "largest"
    assert metric(np.zeros((2, 2)), np.array([[1, -3], [2, 0]])) == 2.5


def test_metric_of_ones_own_needs_update_and_result() -> None:
    class Count(Metric):
        def update(self, y_true, y_pred):
            return jnp.array([y_true.shape[0]])

        def result(self, sums):
            return sums[0]

    assert metrics.get(Count()).name == "count"
    assert Count()(np.ones(3), np.ones(3)) == 3
    with pytest.raises(NotImplementedError, match="Metric needs a method update"):
        Metric()(np.ones(1), np.ones(1))


WITHOUT_NAME = {"Mean", "MeanMetricWrapper", "Metric", "Sum"}


@pytest.mark.parametrize("name", sorted(set(metrics.__all__) - WITHOUT_NAME))
def test_class_name_stands_for_it_and_its_own_name_is_its_key(name: str) -> None:
    metric = metrics.get(name)
    assert metric == getattr(metrics, name)()
    assert METRICS[metric.name] == metric


def test_unknown_name_offers_the_nearest_right_one() -> None:
    with pytest.raises(UnknownNameError, match=r"metric 'acuracy'. Did you mean 'accuracy'"):
        metrics.get("acuracy")


@pytest.mark.parametrize("name", sorted(METRICS))
def test_each_metric_knows_whether_more_is_better(name: str) -> None:
    """Errors are better when small, all scores when large."""
    errors = {*losses.LOSSES, "root_mean_squared_error", "rmse"} - {"cosine_similarity"}
    metric = METRICS[name]
    for known in (metric, metrics.RenamedMetric(metric, "other"), *_for_logits(metric)):
        assert known.larger_is_better is (name not in errors)


def _for_logits(metric: Metric) -> list[Metric]:
    return [metric.for_logits(activation) for activation in (jax.nn.sigmoid, jax.nn.softmax)]


def test_the_direction_of_your_own_metric_is_known_if_it_is_declared() -> None:
    class Gain(Metric):
        larger_is_better = True

    assert Gain().larger_is_better
    assert Metric().larger_is_better is None
    assert metrics.get(lambda y, p: p).larger_is_better is None


LOGITS = np.array([[-2.0], [0.3], [0.4], [-0.2]], np.float32)
TRUTH = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32)


@pytest.mark.parametrize(
    "name",
    [
        *("accuracy", "binary_accuracy", "auc", "precision", "recall", "f1_score", "sensitivity"),
        *("specificity", "binary_crossentropy", "kl_divergence", "mse", "categorical_accuracy"),
    ],
)
def test_beside_logits_a_metric_of_probabilities_is_that_of_the_probabilities(name: str) -> None:
    metric = METRICS[name]
    expected = LOGITS if name == "mse" else jax.nn.sigmoid(LOGITS)
    found = metric.for_logits(jax.nn.sigmoid)(TRUTH, LOGITS)
    assert found == pytest.approx(metric(TRUTH, expected), rel=1e-5)
    if name not in ("binary_crossentropy", "kl_divergence", "mse"):
        assert found == 1


def test_a_crossentropy_of_logits_is_exact_where_probabilities_are_clipped() -> None:
    metric = METRICS["binary_crossentropy"].for_logits(jax.nn.sigmoid)
    assert metric([[1.0]], [[-50.0]]) == pytest.approx(50)
    takes_logits = metrics.get(losses.BinaryCrossentropy(from_logits=True))
    assert takes_logits.for_logits(jax.nn.sigmoid) is takes_logits


@pytest.mark.parametrize("name", ["precision", "recall", "auc", "categorical_crossentropy"])
def test_beside_logits_of_classes_softmax_is_taken(name: str) -> None:
    labels, p = example("sparse_categorical_accuracy")
    y, logits = np.eye(CLASSES)[labels], np.log(p) + 3
    found = METRICS[name].for_logits(jax.nn.softmax)(y, logits)
    assert found == pytest.approx(METRICS[name](y, p), rel=1e-4)


def test_a_threshold_that_is_no_probability_is_one_of_logits() -> None:
    for kind in (metrics.BinaryAccuracy, metrics.Precision, metrics.Recall):
        metric = kind(threshold=0.0)
        assert metric.for_logits(jax.nn.sigmoid)(TRUTH, LOGITS) == 1
    assert metrics.BinaryAccuracy(threshold=0.9).for_logits(jax.nn.sigmoid)(TRUTH, LOGITS) == 0.5


@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (5, -2), (100, 0), (0.1, 0.5)])
def test_auc_of_scores_of_any_size_is_the_chance_of_the_right_order(scale, offset) -> None:
    random = np.random.default_rng(1)
    y = random.integers(0, 2, 500)
    score = scale * (random.normal(size=500) + y) + offset
    assert metrics.AUC()(y, score) == pytest.approx(oracle.auc(y, score), abs=0.005)


def test_auc_warns_where_scores_are_too_close_together() -> None:
    y, score = np.array([0, 1, 0, 1]), np.array([100.0, 100.1, 100.2, 100.3])
    with pytest.warns(UserWarning, match=r"AUC may be wrong by 0\.5: .* sigmoid"):
        assert metrics.AUC()(y, score) == pytest.approx(0.5)


def test_the_mean_of_a_batch_counts_by_its_examples() -> None:
    metric = metrics.get(lambda y_true, y_pred: jnp.mean(jnp.abs(y_true - y_pred)))
    metric.update_state(np.zeros((3, 2)), np.ones((3, 2)))
    metric.update_state(np.zeros((1, 2)), np.full((1, 2), 5.0))
    assert metric.result() == pytest.approx((3 * 1 + 5) / 4)
    with pytest.raises(ShapeError, match="this one returned the mean of the batch: average over"):
        metric(np.zeros((3, 2)), np.ones((3, 2)), np.ones(3))


def test_a_function_that_returns_another_shape_is_an_error() -> None:
    def error(y_true, y_pred):
        return jnp.mean(jnp.abs(y_true - y_pred), axis=0)

    message = r"'error' must return one value for each of the 3 examples .* shape \(2,\)"
    with pytest.raises(ShapeError, match=message):
        metrics.get(error)(np.ones((3, 2)), np.ones((3, 2)))


@pytest.mark.parametrize("threshold", [None, 0.2])
def test_f1_of_several_columns_is_averaged(threshold: float | None) -> None:
    """The largest prediction of a row is positive, or those above the threshold."""
    labels, p = example("sparse_categorical_accuracy", 3)
    y = np.eye(CLASSES)[labels]
    predicted = np.eye(CLASSES)[p.argmax(1)] if threshold is None else (p > threshold) * 1.0
    scores = [oracle.f1_score(*column) for column in zip(y.T, predicted.T, strict=True)]
    expected = {
        "micro": oracle.f1_score(y, predicted),
        "macro": np.mean(scores),
        "weighted": np.average(scores, weights=y.sum(0)),
    }
    for average, value in expected.items():
        metric = metrics.F1Score(average=average, threshold=threshold)
        assert metric(y, p) == pytest.approx(value)


def test_r2_of_several_outputs_is_averaged() -> None:
    y, p = example("r2_score")
    y, p = y * [1, 5], p * [1, 5]
    scores = [oracle.r2_score(*column) for column in zip(y.T, p.T, strict=True)]
    assert scores[0] != pytest.approx(scores[1], abs=1e-3)
    assert metrics.R2Score()(y, p) == pytest.approx(np.mean(scores), abs=1e-5)
    weighted = metrics.R2Score(class_aggregation="variance_weighted_average")
    assert weighted(y, p) == pytest.approx(np.average(scores, weights=y.var(0)), abs=1e-5)


def test_r2_of_a_constant_target_is_0() -> None:
    y = np.full((100, 1), 0.1)
    assert metrics.R2Score()(y, y + np.linspace(-1, 1, 100)[:, None]) == 0
