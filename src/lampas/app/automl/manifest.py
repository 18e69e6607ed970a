"""What a run hands over beside its model: ``run.json``, which says what the model is asked."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from ...core.errors import FileError
from ...core.filesystem import write_whole
from .task import Settings, Task

RUN, MODEL = "run.json", "model.safetensors"
FORMAT = 1


@dataclass(frozen=True)
class Handover:
    """What a model answers, and what it must be given.

    Args:
        kind: of the data, ``"table"``.
        task: what it does.
        target: what is asked for.
        classes: names by label; none unless it classifies.
        settings: everything decided.
    """

    kind: str
    task: Task
    target: str
    classes: tuple[str, ...]
    settings: Settings

    def write(self, folder: Path) -> None:
        """Write it into the run's folder. Raises FileError when that can not be done."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"
        try:
            write_whole(folder / RUN, text.encode())
        except OSError as error:
            raise FileError(f"can not write {folder / RUN}: {error.strerror}.") from error


def read_handover(folder: Path) -> Handover:
    """What a run's folder says of its model.

    Raises:
        FileError: when the folder is not that of a run of ``lampas train``, or is damaged.
    """
    path = folder / RUN
    try:
        known = json.loads(path.read_bytes())
        if known.pop("format") != FORMAT or known["task"] not in get_args(Task):
            raise ValueError("another version of Lampas wrote it")
        return Handover(**{**known, "classes": tuple(known["classes"])})
    except OSError as error:
        raise FileError(
            f"can not read {path}: {error.strerror}. Give the folder that lampas train has made."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is damaged or of another version: {error}.") from error
