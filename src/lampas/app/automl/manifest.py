"""``run.json``: what a trained model predicts and the settings of its run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from ...core.errors import FileError, UnknownNameError
from ...evaluation.types import Task
from .kinds import get_kind
from .script import write_text
from .settings import Settings, from_dict

RUN, MODEL = "run.json", "model.safetensors"
FORMAT = 2


@dataclass(frozen=True)
class RunManifest:
    """What a model predicts, and what its inputs are.

    Args:
        kind: kind of the data, such as ``"table"``.
        task: task of the model.
        target: what is predicted.
        classes: names by label; empty unless the task is classification.
        settings: settings of the run.
    """

    kind: str
    task: Task
    target: str
    classes: tuple[str, ...]
    settings: Settings

    def write(self, folder: Path) -> None:
        """Write the manifest into the run's folder.

        Raises:
            FileError: when the file cannot be written.
        """
        content = {"format": FORMAT, **asdict(self)}
        write_text(folder / RUN, f"{json.dumps(content, indent=2)}\n")


def read_manifest(folder: Path) -> RunManifest:
    """Read the manifest in a run's folder.

    Raises:
        FileError: when the folder is not that of a run of ``lampas train``, or the file is
            damaged.
    """
    path = folder / RUN
    try:
        return _parse(json.loads(path.read_bytes()))
    except OSError as error:
        raise FileError(
            f"cannot read {path}: {error.strerror}. Give a folder that lampas train has written."
        ) from error
    except (ValueError, KeyError, TypeError, UnknownNameError) as error:
        raise FileError(f"{path} is damaged or of another version: {error}.") from error


def _parse(content: Any) -> RunManifest:
    if content["format"] != FORMAT:
        raise ValueError("it was written by another version of Lampas")
    if content["task"] not in get_args(Task):
        raise ValueError(f"{content['task']!r} is not a task")
    return RunManifest(
        content["kind"],
        content["task"],
        content["target"],
        tuple(content["classes"]),
        from_dict(get_kind(content["kind"]).settings_type, content["settings"]),
    )
