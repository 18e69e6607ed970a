"""Forecasting from series to report, on a short chirp and a file."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import chirp
from lampas.datasets.series import chirp as wave


@pytest.mark.long
def test_a_short_chirp_leaves_a_whole_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(chirp, "chirp", lambda seed: wave(300, seed=seed))
    # One network goes the way of all, and compiles a third.
    monkeypatch.setattr(chirp, "NETWORKS", {"LSTM": lp.LSTM})
    result = chirp.run(epochs=3, length=12, horizon=4, out=tmp_path, verbose=0)
    page = result.report.read_text()
    for name in ("persistence", "linear autoregression", "LSTM"):
        assert name in page
    assert "synthetic: a wave" in page
    assert "every frequency" in page.lower()
    assert result.best == "LSTM"
    rows = list(csv.DictReader((tmp_path / "history-lstm.csv").read_text().splitlines()))
    assert len(rows) == 3
    model = lp.load(tmp_path / "model.safetensors")
    assert model.predict(np.zeros((2, 12, 1))).shape == (2, 4)


def test_a_file_is_forecast_and_mistakes_are_told(tmp_path):
    file = tmp_path / "own.csv"
    lines = [f"{i},{np.sin(i / 3):.4f},{i % 7}" for i in range(30)]
    file.write_text("\n".join(["t,v,w", *lines, "30,,1"]))
    found = chirp.load_series(str(file), "v", "t", 0)
    assert (found.unit, found.values[-1], len(found)) == ("v", found.values[-2], 31)
    assert "1 missing values were replaced by the previous value" in found.source
    with pytest.raises(lp.DataError, match="has the columns v, w: choose one with --target"):
        chirp.load_series(str(file), None, "t", 0)
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'chirp'"):
        chirp.load_series("chrip", None, None, 0)
    with pytest.raises(lp.DataError, match="one window needs 60"):
        chirp.run(str(file), target="v", time="t", out=tmp_path / "run")
