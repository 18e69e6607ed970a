"""``train.py``: the run as a script to read, to run and to go on from.

The tool itself trains by the functions of this script, so that they are the same by construction.

Pieces of ``train.py`` that scripts on pictures and on sounds share.
"""

from __future__ import annotations

import importlib.util
import json
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

from ...core.errors import FileError
from ...core.filesystem import write_whole
from .task import Found, Script, Settings, Task

SCRIPT = "train.py"
_TEMPLATE = '''"""{title}

Written by ``lampas train``; run it, change it, go on from it.
"""

import lampas as lp
{imports}
SEED = {seed}


def data():
    """What to learn from, what to stop by, and what to be judged by."""
{data}

def network(train):
    """The network, made for what there is in the training part."""
{network}

def prepare(model, train, rate={rate}):
    """Say which error to make small, and how."""
    model.compile(
        lp.optimizers.Adam(rate),
        loss={loss},
        metrics={metrics},
    )


def fit(model, train, validation, callbacks=(), **options):
    """Learn until the validation part gets no better; the weights of the best epoch stay."""
    stopping = lp.EarlyStopping(patience={patience}, restore_best_weights=True)
    slower = lp.ReduceLROnPlateau(factor=0.3, patience={slower})
    return model.fit(
        inputs(train),
        targets(train),
        batch_size={batch_size},
        epochs={epochs},
        callbacks=[stopping, slower, *callbacks],
        validation_data=(inputs(validation), targets(validation)),
        seed=SEED,
        **options,
    )


def inputs(part):
    return {x}


def targets(part):
    return {y}


def main():
    lp.set_seed(SEED)
    train, validation, test = data()
    model = network(train)
    prepare(model, train)
    fit(model, train, validation)
{score}

if __name__ == "__main__":
    main()
'''
_SCORES: dict[Task, str] = {
    "classify": """\
said = model.predict(inputs(test)).argmax(1)
print(f"test accuracy {(said == targets(test)).mean():.4f}")
""",
    "regress": """\
said = model.predict(inputs(test))
print(f"test RMSE {((said - targets(test)) ** 2).mean() ** 0.5:.6g}")
""",
    "forecast": """\
said = model.predict(inputs(test))
print(f"test RMSE {((said - targets(test)) ** 2).mean() ** 0.5:.6g}")
""",
}


def render(title: str, found: Found, settings: Settings, script: Script) -> str:
    """The whole script, from what the kind wrote and the common settings."""
    return _TEMPLATE.format(
        title=_in_docstring(title),
        imports=f"{script.imports.strip()}\n" if script.imports.strip() else "",
        data=_body(script.data),
        network=_body(script.network),
        loss=script.loss,
        metrics=json.dumps(script.metrics),
        x=script.x,
        y=script.y,
        score=_body(_SCORES[found.task]),
        slower=max(1, settings["patience"] // 2),
        **{name: settings[name] for name in ("seed", "rate", "patience", "batch_size", "epochs")},
    )


def write(folder: Path, code: str) -> Path:
    """Write the script into the run's folder.

    Raises FileError when that can not be done.
    """
    path = folder / SCRIPT
    try:
        write_whole(path, code.encode())
    except OSError as error:
        raise FileError(f"can not write {path}: {error.strerror}.") from error
    return path


def imported(path: Path) -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("lampas_run", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _in_docstring(text: str) -> str:
    """The text so that it can not end the docstring that it stands in."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


def _body(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip(), "    ") + "\n"


def quoted(text: str) -> str:
    """A text as Python code, in double quotes where that takes no more escapes."""
    code = repr(text)
    return code if '"' in text else f'"{code[1:-1]}"'


def layers_import(names: Iterable[str]) -> str:
    """The line that imports layers."""
    # As import sorters have it: names in capitals first.
    ordered = sorted(set(names), key=lambda name: (not name.isupper(), name))
    lines = "".join(f"    {name},\n" for name in ordered)
    return f"from lampas.layers import (\n{lines})"


def sequential(layers: Sequence[str]) -> str:
    """The body of ``network``: a chain of layers, each an expression."""
    lines = "".join(f"        {layer},\n" for layer in layers)
    return f"return lp.Sequential(\n    [\n{lines}    ]\n)"


def names_of(layers: Iterable[str]) -> list[str]:
    """The classes of layers that are called by their bare names."""
    return [layer.split("(")[0] for layer in layers if not layer.startswith("lp.")]
