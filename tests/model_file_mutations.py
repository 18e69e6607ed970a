"""Model files that are damaged or hostile, for the short and the long tests."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import jax
import numpy as np
from safetensors.numpy import load as from_bytes

import lampas as lp
from lampas.saving.model_file import checksum

X = np.random.default_rng(0).uniform(-1, 1, (3, 4)).astype(np.float32)
MODELS = {
    "dense": (lambda: [lp.Dense(3, "relu"), lp.Dropout(0.5), lp.Dense(2)], X),
    "pictures": (
        lambda: [lp.Conv2D(2, 3), lp.BatchNormalization(), lp.MaxPool2D(), lp.Flatten()],
        np.zeros((2, 8, 8, 1), np.float32),
    ),
    "words": (
        lambda: [lp.Embedding(5, 3, mask_zero=True), lp.Bidirectional(lp.LSTM(2)), lp.Dense(1)],
        np.ones((2, 4), np.int32),
    ),
    "steps": (
        lambda: [
            lp.Normalization(-1, [0.0, 1.0], [1.0, 4.0]),
            lp.SeparableConv1D(2, 2),
            lp.RNN(lp.GRUCell(2), return_sequences=True),
            lp.TimeDistributed(lp.Dense(2)),
            lp.GlobalAveragePool1D(),
        ],
        np.zeros((2, 6, 2), np.float32),
    ),
    "sound": (
        lambda: [lp.MelSpectrogram(fft_length=64, sequence_stride=32, num_mel_bins=4)],
        np.zeros((1, 256), np.float32),
    ),
    "table": (
        lambda: [lp.TableEncoding([1.0, 2.0], [3]), lp.Dense(2)],
        np.ones((2, 3), np.float32),
    ),
    "series": (
        lambda: [lp.LastValueResidual([lp.Autoregression(2)])],
        np.zeros((2, 5, 1), np.float32),
    ),
    "texts": (
        lambda: [lp.EmbeddingBag(6, 3, buckets=8), lp.Dense(2)],
        np.ones((2, 4), np.int32),
    ),
    "network": (lambda: [lp.LeNet5(3, (32, 32, 1), width=0.2)], np.zeros((1, 32, 32, 1), np.uint8)),
}
COMPILED: dict[str, dict[str, Any]] = {
    "dense": {
        "optimizer": lp.Adam(lp.schedules.CosineDecay(0.1, 20), amsgrad=True),
        "loss": lp.losses.Huber(2.0),
        "metrics": ["mae", lp.metrics.AUC(num_thresholds=10)],
    },
    "words": {"optimizer": lp.SGD(0.1, momentum=0.9), "loss": "mse", "penalty": "l2"},
    "graph": {"loss": {"a": "mse", "b": None}, "metrics": {"a": [lp.metrics.R2Score()]}},
}
"""Arguments of ``compile``, for models that are fitted before they are saved."""
SIZES = [-1, 0, 1, 2, 1000, 2**31 - 1, 2**31, 10**9, 5 * 10**8, 10**12, 10**30, 1e308, 0.5, -2.5]
OTHERS = [None, True, "", "x", "x" * 10**5, "imagenet-features", [], {}, [[]], {"float": "nan"}]
NAMES = ["os.system", "eval", "__import__", "Net", "Dens", "x" * 50_000, "Layer", "Model"]


def graph() -> lp.Model:
    """A model of two outputs, with a shared layer, an operation with a constant, and a slice."""
    inputs = lp.Input((4,), name="x")
    shared = lp.Dense(4, "tanh")
    hidden = shared(shared(inputs) * np.float32([1.0, 2.0, 3.0, 4.0]))
    return lp.Model(inputs, {"b": lp.Dense(2)(hidden), "a": hidden[:, 1:3] + hidden[..., :2]})


def has_content(model: Any, content: bytes) -> bool:
    """Whether a model has the weights and the state of the optimizer of a file."""
    arrays = {path: variable.numpy() for path, variable in model.variables().items()}
    arrays |= {f"/{name}": array for name, array in model.optimizer_state().items()}
    saved = from_bytes(content)
    return sorted(arrays) == sorted(saved) and all(
        np.array_equal(arrays[name], saved[name]) for name in saved
    )


def files(folder: Any) -> list[bytes]:
    """The bytes of a good file of each kind."""
    contents = []
    for name, (layers, x) in (MODELS | {"graph": (graph, X)}).items():
        lp.set_seed(0)
        model = layers()
        model = model if isinstance(model, lp.Model) else lp.Sequential(model)
        y = jax.tree.map(np.zeros_like, model.predict(x))
        if name in COMPILED:
            model.compile(**COMPILED[name])
            model.fit(x, y, verbose=0)
        model.save(folder / name)
        contents.append((folder / name).read_bytes())
    return contents


def split(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a safetensors file, and the bytes of its arrays."""
    size = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def join(header: dict[str, Any], arrays: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + arrays


def damage(random: Random, content: bytes, other: bytes) -> bytes:
    """Bytes flipped, cut, inserted, or spliced from another file."""
    place, end = sorted(random.choices(range(len(content)), k=2))
    match random.randrange(5):
        case 0:
            broken = bytearray(content)
            for _ in range(random.choice([1, 1, 2, 8])):
                broken[random.randrange(len(broken))] ^= random.randrange(1, 256)
            return bytes(broken)
        case 1:
            return content[:place]
        case 2:
            return content[:place] + content[end:]
        case 3:
            return content[:place] + random.randbytes(random.randrange(1, 99)) + content[place:]
    return content[:place] + other[place:]


def forge(random: Random, content: bytes) -> bytes:
    """Values of the description or the arrays' names and shapes changed, with a right checksum."""
    header, arrays = split(content)
    about = json.loads(header["__metadata__"]["lampas"])
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        parents = list(_containers(about))
        weights = [1 + 3 * (len(parent) < 5) for parent in parents]
        parent = random.choices(parents, weights)[0]
        _change(random, parent, random.choice(list(_keys(parent))))
    about = about if isinstance(about, dict) else {}
    if random.random() < 0.2:
        names = [name for name in header if name != "__metadata__"]
        if names:
            header[random.choice([*NAMES, "a/b"])] = header.pop(random.choice(names))
    about.pop("checksum", None)
    about["checksum"] = checksum(json.dumps(about), from_bytes(content))
    header["__metadata__"] = {"lampas": json.dumps(about)}
    return join(header, arrays)


def _containers(value: Any) -> Any:
    if isinstance(value, list | dict) and value:
        yield value
        for item in value if isinstance(value, list) else value.values():
            yield from _containers(item)


def _keys(parent: list[Any] | dict[str, Any]) -> Any:
    return range(len(parent)) if isinstance(parent, list) else parent


def _change(random: Random, parent: Any, key: Any) -> None:
    value = parent[key]
    if isinstance(value, dict) and "class" in value and random.random() < 0.7:
        if random.random() < 0.6:
            value["class"] = random.choice([*NAMES, *lp.Module.registered_classes])
        arguments = value.get("arguments")
        for _ in range(random.randrange(3) if isinstance(arguments, dict) else 0):
            arguments[random.choice(ARGUMENTS)] = random.choice([*SIZES, *OTHERS])
    elif isinstance(parent, dict) and random.random() < 0.1:
        parent[random.choice([*NAMES, *ARGUMENTS])] = parent.pop(key)
    elif isinstance(value, list) and value and random.random() < 0.5:
        parent[key] = [random.choice(SIZES) for _ in value]
    else:
        parent[key] = random.choice([*SIZES, *SIZES, *OTHERS])


ARGUMENTS = (
    *("units", "filters", "kernel_size", "strides", "input_dim", "output_dim", "buckets", "rate"),
    *("input_shape", "target_shape", "horizon", "fft_length", "num_mel_bins", "weights", "classes"),
    *("width", "mean", "variance", "axis", "pool_size", "max_tokens", "size", "height", "padding"),
    *("depth_multiplier", "groups", "dilation_rate", "batch_size", "name", "colour", "sizes"),
    *("sequence_length", "output_sequence_length", "vocabulary", "seconds", "layers", "stateful"),
    *("optimizer", "loss", "metrics", "num_thresholds", "learning_rate", "function", "clipnorm"),
    *("loss_weights", "run_eagerly", "examples", "calls", "args", "options", "tensor", "array"),
)
