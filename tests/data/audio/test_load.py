"""Folders of recordings: rates, lengths, channels, formats, classes, and what is broken."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from lampas.core.errors import ArgumentError, DataError, FileError
from lampas.data.audio import load as load_sound
from lampas.data.audio.load import sound
from tests.data.audio_files import tone, write

RATE = 8000


@pytest.fixture
def folder(tmp_path):
    """Two classes, four recordings: other rates, two channels, too long, too short."""
    write(tmp_path / "low" / "a.wav", tone(200, 0.3))
    write(tmp_path / "low" / "b.flac", tone(200, 0.5, 16000), 16000)
    write(tmp_path / "high" / "deep" / "c.wav", tone(1000, 2.0, 44100), 44100)
    both = np.stack([tone(1000, 0.25), np.zeros(2000)], 1)
    write(tmp_path / "high" / "d.ogg", both)
    return tmp_path


def peak(wave: np.ndarray, rate: int = RATE) -> float:
    return float(np.abs(np.fft.rfft(wave)).argmax() * rate / len(wave))


def test_all_come_at_one_rate_and_length_with_silence_at_the_end(folder) -> None:
    found = sound(folder, RATE, 1.0)
    assert (found.x.shape, found.x.dtype) == ((4, 8000), np.float32)
    assert (found.y.tolist(), found.classes) == ([0, 0, 1, 1], ("high", "low"))
    assert [path.name for path in found.files] == ["d.ogg", "c.wav", "a.wav", "b.flac"]
    assert found.lengths.tolist() == [2000, 8000, 2400, 4000]
    for wave, length, hertz in zip(found.x, found.lengths, (1000, 1000, 200, 200), strict=True):
        assert peak(wave[:length]) == pytest.approx(hertz, abs=4)
        assert not wave[length:].any()


def test_another_rate_is_the_same_tone_and_channels_are_averaged(folder) -> None:
    found = sound(folder, RATE, 0.5)
    middle = slice(400, 3600)
    np.testing.assert_allclose(found.x[1][middle], tone(1000, 0.5)[middle], atol=2e-3)
    np.testing.assert_allclose(found.x[3][middle], tone(200, 0.5)[middle], atol=2e-3)
    assert np.abs(found.x[0]).max() == pytest.approx(0.25, abs=0.03)  # Half of 0.5; Ogg is lossy.


def test_what_a_lower_rate_cannot_hold_is_not_folded_down(tmp_path) -> None:
    write(tmp_path / "a" / "1.wav", tone(7000, 0.5, 16000), 16000)
    write(tmp_path / "b" / "1.wav", tone(500, 0.5, 16000), 16000)
    found = sound(tmp_path, RATE)
    assert np.abs(found.x[0][400:-400]).max() < 5e-3


def test_the_length_is_that_of_the_longest_by_default(folder) -> None:
    assert sound(folder, RATE).x.shape == (4, 16000)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [("prefix", ("bd", "sn")), (lambda path: path.stem[-1], ("0", "1"))],
)
def test_the_class_may_stand_in_the_name(tmp_path, labels, classes) -> None:
    for number, name in enumerate(("bd_808_0", "bd-fat_1", "sn_0", "sn_1")):
        write(tmp_path / f"{name}.wav", tone(300 + 50 * number, 0.01))
    (tmp_path / ".hidden_x.wav").write_bytes(b"")
    found = sound(tmp_path, RATE, labels=labels)
    assert found.classes == classes
    assert found.counts == dict.fromkeys(classes, 2)
    assert sound(tmp_path, RATE, labels=labels, classes=classes[::-1]).classes == classes[::-1]


def test_broken_files_are_all_named_or_left_out(folder) -> None:
    (folder / "low" / "e.wav").write_bytes(b"no sound at all")
    write(folder / "low" / "f.wav", np.zeros(0))
    write(folder / "low" / "g.wav", tone(200, 0.01))
    write_flac = write(folder / "low" / "h.flac", np.random.default_rng(0).normal(size=8000) / 9)
    write_flac.write_bytes(write_flac.read_bytes()[:6000])
    with pytest.raises(DataError) as caught:
        sound(folder, RATE, 1.0, shortest=0.1)
    message = str(caught.value)
    assert message.startswith("4 of 8 recordings cannot be read:\n")
    assert "e.wav: " in message
    assert "f.wav: it is empty" in message
    assert "g.wav: it lasts 0.01 seconds, less than shortest=0.1" in message
    assert "h.flac: " in message
    assert message.endswith("in Python, on_error='skip' leaves them out.")
    found = sound(folder, RATE, 1.0, shortest=0.1, on_error="skip")
    assert len(found) == 4
    assert "4 skipped: " in str(found)
    assert [path.name for path, _ in found.skipped] == ["e.wav", "f.wav", "g.wav", "h.flac"]


def test_a_coding_that_cannot_be_sought_is_read_to_its_end(tmp_path) -> None:
    import soundfile

    for name, hertz in ("a", 200), ("b", 300):
        (tmp_path / name).mkdir()
        path = str(tmp_path / name / "x.wav")
        soundfile.write(path, tone(hertz, 1.0), RATE, subtype="GSM610")
    sounds = sound(tmp_path, RATE)
    assert sounds.x.shape == (2, 8320)  # whole blocks of 320 samples
    assert np.abs(sounds.x[0, :8000] - tone(200, 1.0)).max() < 0.2  # a lossy coding of speech
    assert peak(sounds.x[0]) == pytest.approx(200, abs=1)


def mp3_without_length(path, *levels: tuple[float, float]) -> int:
    """Write noise of several (seconds, level) at a variable rate, and remove the first frame.

    It is the one that tells the number of frames. Returns the length in samples.
    """
    import soundfile

    random = np.random.default_rng(0)
    wave = np.concatenate([level * random.normal(size=int(16000 * s)) for s, level in levels])
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(str(path), wave, 16000, format="MP3", bitrate_mode="VARIABLE")
    content = path.read_bytes()
    assert b"Xing" in content[:100]
    path.write_bytes(content[content.index(content[:2], 4) :])
    return len(wave)


def test_an_mp3_file_that_announces_too_many_frames_is_read_to_its_end(tmp_path) -> None:
    for name, level in ("a", 0.3), ("b", 0.25):
        length = mp3_without_length(tmp_path / name / "x.mp3", (1, 0.0), (3, level))
    sounds = sound(tmp_path, 16000)
    assert length <= sounds.x.shape[1] < length + 3000
    assert np.std(sounds.x[0, 20000:60000]) == pytest.approx(0.3, rel=0.1)
    assert np.abs(sounds.x[:, 2000:15000]).max() < 0.05


def test_an_mp3_file_that_announces_too_few_frames_is_not_cut_silently(tmp_path) -> None:
    for name, level in ("a", 0.3), ("b", 0.25):
        mp3_without_length(tmp_path / name / "x.mp3", (1, level), (9, 0.0))
    with pytest.raises(DataError, match=r"announces .* frames, which are only \d+% of the file"):
        sound(tmp_path, 16000, seconds=9)


def test_a_sample_that_is_not_a_number_is_broken(folder) -> None:
    import soundfile

    path = str(folder / "low" / "nan.wav")
    soundfile.write(path, np.array([0.0, np.nan, 0.0] * 99), RATE, subtype="FLOAT")
    with pytest.raises(DataError, match=r"nan\.wav: it has samples that are not finite"):
        sound(folder, RATE)


def test_folders_that_cannot_be_used_are_reported(tmp_path) -> None:
    with pytest.raises(FileError, match=r"the folder .*none does not exist"):
        sound(tmp_path / "none")
    with pytest.raises(DataError, match=r"has no audio files\. Their names end in \.aif, "):
        sound(tmp_path)
    write(tmp_path / "a_1.wav", tone(300, 0.1))
    with pytest.raises(
        DataError, match=r"has 1 audio file \(a_1\.wav\) and none in a sub-folder.*pref"
    ):
        sound(tmp_path)
    with pytest.raises(DataError, match=r"recordings of one class only, 'a' \(1\)"):
        sound(tmp_path, labels="prefix")
    with pytest.raises(DataError, match=r"has the class 'a', which is not among classes \(b, c\)"):
        sound(tmp_path, labels="prefix", classes=["b", "c"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "rate must be 1 hertz or more, got 0"),
        ({"seconds": 0}, "seconds must be finite and above 0, got 0"),
        ({"labels": "name"}, r"Unknown labels 'name'\. .*folder, prefix"),
        ({"on_error": "ignore"}, r"Unknown on_error 'ignore'\. .*raise, skip"),
    ],
)
def test_arguments_that_cannot_be_are_reported(tmp_path, options, message) -> None:
    with pytest.raises(ArgumentError, match=message):
        sound(tmp_path, **options)


def test_more_than_the_memory_holds_is_reported_before_it_is_read(folder, monkeypatch) -> None:
    monkeypatch.setattr(load_sound, "physical_memory", lambda: 200_000)
    with pytest.raises(DataError, match=r"4 recordings of 1 seconds at 8,000 hertz take 0\.0 GB"):
        sound(folder, RATE, 1.0)


def test_without_soundfile_it_is_reported_what_to_install(folder, monkeypatch) -> None:
    real = builtins.__import__

    def missing(name, *rest):
        if name == "soundfile":
            raise ModuleNotFoundError("no", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(DataError, match=r"soundfile is not installed: pip install 'lampas\[app\]'"):
        sound(folder)
