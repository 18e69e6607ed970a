"""The whole case on tones that any network can tell apart, and its parts one by one."""

from __future__ import annotations

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import sound as case
from lampas.app.examples.sound_baselines import commonest, regression
from lampas.app.examples.sound_report import sign_test
from lampas.data.audio.load import sound
from tests.data.sound_files import tone, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Low and high tones of several lengths."""
    root = tmp_path_factory.mktemp("tones")
    for number in range(10):
        for name, hertz in (("low", 300), ("high", 2000)):
            wave = tone(hertz + 20 * number, 0.2 + 0.02 * number, 16000)
            write(root / name / f"{name}{number}.wav", wave, 16000)
    (root / "low" / "broken.wav").write_bytes(b"nothing")
    return root


@pytest.mark.long
def test_tones_are_told_apart_and_the_run_is_written(folder, tmp_path) -> None:
    out = tmp_path / "run"
    result = case.run(folder, 0.25, epochs=6, batch_size=4, folds=2, out=out, verbose=0)
    assert (result.accuracy, result.regression, result.commonest) == (1, 1, 0.5)
    page = result.report.read_text()
    for words in ("no mistake", "mean ± spread", "broken.wav", "20 sounds at 16,000 hertz"):
        assert words in page
    model = lp.load(out / "model.safetensors")
    sounds = sound(folder, 16000, 0.25, on_error="skip")
    assert (model.predict(sounds.x).argmax(1) == sounds.y).mean() == 1
    assert (out / "history.csv").exists()


def test_each_sound_is_kept_back_once_and_never_learnt_from_then(folder) -> None:
    sounds = sound(folder, 16000, 0.25, on_error="skip")
    folds = case.each_fold(sounds, 5, seed=0)
    kept = np.concatenate([kept for _, kept in folds])
    assert sorted(kept.tolist()) == list(range(20))
    for learnt, kept in folds:
        assert sorted([*learnt.tolist(), *kept.tolist()]) == list(range(20))
        assert np.bincount(sounds.y[kept]).tolist() == [2, 2]


def test_folds_that_can_not_be_are_told(folder) -> None:
    sounds = sound(folder, 16000, 0.25, on_error="skip")
    with pytest.raises(lp.ArgumentError, match="folds must be 2 or more, got 1"):
        case.each_fold(sounds, 1, seed=0)
    with pytest.raises(lp.DataError, match="class 'high' has 10 sounds, fewer than 11 folds"):
        case.each_fold(sounds, 11, seed=0)


def test_the_yardsticks() -> None:
    assert commonest(np.array([0, 1, 1]), np.array([1, 0, 0, 0])) == 0.25
    loud = np.random.default_rng(0).normal(size=(40, 5, 3))
    y = np.arange(40) % 2
    loud[y == 1] *= 5  # The same mean: only the spread tells.
    assert (regression(loud[:30], y[:30], loud[30:], 0) == y[30:]).mean() >= 0.8


def test_the_sign_test_is_that_of_coins() -> None:
    assert sign_test(5, 5) == sign_test(0, 0) == 1
    assert sign_test(5, 0) == sign_test(0, 5) == pytest.approx(2 / 32)
    assert sign_test(8, 2) == pytest.approx(2 * (1 + 10 + 45) / 1024)
