"""Docstrings of the public API: every parameter is documented, and every example runs."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import lampas as lp
from lampas.core.module import Module

MODULES = ("losses", "metrics", "optimizers", "initializers", "regularizers", "constraints")
MODULES += ("schedules", "saving")
NEED_EXAMPLES = (lp.Layer, lp.Loss, lp.Metric, lp.Optimizer, lp.Callback, lp.Model)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def public_objects() -> Iterator[tuple[str, Any]]:
    """Public classes and functions with their names, each once."""
    named = [(name, getattr(lp, name)) for name in lp.__all__]
    named += [
        (f"{module}.{name}", getattr(getattr(lp, module), name))
        for module in MODULES
        for name in getattr(lp, module).__all__
    ]
    seen = set()
    for name, value in named:
        is_error = inspect.isclass(value) and issubclass(value, BaseException)
        if (inspect.isclass(value) or inspect.isfunction(value)) and not is_error:
            if id(value) not in seen:
                yield name, value
            seen.add(id(value))


def parameters(value: Any) -> list[str]:
    """Names of the parameters, those of ``*args`` and ``**kwargs`` included."""
    if inspect.isclass(value) and value.__init__ is object.__init__ and issubclass(value, Module):
        return []
    return list(inspect.signature(value).parameters)


def documented(docstring: str) -> set[str]:
    """Names that the ``Args`` section explains; one entry may explain several."""
    section = re.search(r"^Args:\n((?:[ ]{4}.*\n|\n)+)", docstring + "\n", re.MULTILINE)
    entries = re.findall(
        r"^ {4}((?:\*{0,2}\w+, )*\*{0,2}\w+):", section[1] if section else "", re.MULTILINE
    )
    return {name.lstrip("*") for entry in entries for name in entry.split(", ")}


def needs_example(name: str, value: Any) -> bool:
    if name.startswith(("losses.", "metrics.")) and not name.endswith(".get"):
        return True
    return inspect.isclass(value) and issubclass(value, NEED_EXAMPLES)


PUBLIC = dict(public_objects())


@pytest.mark.parametrize("name", PUBLIC)
def test_every_parameter_is_documented(name: str) -> None:
    value = PUBLIC[name]
    missing = set(parameters(value)) - documented(inspect.cleandoc(value.__doc__ or ""))
    assert not missing, f"{name}: Args lacks {', '.join(sorted(missing))}"


@pytest.mark.long
@pytest.mark.parametrize("name", PUBLIC)
def test_examples_run(name: str) -> None:
    value = PUBLIC[name]
    tests = doctest.DocTestFinder(exclude_empty=True).find(value, name, globs={})
    examples = [test for test in tests if test.examples]
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    report: list[str] = []
    for test in examples:
        runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)
    assert not needs_example(name, value) or name in {test.name for test in examples}, (
        f"{name} needs an example in its docstring"
    )


def test_the_parser_of_args_finds_each_name() -> None:
    docstring = "Summary.\n\nArgs:\n    a, b: two.\n        More: text.\n    *c: rest.\n\nShape: s."
    assert documented(docstring) == {"a", "b", "c"}
    assert documented("Summary.\n\nShape: a: b.") == set()
