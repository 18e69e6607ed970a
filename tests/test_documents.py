"""The code and the commands on every page run as printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = ("train-on-your-own-data.md",)
"""Pages whose commands are run, too."""
QUICK = ("README.md",)
"""Pages that are run with every test; the others take long, or compile much."""


@pytest.mark.parametrize(
    "page",
    [p if p.name in QUICK else pytest.param(p, marks=pytest.mark.long) for p in PAGES],
    ids=lambda page: page.name,
)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    blocks = re.findall(r"```(python|sh)\n(.*?)```", page.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    assert any(language == "python" for language, _ in blocks)
    for language, code in blocks:
        if language == "python":
            exec(compile(code, page.name, "exec"), names)
        elif page.name in COMMANDS:
            subprocess.run(["bash", "-ec", code], check=True, capture_output=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target
