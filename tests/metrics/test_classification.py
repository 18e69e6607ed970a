"""Targets that metrics of classes cannot use."""

import numpy as np
import pytest

import lampas as lp

BINARY = [
    lp.metrics.Precision(),
    lp.metrics.Recall(),
    lp.metrics.F1Score(),
    lp.metrics.AUC(),
    lp.metrics.Sensitivity(),
]


@pytest.mark.parametrize("metric", BINARY, ids=lambda metric: metric.name)
def test_targets_that_are_no_classes_are_refused(metric):
    model = lp.Sequential([lp.Dense(1, "sigmoid")])
    model.compile("sgd", "mse", metrics=[metric])
    expected = (
        rf"{type(metric).__name__} needs targets 0 and 1, got the target 0.3\d* in row 1 \(2 "
    )
    with pytest.raises(lp.DataError, match=expected):
        model.fit(np.ones((3, 2)), np.array([[1.0], [0.3], [2.0]]), verbose=0)
    with pytest.raises(lp.DataError, match=expected):
        metric([1.0, 0.3, 2.0], [0.2, 0.4, 0.6])


def test_targets_of_one_output_that_are_no_classes_are_refused():
    class TwoOutputs(lp.Model):
        def __init__(self):
            super().__init__()
            self.dense = lp.Dense(1)

        def forward(self, x):
            return {"a": self.dense(x), "b": self.dense(x)}

    model = TwoOutputs()
    model.compile("sgd", {"a": "mse", "b": "mse"}, metrics={"b": ["recall"]})
    classes, quantities = np.ones((3, 1)), np.full((3, 1), 2.5)
    model.fit(np.ones((3, 2)), {"a": quantities, "b": classes}, verbose=0)
    with pytest.raises(lp.DataError, match=r"Recall needs targets 0 and 1, got the target 2\.5"):
        model.fit(np.ones((3, 2)), {"a": classes, "b": quantities}, verbose=0)


def test_the_accuracy_of_quantities_is_that_of_keras_with_a_warning():
    """Keras compares 0 or 1 with the target, so that quantities are never equal."""
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse", metrics=["accuracy"])
    x, y = np.ones((3, 2)), np.array([[1.2], [0.3], [2.0]])
    with pytest.warns(UserWarning, match=r"accuracy is .* target 1.2\d* in row 0 \(3 such"):
        assert model.evaluate(x, y)["accuracy"] == 0
    with pytest.warns(UserWarning, match="got the target 0.5 in row 1"):
        assert lp.metrics.BinaryAccuracy()([1.0, 0.5, 0.0], [0.6, 0.7, 0.2]) == pytest.approx(2 / 3)
