"""A kind of data from its profile to predictions, with the steps of ``lampas train``."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import lampas as lp
from lampas.app.automl.script import import_script, render_script, write_script
from lampas.app.automl.settings import Settings
from lampas.app.automl.task import DataKind, DataProfile, TrainOptions
from lampas.evaluation.types import Splits


@dataclass
class KindRun:
    """Everything after training."""

    kind: DataKind[Any]
    profile: DataProfile[Any]
    script: ModuleType
    splits: Splits
    model: lp.Model
    y_pred: Any

    @property
    def settings(self) -> Settings:
        return self.profile.settings

    def predict(self, split: Any) -> Any:
        return self.model.predict(self.kind.inputs(split))


def train_kind(kind: DataKind[Any], options: TrainOptions, folder: Path, epochs: int) -> KindRun:
    """Profile the data, write the script, and train with it."""
    profile = with_settings(kind.profile_data(options), learning_rate=3e-3, epochs=epochs)
    script = write_and_import(kind, profile, folder)
    lp.set_seed(0)
    splits = Splits(*script.split_data(script.load_data()))
    model = script.build_model(splits.train)
    script.compile_model(model, splits.train)
    script.fit_model(model, splits.train, splits.validation, verbose=0)
    y_pred = model.predict(kind.inputs(splits.test))
    return KindRun(kind, profile, script, splits, model, y_pred)


def with_settings(profile: DataProfile[Any], **settings: Any) -> DataProfile[Any]:
    """The profile with other settings."""
    return replace(profile, settings=replace(profile.settings, **settings))


def source(kind: DataKind[Any], profile: DataProfile[Any]) -> str:
    """The source of the script."""
    return render_script("A test", profile, kind.script(profile))


def write_and_import(kind: DataKind[Any], profile: DataProfile[Any], folder: Path) -> ModuleType:
    """The script of a run, as a module."""
    return import_script(write_script(folder, source(kind, profile)))


def style_faults(code: str) -> str:
    """What ruff would change in the code, and the faults that it finds."""
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--line-length=100", "-"]
    checks = ["check", "--select=E,F,I,B", "--ignore=E501", "--output-format=concise", "--quiet"]
    results = [
        subprocess.run(
            [*ruff, *command, *options],
            input=code,
            text=True,
            capture_output=True,
            check=False,
            cwd=Path("/"),  # the sources here would be sorted apart from other packages
        )
        for command in (["format", "--diff"], checks)
    ]
    return "".join(result.stdout + result.stderr * result.returncode for result in results)
