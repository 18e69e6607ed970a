"""Forecasting from series to report, on a short chirp and a file; the measures against NumPy."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import chirp
from lampas.app.examples import chirp as chirp_data
from lampas.app.examples.chirp_methods import linear, look_far, persistence
from lampas.data.series import windows
from lampas.datasets.series import chirp as wave
from lampas.evaluation.metrics import correlation, crossings, rmse

rng = np.random.default_rng(0)


@pytest.mark.long
def test_a_short_chirp_leaves_a_whole_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(chirp_data, "chirp", lambda seed: wave(300, seed=seed))
    # One network goes the way of all, and compiles a third.
    monkeypatch.setattr(chirp, "NETWORKS", {"LSTM": lp.LSTM})
    result = chirp.run(epochs=3, length=12, horizon=4, out=tmp_path, verbose=0)
    page = result.report.read_text()
    for name in ("persistence", "linear autoregression", "LSTM"):
        assert name in page
    assert "made, not measured" in page
    assert "every frequency" in page.lower()
    assert result.best == "LSTM"
    rows = list(csv.DictReader((tmp_path / "history-lstm.csv").read_text().splitlines()))
    assert len(rows) == 3
    model = lp.load(tmp_path / "model.safetensors")
    assert model.predict(np.zeros((2, 12, 1))).shape == (2, 4)


def test_the_methods_are_compared_on_the_same_values(tmp_path):
    series = wave(400, noise=0)
    _, test = windows(series.values, 10, 5).split(0.2)
    before = test.x[:7, :, 0]
    held = persistence(test.x[..., 0], before, 3)
    assert rmse(held.following, test.y[:, 0]) == pytest.approx(
        np.sqrt(
            np.mean((series.values[test.steps[:, 0]] - series.values[test.steps[:, 0] - 1]) ** 2)
        ),
        rel=1e-5,
    )
    np.testing.assert_array_equal(held.ahead, np.repeat(before[:, -1:], 3, 1))


def test_a_test_part_of_one_row_is_looked_one_step_ahead():
    series = wave(40)
    *_, test = windows(series.values, 8, 1).split(0.2, 1 / 40)
    assert len(test) == 1
    far = look_far(series, test)
    assert far.origins.tolist() == [39]
    np.testing.assert_array_equal(far.truth, series.clean[None, -1:])
    np.testing.assert_array_equal(far.before, series.clean[None, -9:-1])


def test_a_linear_rule_is_found_and_followed():
    values = np.cos(0.3 * np.arange(200)) + 2
    train, test = windows(values, 3, 2).split(0.3)
    said = linear(train, test.x[..., 0], test.x[:5, :, 0], 20)
    np.testing.assert_allclose(said.following, test.y[:, 0], atol=1e-6)
    truth = values[test.starts[:5, None] + 3 + np.arange(20)]
    np.testing.assert_allclose(said.ahead, truth, atol=1e-5)


def test_measures():
    a, b = rng.normal(size=(2, 3, 50))
    expected = [np.corrcoef(*rows)[0, 1] for rows in zip(a, b, strict=True)]
    np.testing.assert_allclose(correlation(a, b), expected)
    assert correlation(np.ones((1, 5)), a[:1, :5]).tolist() == [0]
    assert rmse(a, b) == pytest.approx(np.sqrt(np.mean((a - b) ** 2)))
    assert crossings(np.array([[0, 2, 0, 2], [2, 3, 4, 5]]), 1.0).tolist() == [3, 0]


def test_a_file_is_forecast_and_mistakes_are_told(tmp_path):
    file = tmp_path / "own.csv"
    lines = [f"{i},{np.sin(i / 3):.4f},{i % 7}" for i in range(30)]
    file.write_text("\n".join(["t,v,w", *lines, "30,,1"]))
    found = chirp_data.find_series(str(file), "v", "t", 0)
    assert (found.unit, found.values[-1], len(found)) == ("v", found.values[-2], 31)
    assert "1 missing values repeat the one before" in found.source
    with pytest.raises(lp.DataError, match="has the columns v, w: say which to forecast"):
        chirp_data.find_series(str(file), None, "t", 0)
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'chirp'"):
        chirp_data.find_series("chrip", None, None, 0)
    with pytest.raises(lp.DataError, match="one window needs 60"):
        chirp.run(str(file), target="v", time="t", out=tmp_path / "run")
