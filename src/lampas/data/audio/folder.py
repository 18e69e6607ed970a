"""Find the audio files in a folder and the class of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from ...core.errors import DataError, FileError
from ..labels import FileIndex, encode_labels, format_list, pluralize, warn_of_unsupported
from ..splits import refuse_splits
from ..system import is_system_path
from .decode import SUFFIXES, UNSUPPORTED_SUFFIXES

Labels = Literal["folder", "prefix"] | Callable[[PurePosixPath], object]
"""Where a file's class is found: see `lampas.data.sound`."""


def list_audio_files(root: Path, labels: Labels, classes: Sequence[str] | None = None) -> FileIndex:
    """Index the audio files beneath ``root``, sorted by path; hidden files are ignored.

    Raises:
        FileError: if the folder does not exist.
        DataError: if it has no audio files, fewer than two classes, or the splits of a dataset
            instead.
    """
    if not root.is_dir():
        raise FileError(f"the folder {root.absolute()} does not exist.")
    names = [PurePosixPath(path.relative_to(root).as_posix()) for path in sorted(root.rglob("*"))]
    names = [name for name in names if not is_system_path(name) and (root / name).is_file()]
    counts = Counter(name.suffix.lower() for name in names)
    warn_of_unsupported(root, counts, UNSUPPORTED_SUFFIXES, ".wav or .flac")
    names = [name for name in names if name.suffix.lower() in SUFFIXES]
    if not names:
        suffixes = ", ".join(sorted(SUFFIXES))
        raise DataError(f"{root} has no audio files. Their names end in {suffixes}.")
    if labels == "folder":
        inside = [name for name in names if len(name.parts) > 1]
        if not inside:
            raise DataError(
                f"{root} has {pluralize(len(names), 'audio file')} ({format_list(names, 3)}) and "
                "none in a sub-folder. Put the files of each class into a folder of their own, or "
                "set labels: 'prefix' if file names begin with the class, up to the first _ or -; "
                "or a function that returns the class for a path."
            )
        names = inside
        if classes is None:
            refuse_splits(root, sorted({name.parts[0] for name in names}), "sound")
    class_names = [_class_name(name, labels) for name in names]
    y, classes = encode_labels(class_names, classes, root, "recording")
    return FileIndex(root, tuple(map(str, names)), y, classes)


def _class_name(name: PurePosixPath, labels: Labels) -> str:
    if labels == "folder":
        return name.parts[0]
    if labels == "prefix":
        return name.stem.replace("-", "_").split("_")[0]
    return str(labels(name))
