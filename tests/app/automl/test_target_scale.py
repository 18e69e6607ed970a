"""Values that span orders of magnitude are predicted by their logarithms."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lampas as lp
from lampas.app.automl.tables import TableKind
from lampas.app.automl.target_scale import (
    choose_scale,
    log_gradient_boosting,
    spans_magnitudes,
)
from lampas.app.automl.task import InputFile, TrainOptions
from lampas.applications.table_networks import squared_log_error
from lampas.data.tables import table
from lampas.evaluation.formatting import format_in_units
from lampas.evaluation.types import Splits
from tests.app.automl.kind_runs import source, style_faults, with_settings, write_and_import

KIND = TableKind()


def costs(rows=600, zeros=False):
    """Costs over some powers of ten, which follow two numbers."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 2))
    cost = np.exp(6 + 2 * x[:, 0] + x[:, 1] + 0.3 * random.normal(size=rows))
    cost = np.round(cost / 50) if zeros else cost.round(2)
    return pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "cost": cost})


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    path = tmp_path_factory.mktemp("costs") / "costs.csv"
    costs().to_csv(path, index=False)
    return KIND.profile_data(TrainOptions(path, "cost"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (lambda r: np.exp(3 * r.normal(size=500)), True),
        (lambda r: np.floor(np.exp(3 + 2 * r.normal(size=500))), True),
        (lambda r: np.exp(0.5 * r.normal(size=500)), False),
        (lambda r: r.uniform(0, 1, 500), False),
        (lambda r: r.normal(size=500), False),
        (lambda r: np.exp(3 * r.normal(size=500)) - 0.1, False),
        (lambda r: 1000 - np.exp(r.normal(size=500)), False),
        (lambda r: np.where(r.random(500) < 0.9, 0, np.exp(3 * r.normal(size=500))), False),
    ],
)
def test_skewed_values_without_negative_ones_span_orders_of_magnitude(values, expected):
    assert spans_magnitudes(values(np.random.default_rng(0))) == expected


def test_the_validation_rows_decide(profile):
    assert profile.settings.scale == "log"
    (reason,) = [d.reason for d in profile.decisions if d.choice == "log scale"]
    # The mean absolute errors of scikit-learn's trees on the same rows.
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    limits = threadpool_limits(1)
    train, validation, _ = table(profile.settings.path, "cost").split(0.15, 0.15, 0)
    x, x_validation = train.x.to_numpy(), validation.x.to_numpy()
    trees = HistGradientBoostingRegressor(random_state=0)
    linear = trees.fit(x, train.y).predict(x_validation)
    log = np.exp(trees.fit(x, np.log(train.y)).predict(x_validation))
    limits.restore_original_limits()
    errors = [np.abs(y_pred - validation.y).mean() for y_pred in (log, linear)]
    assert errors[0] < errors[1]
    assert reason == (
        "'cost' spans orders of magnitude; on the validation rows the mean absolute error of "
        f"boosted trees is {format_in_units(errors[0])} on a logarithmic scale and "
        f"{format_in_units(errors[1])} on a linear one"
    )
    rows = table(costs(), "cost")
    assert choose_scale(replace(rows, y=1000 + rows.y.clip(0, 500)), 0) == ("linear", "")


@pytest.mark.parametrize("y", [[1.0, 10, 100], [0.0, 5, 500]])
def test_the_loss_is_the_squared_error_of_logarithms(y):
    y_true, y_pred = np.array(y), np.array([2.0, 2.0, 50.0])
    offset = 0 if min(y) else 5
    errors = np.log((y_true + offset) / (y_pred + offset)) ** 2
    expected = errors / np.log(y_true + offset).var()
    np.testing.assert_allclose(squared_log_error(y_true)(y_true, y_pred), expected, rtol=1e-5)


@pytest.mark.long
def test_the_baseline_has_the_same_scale(profile):
    splits = Splits(*table(profile.settings.path, "cost").split(0.15, 0.15, 0))
    _, trees = KIND.baselines(splits, profile)
    assert (trees.name, trees.is_strong) == ("gradient boosting of logarithms", True)
    assert (trees.predictions > 0).all()
    linear = KIND.baselines(splits, with_settings(profile, scale="linear"))[1]
    errors = [np.abs(found.predictions - splits.test.y).mean() for found in (trees, linear)]
    assert errors[0] < errors[1]
    # Zeros are possible, and what is predicted for them is not negative.
    zeros = splits._replace(train=replace(splits.train, y=splits.train.y.round(-1)))
    assert (log_gradient_boosting(zeros, 0).predictions >= 0).all()


def test_the_script_does_the_same_and_is_well_written(profile):
    code = source(KIND, profile)
    assert "loss=squared_log_error(train.y)" in code
    assert "log_table_regressor(reader, hidden, train.y" in code
    assert style_faults(code) == ""


@pytest.mark.long
def test_predictions_are_in_the_unit_of_the_target_and_positive(profile, tmp_path):
    path = tmp_path / "costs.csv"
    costs(300, zeros=True).to_csv(path, index=False)
    settings = {"path": str(path), "model": "linear", "learning_rate": 0.05, "epochs": 8}
    fitted = with_settings(profile, **settings)
    script = write_and_import(KIND, fitted, tmp_path)
    lp.set_seed(0)
    train, validation, test = script.split_data(script.load_data())
    model = script.build_model(train)
    script.compile_model(model, train)
    script.fit_model(model, train, validation, verbose=0)
    large = test[test.y > 10]
    assert (train.y == 0).any()
    assert (model.predict(test.x) > 0).all()
    assert np.median(np.abs(model.predict(large.x)[:, 0] / large.y - 1)) < 0.5
    model.save(tmp_path / "model.safetensors")
    (batch,) = KIND.read_batches([InputFile("costs.csv", path)], fitted.settings)
    again = lp.load(tmp_path / "model.safetensors").predict(batch.x)
    np.testing.assert_allclose(again, model.predict(batch.x), rtol=1e-6)
