"""Devices are selected by name; reports are opened where there is a screen."""

import sys

import pytest

from lampas import ArgumentError
from lampas.app.cli import options
from lampas.app.cli.options import select_device


def test_an_absent_device_is_named_with_those_there_are():
    with pytest.raises(ArgumentError, match="there is no device 'tpu'; the available devices are"):
        select_device("tpu")


def test_the_report_is_opened_only_where_there_is_a_screen(monkeypatch, tmp_path, capsys):
    opened = []
    monkeypatch.setattr(options.webbrowser, "open", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    options.show_report(tmp_path / "report.html", show=True)
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    options.show_report(tmp_path / "report.html", show=True)
    assert opened == [(tmp_path / "report.html").as_uri()]
    assert "report.html" in capsys.readouterr().out
