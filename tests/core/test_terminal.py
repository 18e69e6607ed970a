"""Everything that the framework prints can be shown by a terminal of ASCII."""

import io
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from lampas.core.terminal import plain, show, write_line

PRINTS = """
import sys
import numpy as np
import lampas as lp

x, y = np.ones((8, 2)), np.ones((8, 1))
model = lp.Sequential([lp.Dense(3, name="größe"), lp.Dense(1)])
model.compile("sgd", "mse", metrics=["mae"])
callbacks = [
    lp.ReduceLROnPlateau("loss", patience=0, min_delta=1e9, verbose=1),
    lp.EarlyStopping("loss", min_delta=1e9, verbose=1),
]
model.fit(x, y, epochs=3, callbacks=callbacks, validation_data=(x, y))
model.evaluate(x, y, verbose=1)
model.predict(x, verbose=1)
model.summary()
print(lp.explain(model, x, y))
print(sys.stdout.errors)
"""


def characters(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("text", "encoding", "written"),
    [
        ("loss 0.1 · 5×5 ≠ …", "ascii", "loss 0.1 - 5x5 != ..."),
        ("loss 0.1 · 5×5 ≠ …", "utf-8", "loss 0.1 · 5×5 ≠ …"),
        ("“a” · b ≠ c", "cp1252", "“a” · b != c"),
        ("┏━┓ │█", "ascii", "+-+ |#"),
        ("Straße 日 \U0001f600", "ascii", r"Stra\xdfe \u65e5 \U0001f600"),
        ("a file of bytes \udcff", "utf-8", r"a file of bytes \udcff"),
    ],
)
def test_characters_are_plain_where_others_cannot_be_shown(text, encoding, written, monkeypatch):
    stream = characters(encoding)
    assert plain(text, stream) == written
    monkeypatch.setattr(sys, "stdout", stream)
    write_line(text)
    stream.flush()
    assert stream.buffer.getvalue().decode(encoding) == f"{written}\n"


def test_there_may_be_no_output_at_all(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert plain("a · b") == "a · b"
    write_line("a · b")


@pytest.mark.parametrize("where", ["notebook", "terminal of IPython", "script"])
def test_a_notebook_shows_html_and_others_text(where, monkeypatch, capsys):
    displayed = []
    shell = SimpleNamespace(kernel=1) if where == "notebook" else SimpleNamespace()
    if where != "script":
        library = SimpleNamespace(get_ipython=lambda: shell)
        display = SimpleNamespace(display=lambda data, raw: displayed.append(data))
        monkeypatch.setitem(sys.modules, "IPython", library)
        monkeypatch.setitem(sys.modules, "IPython.display", display)
    show("a table", "<table>")
    if where == "notebook":
        assert displayed == [{"text/plain": "a table", "text/html": "<table>"}]
    assert capsys.readouterr().out == ("" if where == "notebook" else "a table\n")


@pytest.mark.long
def test_a_script_runs_on_a_terminal_of_ascii():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "FORCE_COLOR": "1"}
    command = [sys.executable, "-W", "error", "-c", PRINTS]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    printed = done.stdout.decode("ascii")
    for text in ("  loss ", " - mae ", "stopped early", "learning rate reduced", "8 rows in"):
        assert text in printed
    assert r"gr\xf6\xdfe" in printed
    assert printed.endswith("strict\n")  # the stream of the user is as it was
