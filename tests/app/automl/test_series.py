"""Series: profile, messages, script, baselines, forecasts."""

from types import SimpleNamespace

import numpy as np
import pytest

from lampas import ArgumentError, DataError, load
from lampas.app.automl.series import SeriesKind
from lampas.app.automl.series_files import detect_columns
from lampas.app.automl.series_report import add_next_forecast
from lampas.app.automl.task import InputFile, Refit, TrainOptions
from lampas.app.report import Report
from lampas.data import windows
from lampas.evaluation.forecast_intervals import ForecastIntervals
from tests.app.automl.kind_runs import source, style_faults, train_kind, with_settings

KIND = SeriesKind()
DAYS = np.datetime64("2024-01-01") + np.arange(160)
WAVE = 50 + 0.2 * np.arange(160) + 5 * np.sin(2 * np.pi * np.arange(160) / 7)


def table(path, rows, head="date,sales"):
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def sales(path, number=160):
    return table(
        path, [f"{day},{value:.4f}" for day, value in zip(DAYS, WAVE, strict=True)][:number]
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    return train_kind(KIND, TrainOptions(sales(folder / "sales.csv")), folder, epochs=25)


@pytest.mark.long
def test_it_finds_time_spacing_and_season(trained):
    settings = trained.settings
    assert (settings.time, settings.target) == ("date", "sales")
    assert (settings.season, settings.horizon, settings.length) == (7, 7, 21)
    assert "2024-01-01 to 2024-06-08, a day apart" in trained.profile.decisions[0].reason
    assert trained.profile.warnings == ()


@pytest.mark.long
def test_a_trend_goes_on_and_a_season_comes_back(trained):
    said, truth = trained.predict(trained.splits.test), trained.splits.test.y
    assert said.shape == truth.shape == (len(trained.splits.test), 7)
    assert np.sqrt(np.mean((said - truth) ** 2)) < 1.0


@pytest.mark.long
def test_baselines_are_what_their_names_say(trained):
    last, season, linear = KIND.baselines(trained.splits, trained.profile)
    test = trained.splits.test
    np.testing.assert_array_equal(last.predictions, np.repeat(test.x[:, -1:, 0], 7, 1))
    np.testing.assert_array_equal(season.predictions, test.x[:, -7:, 0])
    np.testing.assert_allclose(linear.predictions, test.y, atol=0.05)
    assert [one.is_strong for one in (last, season, linear)] == [False, True, True]


@pytest.mark.long
def test_the_report_shows_the_series_and_forecasts(trained):
    report = Report("series")
    report.section("all")
    said = trained.predict(trained.splits.test)
    KIND.add_data(report, trained.profile, trained.splits)
    KIND.add_mistakes(report, trained.profile, trained.splits.test, said)
    html = report.html()
    assert html.count("<figure") == 6
    assert "It repeats after 7 steps." in html


@pytest.mark.long
def test_the_last_rows_of_a_file_are_forecast(trained, tmp_path):
    path = sales(tmp_path / "new.csv", 100)
    (asked,) = KIND.read_batches([InputFile("new.csv", path)], trained.settings)
    assert asked.names == ["new.csv after 2024-04-09"]
    np.testing.assert_allclose(asked.x[0, :, 0], WAVE[79:100], atol=1e-4)
    assert asked.times[0][0] == "2024-04-10"
    assert asked.times[0] == [f"2024-04-{day}" for day in range(10, 17)]
    (same,) = KIND.read_batches([InputFile("new.csv", path.read_bytes())], trained.settings)
    np.testing.assert_array_equal(same.x, asked.x)
    rows = KIND.parse_items([WAVE[79:100].tolist()], trained.settings)
    np.testing.assert_allclose(rows.x, asked.x, atol=1e-4)


@pytest.mark.long
def test_gaps_and_other_distances_are_reported(trained, tmp_path):
    rows = [f"{day},{'' if i > 97 else value}" for i, (day, value) in
            enumerate(zip(DAYS[:100], WAVE, strict=False))]  # fmt: skip
    gaps = table(tmp_path / "gaps.csv", rows)
    with pytest.warns(UserWarning, match=r"missing in 2 rows of the last 21 of gaps.csv"):
        list(KIND.read_batches([InputFile("gaps.csv", gaps)], trained.settings))
    with pytest.warns(UserWarning, match=r"missing in 2 rows of .*gaps.csv, also among"):
        KIND.load_labelled(gaps, trained.settings, ())
    weeks = np.datetime64("2024-01-01") + 7 * np.arange(30)
    weekly = [f"{day},{value}" for day, value in zip(weeks, WAVE, strict=False)]
    path = table(tmp_path / "weekly.csv", weekly)
    with pytest.warns(UserWarning, match=r"weekly.csv are a week apart, .* a day apart"):
        (asked,) = KIND.read_batches([InputFile("weekly.csv", path)], trained.settings)
    assert asked.times[0][:2] == ["2024-07-29", "2024-08-05"]


@pytest.mark.long
def test_the_saved_model_takes_raw_values(trained, tmp_path):
    trained.model.save(tmp_path / "model.safetensors")
    again, x = load(tmp_path / "model.safetensors"), trained.splits.test.x
    np.testing.assert_allclose(again.predict(x), trained.predict(trained.splits.test), atol=1e-4)


@pytest.mark.long
def test_other_data_with_answers_is_windows(trained, tmp_path):
    part = KIND.load_labelled(sales(tmp_path / "new.csv", 60), trained.settings, ())
    assert KIND.num_examples(part) == 60 - 28 + 1
    assert KIND.targets(part).shape == (33, 7)


@pytest.mark.long
@pytest.mark.parametrize("model", KIND.networks)
def test_series_scripts_are_as_a_person_would_write_them(model, trained):
    assert style_faults(source(KIND, with_settings(trained.profile, model=model))) == ""


def test_gaps_and_columns_without_numbers_are_reported(tmp_path):
    rows = [f"{day},{'' if i == 50 else value},x,1,{i % 3}" for i, (day, value) in
            enumerate(zip(DAYS, WAVE, strict=True)) if i != 70]  # fmt: skip
    path = table(tmp_path / "a.csv", rows, "date,sales,shop,one,three")
    found = KIND.profile_data(TrainOptions(path, target="sales"))
    assert found.settings.features == ("sales", "three")
    text = " ".join(found.warnings)
    assert "'sales' is missing in 1 row (0.6%)" in text
    assert "rows are missing in 1 place" in text
    assert "they are not numeric or number the rows: 'shop'" in text
    assert "they are constant in the training rows: 'one'" in text


def columns(path, time, target):
    detected = detect_columns(path, time, target)
    return detected.time, detected.target, detected.features


def test_columns_are_those_asked_for_or_the_only_ones(tmp_path):
    path = table(tmp_path / "a.csv", ["1,2,3", "2,4,5"], "year,a,b")
    assert columns(path, None, "b") == ("year", "b", ("b", "a"))
    assert columns(path, "a", "b") == ("a", "b", ("b", "year"))
    with pytest.raises(DataError, match=r"which column of .* is to be forecast.*'a', 'b'"):
        detect_columns(path, None, None)
    with pytest.raises(DataError, match="no column 'c'; it has 'year', 'a', 'b'"):
        detect_columns(path, None, "c")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:12], "has 12 rows; a forecast needs 40 or more"),
        (lambda rows: [], "has no rows below its first line"),
        (lambda rows: [*rows[:9], rows[20], *rows[9:]], "line 12 .* not after"),
        (lambda rows: [*rows[:9], "2024-01-10", *rows[10:]], "line 11: the row has 1 field"),
        (
            lambda rows: [row.split(",")[0] + ",3" for row in rows],
            "'sales' is constant in the first 112 rows",
        ),
        (
            lambda rows: [f"{row.split(',')[0]},{5 + 2 * (i > 4)}" for i, row in enumerate(rows)],
            "'sales' hardly ever changes: there is nothing to learn",
        ),
        (lambda rows: [row.split(",")[0] + ",x" for row in rows], "no numeric column"),
    ],
)
def test_a_series_that_cannot_be_learned_from(change, message, tmp_path):
    rows = [f"{day},{value}" for day, value in zip(DAYS, WAVE, strict=True)]
    with pytest.raises(DataError, match=message):
        KIND.profile_data(TrainOptions(table(tmp_path / "a.csv", change(rows))))


def test_windows_that_do_not_fit_are_reported_before_anything_is_written(tmp_path):
    path = sales(tmp_path / "a.csv")
    with pytest.raises(DataError, match="forecast is 100 steps ahead from 21 steps"):
        KIND.profile_data(TrainOptions(path, horizon=100))
    with pytest.raises(ArgumentError, match="size=3 does not apply to series"):
        KIND.profile_data(TrainOptions(path, size=3))


@pytest.mark.long
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"date,sales\n2024-01-01,3\n", "a.csv has 1 row; a forecast needs the last 21"),
        (b"date,price\n2024-01-01,3\n", "sales"),
        (b"date,sales\n2024-01-01,x\n", "line 2 of a.csv: 'x' in 'sales' is not a number"),
        (b"", "a.csv is empty"),
    ],
)
def test_files_that_cannot_be_forecast(content, message, trained):
    with pytest.raises(DataError, match=message):
        list(KIND.read_batches([InputFile("a.csv", content)], trained.settings))


@pytest.mark.long
def test_items_that_are_not_windows(trained):
    with pytest.raises(DataError, match="item 1 is 2 rows; it must be a list of the last 21 rows"):
        KIND.parse_items([[1, 2]], trained.settings)
    with pytest.raises(DataError, match="item 1, row 3 has no number for 'sales'"):
        KIND.parse_items([[1, {"sales": 2}, "x", *range(20)]], trained.settings)
    with pytest.raises(DataError, match="item 1, row 1 has no number"):
        KIND.parse_items([[10**400] * 21], trained.settings)


@pytest.mark.parametrize(
    ("half_widths", "caption"),
    [
        (((1.0, 1.5), (2.0, None)), "is saved, with intervals that should contain 80% and 95% of"),
        (((1.0, 1.5), (None, None)), "is saved, with intervals that should contain 80% of the"),
        (((None, None), (None, None)), "the network that is saved.<"),
    ],
)
def test_the_next_forecast_has_the_intervals_that_there_are(half_widths, caption):
    """Persistence from the last value, 24, plus 1 and 2."""
    model = SimpleNamespace(predict=lambda x: x[:, -1:, 0] + np.array([1, 2]))
    series = windows(np.arange(25.0), 4, 2, target=0)
    intervals = ForecastIntervals((0.8, 0.95), half_widths, (21, 20))
    report = Report("series")
    report.section("The forecast")
    settings = SimpleNamespace(length=4, horizon=2, target="load")
    add_next_forecast(report, settings, Refit(model, series, 1, intervals))
    html = report.html()
    assert caption in html
    assert "forecasts from 21 origins" in html
    assert ("24.0 to 26.0" in html) == (half_widths[0][0] is not None)
    missing = half_widths[1].count(None)
    assert f"There is no 95% interval for {missing} of 2 steps, since it needs 19 " in html
