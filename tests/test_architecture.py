"""CONTRIBUTING.md shows the source tree as it is, and imports are visible to its checks."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "lampas"
FOLDER = re.compile(r"^ {4}([\w/]+/) +\S")


def plan():
    """Folder -> files, as CONTRIBUTING.md has them."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    block = text.split("## The source tree")[1].split("\n## ")[0]
    files, folder = {}, None
    for line in block.splitlines():
        if match := FOLDER.match(line):
            folder = match[1].rstrip("/")
            files[folder] = []
        elif line.startswith(" " * 8) and folder is not None:
            files[folder] += line.split()
        elif line.strip():
            folder = None
    return files


def tree():
    """Folder -> files, as they are."""
    files = {}
    for path in SOURCE.rglob("*.py"):
        folder = path.parent.relative_to(SOURCE.parent).as_posix()
        files.setdefault(folder, [])
        if path.name != "__init__.py":
            files[folder].append(path.stem)
    return files


def test_the_plan_is_the_tree():
    planned, actual = plan(), tree()
    assert sorted(planned) == sorted(actual)
    for folder, files in actual.items():
        assert sorted(planned[folder]) == sorted(files), folder


def test_no_module_is_imported_by_a_computed_name():
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
