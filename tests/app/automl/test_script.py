"""train.py is valid and well formatted Python, whatever the names in the data."""

import ast
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampas import FileError
from lampas.app.automl.script import import_script, quoted, render_script, sequential, write_script
from lampas.app.automl.settings import Settings
from lampas.app.automl.task import DataProfile, Script
from lampas.applications.image_networks import random_variants
from lampas.applications.series_networks import recurrent_forecaster
from lampas.layers import Dense
from tests.app.automl.kind_runs import style_faults

SETTINGS = Settings(
    path="things",
    seed=3,
    model="mlp",
    dropout=0.0,
    l2=0.0,
    batch_size=16,
    epochs=40,
    patience=5,
    learning_rate=0.0021,
)
PROFILE = DataProfile("classify", "kind", ("a", "b"), (), (), SETTINGS)
SCRIPT = Script(
    load_data="return 6",
    split="1, 2, examples - 3",
    build_model="return lp.Sequential([Dense(2)])",
    names=(Dense,),
    x="split",
    y="split + 1",
)


@pytest.mark.parametrize("functions", [(), (random_variants, recurrent_forecaster)])
@pytest.mark.parametrize("task", ["classify", "regress", "forecast"])
@pytest.mark.parametrize("refits", [False, True])
def test_it_is_as_a_linter_wants_it(task, functions, refits):
    profile = replace(PROFILE, task=task)
    script = replace(SCRIPT, functions=functions, refits=refits)
    code = render_script("A test", profile, script)
    assert style_faults(code) == ""


def test_copied_functions_run(tmp_path):
    script = replace(SCRIPT, functions=(random_variants,))
    module = import_script(write_script(tmp_path, render_script("A test", PROFILE, script)))
    assert len(module.random_variants(mirror=True)) == 5
    assert module.random_variants is not random_variants


def test_its_functions_are_what_was_written(tmp_path):
    module = import_script(write_script(tmp_path, render_script("A test", PROFILE, SCRIPT)))
    assert module.split_data(module.load_data()) == (1, 2, 3)
    assert (module.SEED, module.BATCH_SIZE, module.EPOCHS, module.PATIENCE) == (3, 16, 40, 5)
    assert module.targets(4) == 5
    model = module.build_model(None)
    module.compile_model(model, None)
    assert model.optimizer.learning_rate == pytest.approx(0.0021)


@pytest.mark.parametrize("title", ['a"""; raise SystemExit(1)  # .csv', "a\\", 'x"', "two\nlines"])
def test_a_title_cannot_break_out(tmp_path, title):
    module = import_script(write_script(tmp_path, render_script(title, PROFILE, SCRIPT)))
    assert module.__doc__.count("\n") == 3


def test_a_folder_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(FileError, match=r"cannot write .*nowhere/train.py"):
        write_script(tmp_path / "nowhere", "")


@pytest.mark.long
@given(st.text())
def test_quoted_texts_are_literals_of_themselves(text):
    assert ast.literal_eval(quoted(text)) == text
    assert quoted(text)[0] == '"' or '"' in text


def test_a_sequential_model_has_a_line_per_layer():
    assert sequential(["A()", "B(1)"]) == (
        "return lp.Sequential(\n    [\n        A(),\n        B(1),\n    ]\n)"
    )
