"""Refuse words that are not the field's as bare names of bindings in the source.

A name says what it holds: ``predictions``, ``profile``, ``baseline``. Participles and fillers such
as ``found``, ``said`` or ``one`` do not, whatever they hold; nor does a word of our own for what
the field has a term for. Run by ``make lint``::

    python tools/check_names.py [PATH...]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILLERS = (
    "about apart asked beside found given held kept known likely made met one others own said "
    "there thing told turned usual wanted wary whole"
)
PRIVATE = "embers fed pace slope slopes wishes yardstick yardsticks"
REFUSED = frozenset(f"{FILLERS} {PRIVATE}".split())


def bindings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of everything that the source binds: definitions, arguments, variables."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.MatchAs(name=str(name)):
                yield node.lineno, name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((node.lineno, alias.asname) for alias in names if alias.asname)


def main(paths: list[str]) -> int:
    """Print each refused name with its place; the number of them decides the exit status."""
    roots = [Path(path) for path in paths or ["src"]]
    files = [file for root in roots for file in ([root] if root.is_file() else root.rglob("*.py"))]
    refused = [
        f"{file}:{line}: {name!r} says nothing about what it holds"
        for file in sorted(files)
        for line, name in sorted(bindings(ast.parse(file.read_text(encoding="utf-8"))))
        if name.strip("_").lower() in REFUSED
    ]
    print(*refused, sep="\n", end="\n" if refused else "")
    return len(refused) > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
