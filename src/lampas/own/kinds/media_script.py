"""Pieces of ``train.py`` that scripts on pictures and on sounds share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


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
