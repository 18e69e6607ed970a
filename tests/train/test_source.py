"""An evaluation of any number of rows: right values, few programs."""

import numpy as np
import pytest

import lampas as lp
from lampas.train.epoch import Position
from lampas.train.source import EvaluationSource
from lampas.train.step import Batch


@pytest.fixture(scope="module")
def model():
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


@pytest.mark.parametrize("batch_size", [8, pytest.param(64, marks=pytest.mark.long)])
def test_evaluation_of_any_number_of_rows(model, batch_size):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 3)).astype(np.float32), rng.normal(size=(50, 1)).astype(np.float32)
    weights = rng.uniform(size=50).astype(np.float32)
    for count in [1, 2, 7, 8, 9, 16, 23, 24, 31, 33, 50]:
        errors = x[:count].sum(axis=1) - y[:count, 0]
        results = model.evaluate(x[:count], y[:count], batch_size)
        np.testing.assert_allclose(results["loss"], np.mean(errors**2), rtol=1e-5)
        np.testing.assert_allclose(results["mae"], np.mean(abs(errors)), rtol=1e-5)
        results = model.evaluate(x[:count], y[:count], batch_size, sample_weight=weights[:count])
        expected = np.mean(weights[:count] * errors**2)
        np.testing.assert_allclose(results["loss"], expected, rtol=1e-5)


def test_programs_serve_several_numbers_of_rows(model):
    x, y = np.ones((60, 3), np.float32), np.ones((60, 1), np.float32)
    model.evaluate(x, y, 8)
    before = len(model.trainer._evaluate)
    for count in (12, 20, 28, 36, 44, 52, 60):  # 1 to 7 full batches and one of 4 rows
        model.evaluate(x[:count], y[:count], 8)
    assert len(model.trainer._evaluate) - before <= 5  # filled up to 8, 16, 24, 32 or 48 rows


def test_rows_added_are_never_used():
    x = np.arange(1, 51, dtype=np.float32)[:, None]
    source = EvaluationSource(Batch(x, x), batch_size=8)
    steps, position = [], Position(0, 0, 0)
    while position.epoch == 0:
        part = source.chunk(position, 1, 1)
        first = 0 if part.layout.streamed else part.start.step * part.layout.full_batch_size
        steps.append(np.asarray(part.data.x)[first : first + part.layout.batch_size])
        position = part.end
    np.testing.assert_array_equal(np.concatenate(steps), x)
