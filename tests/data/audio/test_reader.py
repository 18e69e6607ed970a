"""Audio files as a model's first layer reads them: the same waves as lampas.data.sound."""

import numpy as np
import pytest

import lampas as lp
from lampas.data.audio.reader import SoundReader
from tests.data.audio_files import tone, write

pytest.importorskip("soundfile")


@pytest.fixture
def files(root):
    """Short and long, of several rates and formats, in mono and stereo."""
    both = np.stack([tone(300, 0.3), tone(500, 0.3)], 1)
    return [
        write(root / "a" / "0.wav", tone(440, 0.1)),
        write(root / "a" / "1.flac", tone(880, 0.5, 11_025), 11_025),
        write(root / "b" / "2.ogg", tone(220, 0.4, 16_000), 16_000),
        write(root / "b" / "3.wav", both),
    ]


def test_paths_and_contents_give_the_waves_that_sound_gives(root, files):
    expected = lp.data.sound(root, 8000, 0.25).x
    reader = SoundReader(8000, 0.25)
    found = reader.convert(files)
    assert found.shape == (4, 2000)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(reader.convert([file.read_bytes() for file in files]), expected)


def test_a_model_takes_files_and_waves_alike_also_from_a_file_of_its_own(root, files):
    model = lp.Sequential([SoundReader(8000, 0.1), lp.Dense(2)])
    said = model.predict(SoundReader(8000, 0.1).convert(files))
    model.save(root / "model.safetensors")
    loaded = lp.load(root / "model.safetensors")
    np.testing.assert_array_equal(loaded.predict([str(file) for file in files]), said)


def test_what_cannot_be_read_is_named(root, files):
    (root / "text.wav").write_text("no sound")
    with pytest.raises(lp.DataError) as error:
        SoundReader(8000, 0.1).convert([files[0], root / "text.wav", b"", root / "none.wav"])
    message = str(error.value)
    assert message.startswith("3 of 4 recordings cannot be read:")
    assert f"{root / 'text.wav'}: format not recognised" in message
    assert "number 2: " in message
    assert f"{root / 'none.wav'}: No such file or directory" in message


def test_a_rate_that_would_fill_the_memory_is_refused(root):
    content = bytearray(write(root / "x.wav", tone(440, 0.1)).read_bytes())
    content[24:28] = (2_147_483_629).to_bytes(4, "little")
    with pytest.raises(lp.DataError, match=r"2,147,483,629 Hz, more than 200,000"):
        SoundReader(8000, 0.1).convert([bytes(content)])


@pytest.mark.parametrize(("rate", "seconds"), [(0, 1.0), (8000, 0.0), (8000, float("inf"))])
def test_a_rate_or_length_that_is_none_is_reported(rate, seconds):
    with pytest.raises(
        lp.ArgumentError,
        match=r"rate must be 1 or more and seconds above 0|seconds must be a finite number",
    ):
        SoundReader(rate, seconds)
