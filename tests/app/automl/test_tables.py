"""Tables: profile, script, baselines, report, rows to predict, messages."""

import numpy as np
import pandas as pd
import pytest

import lampas as lp
from lampas.app.automl.tables import NUMBER_OR_MISSING, TableKind
from lampas.app.automl.task import InputFile, TrainOptions
from lampas.app.report import Report
from lampas.evaluation.baselines import gradient_boosting
from lampas.evaluation.types import Splits
from tests.app.automl.kind_runs import source, style_faults, train_kind

KIND = TableKind()
CITIES = ("Rom", "Bari", "Oslo")


def homes(rows=400):
    """Homes whose rent follows their size and city, with gaps and an identifier."""
    random = np.random.RandomState(0)
    city = random.choice(CITIES, rows)
    size = random.uniform(20, 120, rows).round(1)
    rent = 500 + 10 * size + 400 * (city == "Oslo") + random.normal(0, 30, rows)
    frame = pd.DataFrame(
        {
            "home": [f"h-{number:04}" for number in range(rows)],
            "size": np.where(random.rand(rows) < 0.1, np.nan, size),
            "city": city,
            "garden": random.choice(["yes", "no"], rows),
            "built": (
                pd.Timestamp("1950-03-01") + pd.to_timedelta(random.randint(0, 25_000, rows), "D")
            ).strftime("%Y-%m-%d"),
            "rent": rent.round(),
        }
    )
    return frame.assign(dear=np.where(rent > 1300, "dear", "cheap"))


def written(folder, frame):
    path = folder / "homes.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def dear(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dear")
    path = written(folder, homes().drop(columns="rent"))
    return train_kind(KIND, TrainOptions(path, "dear"), folder, epochs=25)


@pytest.fixture(scope="module")
def rent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rent")
    path = written(folder, homes().drop(columns="dear"))
    return train_kind(KIND, TrainOptions(path, "rent"), folder, epochs=25)


def test_found_says_what_there_is(dear):
    found = dear.profile
    assert (found.task, found.target, found.classes) == ("classify", "dear", ("cheap", "dear"))
    assert dear.settings.columns == {
        "size": "number",
        "city": "category",
        "garden": "boolean",
        "built": "date",
    }
    reasons = {reason.choice: reason.reason for reason in found.decisions}
    assert reasons["400 rows"] == "to predict 'dear'"
    assert reasons["1 column excluded"].startswith("home: ")
    assert "network mlp" in reasons


def test_it_learns_what_size_and_city_decide(dear):
    assert (dear.y_pred.argmax(1) == dear.splits.test.y).mean() >= 0.8


def test_values_are_in_the_units_of_the_target(rent):
    y = rent.splits.test.y
    error = np.sqrt(np.mean((rent.y_pred[:, 0] - y) ** 2))
    assert rent.y_pred.shape == (len(y), 1)
    assert error < 0.6 * y.std()


def test_baselines_of_classes_are_probabilities(dear):
    floor, trees = KIND.baselines(dear.splits, dear.profile)
    shares = np.bincount(dear.splits.train.y) / len(dear.splits.train)
    assert (floor.is_strong, trees.is_strong) == (False, True)
    np.testing.assert_allclose(floor.predictions, np.tile(shares, (len(dear.splits.test), 1)))
    np.testing.assert_allclose(trees.predictions.sum(1), 1)
    assert (trees.predictions.argmax(1) == dear.splits.test.y).mean() >= 0.8


def test_baselines_of_values_are_the_mean_and_values(rent):
    floor, trees = KIND.baselines(rent.splits, rent.profile)
    y = rent.splits.test.y
    np.testing.assert_allclose(floor.predictions, np.full(len(y), rent.splits.train.y.mean()))
    assert trees.predictions.shape == y.shape
    assert np.sqrt(np.mean((trees.predictions - y) ** 2)) < 0.6 * y.std()


def test_trees_answer_for_a_class_that_training_has_not(dear):
    train, validation, test = dear.splits
    said = gradient_boosting(Splits(train, validation, test), 3, 0).predictions
    np.testing.assert_array_equal(said[:, 2], 0)
    one = gradient_boosting(Splits(train[train.y == 0], validation, test), 2, 0)
    np.testing.assert_array_equal(one.predictions, np.tile([1.0, 0.0], (len(test), 1)))
    assert one.is_strong


@pytest.mark.long
def test_the_report_shows_columns_mistakes_and_importance(dear):
    report = Report("homes")
    report.section("all")
    wrong = np.eye(2)[1 - dear.splits.test.y]
    KIND.add_data(report, dear.profile, dear.splits)
    KIND.add_mistakes(report, dear.profile, dear.splits.test, wrong)
    KIND.add_explanations(report, dear.profile, dear.model, dear.splits)
    html = report.html()
    for part in ("The columns.", "most confident mistakes", "Importance of the columns", "100%"):
        assert part in html
    assert str(dear.splits.test.lines[0]) in html


def test_the_report_shows_the_largest_errors(rent):
    report = Report("homes")
    report.section("all")
    said = rent.splits.test.y.copy()
    said[3] += 5_000
    KIND.add_data(report, rent.profile, rent.splits)
    KIND.add_mistakes(report, rent.profile, rent.splits.test, said)
    first = report.html().split("<td>", 1)[1]
    assert "Distribution of rent." in report.html()
    assert "The largest errors." in first


def test_only_correct_predictions_are_reported(dear):
    report = Report("homes")
    report.section("all")
    KIND.add_mistakes(report, dear.profile, dear.splits.test, np.eye(2)[dear.splits[2].y])
    assert "All test rows are classified correctly" in report.html()


def test_a_network_without_hidden_layers_and_its_script(tmp_path):
    frame = homes(80).rename(columns={"city": 'the "city"', "size": "it's size"})
    path = written(tmp_path, frame.drop(columns="dear"))
    found = KIND.profile_data(TrainOptions(path, "rent", model="linear"))
    code = source(KIND, found)
    assert "relu" not in code
    assert style_faults(code) == ""


def test_groups_and_times_are_in_the_script(tmp_path):
    path = written(tmp_path, homes(80))
    for name, value in (("group", "home"), ("time", "built")):
        found = KIND.profile_data(TrainOptions(path, "rent", **{name: value}))
        code = source(KIND, found)
        assert f'{name}="{value}"' in code
        assert style_faults(code) == ""
        assert not any(
            "--group" in text for text in KIND.recommendations(found, Splits("a", "b", "c"))
        )


def test_the_saved_model_answers_rows_of_files_and_of_json(dear, tmp_path):
    dear.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    path = written(tmp_path, homes(4))
    (asked,) = KIND.read_batches([InputFile("homes.csv", path)], dear.settings)
    assert list(asked.names) == [f"{path}, line {line}" for line in (2, 3, 4, 5)]
    (sent,) = KIND.read_batches([InputFile("up.csv", path.read_bytes())], dear.settings)
    assert list(sent.names)[:1] == ["up.csv, line 2"]
    columns = list(dear.settings.columns)
    cells = homes(4)[columns].astype(object).where(homes(4)[columns].notna(), None)
    json = KIND.parse_items(cells.to_dict("records"), dear.settings)
    expected = dear.model.predict(asked.x)
    for x in (asked.x, sent.x, json.x):
        np.testing.assert_allclose(model.predict(x), expected, atol=1e-6)


def test_new_categories_are_answered_and_missing_columns_refused(dear, tmp_path):
    (asked,) = KIND.read_batches(
        [InputFile("a.csv", written(tmp_path, homes(3).assign(city="Kiel", more=1)))], dear.settings
    )
    message = (
        "line 2: 'city' is 'Kiel', which fewer than 3 rows of the training data have; it is read "
        "as an unknown category, and 2 more of 3 cells"
    )
    with pytest.warns(UserWarning, match=message):
        assert np.isfinite(dear.model.predict(asked.x)).all()
    with pytest.raises(lp.DataError, match="city"):
        list(
            KIND.read_batches(
                [InputFile("a.csv", b"size,garden,built\n1,yes,2000-01-01\n")], dear.settings
            )
        )
    wrong = b"size,city,garden,built\nbig,Rom,yes,2000-01-01\n"
    with pytest.raises(lp.DataError, match=r"up\.csv.*line 2.*'big'"):
        list(KIND.read_batches([InputFile("up.csv", wrong)], dear.settings))
    (tmp_path / "empty").mkdir()
    with pytest.raises(lp.DataError, match="has no tables"):
        list(KIND.read_batches([InputFile("empty", tmp_path / "empty")], dear.settings))


def test_known_answers_are_read_for_evaluation(dear, tmp_path):
    path = written(tmp_path, homes(20))
    part = KIND.load_labelled(path, dear.settings, dear.profile.classes)
    assert KIND.num_examples(part) == 20
    np.testing.assert_array_equal(KIND.targets(part), homes(20)["dear"] == "dear")
    with pytest.raises(lp.DataError, match="dear"):
        KIND.load_labelled(
            written(tmp_path, homes(20).drop(columns="dear")), dear.settings, dear.profile.classes
        )


def test_a_usual_name_is_the_target_and_else_it_is_asked_for(tmp_path):
    path = written(tmp_path, homes(60).rename(columns={"dear": "label"}))
    assert KIND.profile_data(TrainOptions(path)).target == "label"
    with pytest.raises(lp.ArgumentError, match=r"--target NAME; .* has 'home', 'size'"):
        KIND.profile_data(TrainOptions(written(tmp_path, homes(60))))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"task": "forecast"}, "--kind series"),
        ({"model": "mpl"}, "mlp"),
        ({"size": 64}, "--size does not apply to tables"),
        ({"text": "city"}, "does not apply to tables; choose --as city=text to read the column"),
        ({"target": "rant"}, "'rent'"),
    ],
)
def test_wishes_that_a_table_cannot_fulfil(wish, message, tmp_path):
    path = written(tmp_path, homes(30))
    with pytest.raises(lp.LampasError, match=message):
        KIND.profile_data(TrainOptions(path, **({"target": "rent"} | wish)))


def test_the_form_of_a_row_is_reported(dear):
    schema = KIND.json_schema(dear.settings)
    types = ["number", "boolean", "string", "null"]
    assert schema["properties"]["size"] == {"type": types, "pattern": NUMBER_OR_MISSING}
    cities = {"type": ["string", "number", "null"], "examples": sorted(CITIES)}
    assert schema["properties"]["city"] == cities
    assert schema["required"] == ["size", "city", "garden", "built"]


@pytest.mark.long
def test_files_json_and_frames_of_raw_cells_have_the_same_predictions(tmp_path):
    """A saved model reads cells in the formats of its training file, whichever way they come."""
    random = np.random.default_rng(0)
    days = pd.date_range("2026-02-01", periods=80, freq="11h")
    size = random.uniform(20, 1200, 80).round(1)
    path = tmp_path / "homes.csv"
    frame = pd.DataFrame(
        {
            "seen": days.strftime("%d.%m.%Y %H:%M"),
            "size": [f"{value:,.1f}".translate(str.maketrans(",.", ".,")) for value in size],
            "heating": random.choice(["on", "off"], 80),
            "city": random.choice(["Ulm", "Bonn", "n/a", "?"], 80),
            "dear": np.where(size + random.normal(0, 99, 80) > 600, "yes", "no"),
        }
    )
    frame.to_csv(path, index=False, sep=";", encoding="utf-16")
    run = train_kind(KIND, TrainOptions(path, "dear"), tmp_path, epochs=1)
    assert run.settings.formats == {"seen": "%d.%m.%Y %H:%M", "size": "1.234,5"}
    run.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    (from_file,) = KIND.read_batches([InputFile("homes.csv", path)], run.settings)
    expected = run.model.predict(from_file.x)
    assert len(np.unique(expected[:, 0])) > 70
    raw = frame.drop(columns="dear")
    np.testing.assert_array_equal(model.predict(raw), expected)
    np.testing.assert_array_equal(model.predict(raw.to_dict("records")), expected)
    json = KIND.parse_items(raw.to_dict("records"), run.settings)
    np.testing.assert_array_equal(model.predict(json.x), expected)
    # Numbers and dates that are no texts need no format.
    values = KIND.parse_items(raw.assign(size=size, seen=days).to_dict("records"), run.settings)
    np.testing.assert_array_equal(model.predict(values.x), expected)
    # A few rows alone tell nothing of the formats.
    np.testing.assert_array_equal(model.predict(raw[:1]), model.predict(from_file.x[:1]))


PLAIN_WORDS = ("the", "pump", "ran", "with", "noise", "and", "steam", "near", "valve", "again")


def inspections(rows=240):
    """Inspections whose comments and temperatures decide together."""
    random = np.random.RandomState(0)
    leaks = random.rand(rows) < 0.5
    temperature = random.normal(70, 10, rows).round(3)
    comments = []
    for has_leak in leaks:
        words = random.choice(PLAIN_WORDS, 5, replace=False).tolist()
        words.insert(random.randint(6), random.choice(["leaking", "rusty"] if has_leak else ["ok"]))
        comments.append(" ".join(words).capitalize() + ".")
    return pd.DataFrame(
        {
            "temperature": temperature,
            "comment": comments,
            "state": np.where(leaks & (temperature > 70), "stop", "go"),
        }
    )


@pytest.fixture(scope="module")
def inspected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inspected")
    path = folder / "inspections.csv"
    inspections().to_csv(path, index=False)
    return train_kind(KIND, TrainOptions(path, "state"), folder, epochs=40)


@pytest.mark.long
def test_texts_and_numbers_decide_together(inspected):
    assert inspected.settings.columns == {"temperature": "number", "comment": "text"}
    reasons = dict(inspected.profile.decisions)
    assert reasons["the words of 'comment'"] == (
        "it is free text; --as comment=leave-out leaves it out"
    )
    assert inspected.profile.warnings == ()
    y = inspected.splits.test.y
    assert (inspected.y_pred.argmax(1) == y).mean() >= 0.9
    # Without the texts, the share of leaks among the hot is unknown; trees read the words as well.
    *_, trees = KIND.baselines(inspected.splits, inspected.profile)
    assert (trees.predictions.argmax(1) == y).mean() >= 0.9


def test_texts_in_files_frames_json_and_saved_models(inspected, tmp_path):
    inspected.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    frame = inspections(6).drop(columns="state")
    frame.loc[2, "comment"] = None
    frame.loc[3, "comment"] = "nothing but unknown words"
    frame.to_csv(tmp_path / "new.csv", index=False)
    (batch,) = KIND.read_batches([InputFile("new.csv", tmp_path / "new.csv")], inspected.settings)
    expected = inspected.model.predict(batch.x)
    items = frame.astype(object).where(frame.notna(), None).to_dict("records")
    json = KIND.parse_items(items, inspected.settings)
    for rows in (batch.x, frame, items, json.x):
        np.testing.assert_array_equal(model.predict(rows), expected)
    schema = KIND.json_schema(inspected.settings)["properties"]["comment"]
    assert schema["contentMediaType"] == "text/plain"


def test_the_report_shows_the_importance_of_texts(inspected):
    report = Report("inspections")
    report.section("all")
    KIND.add_data(report, inspected.profile, inspected.splits)
    wrong = np.eye(2)[1 - inspected.splits.test.y]
    KIND.add_mistakes(report, inspected.profile, inspected.splits.test, wrong)
    KIND.add_explanations(report, inspected.profile, inspected.model, inspected.splits)
    html = report.html()
    assert "Importance of the columns" in html
    assert "it is free text" in html


@pytest.fixture
def book(tmp_path):
    """A workbook whose second sheet has another target."""
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as writer:
        homes(40).to_excel(writer, sheet_name="old", index=False)
        homes(40).assign(rent=range(40)).to_excel(writer, sheet_name="new homes", index=False)
    return path


def test_a_sheet_is_remembered(book):
    profile = KIND.profile_data(TrainOptions(book, "rent", sheet="2"))
    assert profile.settings.sheet == "new homes"
    code = source(KIND, profile)
    assert '    sheet="new homes",\n' in code
    assert style_faults(code) == ""
    labelled = KIND.load_labelled(book, profile.settings, ())
    np.testing.assert_array_equal(KIND.targets(labelled), np.arange(40))
    with pytest.warns(UserWarning, match="'old' is read, and 'new homes' not"):
        profile = KIND.profile_data(TrainOptions(book, "rent"))
    assert profile.settings.sheet == "old"
    (batch,) = KIND.read_batches([InputFile("book.xlsx", book.read_bytes())], profile.settings)
    assert len(batch.names) == 40
    assert not (KIND.targets(KIND.load_labelled(book, profile.settings, ())) < 100).any()


def test_one_sheet_is_not_remembered(tmp_path):
    homes(40).to_excel(tmp_path / "homes.xlsx", index=False)
    profile = KIND.profile_data(TrainOptions(tmp_path / "homes.xlsx", "rent"))
    assert profile.settings.sheet is None
    assert "sheet=" not in source(KIND, profile)


@pytest.mark.long
def test_a_quantity_is_predicted_from_texts_alone(tmp_path):
    frame = inspections(60)
    leaks = frame["comment"].str.contains("leaking|rusty", case=False)
    frame = pd.DataFrame({"comment": frame["comment"], "cost": np.where(leaks, 90.5, 10.25)})
    frame["cost"] += np.random.RandomState(0).normal(0, 1, 60).round(2)
    path = tmp_path / "costs.csv"
    frame.to_csv(path, index=False)
    run = train_kind(KIND, TrainOptions(path, "cost"), tmp_path, epochs=30)
    assert run.settings.columns == {"comment": "text"}
    assert np.abs(run.y_pred[:, 0] - run.splits.test.y).mean() < 20
    assert style_faults(source(KIND, run.profile)) == ""
