"""The sound example on tones, and its folds."""

from __future__ import annotations

import numpy as np
import pytest

import lampas as lp
from lampas.app.examples import sound as case
from lampas.data.audio.load import sound
from tests.data.audio_files import tone, write


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
    for words in (
        "no mistake",
        "mean ± std. dev.",
        "broken.wav",
        "20 clips, resampled to 16,000 Hz",
    ):
        assert words in page
    model = lp.load(out / "model.safetensors")
    sounds = sound(folder, 16000, 0.25, on_error="skip")
    assert (model.predict(sounds.x).argmax(1) == sounds.y).mean() == 1
    assert (out / "history.csv").exists()


def test_each_sound_is_kept_back_once_and_never_learnt_from_then(folder) -> None:
    sounds = sound(folder, 16000, 0.25, on_error="skip")
    folds = case.cross_validation_folds(sounds, 5, seed=0)
    kept = np.concatenate([kept for _, kept in folds])
    assert sorted(kept.tolist()) == list(range(20))
    for learnt, kept in folds:
        assert sorted([*learnt.tolist(), *kept.tolist()]) == list(range(20))
        assert np.bincount(sounds.y[kept]).tolist() == [2, 2]


def test_folds_that_can_not_be_are_told(folder) -> None:
    sounds = sound(folder, 16000, 0.25, on_error="skip")
    with pytest.raises(lp.ArgumentError, match="folds must be 2 or more, got 1"):
        case.cross_validation_folds(sounds, 1, seed=0)
    with pytest.raises(lp.DataError, match="class 'high' has 10 clips, fewer than 11 folds"):
        case.cross_validation_folds(sounds, 11, seed=0)
