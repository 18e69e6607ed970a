"""A run on texts or on a series, step by step as the tool does it."""

import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lampas import set_seed
from lampas.app.automl import script
from lampas.app.automl.task import Found, Kind, Parts, Wishes


@dataclass
class Run:
    """What a run has made."""

    kind: Kind
    found: Found
    settings: dict
    parts: Parts
    code: str
    model: Any

    def ask(self, part):
        return self.model.predict(self.kind.inputs(part))


def run(kind, path, folder, epochs=2, **wishes):
    """Look, write the script, and train by it."""
    found = kind.look(Wishes(Path(path), **wishes))
    settings = found.settings | {"path": str(path), "seed": 0, "rate": 3e-3, "epochs": epochs}
    code = script.render("test", found, settings, kind.script(found, settings))
    module = script.imported(script.write(folder, code))
    parts = Parts(*module.data())
    set_seed(0)
    model = module.network(parts.train)
    module.prepare(model, parts.train)
    module.fit(model, parts.train, parts.validation, verbose=0)
    return Run(kind, found, settings, parts, code, model)


def format_faults(script):
    """What ruff would format otherwise in the parts of a script."""
    bodies = {"data()": script.data, "network(train)": script.network}
    functions = (
        f"\n\ndef {head}:\n{textwrap.indent(body, '    ')}\n" for head, body in bodies.items()
    )
    code = f"import lampas as lp\n{script.imports.strip()}\n\nSEED = 0\n{''.join(functions)}"
    options = ["--isolated", "--line-length=100", "--diff", "-"]
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "format", *options],
        input=code,
        text=True,
        capture_output=True,
        check=False,
    )
    return found.stdout
