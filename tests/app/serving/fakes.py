"""A tiny kind of data, a model with known weights, and a server of both on a free port."""

import csv
import io
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

import lampas as lp
from lampas.app.automl import kinds as known
from lampas.app.automl.manifest import MODEL, RunManifest
from lampas.app.automl.predictor import Predictor
from lampas.app.automl.task import DataKind, PredictionBatch
from lampas.app.serving.app import make_app
from lampas.app.serving.server import listen, make_server
from lampas.core.errors import DataError

CLASSES = ("setosa", "versicolor", "<b>virginica</b>")
KERNEL = np.array([[1.0, -1.0, 0.5], [0.2, 0.4, -0.3]], np.float32)


@dataclass(frozen=True)
class NoSettings:
    """Settings of a run that has none but the name of its network."""

    model: str = "linear"


class Rows(DataKind):
    """Rows of two numbers, ``a`` and ``b``."""

    name = "rows"
    settings_type = NoSettings
    networks = ("linear",)
    uploads = (".csv", ".xlsx", ".csv.gz")
    pause = 0.0

    def read_batches(self, sources, settings):
        for source in sources:
            time.sleep(self.pause)
            try:
                rows = list(csv.DictReader(io.StringIO(source.content.decode())))
                x = [[float(row["a"]), float(row["b"])] for row in rows]
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"{source.name}: {error!r}.") from error
            for start in range(0, len(x), 100):
                part = np.array(x[start : start + 100], np.float32)
                names = [f"{source.name}, row {start + n}" for n in range(1, len(part) + 1)]
                yield PredictionBatch(names, part)

    def parse_items(self, items, settings):
        if items[0].get("a") == 666:
            raise RuntimeError("secret of the inside")
        try:
            rows = [[float(item["a"]), float(item["b"])] for item in items]
        except (TypeError, KeyError, ValueError) as error:
            raise DataError(f"not a row with the numbers a and b: {error!r}.") from error
        return PredictionBatch(
            [f"row {n}" for n in range(1, len(rows) + 1)], np.array(rows, np.float32)
        )

    def json_schema(self, settings):
        properties = {"a": {"type": ["number", "null"], "examples": [0.5]}}
        properties["b"] = {"type": "number"}
        return {"type": "object", "properties": properties}

    profile_data = script = num_examples = inputs = targets = baselines = load_labelled = None
    add_data = add_mistakes = None


Rows.__abstractmethods__ = frozenset()


def predictor(kind=None, task="classify"):
    """Predictor of a model that computes softmax(x @ KERNEL), or the product itself."""
    made = object.__new__(Predictor)
    made.kind = kind or Rows()
    classes = CLASSES if task == "classify" else ()
    made.manifest = RunManifest("rows", task, "species", classes, NoSettings())
    last = "softmax" if task == "classify" else None
    model = lp.Sequential([lp.layers.Dense(3, last, use_bias=False)])
    model.build((2,))
    model.set_weights([KERNEL])
    made.model = model
    return made


def write_run(folder):
    """What a run leaves in its folder, and the kind by its name."""
    made = predictor()
    made.manifest.write(folder)
    made.model.save(folder / MODEL)
    known.KINDS["rows"] = Rows


def probabilities(rows):
    """Outputs of the model, computed by NumPy."""
    powers = np.exp(np.asarray(rows, float) @ KERNEL)
    return powers / powers.sum(1, keepdims=True)


@contextmanager
def serving(made, token=None, limits=None):
    """The address of a running server."""
    with listen("127.0.0.1", 0) as listener:
        running = make_server(make_app(made, token, limits), limits)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(10)
