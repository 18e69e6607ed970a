"""``train.py``: the run as a script to read, run and change.

``lampas train`` itself trains with the functions of the script that it writes.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import lampas

from ...core.errors import FileError
from ...core.filesystem import atomic_write
from ...evaluation.types import Task
from .settings import DEFAULT_LEARNING_RATE, Settings
from .task import DataProfile, Script

SCRIPT = "train.py"
LINE_LENGTH = 100
_TEMPLATE = '''"""{title}

Written by ``lampas train``. Run it, change it, build on it.
"""

{imports}
SEED = {settings.seed}
LEARNING_RATE = {learning_rate}
BATCH_SIZE = {settings.batch_size}
EPOCHS = {settings.epochs}
PATIENCE = {settings.patience}


def load_data():
    """Load all examples."""
{load_data}

def split_data(examples):
    """Divide them into training, validation and test examples."""
    return {split}


{functions}def build_model(train):
    """Build the network for the training examples."""
{build_model}

def compile_model(model, train):
    """Set optimizer, loss and metrics."""
    model.compile(
        lp.optimizers.Adam(LEARNING_RATE),
        loss={loss},
        metrics={metrics},
    )


def fit_model(model, train, validation, callbacks=(), **options):
    """Train until the validation loss stops improving, and restore the best weights."""
    early_stopping = lp.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    reduce_lr = lp.ReduceLROnPlateau(factor=0.3, patience=max(1, PATIENCE // 2))
    return model.fit(
        inputs(train),
        targets(train),
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        callbacks=[early_stopping, reduce_lr, *callbacks],
        validation_data=(inputs(validation), targets(validation)),
        seed=SEED,
        **options,
    )

{refit}
def inputs(split):
    return {x}


def targets(split):
    return {y}


def main():
    lp.set_seed(SEED)
{main}{score}

if __name__ == "__main__":
    main()
'''
_MAIN = """\
train, validation, test = split_data(load_data())
model = build_model(train)
compile_model(model, train)
fit_model(model, train, validation)
"""
_MAIN_WITH_REFIT = """\
examples = load_data()
train, validation, test = split_data(examples)
model = build_model(train)
compile_model(model, train)
history = fit_model(model, train, validation)
final = refit_model(train, examples, history)
final.save("trained.safetensors", include_optimizer=False)
"""
_REFIT = '''
def refit_model(train, examples, history, **options):
    """Train a new network on all examples, for as many steps as had the best validation loss.

    The score is that of the first network, since this one has seen the test examples.
    """
    losses = history.history["val_loss"]
    rates = history.history["learning_rate"][: losses.index(min(losses)) + 1]
    epochs = max(1, round(len(rates) * len(train) / len(examples)))
    lp.set_seed(SEED)
    model = build_model(examples)
    compile_model(model, examples)
    same_rates = lp.LearningRateScheduler(lambda epoch: rates[epoch * len(rates) // epochs])
    model.fit(
        inputs(examples),
        targets(examples),
        batch_size=BATCH_SIZE,
        epochs=epochs,
        callbacks=same_rates,
        seed=SEED,
        **options,
    )
    return model

'''
_RMSE = """\
y_pred = model.predict(inputs(test))
print(f"test RMSE {((y_pred - targets(test)) ** 2).mean() ** 0.5:.6g}")
"""
_SCORES: dict[Task, str] = {
    "classify": """\
y_pred = model.predict(inputs(test)).argmax(1)
print(f"test accuracy {(y_pred == targets(test)).mean():.4f}")
""",
    "regress": _RMSE,
    "forecast": _RMSE,
}


def render_script(title: str, profile: DataProfile[Any], script: Script) -> str:
    """The source of ``train.py``.

    Args:
        title: first line of its docstring.
        profile: profile of the data, with the task and the settings.
        script: contributions of the kind of data.
    """
    settings: Settings = profile.settings
    return _TEMPLATE.format(
        title=_for_docstring(title),
        imports="".join(f"{line}\n" for line in _imports(script)),
        settings=settings,
        learning_rate=settings.learning_rate or DEFAULT_LEARNING_RATE,
        load_data=_body(script.load_data),
        functions="".join(f"{inspect.getsource(f)}\n\n" for f in script.functions),
        split=script.split,
        build_model=_body(script.build_model),
        loss=script.loss,
        metrics=json.dumps(script.metrics),
        x=script.x,
        y=script.y,
        refit=_REFIT if script.refits else "",
        main=_body(_MAIN_WITH_REFIT if script.refits else _MAIN),
        score=_body(_SCORES[profile.task]),
    )


def write_script(folder: Path, source: str) -> Path:
    """Write the script into the run's folder.

    Raises:
        FileError: when the file cannot be written.
    """
    write_text(folder / SCRIPT, source)
    return folder / SCRIPT


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole or not at all.

    Raises:
        FileError: when it cannot be written.
    """
    try:
        atomic_write(path, text.encode())
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}.") from error


def import_script(path: Path) -> ModuleType:
    """Import the script as a module."""
    spec = importlib.util.spec_from_file_location("lampas_run", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def quoted(text: str) -> str:
    """A text as Python source, in double quotes unless these need more escapes."""
    literal = repr(text)
    return literal if '"' in text else f'"{literal[1:-1]}"'


def sequential(expressions: list[str]) -> str:
    """Source of a statement that returns a ``Sequential`` of these layers."""
    lines = "".join(f"        {expression},\n" for expression in expressions)
    return f"return lp.Sequential(\n    [\n{lines}    ]\n)"


def _for_docstring(text: str) -> str:
    """The text such that it cannot end the docstring."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


def _body(source: str) -> str:
    return textwrap.indent(textwrap.dedent(source).strip(), "    ") + "\n"


def _imports(script: Script) -> Iterator[str]:
    """Import statements for the names that the script uses, in the order of import sorters."""
    names: dict[str, set[str]] = defaultdict(set)
    yield "import lampas as lp"
    aliases = set()
    for name, value in [*((c.__name__, c) for c in script.names), *_globals_of(script.functions)]:
        if isinstance(value, ModuleType):
            aliases.add(f"import {value.__name__} as {name}")
        else:
            names[_public_module(name, value)].add(name)
    yield from sorted(aliases)
    for module, imported in sorted(names.items()):
        # Constants come first, then classes, then functions.
        ordered = sorted(imported, key=lambda name: (not name.isupper(), name))
        line = f"from {module} import {', '.join(ordered)}"
        if len(line) > LINE_LENGTH:
            lines = "".join(f"    {name},\n" for name in ordered)
            line = f"from {module} import (\n{lines})"
        yield line


def _globals_of(functions: tuple[Callable[..., Any], ...]) -> Iterator[tuple[str, Any]]:
    """Global names that the functions use, with their values."""
    for function in functions:
        scope = inspect.unwrap(function).__globals__
        for node in ast.walk(ast.parse(inspect.getsource(function))):
            if isinstance(node, ast.Name) and node.id in scope:
                value = scope[node.id]
                if value not in functions:
                    yield node.id, value


def _public_module(name: str, value: Any) -> str:
    """The shortest name of a module to import the value from."""
    for module in (lampas.layers, lampas.data, lampas):
        if getattr(module, name, None) is value:
            return module.__name__
    return str(value.__module__)
