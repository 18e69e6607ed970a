from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lampas.core.errors import FileError
from lampas.core.filesystem import cache_dir


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LAMPAS_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)


def test_the_chosen_folder_is_used_as_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("LAMPAS_CACHE", str(tmp_path))
    assert cache_dir("a", "b") == tmp_path / "a" / "b"
    assert not (tmp_path / "a").exists()


def test_a_chosen_folder_may_begin_at_home_or_here(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("LAMPAS_CACHE", "~/mine")
    assert cache_dir() == tmp_path / "mine"
    monkeypatch.setenv("LAMPAS_CACHE", "mine")
    assert cache_dir() == Path.cwd() / "mine"


@pytest.mark.parametrize(
    ("platform", "below_home"),
    [
        ("linux", ".cache/lampas/x"),
        ("darwin", "Library/Caches/lampas/x"),
        ("win32", "AppData/Local/lampas/x"),
    ],
)
@pytest.mark.usefixtures("unset")
def test_each_platform_has_its_place(monkeypatch, tmp_path, platform, below_home):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_dir("x") == tmp_path / below_home


@pytest.mark.parametrize(
    ("platform", "variable"), [("linux", "XDG_CACHE_HOME"), ("win32", "LOCALAPPDATA")]
)
@pytest.mark.usefixtures("unset")
def test_the_platforms_variable_counts_when_absolute(monkeypatch, tmp_path, platform, variable):
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path / "set"))
    assert cache_dir() == tmp_path / "set" / "lampas"
    monkeypatch.setenv(variable, "relative")
    assert cache_dir().is_relative_to(tmp_path / "home")


@pytest.mark.usefixtures("unset")
def test_without_a_home_the_error_names_the_way_out(monkeypatch):
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(FileError, match="Set LAMPAS_CACHE to a folder"):
        cache_dir()
