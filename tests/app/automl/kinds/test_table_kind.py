"""Tables: what is decided, the script, yardsticks, the report, rows to predict, messages."""

import numpy as np
import pandas as pd
import pytest

import lampas as lp
from lampas.app.automl.tables import TableKind
from lampas.app.automl.tables_baselines import boosting
from lampas.app.automl.task import Parts, Source, Wishes
from lampas.app.report import Report
from tests.app.automl.kinds.kind_runs import go
from tests.app.automl.kinds.runs_of_text_and_series import format_faults

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
            "built": pd.date_range("1950-03-01", periods=rows, freq="40D").strftime("%Y-%m-%d"),
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
    return go(KIND, Wishes(path, "dear"), folder, epochs=25)


@pytest.fixture(scope="module")
def rent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rent")
    path = written(folder, homes().drop(columns="dear"))
    return go(KIND, Wishes(path, "rent"), folder, epochs=25)


def test_found_says_what_there_is(dear):
    found = dear.found
    assert (found.task, found.target, found.classes) == ("classify", "dear", ("cheap", "dear"))
    assert dear.settings["columns"] == {
        "size": "number",
        "city": "category",
        "garden": "boolean",
        "built": "date",
    }
    told = {reason.what: reason.why for reason in found.reasons}
    assert told["400 rows"] == "to learn 'dear'"
    assert told["1 column left out"].startswith("home, for ")
    assert "network mlp" in told


def test_it_learns_what_size_and_city_decide(dear):
    assert (dear.said.argmax(1) == dear.parts.test.y).mean() >= 0.8


def test_values_are_in_the_units_of_the_target(rent):
    y = rent.parts.test.y
    error = np.sqrt(np.mean((rent.said[:, 0] - y) ** 2))
    assert rent.said.shape == (len(y), 1)
    assert error < 0.6 * y.std()


def test_yardsticks_of_classes_are_shares_and_probabilities(dear):
    floor, trees = KIND.yardsticks(dear.parts, dear.found, dear.settings)
    shares = np.bincount(dear.parts.train.y) / len(dear.parts.train)
    assert (floor.strong, trees.strong) == (False, True)
    np.testing.assert_allclose(floor.said, np.tile(shares, (len(dear.parts.test), 1)))
    np.testing.assert_allclose(trees.said.sum(1), 1)
    assert (trees.said.argmax(1) == dear.parts.test.y).mean() >= 0.8


def test_yardsticks_of_values_are_the_mean_and_values(rent):
    floor, trees = KIND.yardsticks(rent.parts, rent.found, rent.settings)
    y = rent.parts.test.y
    np.testing.assert_allclose(floor.said, np.full(len(y), rent.parts.train.y.mean()))
    assert trees.said.shape == y.shape
    assert np.sqrt(np.mean((trees.said - y) ** 2)) < 0.6 * y.std()


def test_trees_answer_for_a_class_that_training_has_not(dear):
    train, validation, test = dear.parts
    said = boosting(Parts(train, validation, test), 3, 0).said
    np.testing.assert_array_equal(said[:, 2], 0)
    one = boosting(Parts(train[train.y == 0], validation, test), 2, 0)
    np.testing.assert_array_equal(one.said, np.tile([1.0, 0.0], (len(test), 1)))
    assert one.strong


def test_the_report_shows_columns_mistakes_and_importance(dear):
    report = Report("homes")
    report.section("all")
    wrong = np.eye(2)[1 - dear.parts.test.y]
    KIND.add_data(report, dear.found, dear.settings, dear.parts)
    KIND.add_mistakes(report, dear.found, dear.settings, dear.parts.test, wrong)
    KIND.add_insight(report, dear.found, dear.settings, dear.model, dear.parts)
    html = report.html()
    for part in ("The columns.", "surest of", "What the network goes by.", "100%"):
        assert part in html
    assert str(dear.parts.test.lines[0]) in html


def test_the_report_shows_the_largest_errors(rent):
    report = Report("homes")
    report.section("all")
    said = rent.parts.test.y.copy()
    said[3] += 5_000
    KIND.add_data(report, rent.found, rent.settings, rent.parts)
    KIND.add_mistakes(report, rent.found, rent.settings, rent.parts.test, said)
    first = report.html().split("<td>", 1)[1]
    assert "How rent is spread." in report.html()
    assert "The largest errors." in first


def test_right_answers_alone_are_told(dear):
    report = Report("homes")
    report.section("all")
    KIND.add_mistakes(
        report, dear.found, dear.settings, dear.parts.test, np.eye(2)[dear.parts[2].y]
    )
    assert "It makes no mistake" in report.html()


def test_a_network_without_hidden_layers_and_its_script(tmp_path):
    frame = homes(80).rename(columns={"city": 'the "city"', "size": "it's size"})
    path = written(tmp_path, frame.drop(columns="dear"))
    found = KIND.look(Wishes(path, "rent", model="linear"))
    made = KIND.script(found, found.settings | {"path": str(path)})
    assert "relu" not in made.network
    assert format_faults(made) == ""


def test_groups_and_times_are_in_the_script(tmp_path):
    path = written(tmp_path, homes(80))
    for name, value in (("group", "home"), ("time", "built")):
        found = KIND.look(Wishes(path, "rent", **{name: value}))
        made = KIND.script(found, found.settings | {"path": str(path)})
        assert f'{name}="{value}"' in made.data
        assert format_faults(made) == ""
        assert not any(
            "--group" in text for text in KIND.advice(found, found.settings, Parts("a", "b", "c"))
        )


def test_the_saved_model_answers_rows_of_files_and_of_json(dear, tmp_path):
    dear.model.save(tmp_path / "model.safetensors")
    model = lp.load(tmp_path / "model.safetensors")
    path = written(tmp_path, homes(4))
    (asked,) = KIND.read([Source("homes.csv", path)], dear.settings)
    assert list(asked.names) == [f"{path}, line {line}" for line in (2, 3, 4, 5)]
    (sent,) = KIND.read([Source("up.csv", path.read_bytes())], dear.settings)
    assert list(sent.names)[:1] == ["up.csv, line 2"]
    columns = list(dear.settings["columns"])
    cells = homes(4)[columns].astype(object).where(homes(4)[columns].notna(), None)
    json = KIND.items(cells.to_dict("records"), dear.settings)
    expected = dear.model.predict(asked.x)
    for x in (asked.x, sent.x, json.x):
        np.testing.assert_allclose(model.predict(x), expected, atol=1e-6)


def test_new_categories_are_answered_and_missing_columns_refused(dear, tmp_path):
    (asked,) = KIND.read(
        [Source("a.csv", written(tmp_path, homes(3).assign(city="Kiel", more=1)))], dear.settings
    )
    assert np.isfinite(dear.model.predict(asked.x)).all()
    with pytest.raises(lp.DataError, match="city"):
        list(KIND.read([Source("a.csv", b"size,garden,built\n1,yes,2000-01-01\n")], dear.settings))
    wrong = b"size,city,garden,built\nbig,Rom,yes,2000-01-01\n"
    with pytest.raises(lp.DataError, match=r"up\.csv.*line 2.*'big'"):
        list(KIND.read([Source("up.csv", wrong)], dear.settings))
    (tmp_path / "empty").mkdir()
    with pytest.raises(lp.DataError, match="has no tables"):
        list(KIND.read([Source("empty", tmp_path / "empty")], dear.settings))


def test_known_answers_are_read_for_evaluation(dear, tmp_path):
    path = written(tmp_path, homes(20))
    part = KIND.labelled(path, dear.settings, dear.found.classes)
    assert KIND.examples(part) == 20
    np.testing.assert_array_equal(KIND.targets(part), homes(20)["dear"] == "dear")
    with pytest.raises(lp.DataError, match="dear"):
        KIND.labelled(
            written(tmp_path, homes(20).drop(columns="dear")), dear.settings, dear.found.classes
        )


def test_a_usual_name_is_the_target_and_else_it_is_asked_for(tmp_path):
    path = written(tmp_path, homes(60).rename(columns={"dear": "label"}))
    assert KIND.look(Wishes(path)).target == "label"
    with pytest.raises(lp.ArgumentError, match=r"--target NAME; .* has 'home', 'size'"):
        KIND.look(Wishes(written(tmp_path, homes(60))))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"task": "forecast"}, "--kind series"),
        ({"model": "mpl"}, "mlp"),
        ({"size": 64}, "--size is not for tables"),
        ({"target": "rant"}, "'rent'"),
    ],
)
def test_wishes_that_a_table_can_not_fulfil(wish, message, tmp_path):
    path = written(tmp_path, homes(30))
    with pytest.raises(lp.LampasError, match=message):
        KIND.look(Wishes(path, **({"target": "rent"} | wish)))


def test_the_form_of_a_row_is_told(dear):
    schema = KIND.schema(dear.settings)
    assert schema["properties"]["size"] == {"type": ["number", "null"]}
    assert schema["properties"]["city"] == {"enum": [*sorted(CITIES), None]}
    assert schema["required"] == ["size", "city", "garden", "built"]
