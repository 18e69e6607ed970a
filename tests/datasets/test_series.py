"""The chirp is the wave it says it is; what is fetched is read as it is published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lampas import ArgumentError
from lampas.datasets import DatasetError
from lampas.datasets import series as sets
from lampas.download.fetch import DatasetFiles
from tests.download.support import MemorySource, published


def test_a_chirp_goes_up_and_down_through_its_frequencies():
    wave = sets.chirp(1600, periods=(40, 10), sweep=400, noise=0)
    np.testing.assert_array_equal(wave.values, wave.clean)
    assert wave.values[0] == 0
    # Steps between rises through zero are a turn.
    ups = np.flatnonzero((wave.clean[:-1] < 0) & (wave.clean[1:] >= 0))
    turns = np.diff(ups)
    assert turns[(ups[:-1] > 370) & (ups[:-1] < 420)].max() <= 11
    assert turns[(ups[:-1] > 740) & (ups[:-1] < 810)].max() >= 34
    assert np.abs(wave.clean).max() <= 1
    phase = 2 * np.pi * 800 * (1 / 40 + 1 / 10) / 2
    np.testing.assert_allclose(wave.clean[800], np.sin(phase), atol=1e-2)


def test_no_lag_lays_the_usual_chirp_upon_itself():
    clean = sets.chirp().clean
    lags = range(40, len(clean) - 100)
    assert min(np.abs(clean[lag:] - clean[:-lag]).max() for lag in lags) > 0.1


def test_noise_is_as_strong_as_specified_and_decided_by_the_seed():
    wave = sets.chirp(20000, noise=0.2, seed=3)
    assert np.std(wave.values - wave.clean) == pytest.approx(0.2, rel=0.03)
    np.testing.assert_array_equal(wave.values, sets.chirp(20000, noise=0.2, seed=3).values)
    assert (wave.values != sets.chirp(20000, noise=0.2, seed=4).values).any()
    assert repr(sets.chirp(5)) == "TimeSeries(chirp: 5 values, 0 to 4)"


@pytest.mark.parametrize(
    "wrong", [{"n": 0}, {"sweep": 0}, {"periods": (10, 40)}, {"periods": (9, 2)}, {"noise": -1}]
)
def test_a_chirp_that_cannot_be_is_reported(wrong):
    with pytest.raises(ArgumentError, match="a chirp needs n and sweep"):
        sets.chirp(**wrong)


def shelve(monkeypatch, name: str, file: str, content: bytes) -> None:
    """Has the set ``name`` consist of this file, on a source."""
    dataset = DatasetFiles(
        name, name, 1, (published(file, content),), (MemorySource("shelf", {file: content}),), ""
    )
    monkeypatch.setattr(sets, name.upper(), dataset)


def test_sunspots_are_read_by_year(monkeypatch):
    shelve(monkeypatch, "sunspots", "sunspots.csv", b'"YEAR","SUNACTIVITY"\n1700,5\n1701,11.5\n')
    result = sets.sunspots()
    assert result.values.tolist() == [5, 11.5]
    assert result.values.dtype == np.float32
    assert result.time.tolist() == [1700, 1701]
    assert result.clean is None


def test_temperatures_are_read_by_hour(monkeypatch):
    shelve(
        monkeypatch,
        "temperature",
        "seattle-temps.csv",
        b"date,temp\n2010/01/01 00:00,39.4\n2010/01/01 01:00,39.2",
    )
    result = sets.temperature()
    np.testing.assert_allclose(result.values, [39.4, 39.2], rtol=1e-6)
    assert (result.time[1] - result.time[0]) == np.timedelta64(1, "h")
    assert result.unit == "°F"


def test_what_cannot_be_had_is_reported(monkeypatch):
    monkeypatch.setattr(
        sets, "SUNSPOTS", replace(sets.SUNSPOTS, sources=(MemorySource("shelf", {}),))
    )
    with pytest.raises(DatasetError, match=r"(?s)shelf: 404.*datasets\.chirp\(\), which needs no"):
        sets.sunspots()


def test_the_packages_are_pinned_and_hashed():
    for dataset in (sets.SUNSPOTS, sets.TEMPERATURE):
        assert any("==" in str(source) for source in dataset.sources)
        assert all(len(file.sha256) == 64 for file in dataset.files)
