"""Weights alone as files."""

import warnings

import numpy as np
import pytest
from safetensors.numpy import load_file

import lampas as lp


def network(*units):
    return lp.Sequential([lp.Input((4,)), *(lp.Dense(n) for n in units)])


def assert_same(model, other):
    for mine, its in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)


def test_weights_are_assigned_to_another_model(tmp_path):
    model, other = network(3, 2), network(3, 2)
    model.save_weights(tmp_path / "net.safetensors")
    other.load_weights(tmp_path / "net.safetensors")
    assert_same(model, other)


def test_the_file_opens_without_lampas(tmp_path):
    model = network(3)
    model.save_weights(tmp_path / "net.safetensors")
    arrays = load_file(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(arrays["dense_1/kernel"], model.get_weights()[0])


@pytest.mark.long
def test_the_weights_of_a_saved_model_are_read_too(tmp_path):
    model, other = network(3, 2), network(3, 2)
    model.compile("adam", "mse")
    model.fit(np.ones((8, 4)), np.ones((8, 2)), verbose=0)
    model.save(tmp_path / "model.safetensors")
    other.load_weights(tmp_path / "model.safetensors")
    assert_same(model, other)


@pytest.mark.parametrize(
    "name",
    ["net.weights.h5", "net.h5", "net.hdf5", "net.keras", "net.ckpt", "net.pb", "net.onnx"],
)
@pytest.mark.parametrize("method", ["save", "save_weights"])
def test_the_names_of_other_frameworks_are_refused(name, method, tmp_path):
    suggestion = name.rpartition(".")[0] + ".safetensors"
    with pytest.raises(lp.FileError, match=rf"is the name of a .* file.*{suggestion!r}"):
        getattr(network(3), method)(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_name_of_a_folder_is_refused(tmp_path):
    with pytest.raises(lp.FileError, match=r"it is a folder.*'net\.safetensors'"):
        network(3).save(f"{tmp_path}/net/")


@pytest.mark.parametrize("method", ["save", "save_weights"])
def test_a_file_is_kept_if_it_must_not_be_replaced(method, tmp_path):
    path = tmp_path / "net"
    path.write_text("other")
    with pytest.raises(lp.FileError, match=r"it exists. Pass overwrite=True"):
        getattr(network(3), method)(path, overwrite=False)
    assert path.read_text() == "other"


@pytest.mark.long
def test_weights_of_another_architecture_are_told_together(tmp_path):
    network(3, 2, 5).save_weights(tmp_path / "net")
    model = lp.Sequential([lp.Input((4,)), lp.Dense(3), lp.Dense(7), lp.Dense(5, name="last")])
    before = model.get_weights()
    with pytest.raises(lp.FileError) as caught:
        model.load_weights(tmp_path / "net")
    message = str(caught.value)
    assert "not in the file: last/kernel, last/bias" in message
    assert "not in the model: dense_3/" in message
    assert "dense_2/kernel is float32(3, 2) in the file, float32(3, 7) in the model" in message
    assert "skip_mismatch=True" in message
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.long
def test_what_fits_is_loaded_with_a_warning_on_request(tmp_path):
    saved, model = network(3, 2), network(3, 7)
    saved.save_weights(tmp_path / "net")
    last = model.get_weights()[2:]
    message = r"dense_2/kernel is.*The others are loaded"
    with pytest.warns(UserWarning, match=message) as warned:
        model.load_weights(tmp_path / "net", skip_mismatch=True)
    assert warned[0].filename == __file__
    for a, b in zip(model.get_weights(), saved.get_weights()[:2] + last, strict=True):
        np.testing.assert_array_equal(a, b)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network(3, 2).load_weights(tmp_path / "net", skip_mismatch=True)


@pytest.mark.long
def test_numbers_of_names_may_differ(tmp_path):
    def named(first):
        layers = [lp.Dense(3, name=f"dense_{first + i}") for i in range(3)]
        return lp.Sequential([lp.Input((3,)), *layers])

    model, other = named(1), named(9)  # of 9, 10 and 11 the last two come first as texts
    model.save_weights(tmp_path / "net")
    other.load_weights(tmp_path / "net")
    assert_same(model, other)


def test_a_model_without_weights_says_how_to_create_them(tmp_path):
    model = lp.Sequential([lp.Dense(3)])
    with pytest.raises(lp.NotBuiltError, match=r"no weights to save yet.*model\.build"):
        model.save_weights(tmp_path / "net")
    network(3).save_weights(tmp_path / "net")
    with pytest.raises(lp.NotBuiltError, match=r"no weights to load yet.*model\.build"):
        model.load_weights(tmp_path / "net")


def test_a_damaged_file_is_an_error(tmp_path):
    model = network(3)
    model.save_weights(tmp_path / "net")
    content = bytearray((tmp_path / "net").read_bytes())
    content[-1] ^= 1
    (tmp_path / "net").write_bytes(content)
    before = model.get_weights()[1]
    with pytest.raises(lp.FileError, match=r"net: the file is damaged"):
        model.load_weights(tmp_path / "net")
    np.testing.assert_array_equal(model.get_weights()[1], before)


def test_a_file_of_weights_is_no_model(tmp_path):
    network(3).save_weights(tmp_path / "net")
    with pytest.raises(lp.FileError, match=r"weights alone.*load_weights"):
        lp.load(tmp_path / "net")
