"""Tracebacks of errors show the lines of the user and hide those of Lampas and JAX."""

import json
import os
import subprocess
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core import tracebacks
from lampas.core.tracebacks import (
    FILTERED_NOTE,
    MAYBE_BUG_NOTE,
    filter_traceback,
    set_traceback_filtering,
    strip_frames,
)

HERE = Path(__file__)
X = np.ones((4, 3), np.float32)


@pytest.fixture(autouse=True)
def always_filtered():
    set_traceback_filtering(True)
    yield
    set_traceback_filtering(os.environ.get(tracebacks.ENV_VARIABLE) != "full")


def caught(call) -> Exception:
    with pytest.raises(Exception) as info:  # noqa: PT011
        call()
    return info.value


def shown(error: BaseException) -> list[str]:
    """Where the lines of a traceback are: file and function; pytest's own left out."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(f.filename).name} {f.name}" for f in frames if f.name != "caught"]


def mine(*names: str) -> list[str]:
    return [f"{HERE.name} {name}" for name in names]


class Own(lp.Model):
    def __init__(self):
        self.dense = lp.Sequential([lp.Dense(2), lp.Conv2D(3, 1)])

    def forward(self, x):
        return self.helper(x)

    def helper(self, x):
        return self.dense(x)


def broken(y_true, y_pred):
    raise RuntimeError("the loss of the user")


def test_an_eager_call_shows_the_lines_of_the_user_alone():
    error = caught(lambda: Own()(X))
    assert shown(error) == mine("<lambda>", "forward", "helper")
    assert error.__notes__ == [FILTERED_NOTE]
    assert FILTERED_NOTE in "".join(traceback.format_exception(error))


def test_a_layer_called_by_itself_shows_the_line_of_the_call():
    assert shown(caught(lambda: lp.Conv2D(2, 3)(X))) == mine("<lambda>")


def test_code_of_the_user_between_compiled_code_stays():
    @filter_traceback
    def enter():
        return jax.jit(lambda x: jnp.sum(inside(x)))(X)

    def inside(x):
        return x @ jnp.ones((5, 2))

    frames = shown(caught(enter))
    assert frames == mine("enter", "<lambda>", "inside")


def test_notes_and_frames_of_jax_are_gone():
    error = caught(filter_traceback(lambda: jax.jit(lambda x: broken(x, x))(X)))
    text = "".join(traceback.format_exception(error))
    assert "For simplicity" not in text
    assert f"jax{os.sep}_src" not in text


def test_an_error_that_is_filtered_twice_has_one_note():
    error = caught(filter_traceback(filter_traceback(lambda: Own()(X))))
    assert error.__notes__.count(FILTERED_NOTE) == 1
    assert error.__notes__[-1] == FILTERED_NOTE


def test_causes_and_contexts_are_filtered_too():
    def learn():
        try:
            Own()(X)
        except lp.ShapeError as error:
            raise KeyError("mine") from error

    error = caught(filter_traceback(learn))
    assert isinstance(error.__cause__, lp.ShapeError)
    assert shown(error) == mine("learn")
    assert shown(error.__cause__) == mine("learn", "forward", "helper")
    assert FILTERED_NOTE not in error.__cause__.__notes__


def test_causes_in_a_circle_are_no_trap():
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    strip_frames(one)
    assert one.__notes__ == [FILTERED_NOTE]


def test_python_called_by_the_user_stays_and_called_by_lampas_goes(tmp_path):
    frames = shown(caught(filter_traceback(lambda: json.loads("{"))))
    assert frames[0] == f"{HERE.name} <lambda>"
    assert "decoder.py raw_decode" in frames
    error = caught(lambda: lp.load(tmp_path / "none"))
    assert shown(error) == mine("<lambda>")


def test_an_unexplained_error_keeps_the_line_of_lampas_that_raised_it(monkeypatch):
    monkeypatch.setattr(lp.Dense, "build", None)
    error = caught(lambda: lp.Dense(2)(X))
    assert isinstance(error, TypeError)
    assert shown(error) == [*mine("<lambda>"), "base.py _build"]
    assert error.__notes__[-2:] == [MAYBE_BUG_NOTE, FILTERED_NOTE]


@pytest.mark.parametrize("call", [lambda m: m.fit(), lambda m: m.predict(X, 1, 0, 1, None, 7)])
def test_a_wrong_call_is_no_bug_of_lampas(call):
    error = caught(lambda: call(lp.Sequential([lp.Dense(1)])))
    assert isinstance(error, TypeError)
    assert error.__notes__ == [FILTERED_NOTE]


def test_an_interruption_is_left_alone():
    @filter_traceback
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as info:
        interrupted()
    frames = [frame.name for frame in traceback.extract_tb(info.value.__traceback__)]
    assert frames[-2:] == ["call", "interrupted"]
    assert not hasattr(info.value, "__notes__")


def test_unfiltered_tracebacks_show_every_line():
    set_traceback_filtering(False)
    error = caught(lambda: Own()(X))
    frames = shown(error)
    assert "module.py __call__" in frames
    assert frames[-1] == "base.py _check"
    assert not hasattr(error, "__notes__")
    assert jax.config.jax_traceback_filtering == "off"
    set_traceback_filtering(True)
    assert shown(caught(lambda: Own()(X))) == mine("<lambda>", "forward", "helper")


@pytest.mark.long
def test_the_environment_chooses_from_the_start():
    code = "import lampas.core.tracebacks as t; assert not t._filtering"
    environment = os.environ | {tracebacks.ENV_VARIABLE: "full"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_a_wrapped_function_keeps_name_signature_and_result():
    @filter_traceback
    def add(a: int, b: int = 1) -> int:
        """Sum."""
        return a + b

    assert (add(1), add(1, b=3), add.__name__, add.__doc__) == (2, 4, "add", "Sum.")


def test_context_managers_of_the_user_end_as_they_should():
    ended = []

    @contextmanager
    def block():
        try:
            yield
        finally:
            ended.append(True)

    @filter_traceback
    def inside():
        with block():
            Own()(X)

    error = caught(inside)
    assert ended == [True]
    assert shown(error)[-2:] == mine("forward", "helper")


def test_a_frame_that_went_on_shows_where_the_error_passed():
    class GoesOn(lp.Layer):
        def forward(self, x):
            try:
                raise KeyError("here")
            finally:
                x = x + 1
                x = x + 2

    error = caught(lambda: GoesOn()(X))
    last = traceback.extract_tb(error.__traceback__)[-1]
    assert last.line == 'raise KeyError("here")'
