"""The dataset: indexing, splits that keep copies together, summary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lampas.data.audio.dataset import Sounds
from lampas.data.audio.load import sound
from tests.data.audio_files import tone, write


@pytest.fixture
def sounds() -> Sounds:
    """Twenty recordings of two classes; each comes twice in a row."""
    x = np.random.default_rng(0).normal(size=(10, 50)).astype(np.float32).repeat(2, 0)
    y = np.repeat(np.arange(2, dtype=np.int32), 10)
    files = tuple(Path(f"{number}.wav") for number in range(20))
    lengths = np.arange(20) + 31
    return Sounds(x, y, ("a", "b"), 100, files, lengths, np.arange(20) // 2)


def test_a_split_keeps_copies_together_and_classes_in_proportion(sounds) -> None:
    train, validation, test = sounds.split(0.2, 0.2, seed=3)
    assert [part.counts for part in (train, validation, test)] == [
        {"a": 6, "b": 6},
        {"a": 2, "b": 2},
        {"a": 2, "b": 2},
    ]
    held = [set(part.groups.tolist()) for part in (train, validation, test)]
    assert not held[0] & held[1] | held[0] & held[2] | held[1] & held[2]
    again = sounds.split(0.2, 0.2, seed=3)[0]
    assert again.files == train.files
    for wave, file, length in zip(train.x, train.files, train.lengths, strict=True):
        number = int(file.stem)
        assert length == number + 31
        np.testing.assert_array_equal(wave, sounds.x[number])


def test_one_some_and_none_of_them(sounds) -> None:
    wave, label = sounds[12]
    assert (wave.shape, label) == ((50,), 1)
    assert sounds[[3, 1]].files == (Path("3.wav"), Path("1.wav"))
    assert len(sounds[5:8]) == 3
    assert len(sounds[sounds.y == 1]) == 10
    assert len(sounds[[]]) == 0


def test_it_says_what_it_holds(sounds) -> None:
    lines = str(sounds).splitlines()
    assert lines[0] == "20 recordings at 100 Hz, 0.31 to 0.5 s long, padded to 0.5 s, 2 classes"
    assert lines[-1] == "10 recordings are duplicates; a split keeps copies together"
    assert repr(sounds) == "Sounds(20 recordings, 0.5 s at 100 Hz, 2 classes)"


def test_one_sound_under_two_labels_is_a_warning(tmp_path) -> None:
    for name in ("a/1", "b/1", "b/2"):
        write(tmp_path / f"{name}.wav", tone(300 if name[-1] == "1" else 400, 0.1))
    with pytest.warns(
        UserWarning, match=r"1 recording occurs with more than one label: .*a.1\.wav"
    ):
        found = sound(tmp_path, 8000)
    assert [[path.parent.name for path in group] for group in found.conflicts] == [["a", "b"]]
    assert "conflicting labels: " in str(found)
