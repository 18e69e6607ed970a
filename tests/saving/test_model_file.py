"""Models as files: what is written is read back, and nothing else is."""

import json
import os
import resource
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

import lampas as lp
from lampas import initializers
from lampas.saving.model_file import checksum
from tests.model_file_mutations import damage, files, forge, has_content
from tests.scale import examples


@pytest.fixture(autouse=True)
def fresh_seed():
    lp.set_seed(0)


X = np.random.default_rng(0).uniform(-1, 1, size=(3, 4)).astype(np.float32)
PICTURES = np.random.default_rng(1).integers(0, 255, size=(3, 8, 8, 1), dtype=np.uint8)
WORDS = np.array([[1, 2, 3, 0], [4, 4, 0, 0]], np.int32)


class Net(lp.Model):
    def __init__(self, units, activation="relu", *, extra=()):
        self.extra = extra
        self.blocks = [lp.Dense(units, activation), lp.Sequential([lp.Dense(2)])]

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


def assert_same(a, b, x):
    ours, theirs = a.variables(), b.variables()
    assert list(ours) == list(theirs)
    for path in ours:
        np.testing.assert_array_equal(ours[path].numpy(), theirs[path].numpy(), err_msg=path)
        assert type(ours[path]) is type(theirs[path])
    np.testing.assert_array_equal(a.predict(x), b.predict(x))


def roundtrip(model, folder, *classes):
    model.save(folder / "model.safetensors")
    return lp.load(folder / "model.safetensors", *classes)


MODELS = {
    "pictures": (
        lambda: [
            lp.Rescaling(1 / 255),
            lp.Conv2D(2, (3, 3), activation="relu", padding="same"),
            lp.BatchNormalization(momentum=0.5),
            lp.MaxPool2D(),
            lp.AveragePool2D((2, 2)),
            lp.Flatten(),
            lp.Dropout(0.2),
            lp.LayerNormalization(),
            lp.Dense(3, "softmax"),
        ],
        PICTURES,
    ),
    "words": (
        lambda: [
            lp.Embedding(5, 3),
            lp.Conv1D(2, 2),
            lp.GlobalMaxPool1D(),
            lp.Reshape((2, 1)),
            lp.Flatten(),
        ],
        WORDS,
    ),
    "objects": (
        lambda: [
            lp.Dense(
                3,
                lp.activations.tanh,
                kernel_initializer=initializers.RandomNormal(stddev=0.5),
                kernel_regularizer=lp.L1L2(0.1, 0.2),
                bias_initializer=initializers.Constant(0.25),
                name="first",
            ),
            lp.Activation(lp.activations.leaky_relu),
            lp.Dense(2, use_bias=False, kernel_regularizer="l2"),
        ],
        X,
    ),
    "nested": (lambda: [lp.Sequential([lp.Sequential([lp.Dense(3)]), lp.Dense(2)])], X),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", MODELS)
def test_a_model_predicts_the_same_to_the_last_bit(kind, tmp_path):
    layers, x = MODELS[kind]
    model = lp.Sequential(layers())
    model.predict(x)
    assert_same(roundtrip(model, tmp_path), model, x)


@pytest.mark.long
def test_running_statistics_are_saved(tmp_path):
    model = lp.Sequential([lp.BatchNormalization(momentum=0.5), lp.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((3, 2)), verbose=0)
    loaded = roundtrip(model, tmp_path)
    assert_same(loaded, model, X)
    assert abs(loaded.state_variables()["batch_normalization_1/moving_mean"].numpy()).max() > 0


@pytest.mark.long
def test_a_loaded_model_learns_on_with_its_regularizers(tmp_path):
    model = lp.Sequential(MODELS["objects"][0]())
    model.predict(X)
    loaded = roundtrip(model, tmp_path)
    losses = []
    for part in (model, loaded):
        part.compile("sgd", "mse")
        losses.append(part.fit(X, np.zeros((3, 2)), epochs=2, verbose=0).history["loss"])
    assert losses[0] == losses[1]


def test_a_model_of_ones_own_class_is_loaded_with_the_class(tmp_path):
    model = Net(3, activation="tanh", extra=("a", 1, 2.5, None, True, [float("inf")], {"k": (1,)}))
    model.predict(X)
    loaded = roundtrip(model, tmp_path, Net)
    assert_same(loaded, model, X)
    assert loaded.extra == model.extra


def test_a_model_of_a_class_not_passed_tells_what_to_write(tmp_path):
    model = Net(3)
    model.predict(X)
    with pytest.raises(lp.FileError, match=r"'Net'.*lampas\.load\(path, Net\)"):
        roundtrip(model, tmp_path)


@pytest.mark.long
def test_a_model_that_was_only_called_can_be_loaded(tmp_path):
    model = Net(3)
    model(X)
    assert_same(roundtrip(model, tmp_path, Net), model, X)


def test_a_sequential_that_was_only_called_can_be_loaded(tmp_path):
    model = lp.Sequential([lp.Dense(3)])
    model(X)
    assert_same(roundtrip(model, tmp_path), model, X)


def test_a_model_of_two_inputs_can_be_loaded(tmp_path):
    class Two(lp.Model):
        def __init__(self):
            self.dense = lp.Dense(2)

        def forward(self, pair):
            a, b = pair
            return self.dense(a) + b

    model, x = Two(), (X, X[:, :2])
    model.predict(x)
    assert_same(roundtrip(model, tmp_path, Two), model, x)


def test_a_shared_layer_stays_shared_or_is_refused_when_saving(tmp_path):
    shared = lp.Dense(4)
    model = lp.Sequential([shared, lp.Activation("tanh"), shared])
    model.predict(X)
    try:
        model.save(tmp_path / "model")
    except lp.FileError:
        return
    assert_same(lp.load(tmp_path / "model"), model, X)


def test_a_sequential_of_ones_own_class_can_be_loaded(tmp_path):
    class Small(lp.Sequential):
        def __init__(self, units):
            super().__init__([lp.Dense(units)])

    model = Small(3)
    model.predict(X)
    assert_same(roundtrip(model, tmp_path, Small), model, X)


def test_saving_makes_the_weights_of_a_model_of_known_shape(tmp_path):
    model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
    assert_same(roundtrip(model, tmp_path), model, X)


def test_a_loaded_model_can_be_saved_again_as_the_same_bytes(tmp_path):
    model = lp.Sequential(MODELS["nested"][0]())
    model.predict(X)
    loaded = roundtrip(model, tmp_path)
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model.safetensors").read_bytes()


def test_loading_draws_no_random_numbers(tmp_path):
    def next_weights():
        return lp.Sequential([lp.Dense(3, input_shape=(4,))]).get_weights()[0]

    model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
    model.save(tmp_path / "model")
    lp.set_seed(9)
    expected = next_weights()
    lp.set_seed(9)
    lp.load(tmp_path / "model")
    np.testing.assert_array_equal(next_weights(), expected)


# Models that were changed after they were created.


class Pair(lp.Model):
    def __init__(self, units):
        self.units, self.parts = units, [lp.Dense(units, "relu"), lp.Dense(units)]

    def forward(self, x):
        return self.parts[1](self.parts[0](x))


def rename(model):
    model.layers[1].name = "renamed"


def exchange(model):
    model.layers[0] = lp.Dense(4, "tanh")


def swap(model):
    model.layers.reverse()


def replace_list(model):
    model.layers = [model.layers[0], lp.Dropout(0.5), lp.Dense(5)]


def set_activation(model):
    model.layers[0].activation = lp.activations.tanh


def set_attributes(model):
    model.layers[0].name, model.layers[1].rate = "first", 0.25


@pytest.mark.long
@pytest.mark.parametrize(
    "change", [rename, exchange, swap, replace_list, set_activation, set_attributes]
)
def test_a_sequential_changed_after_its_first_call_is_loaded_as_it_is(change, tmp_path):
    model = lp.Sequential([lp.Dense(4, "relu"), lp.Dropout(0.5), lp.Dense(4)])
    model.predict(X)
    change(model)
    model(X)
    loaded = roundtrip(model, tmp_path)
    np.testing.assert_array_equal(loaded(X), model(X))
    assert loaded.layers[1].name == model.layers[1].name
    assert getattr(loaded.layers[1], "rate", None) == getattr(model.layers[1], "rate", None)
    loaded.save(tmp_path / "again")
    np.testing.assert_array_equal(lp.load(tmp_path / "again")(X), model(X))


def test_an_argument_of_ones_own_class_set_later_is_loaded_as_it_is(tmp_path):
    class Scale(lp.Model):
        def __init__(self, factor):
            self.factor, self.dense = factor, lp.Dense(2)

        def forward(self, x):
            return self.factor * self.dense(x)

    model = Scale(2.0)
    model.predict(X)
    model.factor = 3.0
    np.testing.assert_array_equal(roundtrip(model, tmp_path, Scale)(X), model(X))


def exchange_part(model):
    model.parts[0] = lp.Dense(4, "tanh")


def change_part(model):
    model.parts[0].activation = lp.activations.tanh


def add_part(model):
    model.third = lp.Dense(2)
    model.third(X)


def unknown_function(model):
    model.parts[0].activation = lambda x: x**2


@pytest.mark.parametrize("change", [exchange_part, change_part, add_part, unknown_function])
def test_what_init_of_ones_own_class_would_not_create_is_refused(change, tmp_path):
    model = Pair(4)
    model.predict(X)
    change(model)
    model.predict(X)
    with pytest.raises(lp.FileError, match=r"would create a different model.*__init__"):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_model_that_cannot_be_saved_is_refused_before_it_is_trained(tmp_path):
    model = Pair(4)
    model.compile("sgd", "mse")
    model.predict(X)
    change_part(model)
    before = model.get_weights()
    with pytest.raises(lp.FileError, match="activation was changed from"):
        model.fit(X, X, callbacks=[lp.ModelCheckpoint(tmp_path / "model")], verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.long
def test_a_renamed_model_is_checkpointed_and_resumed(tmp_path):
    def fit(epochs):
        lp.set_seed(0)
        model = lp.Sequential([lp.Dense(4), lp.Dense(4)])
        model.predict(X)
        rename(model)
        model.compile("sgd", "mse")
        model.fit(X, X, epochs=epochs, verbose=0, checkpoint=tmp_path / "run")
        return model

    fit(1)
    resumed = fit(2)
    resumed.save(tmp_path / "model")
    assert_same(lp.load(tmp_path / "model"), resumed, X)


def test_saving_draws_no_random_numbers(tmp_path):
    class Eager(lp.Model):
        def __init__(self):
            self.dense = lp.Dense(2)
            self.dense(X)

        def forward(self, x):
            return self.dense(x)

    def next_weights(save):
        lp.set_seed(9)
        model = Eager()
        if save:
            model.save(tmp_path / "model")
        return Eager().get_weights()[0]

    np.testing.assert_array_equal(next_weights(save=True), next_weights(save=False))


# Saving: what cannot be written.


def test_a_model_without_weights_yet_is_not_saved(tmp_path):
    with pytest.raises(lp.NotBuiltError, match="no weights to save yet"):
        lp.Sequential([lp.Dense(3)]).save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_function_of_ones_own_is_refused_with_the_layer_and_the_way_out(tmp_path):
    model = lp.Sequential([lp.Dense(3, lambda x: x, input_shape=(4,))])
    with pytest.raises(
        lp.FileError, match=r"^Dense 'dense_1': <lambda> has no name.*def.*custom_objects"
    ):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_missing_is_an_error(tmp_path):
    model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
    with pytest.raises(lp.FileError, match=r"cannot write .*No such file"):
        model.save(tmp_path / "missing" / "model")


@pytest.mark.parametrize("path", ["model", ".", "", "model/..", "/"])
def test_a_folder_in_the_place_of_the_file_is_an_error(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    with pytest.raises(lp.FileError, match="cannot write"):
        lp.Sequential([lp.Dense(3, input_shape=(4,))]).save(path)
    assert [path.name for path in tmp_path.rglob("*")] == ["model"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser writes anywhere")
def test_a_folder_that_is_not_writable_is_an_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(lp.FileError, match=r"cannot write .*Permission denied"):
        lp.Sequential([lp.Dense(3, input_shape=(4,))]).save(tmp_path / "model")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("owner_and_name", [(os, "fsync"), (Path, "replace")], ids=lambda p: p[1])
def test_a_write_that_fails_leaves_the_old_file_whole_and_no_other(
    tmp_path, monkeypatch, owner_and_name, error
):
    def fail(*args):
        raise error

    model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
    model.save(tmp_path / "model")
    before = (tmp_path / "model").read_bytes()
    model.set_weights([w + 1 for w in model.get_weights()])
    monkeypatch.setattr(*owner_and_name, fail)
    expected = lp.FileError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        model.save(tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_file_has_the_usual_permissions(tmp_path):
    lp.Sequential([lp.Dense(3, input_shape=(4,))]).save(tmp_path / "model")
    (tmp_path / "other").touch()
    assert (tmp_path / "model").stat().st_mode == (tmp_path / "other").stat().st_mode


# Loading: files that are not what they should be.


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a good file."""
    path = tmp_path_factory.mktemp("good") / "model"
    lp.set_seed(0)
    lp.Sequential([lp.Dense(3, "relu", input_shape=(4,)), lp.Dense(2)]).save(path)
    return path.read_bytes()


def refused(path, content, match):
    path.write_bytes(content)
    with pytest.raises(lp.FileError, match=match) as caught:
        lp.load(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_missing_or_a_folder_is_an_error(tmp_path):
    with pytest.raises(lp.FileError, match=r"there is no file .*missing"):
        lp.load(tmp_path / "missing")
    with pytest.raises(lp.FileError, match="there is no file"):
        lp.load(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"just some text\n" * 9, b"\xff" * 64, b"PK\x03\x04"], ids=repr
)
def test_what_is_not_a_safetensors_file_is_an_error(tmp_path, content):
    refused(
        tmp_path / "model", content, "not a complete safetensors file: .* Save or copy it again"
    )


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_a_foreign_safetensors_file_is_an_error(tmp_path, metadata):
    foreign = to_bytes({"a": np.zeros(3, np.float32)}, metadata=metadata)
    refused(tmp_path / "model", foreign, "not of a Lampas model: load reads what model.save wrote")


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "I64", "BOOL"])
def test_arrays_of_any_type_in_a_foreign_file_are_no_other_error(tmp_path, dtype):
    bytes_each = {"BF16": 2, "I64": 8}.get(dtype, 1)
    header = {"a": {"dtype": dtype, "shape": [2], "data_offsets": [0, 2 * bytes_each]}}
    text = json.dumps(header).encode()
    foreign = len(text).to_bytes(8, "little") + text + bytes(2 * bytes_each)
    refused(tmp_path / "model", foreign, "not")


def test_a_damaged_file_is_reported_unless_it_is_read_unverified(tmp_path, content):
    damaged = content[:-1] + bytes([content[-1] ^ 1])
    refused(tmp_path / "model", damaged, "the file is damaged: its checksum does not match")
    assert isinstance(lp.load(tmp_path / "model", verify=False), lp.Model)


def test_a_file_without_a_checksum_is_refused_with_the_argument_that_allows_it(tmp_path, content):
    def edit(about):
        del about["checksum"]

    refused(
        tmp_path / "model",
        edited(content, edit, verify=False),
        r"has no checksum.*lampas\.load\(path, verify=False\)",
    )
    assert isinstance(lp.load(tmp_path / "model", verify=False), lp.Model)


@pytest.mark.parametrize("network", ["VGG16", "AlexNet", "VGG19"])
def test_a_file_never_reaches_the_network(network, tmp_path, content, monkeypatch):
    def reached(*args, **options):
        raise AssertionError("the network was reached")

    monkeypatch.setattr("lampas.applications.pretrained.fetch", reached)
    monkeypatch.setattr("lampas.applications.pretrained._read_cache", reached)
    arguments = {"input_shape": {"tuple": [32, 32, 3]}, "weights": "imagenet-features"}
    edit = with_model({"class": network, "arguments": arguments})
    refused(tmp_path / "model", edited(content, edit), ".")


@pytest.mark.long
def test_a_network_with_pretrained_parts_is_loaded_from_its_file_alone(tmp_path, monkeypatch):
    import lampas.applications.pretrained as pretrained

    class Net(lp.Model):
        def __init__(self):
            shape = (64, 64, 3)
            self.base = lp.AlexNet(input_shape=shape, include_top=False, weights=weights)

        def forward(self, x):
            return self.base(x)

    weights = None
    model, x = Net(), np.zeros((1, 64, 64, 3), np.uint8)
    model.predict(x)
    weights = pretrained.IMAGENET_FEATURES
    monkeypatch.setattr(pretrained, "cached_arrays", None)  # would raise a TypeError
    assert_same(roundtrip(model, tmp_path, Net), model, x)


def test_an_unknown_argument_is_named_and_messages_are_short(tmp_path, content):
    colour = edited(content, with_first(colour="red"))
    refused(tmp_path / "model", colour, "Dense cannot be created: .*argument 'colour'")
    for edit in (
        renamed("x" * 50_000),
        with_first(**{"x" * 50_000: 1}),
        with_first(units="x" * 50_000),
        with_format("x" * 50_000),
        with_model("x" * 50_000),
    ):
        (tmp_path / "model").write_bytes(edited(content, edit))
        with pytest.raises(lp.FileError) as caught:
            lp.load(tmp_path / "model")
        assert len(str(caught.value)) < 700


def test_statistics_of_more_features_than_the_file_holds_are_not_made(tmp_path, content):
    layer = {"class": "Normalization", "arguments": {"mean": 0.0, "variance": 1.0}}

    def edit(about):
        about["model"]["arguments"]["layers"] = [layer]
        about["built"] = {"normalization_1": [1, 5 * 10**8]}

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(tmp_path / "model", edited(content, edit), "does not fit its own architecture")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 400e6


READS = examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@READS
@given(data=st.data())
def test_a_truncated_file_is_an_error(data, tmp_path, content):
    length = data.draw(st.integers(0, len(content) - 1))
    refused(tmp_path / "model", content[:length], "not a complete safetensors file")


@READS
@given(data=st.data())
def test_a_flipped_byte_is_an_error_or_changes_nothing(data, tmp_path, content):
    """The header is padded by spaces, for which other blanks will do."""
    place = data.draw(st.integers(0, len(content) - 1))
    broken = bytearray(content)
    broken[place] ^= data.draw(st.integers(1, 255))
    (tmp_path / "model").write_bytes(bytes(broken))
    try:
        model = lp.load(tmp_path / "model")
    except lp.FileError:
        return
    assert has_content(model, content)


@pytest.fixture(scope="module")
def good_files(tmp_path_factory):
    return files(tmp_path_factory.mktemp("good_files"))


@READS
@given(random=st.randoms(use_true_random=False))
def test_damaged_and_forged_files_give_a_file_error_or_a_right_model(random, tmp_path, good_files):
    """Many more in tests/soak/test_model_files.py, with limits of time and memory."""
    content, other = random.sample(good_files, 2)
    is_damaged = random.random() < 0.5
    mutated = damage(random, content, other) if is_damaged else forge(random, content)
    (tmp_path / "model").write_bytes(mutated)
    try:
        model = lp.load(tmp_path / "model")
    except lp.FileError:
        return
    assert isinstance(model, lp.Module)
    if is_damaged and mutated != other:
        assert has_content(model, content)


def test_arrays_that_are_not_floating_point_are_refused(tmp_path, content):
    (tmp_path / "model").write_bytes(content.replace(b'"F32"', b'"I32"'))
    with pytest.raises(lp.FileError, match=r"is int32.*the architecture needs float32"):
        lp.load(tmp_path / "model", verify=False)


def verified(about, arrays):
    """A description with the checksum of what it describes."""
    about = {key: value for key, value in about.items() if key != "checksum"}
    return about | {"checksum": checksum(json.dumps(about), arrays)}


def edited(content, edit, verify=True):
    """The file with its architecture changed by ``edit``, its arrays as they are."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    about = json.loads(header["__metadata__"]["lampas"])
    about = edit(about) or about
    if isinstance(about, dict) and verify:
        about = verified(about, from_bytes(content))
    header["__metadata__"]["lampas"] = about if isinstance(about, str) else json.dumps(about)
    head = json.dumps(header).encode()
    return len(head).to_bytes(8, "little") + head + content[8 + size :]


def first_layer(about):
    return about["model"]["arguments"]["layers"][0]


def with_model(form):
    def edit(about):
        about["model"] = form

    return edit


def with_first(**arguments):
    def edit(about):
        first_layer(about)["arguments"].update(arguments)

    return edit


def renamed(name):
    def edit(about):
        first_layer(about)["class"] = name

    return edit


def without(key):
    def edit(about):
        del about[key]

    return edit


def with_format(number):
    def edit(about):
        about["format"] = number

    return edit


HOSTILE = {
    "os.system": with_model({"class": "os.system", "arguments": {"command": "exit 1"}}),
    "Popen": with_model({"class": "Popen", "arguments": {"args": ["false"]}}),
    "builtin": with_model({"class": "eval", "arguments": {"source": "1/0"}}),
    "dunder": with_model({"class": "__import__", "arguments": {"name": "os"}}),
    "unknown layer": renamed("Dens"),
    "optimizer as model": with_model({"class": "SGD", "arguments": {}}),
    "initializer as model": with_model({"class": "Zeros", "arguments": {}}),
    "base class": with_model({"class": "Model", "arguments": {}}),
    "number": with_model(5),
    "text": with_model("Dense"),
    "null": with_model(None),
    "list": with_model([[]]),
    "unknown form": with_model({"exec": "1"}),
    "no arguments": with_model({"class": "Sequential"}),
    "layers are numbers": with_model({"class": "Sequential", "arguments": {"layers": [1]}}),
    "layers are null": with_model({"class": "Sequential", "arguments": {"layers": None}}),
    "unknown argument": with_first(colour="red"),
    "units are text": with_first(units="3"),
    "units are broken": with_first(units=2.5),
    "units are negative": with_first(units=-3),
    "units are a list": with_first(units=[3]),
    "other units": with_first(units=7),
    "enormous units": with_first(units=10**12),
    "units beyond integers": with_first(units=10**30),
    "activation is a number": with_first(activation=5),
    "unknown activation": with_first(activation={"activation": "rulu"}),
    "deep list": lambda about: '{"format": 1, "model": ' + "[" * 10**5 + "]" * 10**5 + "}",
    "deep layers": with_model(
        json.loads(
            '{"class": "Sequential", "arguments": {"layers": [' * 150
            + '{"class": "Dense", "arguments": {"units": 3}}'
            + "]}}" * 150
        )
    ),
    "no json": lambda about: "{",
    "json of a list": lambda about: "[]",
    "json of a number": lambda about: "1",
    "not a number": lambda about: "NaN",
    "empty": lambda about: "{}",
    "no model": without("model"),
    "format of the future": with_format(99),
    "format of another type": with_format([1]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_architecture_is_one_clear_error(kind, tmp_path, content):
    refused(tmp_path / "model", edited(content, HOSTILE[kind]), ".")


def test_an_unknown_class_is_not_said_to_be_ones_own_only(tmp_path, content):
    refused(tmp_path / "model", edited(content, renamed("Dens")), "'Dens'.*'Dense'")


def test_a_format_of_the_future_is_reported(tmp_path, content):
    newer = edited(content, with_format(99))
    refused(tmp_path / "model", newer, "the format is 99, this Lampas reads 2. Install the version")


@pytest.mark.parametrize("key", ["model", "input_shape", "built"])
@pytest.mark.parametrize(
    "value", [None, 5, "x", [], {}, [-1], ["a"], {"dense_1": 3}, {"dense_1": [-4]}, [10**30], True]
)
def test_parts_of_a_wrong_type_give_a_model_or_a_file_error(tmp_path, content, key, value):
    def edit(about):
        about[key] = value

    (tmp_path / "model").write_bytes(edited(content, edit))
    try:
        model = lp.load(tmp_path / "model")
    except lp.FileError:
        return
    assert isinstance(model, lp.Model)


@pytest.mark.parametrize(
    "layer",
    [
        {"class": "Dense", "arguments": {"units": 200_000_000}},
        {"class": "Embedding", "arguments": {"input_dim": 10**6, "output_dim": 10**3}},
        {"class": "Conv1D", "arguments": {"filters": 10**8, "kernel_size": 4}},
    ],
    ids=lambda layer: layer["class"],
)
def test_sizes_that_the_file_does_not_hold_take_no_memory(tmp_path, content, layer):
    def edit(about):
        about["model"]["arguments"]["layers"][0] = layer
        about["model"]["arguments"]["layers"].pop()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(tmp_path / "model", edited(content, edit), ".")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 400e6


def test_missing_and_surplus_arrays_are_named(tmp_path, content):
    size = int.from_bytes(content[:8], "little")
    about = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["lampas"])

    def written(arrays):
        return to_bytes(arrays, metadata={"lampas": json.dumps(verified(about, arrays))})

    arrays = from_bytes(content)
    fewer = {name: array for name, array in arrays.items() if name != "dense_2/bias"}
    refused(tmp_path / "model", written(fewer), "does not fit.*dense_2/bias")
    more = arrays | {"dense_9/kernel": np.zeros(1, np.float32)}
    refused(tmp_path / "model", written(more), "does not fit.*dense_9/kernel")
    other = arrays | {"dense_1/kernel": np.zeros((4, 2), np.float32)}
    message = r"dense_1/kernel is float32\(4, 2\).*float32\(4, 3\)"
    refused(tmp_path / "model", written(other), message)


def test_the_weights_of_a_file_open_without_lampas(tmp_path):
    from safetensors.numpy import load_file

    model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
    model.save(tmp_path / "model")
    arrays = load_file(tmp_path / "model")
    np.testing.assert_array_equal(arrays["dense_1/kernel"], model.get_weights()[0])


class TakesAny(lp.Model):
    def __init__(self, *sizes):
        self.parts = [lp.Dense(size) for size in sizes]

    def forward(self, x):
        return self.parts[0](x)


def test_a_class_that_takes_any_arguments_cannot_be_saved(tmp_path):
    model = TakesAny(2)
    model.build((3,))
    with pytest.raises(
        lp.FileError, match=r"TakesAny 'takes_any': \*args cannot be saved: name the arguments"
    ):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_a_file_of_keras_is_named(name, tmp_path):
    refused(
        tmp_path / name, b"PK\x03\x04", "has the name of a Keras file, and is not one of Lampas"
    )


def test_custom_objects_are_passed_by_name(tmp_path, content):
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(lp.ArgumentError, match=r"pass a dict .* load\(path, custom_objects=\)"):
        lp.load(tmp_path / "model", {"Net": Net})


@pytest.mark.parametrize(
    ("method", "options", "advice"),
    [
        ("save", {"save_format": "tf"}, "one safetensors file"),
        ("save", {"zipped": True}, "one safetensors file"),
        ("load_weights", {"by_name": True}, "by the paths of their layers"),
        ("save_weights", {"overwite": True}, "'overwrite'"),
    ],
)
def test_arguments_of_keras_that_have_no_meaning_are_answered(method, options, advice, tmp_path):
    model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
    with pytest.raises(lp.UnknownNameError, match=advice):
        getattr(model, method)(tmp_path / "model", **options)


def test_a_file_of_the_first_format_is_read(tmp_path, content):
    (tmp_path / "model").write_bytes(edited(content, with_format(1)))
    model = lp.load(tmp_path / "model")
    assert [layer.units for layer in model.layers] == [3, 2]
