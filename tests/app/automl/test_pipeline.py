"""lampas train, predict and evaluate on a small table, from the file to the answers."""

import csv
import errno
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import numpy as np
import pytest

import lampas as lp
from lampas.app.automl import pipeline
from lampas.app.automl.pipeline import TimeLimit
from lampas.app.automl.predictor import Predictor, evaluate, predict
from lampas.app.automl.script import import_script
from lampas.app.runs.folder import run_folder
from lampas.inspection.lr_finder import LRFinderResult

ROWS = 120


def rows(seed=0, number=ROWS):
    """Size and colour decide the kind; some sizes are missing."""
    random = np.random.default_rng(seed)
    for n in range(number):
        size, colour = random.normal(), random.choice(["red", "green", "blue"])
        kind = "big" if size + (colour == "red") > 0.5 else "small"
        yield ["" if n % 17 == 3 else f"{size:.4f}", colour, f"{random.normal():.3f}", kind]


def write(path, found, heads=("size", "colour", "noise", "kind")):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([heads, *found])
    return path


def go(path, out, **options):
    options = {"target": "kind", "epochs": 4, "learning_rate": 0.01, "verbose": 0} | options
    return pipeline.train(path, out=out, **options)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data") / "things.csv", rows())


@pytest.fixture(scope="module")
def done(data, tmp_path_factory):
    """A run that has ended: its folder and its result."""
    folder = tmp_path_factory.mktemp("runs") / "things"
    return folder, go(data, folder)


@pytest.mark.parametrize(
    ("suggestion", "limits", "rate"),
    [(None, (1e-4, 1e-2), 1e-3), (None, (2e-3, 1e-2), 2e-3), (3e-3, (1e-4, 1e-2), 3e-3)],
)
def test_without_a_suggestion_the_learning_rate_is_the_usual_one(
    monkeypatch, suggestion, limits, rate
):
    found = LRFinderResult(np.ones(2), np.ones(2), np.ones(2), suggestion)
    monkeypatch.setattr(pipeline, "lr_find", lambda *_arguments, **_options: found)
    low, high = limits
    settings = SimpleNamespace(batch_size=8, seed=0, min_learning_rate=low, max_learning_rate=high)
    run = SimpleNamespace(
        profile=SimpleNamespace(settings=settings), script=MagicMock(), _update=MagicMock()
    )
    assert pipeline.ScriptRun.range_test(run, MagicMock()) is found
    run._update.assert_called_once_with(learning_rate=rate)


def test_a_run_hands_over_everything(done):
    folder, result = done
    assert sorted(file.name for file in folder.iterdir()) == [
        "config.json",
        "history.csv",
        "model.safetensors",
        "report.html",
        "result.json",
        "run.json",
        "train.py",
    ]
    assert result.metric == "accuracy"
    assert result.baseline == "gradient boosting"
    assert json.loads((folder / "result.json").read_text())["result"]["score"] == result.score
    page = result.report.read_text()
    for words in ("things.csv: which kind?", "gradient boosting", "colour", "95 % interval"):
        assert words in page


@pytest.mark.long
def test_the_script_ends_at_the_same_score(done, capsys):
    folder, result = done
    import_script(folder / "train.py").main()
    assert capsys.readouterr().out.splitlines()[-1] == f"test accuracy {result.score:.4f}"


@pytest.mark.long
def test_the_record_repeats_the_run(done, tmp_path):
    from lampas.app.cli.registry import RUNS
    from lampas.app.runs.repeat import read_config, repeat

    folder, result = done
    again = repeat(folder, read_config(folder, RUNS), tmp_path / "again", RUNS, verbose=0)
    assert again.result.score == result.score
    assert "same" in again.comparison


@pytest.mark.long
def test_a_number_is_learned_in_its_own_units(tmp_path, capsys):
    random = np.random.default_rng(1)
    x = random.uniform(0, 1, 150)
    y = 5e6 + 2e6 * x
    path = write(
        tmp_path / "prices.csv", [[f"{a:.5f}", f"{b:.1f}"] for a, b in zip(x, y, strict=True)], "xy"
    )
    result = go(path, tmp_path / "run", target="y", epochs=60, learning_rate=None)
    assert result.metric == "RMSE"
    assert result.score < 0.2 * y.std()
    import_script(tmp_path / "run" / "train.py").main()
    assert capsys.readouterr().out.splitlines()[-1] == f"test RMSE {result.score:.6g}"
    answer = Predictor(tmp_path / "run").predict_items([{"x": 0.5}])[0]
    assert answer.prediction == pytest.approx(6e6, abs=4e5)


class PressesCtrlC(TimeLimit):
    """A user who has lost patience in the third epoch."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.long
def test_ctrl_c_and_again_is_as_if_nothing_had_been(data, tmp_path, monkeypatch, capsys):
    whole = go(data, tmp_path / "whole", epochs=8, learning_rate=None)
    with monkeypatch.context() as impatient:
        impatient.setattr(pipeline, "TimeLimit", PressesCtrlC)
        with pytest.raises(KeyboardInterrupt):
            go(data, tmp_path / "halved", epochs=8, learning_rate=None)
    assert (tmp_path / "halved" / "checkpoint").is_dir()
    halved = go(data, tmp_path / "halved", epochs=8, learning_rate=None, verbose=2)
    assert "resuming the run in" in capsys.readouterr().out
    first, second = (Path(run.report).parent / "model.safetensors" for run in (whole, halved))
    assert first.read_bytes() == second.read_bytes()
    assert not (tmp_path / "halved" / "checkpoint").exists()


@pytest.mark.long
def test_a_run_that_was_stopped_leaves_nothing_to_another(data, tmp_path, monkeypatch):
    expected = go(data, tmp_path / "clean", seed=3)
    go(data, tmp_path / "run")
    with monkeypatch.context() as impatient:
        impatient.setattr(pipeline, "TimeLimit", PressesCtrlC)
        with pytest.raises(KeyboardInterrupt):
            go(data, tmp_path / "run", seed=2)
    with pytest.raises(lp.FileError, match="is not finished and has no model yet"):
        predict(tmp_path / "run", [data], None)
    again = go(data, tmp_path / "run", seed=3)
    first, second = (Path(run.report).parent / "model.safetensors" for run in (expected, again))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.long
def test_odd_names_go_on_and_repeat_from_anywhere(data, tmp_path, monkeypatch):
    from lampas.app.cli.registry import RUNS
    from lampas.app.runs.repeat import read_config, repeat

    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "data [1].csv").write_bytes(data.read_bytes())
    monkeypatch.chdir(tmp_path / "here")
    with monkeypatch.context() as impatient:
        impatient.setattr(pipeline, "TimeLimit", PressesCtrlC)
        with pytest.raises(KeyboardInterrupt):
            go(Path("data [1].csv"), None)
    folder = go(Path("data [1].csv"), None).report.parent.absolute()
    assert [one.name for one in folder.parent.iterdir()] == ["data [1]"]
    monkeypatch.chdir(tmp_path)
    assert (
        "same"
        in repeat(folder, read_config(folder, RUNS), tmp_path / "again", RUNS, verbose=0).comparison
    )


@pytest.mark.long
def test_the_clock_ends_a_run_and_the_script_with_it(data, tmp_path, capsys):
    result = go(data, tmp_path, epochs=50, minutes=1e-6)
    assert "EPOCHS = 1\n" in (tmp_path / "train.py").read_text()
    import_script(tmp_path / "train.py").main()
    assert f"{result.score:.4f}" in capsys.readouterr().out


def text(path, content):
    path.write_text(content, newline="")
    return path


CELLS = [["1", "a", "x"], ["2", "b", "y"]] * 20
BAD = {
    "empty": ("", "is empty"),
    "header alone": ("size,kind\n", "no rows"),
    "one class": ("size,kind\n" + "1,a\n2,a\n" * 20, "in every row"),
    "constant": ("size,kind\n" + "1,7\n2,7\n" * 20, r"(always|constant|only|one value)"),
    "gaps": ("size,kind\n" + "1,a\n2,b\n" * 20 + "3,\n", "line 42"),
    "wide row": ("size,kind\n" + "1,a\n2,b\n" * 20 + "3,a,b\n", "line 42"),
    "quote": ("size,kind\n" + "1,a\n2,b\n" * 20 + '3,"a\n', "quote"),
    "twice": ("size,size,kind\n" + "1,2,a\n2,3,b\n" * 20, "'size'"),
    "wide": (
        ",".join(f"c{n}" for n in range(10_000)) + ",kind\n" + "1," * 10_000 + "a\n",
        "10,001",
    ),
    "elsewhere": ("size,kinds\n" + "1,a\n2,b\n" * 20, "'kinds'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_message_and_nothing_written(tmp_path, name):
    content, message = BAD[name]
    path = text(tmp_path / "bad.csv", content)
    with pytest.raises(lp.LampasError, match=message) as caught:
        go(path, tmp_path / "run")
    assert len(str(caught.value)) < 500
    assert not (tmp_path / "run").exists()


def test_mixed_encodings_are_reported(tmp_path):
    path = tmp_path / "mixed.csv"
    good = "".join(f"{n},{'ä' if n % 2 else 'ö'}\n" for n in range(40))
    path.write_bytes(b"size,kind\n" + good.encode() + "41,ä\n".encode("latin-1"))
    with pytest.raises(lp.LampasError, match="line 42"):
        go(path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_predictions_are_streamed_into_a_file(done, data, tmp_path):
    folder, _ = done
    out = tmp_path / "said.csv"
    assert predict(folder, [data, data], out) == 2 * ROWS
    with out.open() as file:
        found = list(csv.DictReader(file))
    assert len(found) == 2 * ROWS
    assert found[0]["name"] == f"{data}, line 2"
    shares = [float(found[0][f"probability of {name}"]) for name in ("big", "small")]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert found[0]["kind"] == ("big", "small")[int(np.argmax(shares))]


def test_new_categories_and_columns_are_taken_as_they_come(done, tmp_path):
    folder, _ = done
    path = write(
        tmp_path / "new.csv", [["1", "0.5", "violet", ""]], ("id", "size", "colour", "noise")
    )
    with pytest.warns(UserWarning, match="line 2: 'colour' is 'violet', which fewer than 3 rows"):
        assert predict(folder, [path], tmp_path / "out.csv") == 1


def test_a_sheet_of_a_file_without_sheets_is_refused(done, data, tmp_path):
    folder, _ = done
    with pytest.raises(lp.ArgumentError, match=r"sheet='2' is for Excel files, and .*csv is none"):
        predict(folder, [data], tmp_path / "out.csv", "2")
    with pytest.raises(lp.ArgumentError, match=r"sheet='2' is for Excel files"):
        evaluate(folder, data, "2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("size,noise\n1,2\n", "'colour'"),
        ("size,colour,noise\nlarge,red,1\n", "line 2.*'size'.*'large'"),
        ("size,colour,noise\n1,red,1\n1,red\n", "line 3"),
    ],
)
def test_rows_that_cannot_be_used_are_reported_and_nothing_is_written(
    done, tmp_path, content, message
):
    folder, _ = done
    path = text(tmp_path / "bad.csv", content)
    with pytest.raises(lp.DataError, match=message):
        predict(folder, [path], tmp_path / "out.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["bad.csv"]


def test_a_full_disk_is_reported_and_leaves_nothing(done, data, tmp_path, monkeypatch):
    folder, _ = done

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(lp.FileError, match=r"out.csv: No space left on device"):
        predict(folder, [data], tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_predictions_never_replace_the_rows_they_answer(done, tmp_path):
    folder, _ = done
    path = write(
        tmp_path / "rows.csv", [["1", "0.5", "red", ""]], ("id", "size", "colour", "noise")
    )
    rows = path.read_bytes()
    with pytest.raises(lp.FileError, match=r"rows.csv is an input: .* --out"):
        predict(folder, [path], tmp_path / "." / "rows.csv")
    assert path.read_bytes() == rows


def test_a_file_that_is_not_there_is_reported(done, tmp_path):
    folder, _ = done
    with pytest.raises(lp.FileError, match=r"no file or folder .*nope.csv"):
        predict(folder, [tmp_path / "nope.csv"], None)
    with pytest.raises(lp.FileError, match=r"no file or folder .*nope.csv"):
        evaluate(folder, tmp_path / "nope.csv")
    with pytest.raises(lp.FileError, match=r"run.json"):
        predict(tmp_path, [tmp_path], None)


def test_other_rows_are_measured(done, tmp_path):
    folder, _ = done
    found = evaluate(folder, write(tmp_path / "other.csv", rows(seed=5)))
    assert found.num_examples == ROWS
    said = found.metrics["accuracy"]
    assert 0.6 < said.low < said.value < said.high <= 1
    assert not found.is_training_data


def test_the_rows_of_the_run_itself_are_known_again(done, data):
    assert evaluate(done[0], data).is_training_data


def test_a_class_that_was_not_learned_is_reported(done, tmp_path):
    folder, _ = done
    path = write(tmp_path / "other.csv", [*rows(number=5), ["1", "red", "0", "huge"]])
    with pytest.raises(lp.DataError, match=r"line 7.*'huge'"):
        evaluate(folder, path)


def unfinished(data, folder):
    """A run that stops before training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline.ScriptRun, "fit", stop)
        with pytest.raises(KeyboardInterrupt):
            go(data, folder)


def stop(*_args):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("name", "value"),
    [("batch_size", "__import__('os').mkdir('ran')"), ("batch_size", 7), ("path", "/etc/hosts")],
)
def test_an_unfinished_run_with_other_settings_is_refused(data, tmp_path, monkeypatch, name, value):
    """Settings in a folder are data, whoever wrote them: none of them runs or is trained with."""
    monkeypatch.chdir(tmp_path)
    unfinished(data, tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    manifest["settings"][name] = value
    (tmp_path / "run" / "run.json").write_text(json.dumps(manifest))
    expected = rf"other settings \({name}\)" if value in (7, "/etc/hosts") else "should be int"
    with pytest.raises(lp.FileError, match=expected):
        go(data, tmp_path / "run")
    assert not (tmp_path / "ran").exists()


def test_the_settings_that_a_run_has_chosen_are_kept(data, tmp_path):
    unfinished(data, tmp_path / "run")
    settings = pipeline.read_manifest(tmp_path / "run").settings
    asked = replace(settings, learning_rate=None, epochs=9)
    assert pipeline._resumed_settings(tmp_path / "run", asked) == settings


def test_two_runs_do_not_write_into_one_folder(data, tmp_path, monkeypatch):
    """The second refuses while the first holds the folder, and leaves it as it was."""

    def second(*_args):
        with pytest.raises(lp.FileError, match=rf"process {os.getpid()} is writing a run into"):
            go(data, tmp_path / "run", target="colour")
        stop()

    monkeypatch.setattr(pipeline.ScriptRun, "fit", second)
    with pytest.raises(KeyboardInterrupt):
        go(data, tmp_path / "run")
    assert pipeline.read_manifest(tmp_path / "run").target == "kind"
    assert not (tmp_path / "run" / ".lock").exists()


def test_runs_without_a_folder_of_their_own_get_different_ones(tmp_path, monkeypatch):
    """Even if both look for a free folder at the same time: creating it is what takes it."""
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: run_folder(None, "xor"), range(8)))
    assert len(set(folders)) == 8
