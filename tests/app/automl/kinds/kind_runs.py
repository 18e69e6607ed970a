"""A kind of data on its way from a look to answers, as lampas train goes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import lampas as lp
from lampas.app.automl import script
from lampas.app.automl.task import Found, Kind, Parts, Settings, Wishes


@dataclass
class Run:
    """What there is after training."""

    kind: Kind
    found: Found
    settings: Settings
    module: ModuleType
    parts: Parts
    model: lp.Model
    said: Any


def go(kind: Kind, wishes: Wishes, folder: Path, epochs: int) -> Run:
    """Look, write the script, and train by it."""
    found = kind.look(wishes)
    settings = found.settings | {"path": str(wishes.path), "seed": 0, "rate": 3e-3}
    settings["epochs"] = epochs
    code = script.render("A test", found, settings, kind.script(found, settings))
    module = script.imported(script.write(folder, code))
    lp.set_seed(0)
    parts = Parts(*module.data())
    model = module.network(parts.train)
    module.prepare(model, parts.train)
    module.fit(model, parts.train, parts.validation, verbose=0)
    said = model.predict(kind.inputs(parts.test))
    return Run(kind, found, settings, module, parts, model, said)
