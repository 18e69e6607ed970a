"""Data in the order of time: a second training on all of it, and intervals of forecasts."""

import contextlib
import csv
import io
import json
import os
import re
import signal

import numpy as np
import pytest
from scipy import stats

import lampas as lp
from lampas.app.automl import pipeline
from lampas.app.automl.manifest import read_manifest
from lampas.app.automl.pipeline import TimeLimit
from lampas.app.automl.predictor import Predictor, predict
from lampas.app.automl.script import import_script
from lampas.app.automl.series import SeriesKind
from lampas.app.automl.task import TrainOptions
from lampas.applications.series_networks import recurrent_forecaster
from tests.app.automl.kind_runs import with_settings, write_and_import

ROWS = 90
OPTIONS = {"length": 6, "horizon": 2, "model": "rnn", "epochs": 5, "learning_rate": 0.004}


def write_series(path, rows=ROWS, seed=0):
    """A noisy wave; one target of the test rows is missing."""
    random = np.random.default_rng(seed)
    values = 20 + 5 * np.sin(np.arange(rows) / 3) + random.normal(size=rows)
    days = np.datetime64("2025-01-01") + np.arange(rows)
    cells = [f"{value:.4f}" for value in values]
    cells[-8] = ""
    lines = [f"{day},{cell}" for day, cell in zip(days, cells, strict=True)]
    path.write_text("\n".join(["day,load", *lines]))
    return path


def go(path, out, **options):
    return pipeline.train(path, out=out, **{"verbose": 0} | OPTIONS | options)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    path = write_series(folder / "load.csv")
    return path, folder / "run", go(path, folder / "run")


def weights(model):
    return [np.asarray(value) for value in model.get_weights()]


@pytest.mark.long
def test_the_saved_network_is_one_trained_on_all_rows(run):
    """By hand: as many steps as the first training took up to its best epoch, the same seed."""
    path, folder, _ = run
    settings = read_manifest(folder).settings
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    best = int(np.argmin([float(row["val_loss"]) for row in rows]))
    rates = [float(row["learning_rate"]) for row in rows[: best + 1]]
    windows = lp.data.windows(path, 6, 2, columns=["load"], target="load", time="day", gaps="fill")
    train = windows.split(0.15, 0.15)[0]
    assert (len(windows), len(train)) == (83, 56)
    epochs = max(1, round((best + 1) * 56 / 83))
    lp.set_seed(0)
    model = recurrent_forecaster(
        windows.x, windows.y, lp.SimpleRNN(32), settings.dropout, settings.l2
    )
    scale = float(f"{settings.scale:.4g}")
    model.compile(
        lp.Adam(0.004),
        loss=lambda y, y_pred: lp.losses.MeanSquaredError()(y / scale, y_pred / scale),
        metrics=["mae"],
    )
    rate = lp.LearningRateScheduler(lambda epoch: rates[epoch * len(rates) // epochs])
    model.fit(windows.x, windows.y, settings.batch_size, epochs, 0, rate, seed=0)
    saved = lp.load(folder / "model.safetensors")
    for expected, found in zip(weights(model), weights(saved), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.fixture(scope="module")
def script_run(run, tmp_path_factory):
    """What train.py prints, its folder, its functions, and the first network that it trains."""
    folder, output, networks = tmp_path_factory.mktemp("script"), io.StringIO(), []
    script = import_script(run[1] / "train.py")
    fit_model = script.fit_model
    script.fit_model = lambda model, *data: networks.append(model) or fit_model(model, *data)
    with contextlib.chdir(folder), contextlib.redirect_stdout(output):
        script.main()
    return output.getvalue(), folder, script, networks[0]


@pytest.mark.long
def test_the_script_trains_the_same_two_networks(run, script_run):
    _, folder, result = run
    output, script_folder, *_ = script_run
    assert output.splitlines()[-1] == f"test RMSE {result.score:.6g}"
    same = (script_folder / "trained.safetensors").read_bytes()
    assert same == (folder / "model.safetensors").read_bytes()


@pytest.mark.long
def test_report_and_result_say_which_network_was_scored(run):
    _, folder, result = run
    said = json.loads((folder / "result.json").read_text())["result"]["saved_model"]
    assert said == result.saved_model
    assert re.fullmatch(
        r"The score is that of a network that was trained on the earliest 56 of 83 examples; the "
        r"network that is saved was then trained on all of them, for \d epochs?: as many steps as "
        r"had the best validation loss\.",
        said,
    )
    page = result.report.read_text()
    for text in (said, "The forecast", "back-tests: forecasts from 25 origins"):
        assert text in page


@pytest.mark.long
def test_intervals_are_those_of_the_errors_of_the_network_that_had_not_seen_the_values(
    run, script_run
):
    *_, script, model = script_run
    examples = script.load_data()
    train, *_ = script.split_data(examples)
    first = train.steps.max() + 1  # the first row that it had not seen
    unseen = examples.steps[:, 0] >= first
    errors = np.abs(model.predict(examples.x[unseen]) - examples.y[unseen])
    known = examples.steps[unseen] != ROWS - 8
    found = read_manifest(run[1]).intervals
    one, two = (np.sort(errors[known[:, step], step]) for step in (0, 1))
    assert found.origins == (len(one), len(two)) == (25, 25)
    # ceil(26 · 0.8) = 21 of 25; ceil(26 · 0.95) = 25. At step 2 only 12 do not overlap.
    np.testing.assert_allclose(found.half_widths[0], (one[20], two[20]), rtol=1e-5)
    assert found.half_widths[1][0] == pytest.approx(one[24], rel=1e-5)
    assert found.half_widths[1][1] is None


@pytest.mark.long
def test_predictions_have_intervals(run, tmp_path):
    path, folder, _ = run
    widths = read_manifest(folder).intervals.half_widths
    with pytest.warns(UserWarning, match="no 95% interval for 1 of 2 steps, since it needs 19"):
        assert predict(folder, [path], tmp_path / "out.csv") == 1
    with (tmp_path / "out.csv").open() as file:
        first, second = csv.DictReader(file)
    assert list(first)[3:] == ["load", "lower 80%", "upper 80%", "lower 95%", "upper 95%"]
    assert float(first["upper 95%"]) - float(first["load"]) == pytest.approx(widths[1][0], abs=1e-4)
    assert float(second["load"]) - float(second["lower 80%"]) == pytest.approx(
        widths[0][1], abs=1e-4
    )
    assert (second["lower 95%"], second["upper 95%"]) == ("", "")
    (answer,) = Predictor(folder).predict_items([[20.0] * 6])
    found = answer.as_json()
    assert found["origins"] == [25, 25]
    assert [bounds["level"] for bounds in found["intervals"]] == [0.8, 0.95]
    assert found["intervals"][1]["upper"][1] is None
    json.dumps(found, allow_nan=False)


def press_ctrl_c(*_arguments):
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.long
def test_a_run_that_is_interrupted_in_the_second_training_resumes_there(run, tmp_path, monkeypatch):
    path, folder, _ = run
    with monkeypatch.context() as patch:
        patch.setattr(lp.LearningRateScheduler, "on_epoch_end", press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            go(path, tmp_path / "run")
    with pytest.raises(lp.FileError, match="is not finished"):
        Predictor(tmp_path / "run")
    assert list((tmp_path / "run" / "checkpoint" / "refit").glob("*.safetensors"))
    go(path, tmp_path / "run")
    for name in ("model.safetensors", "run.json", "history.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (folder / name).read_bytes()
    assert not (tmp_path / "run" / "checkpoint").exists()


@pytest.mark.long
def test_half_of_the_time_is_for_the_second_training(run, tmp_path, monkeypatch):
    limits = []

    class NotedLimit(TimeLimit):
        def __init__(self, seconds):
            super().__init__(seconds)
            limits.append(seconds)

    monkeypatch.setattr(pipeline, "TimeLimit", NotedLimit)
    result = go(run[0], tmp_path / "run", epochs=50, minutes=1e-6)
    assert limits == [pytest.approx(60e-6 / 2)]
    assert "for 1 epoch:" in result.saved_model
    monkeypatch.chdir(tmp_path)
    import_script(tmp_path / "run" / "train.py").main()
    same = (tmp_path / "trained.safetensors").read_bytes()
    assert same == (tmp_path / "run" / "model.safetensors").read_bytes()


def test_the_time_before_an_interruption_counts(monkeypatch):
    clock = iter([100.0, 104.0, 200.0, 203.0, 204.5])
    monkeypatch.setattr(pipeline.time, "monotonic", lambda: next(clock))
    model = lp.Sequential([lp.Dense(1)])
    first, second = TimeLimit(8.0), TimeLimit(8.0)
    for limit in (first, second):
        limit.set_model(model)
    first.on_train_begin()
    first.on_epoch_end(0)
    second.on_train_begin()
    for name in TimeLimit.state_attributes:
        setattr(second, name, getattr(first, name))
    second.on_epoch_end(1)
    assert (second.seconds_used, second.exceeded) == (7.0, False)
    second.on_epoch_end(2)
    assert (second.seconds_used, second.exceeded) == (8.5, True)
    assert model.stop_training


@pytest.mark.long
def test_a_table_that_is_split_by_time_is_trained_again_on_all_rows(tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    days = np.datetime64("2025-01-01") + np.arange(100)
    x = random.normal(size=(100, 2)).round(4)
    rows = [f"{day},{a},{b},{3 * a - b:.4f}" for day, (a, b) in zip(days, x, strict=True)]
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(["day,a,b,y", *rows]))
    result = pipeline.train(
        path, "y", kind="table", model="linear", time="day", epochs=2, learning_rate=0.01,
        out=tmp_path / "run", verbose=0,
    )  # fmt: skip
    assert "the earliest 70 of 100 examples" in result.saved_model
    assert read_manifest(tmp_path / "run").intervals is None
    monkeypatch.chdir(tmp_path)
    import_script(tmp_path / "run" / "train.py").main()
    same = (tmp_path / "trained.safetensors").read_bytes()
    assert same == (tmp_path / "run" / "model.safetensors").read_bytes()


SERIES, SIMULATED, CONTINUED, AHEAD = 4, 500, 4000, 5


def simulate(process, random):
    """A series with standard normal noise, far longer than what is trained on."""
    rows = SIMULATED + CONTINUED
    noise = random.normal(size=rows)
    if process == "season":
        return 30 + 4 * np.sin(2 * np.pi * np.arange(rows) / 7) + noise
    weight = {"random walk": 1.0, "AR(1)": 0.7}[process]
    values = np.zeros(rows)
    for row in range(1, rows):
        values[row] = weight * values[row - 1] + noise[row]
    return values


@pytest.mark.long
@pytest.mark.parametrize("process", ["random walk", "AR(1)", "season"])
def test_intervals_contain_as_many_values_of_the_continuation_as_they_should(process, tmp_path):
    """Four networks with intervals, each tried at 799 origins after the end of its data.

    The errors of calibration are few in comparison, so the binomial bounds are those of their
    number, of which only every fifth does not overlap with others.
    """
    inside = []
    for seed in range(SERIES):
        values = simulate(process, np.random.default_rng(seed))
        path = tmp_path / f"{seed}.csv"
        path.write_text("\n".join(["value", *map(str, values[:SIMULATED])]))
        options = TrainOptions(path, length=14, horizon=AHEAD, model="rnn", seed=seed)
        kind = SeriesKind()
        profile = with_settings(kind.profile_data(options), learning_rate=2e-3, epochs=4)
        folder = tmp_path / str(seed)
        folder.mkdir()
        script = write_and_import(kind, profile, folder)
        lp.set_seed(seed)
        examples = script.load_data()
        train, validation, _ = script.split_data(examples)
        first = script.build_model(train)
        script.compile_model(first, train)
        history = script.fit_model(first, train, validation, verbose=0)
        intervals = kind.back_test(first, examples, profile.settings)
        model = script.refit_model(train, examples, history, verbose=0)
        later = lp.data.windows(values[SIMULATED - 14 :], 14, AHEAD, stride=AHEAD)
        errors = np.abs(model.predict(later.x) - later.y)
        inside.append(errors[:, None] <= np.array(intervals.half_widths, float))
    coverage = np.mean(inside, (0, 1))
    independent = SERIES * (intervals.origins[0] // AHEAD)
    for level, shares in zip((0.8, 0.95), coverage, strict=True):
        low, high = stats.binom.interval(0.9999, independent, level)
        assert (low / independent <= shares).all()
        assert (shares <= high / independent).all()
