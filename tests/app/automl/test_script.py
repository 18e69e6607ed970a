"""train.py: what is rendered is Python, in the house's style, whatever the names in the data."""

import subprocess
import sys

import pytest

from lampas import FileError
from lampas.app.automl.script import imported, render, write
from lampas.app.automl.task import Found, Script

SETTINGS = {"seed": 3, "rate": 0.0021, "patience": 5, "batch_size": 16, "epochs": 40}
FOUND = Found("classify", "kind", ("a", "b"), (), (), {})
SCRIPT = Script(
    imports="from lampas.layers import Dense",
    data="return 1, 2, 3",
    network="return lp.Sequential([Dense(2)])",
    x="part",
    y="part + 1",
    loss='"sparse_categorical_crossentropy"',
    metrics=("accuracy",),
)


@pytest.mark.parametrize("imports", ["from lampas.layers import Dense\n", ""])
@pytest.mark.parametrize("task", ["classify", "regress", "forecast"])
def test_it_is_as_a_linter_wants_it(tmp_path, task, imports):
    network = SCRIPT.network if imports else "return lp.Sequential([lp.Dense(2)])"
    found = Found(task, "kind", (), (), (), {})
    code = render("A test", found, SETTINGS, SCRIPT._replace(imports=imports, network=network))
    path = write(tmp_path, code)
    ruff, wide = [sys.executable, "-m", "ruff"], ["--line-length", "100"]
    subprocess.run([*ruff, "check", "--isolated", "--select", "E,F,I,B", *wide, path], check=True)
    subprocess.run([*ruff, "format", "--isolated", "--check", *wide, path], check=True)


def test_its_functions_are_what_was_written(tmp_path):
    module = imported(write(tmp_path, render("A test", FOUND, SETTINGS, SCRIPT)))
    assert module.data() == (1, 2, 3)
    assert module.SEED == 3
    assert module.targets(4) == 5
    model = module.network(None)
    module.prepare(model, None)
    assert model.optimizer.learning_rate == pytest.approx(0.0021)


@pytest.mark.parametrize("title", ['a"""; raise SystemExit(1)  # .csv', "a\\", 'x"', "two\nlines"])
def test_a_title_can_not_break_out(tmp_path, title):
    module = imported(write(tmp_path, render(title, FOUND, SETTINGS, SCRIPT)))
    assert module.__doc__.count("\n") == 3


def test_where_it_can_not_be_written_is_told(tmp_path):
    with pytest.raises(FileError, match=r"can not write .*nowhere/train.py"):
        write(tmp_path / "nowhere", "")
