"""What ``import lampas`` brings and what it leaves for later."""

import inspect
import subprocess
import sys

import pytest

import lampas as lp

HEAVY = ["optax", "rich", "typer", "matplotlib", "pandas", "sklearn", "safetensors"]
HEAVY += ["PIL", "torch", "keras", "soundfile", "starlette", "uvicorn"]


def run(script):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )


def test_import_loads_nothing_that_is_not_needed_yet():
    done = run(f"import sys, lampas; print([m for m in {HEAVY} if m in sys.modules])")
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


def test_import_starts_no_device():
    done = run(
        "import lampas; from jax._src import xla_bridge as x; print(x.backends_are_initialized())"
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "False"


def test_all_is_sorted_and_names_each_thing_once():
    assert len(set(lp.__all__)) == len(lp.__all__)
    assert set(lp.__all__) <= set(dir(lp))


@pytest.mark.parametrize("name", lp.__all__)
def test_every_public_name_exists_and_is_documented(name):
    value = getattr(lp, name)
    assert inspect.getdoc(value), name
    if inspect.isclass(value):
        assert value.__doc__, name


@pytest.mark.parametrize(
    "part",
    ["activations", "initializers", "losses", "metrics", "optimizers", "regularizers", "schedules"],
)
def test_every_name_of_a_part_exists_and_is_documented(part):
    module = getattr(lp, part)
    for name in module.__all__:
        assert vars(module)[name].__doc__, name


def test_the_errors_are_of_one_family():
    kinds = [value for name in lp.__all__ if name.endswith("Error") and (value := vars(lp)[name])]
    assert lp.LampasError in kinds
    assert all(issubclass(kind, lp.LampasError) for kind in kinds)


def test_the_version_is_that_of_the_installed_package():
    from importlib.metadata import version

    assert lp.__version__ == version("lampas")
